"""Workers of a rebuild: processes that open databases and root keys themselves, by their own settings.

Those of a pool are made for one rebuild and end with it; those of a Dask cluster live on, and let go of
the keys when they have had no task for a while.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, fields
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any

from profile_service import logs
from profile_service.core_dumps import forbid_core_dumps
from profile_service.database import open_engine
from profile_service.keys.roots import open_root_provider
from profile_service.keys.store import KeyStore
from profile_service.log.reader import LogReader
from profile_service.presence import share
from projections.catalogue import find_view
from projections.sources import Sources
from projections.view import View
from projections.views import VIEWS

# Seconds after its last task in which a worker still holds keys.
IDLE = 10.0
# Calls of clients come before a rebuild: at 5, two workers beside a busy server took a third of its calls.
NICE = 12
# New objects after which the collector looks for cycles: rows live as long as their slice.
COLLECTING = (50_000, 20, 50)


@dataclass(frozen=True)
class Places:
    """What a worker is told by the process whose pool it is in: the settings of the same names."""

    events_url: str = field(repr=False)
    keys_url: str = field(repr=False)
    views_url: str = field(repr=False)
    root_keys: str
    previous_root_keys: str | None
    data: Path
    log_level: str
    log_format: str


def places_of(settings: Any) -> Places:
    """Take from `Settings` what a worker needs."""
    return Places(*(getattr(settings, field.name) for field in fields(Places)))


@contextmanager
def process_pool(places: Places, workers: int) -> Iterator[Executor]:
    """Workers on this machine; those at work finish their task before the block ends."""
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin, initargs=(places,))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class _Own:
    """What this process has open for its tasks; opened by the first one."""

    def __init__(self) -> None:
        self.places: Places | None = None
        self._lock = threading.Lock()
        self._tasks = 0
        self._open = ExitStack()
        self._sources: Sources | None = None
        self._idle = threading.Timer(IDLE, self._close_unused)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        with self._lock:
            self._tasks += 1
            self._idle.cancel()
        try:
            yield
        finally:
            with self._lock:
                self._tasks -= 1
                self._idle.cancel()
                self._idle = threading.Timer(IDLE, self._close_unused)
                self._idle.daemon = True
                self._idle.start()

    def sources(self) -> Sources:
        with self._lock:
            if self._sources is None:
                with ExitStack() as opening:
                    self._sources = _open(self.places or _from_environment(), opening)
                    self._open = opening.pop_all()
            return self._sources

    def close(self, *, unless_used: bool = False) -> None:
        """Let go of everything; the lease on the keys is given back."""
        with self._lock:
            if not (unless_used and self._tasks):
                self._sources = None
                self._open.close()

    def _close_unused(self) -> None:
        self.close(unless_used=True)


def _from_environment() -> Places:
    # A worker of a pool has no use for what this takes to import.
    from profile_service.settings import load_settings

    return places_of(load_settings())


def _open(places: Places, stack: ExitStack) -> Sources:
    forbid_core_dumps()  # before there are keys in this process
    events, keys, views = (open_engine(url) for url in (places.events_url, places.keys_url, places.views_url))
    for engine in (events, keys, views):
        share(engine)
        stack.callback(engine.dispose)
    reader = LogReader(events)
    root = open_root_provider(
        places.root_keys, previous=places.previous_root_keys, data_directory=places.data
    )
    store = KeyStore(keys, root)
    store.start()
    stack.callback(store.stop)
    return Sources(reader, store, views)


_own = _Own()
atexit.register(_own.close)


def own_sources() -> Sources:
    """The databases and keys of this process."""
    return _own.sources()


def own_view(name: str) -> View:
    """The view of this version with a name. Raises `ProjectionNotFoundError`."""
    return find_view(VIEWS, name)


def work(task: Callable[..., Any], *arguments: Any) -> Any:
    """Do a task; every task of a pool or a cluster comes this way."""
    with _own.in_use():
        return task(*arguments)


def _begin(places: Places) -> None:
    """Set up a process of a pool."""
    forbid_core_dumps()
    logs.configure(places.log_level, places.log_format)
    # Ctrl-C is for whoever made the pool, who waits for the tasks at work.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICE)
    gc.set_threshold(*COLLECTING)
    _own.places = places
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    """A pool whose process was killed waits for tasks for ever, and would hold its lease as long."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    _own.close()
    os._exit(1)
