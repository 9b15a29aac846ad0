"""Real workers for the tests: processes, whose tasks take long enough to be disturbed."""

from __future__ import annotations

import os
import pickle
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # carries no types
from sqlalchemy import func, select

from profile_service.keys.schema import leases
from profile_service.workers import Places, own_sources, own_view, process_pool
from projections import tasks
from projections.crew import Workforce
from tests.projections.worker_tasks import slowly
from tests.projections.world import World


def places(world: World, root: Path) -> Places:
    databases = world.databases
    data = root.parent / "data"
    return Places(databases.events, databases.keys, databases.views, str(root), None, data, "debug", "json")


def pool_of(world: World, root: Path, workers: int = 2) -> Workforce:
    """A pool as the service makes it, but for the pace of its workers."""
    opening = partial(process_pool, places(world, root), workers)
    return Workforce(opening, own_sources, own_view, slowly)


@dataclass
class Record:
    """What went to workers and came back, as bytes; and which slices were given out, again and again."""

    pickles: list[bytes] = field(default_factory=list)
    slices: Counter[int] = field(default_factory=Counter)


@dataclass
class Recorder(Executor):
    """Passes everything on, and keeps a record."""

    inner: Executor
    record: Record

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.record.pickles.append(pickle.dumps((fn, args, kwargs)))
        if args[0] is tasks.build:
            self.record.slices.update(args[-1])
        future = self.inner.submit(fn, *args, **kwargs)
        future.add_done_callback(self._keep)
        return future

    def _keep(self, future: Future[Any]) -> None:
        if not future.cancelled() and future.exception() is None:
            self.record.pickles.append(pickle.dumps(future.result()))


def recorded(workforce: Workforce, record: Record) -> Workforce:
    """The same workers, with a recorder between."""

    @contextmanager
    def opened() -> Iterator[Executor]:
        with workforce.open_executor() as inner:
            yield Recorder(inner, record)

    opening: Callable[[], AbstractContextManager[Executor]] = opened
    return Workforce(opening, workforce.open_sources, workforce.find_view, workforce.run)


def worker_processes(of: int | None = None) -> list[psutil.Process]:
    """The processes of pools that a process made; without a number, this one."""
    children = psutil.Process(of or os.getpid()).children(recursive=True)
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def kill_all(processes: list[psutil.Process]) -> None:
    for process in processes:
        process.send_signal(signal.SIGKILL)


def key_leases(world: World) -> int:
    """How many processes hold keys, this one among them."""
    with world.keys._engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(leases)).scalar_one()
