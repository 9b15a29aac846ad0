"""Workers are processes: they may be killed, they hold keys no longer than their pool, and get no value."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from functools import partial
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # carries no types
import pytest
from sqlalchemy import select

from projections import crew
from projections.catalogue import find_view
from projections.crew import LOSSES, WorkersLostError, Workforce
from projections.rebuild import Rebuild
from projections.schema import slices
from projections.status import RebuildState
from projections.verify import verify
from projections.views import VIEWS
from projections.views.profiles import PROFILES_VIEW
from tests.cli.test_core_dumps import core_limit
from tests.projections.test_control import EVERYBODY, now, wait_for
from tests.projections.test_rebuilding import control_of
from tests.projections.workforces import (
    Record,
    key_leases,
    kill_all,
    places,
    pool_of,
    recorded,
    worker_processes,
)
from tests.projections.world import Step, World
from tests.support.canaries import scan_bytes
from tests.support.repository import ROOT

# A task names functions, a view, and numbers.
LARGEST_TASK = 1_000

pytestmark = pytest.mark.slow


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "root"


@pytest.fixture
def peopled(world: World) -> World:
    world.happen(EVERYBODY)
    world.happen([Step("update", who, 1) for who in range(5)])
    world.follow()
    return world


def done(world: World) -> set[int]:
    with world.sources.views.connect() as connection:
        return set(connection.execute(select(slices.c.slice)).scalars())


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_killing_every_worker_half_way_loses_no_finished_slice(
    peopled: World, root: Path, short_runs: None
) -> None:
    """And nothing personal travels: neither to the workers, nor back."""
    record = Record()
    work = Rebuild(peopled.sources, PROFILES_VIEW, lambda *_: recorded(pool_of(peopled, root), record))
    finished: set[int] = set()
    for step in work.run():
        if step.slices_done >= 128 and not finished:
            workers = worker_processes()
            assert len(workers) == 2
            if sys.platform == "linux":
                assert [core_limit(worker.pid) for worker in workers] == [["0", "0"]] * 2
            assert key_leases(peopled) == 3
            finished = done(peopled)
            kill_all(workers)
    assert (step.state, step.generation, step.slices_done) == (RebuildState.SWAPPED, 2, 256)
    again = {number for number, times in record.slices.items() if times > 1}
    assert again
    assert len(finished & again) <= 0.05 * len(finished)
    assert verify(peopled.sources, PROFILES_VIEW).equal

    assert worker_processes() == []
    until(lambda: key_leases(peopled) == 1)
    canaries = [person.mark for person in peopled.people.values()]
    sent = b"".join(record.pickles)
    assert max(map(len, record.pickles)) < LARGEST_TASK
    assert scan_bytes("pickles", sent, canaries) == []
    assert scan_bytes("pickles", sent + canaries[0].encode(), canaries)


ORPHAN = """
import sys, time
from pathlib import Path
from profile_service.workers import Places, process_pool, work
from tests.projections.worker_tasks import open_and_tell

if __name__ == "__main__":
    events, keys, views, root, data = sys.argv[1:]
    places = Places(events, keys, views, root, None, Path(data), "info", "json")
    with process_pool(places, 1) as pool:
        print(pool.submit(work, open_and_tell).result(), flush=True)
        time.sleep(600)
"""


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_a_worker_ends_with_the_process_it_works_for(world: World, root: Path) -> None:
    """Killed, that can't tell it to; and a lease on the keys that nobody needs would be held for ever."""
    where = places(world, root)
    arguments = [where.events_url, where.keys_url, where.views_url, where.root_keys, str(where.data)]
    script = root.parent / "orphan.py"
    script.write_text(ORPHAN)
    parent = subprocess.Popen(
        [sys.executable, str(script), *arguments], stdout=subprocess.PIPE, cwd=ROOT, env=with_tests()
    )
    assert parent.stdout
    worker = psutil.Process(int(parent.stdout.readline()))
    assert key_leases(world) == 2
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)
    assert key_leases(world) == 1


def with_tests() -> dict[str, str]:
    """The environment of a program that imports modules of these tests."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


class Doomed(Executor):
    """Whatever it is given, its workers die of it."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(BrokenExecutor())
        return future


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_rebuild_gives_up_when_workers_are_lost_again_and_again(
    peopled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "PAUSE", 0.0)
    opened: list[Executor] = []

    def open_executor() -> Executor:
        opened.append(Doomed())
        return opened[-1]

    workforce = Workforce(open_executor, lambda: peopled.sources, partial(find_view, VIEWS))
    with pytest.raises(WorkersLostError):
        list(Rebuild(peopled.sources, PROFILES_VIEW, lambda *_: workforce).run())
    assert len(opened) == LOSSES + 1
    assert (now(peopled).state, now(peopled).error) == (RebuildState.FAILED, "WorkersLostError")
    control_of(peopled).resume("profiles")
    wait_for(peopled, RebuildState.SWAPPED)
