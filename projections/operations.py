"""What an operator does with views of a running service: list, rebuild and watch, verify.

A rebuild runs in a thread of its own, so it goes on when whoever asked for it goes away.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy import Connection, func, select

from projections import catalogue
from projections.catalogue import LIVE, Generation
from projections.rebuild import Progress, Rebuild
from projections.schema import generation_table
from projections.sources import Sources
from projections.verify import SwappedMeanwhileError, Verified, verify
from projections.view import View

log = structlog.get_logger()

# How often a verification begins anew because another generation became live.
TRIES = 3


@dataclass(frozen=True, slots=True)
class Listed:
    """A live view as operators see it; `update_time` in microseconds since 1970 UTC."""

    name: str
    position: int
    generation: int
    rows: int
    parked: int
    update_time: int
    rebuilding: bool


class RunningRebuild:
    """A rebuild under way, as any number of watchers see it."""

    def __init__(self, work: Rebuild, name: str) -> None:
        self._work = work
        self._name = name
        self._changed = threading.Condition()
        self._steps = 0
        self._progress: Progress | None = None
        self._error: Exception | None = None
        self._over = False
        self._thread = threading.Thread(target=self._run, name=f"rebuild-{name}", daemon=True)
        self._thread.start()

    @property
    def over(self) -> bool:
        return self._over

    def after(self, steps: int, timeout: float) -> tuple[int, Progress | None, bool]:
        """Wait for a step beyond the first `steps`; return how many there were, the last, and if it is over.

        Raises whatever ended the rebuild.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._steps > steps or self._over, timeout)
            # What was not seen yet comes before the error.
            if self._over and self._error is not None and self._steps <= steps:
                raise self._error
            return self._steps, self._progress, self._over and self._error is None

    def join(self) -> None:
        self._thread.join()

    def result(self) -> None:
        """Wait for the end. Raises whatever ended the rebuild before it was done."""
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        log.info("rebuild begins", projection=self._name)
        try:
            for progress in self._work.run():
                with self._changed:
                    self._steps += 1
                    self._progress = progress
                    self._changed.notify_all()
        except Exception as error:
            log.error("rebuild failed", projection=self._name, exc_info=error)
            self._error = error
        else:
            log.info("rebuild ended", projection=self._name)
        with self._changed:
            self._over = True
            self._changed.notify_all()


class Operations:
    """The operator's side of the views of one process."""

    def __init__(
        self, sources: Sources, views: Sequence[View], workers: int = 2, parked_margin: int = 0
    ) -> None:
        self._sources = sources
        self._views = views
        self._parked_margin = parked_margin
        self._executor: Executor = ThreadPoolExecutor(workers, "rebuild-worker")
        self._running: dict[str, RunningRebuild] = {}
        self._lock = threading.Lock()

    def stop(self) -> None:
        """Let go of rebuilds: what they finished stays, and the next one goes on from there."""
        self._executor.shutdown(wait=True, cancel_futures=True)
        for running in self._running.values():
            running.join()

    def list(self) -> list[Listed]:
        """Return every view, in the order of their names. Blocks."""
        with self._sources.views.connect() as connection:
            known = catalogue.read_generations(connection)
            building = {one.view for one in known if one.state in (catalogue.BUILDING, catalogue.FOLLOWING)}
            live = {one.view: one for one in known if one.state == LIVE}
            return [
                self._listed(connection, view, live[view.name], rebuilding=view.name in building)
                for view in sorted(self._views, key=lambda view: view.name)
                if view.name in live
            ]

    def head(self) -> int:
        """Return the last position of the log. Blocks."""
        return self._sources.log.head()

    def rebuild(self, name: str) -> RunningRebuild:
        """Begin to rebuild a view, or join the rebuild under way. Raises `ProjectionNotFoundError`."""
        view = catalogue.find_view(self._views, name)
        with self._lock:
            running = self._running.get(name)
            if running is None or running.over:
                work = Rebuild(
                    self._sources,
                    view,
                    self._executor,
                    partial(_same, self._sources),
                    partial(catalogue.find_view, self._views),
                    parked_margin=self._parked_margin,
                )
                running = self._running[name] = RunningRebuild(work, name)
            return running

    def verify(self, name: str) -> Verified:
        """Fold the log anew and compare. Blocks. Raises `ProjectionNotFoundError`."""
        view = catalogue.find_view(self._views, name)
        for _ in range(TRIES - 1):
            try:
                return verify(self._sources, view)
            except SwappedMeanwhileError:
                continue
        return verify(self._sources, view)

    def _listed(self, connection: Connection, view: View, one: Generation, *, rebuilding: bool) -> Listed:
        # Tables of another layout wait for their rebuild; what is in them can't be told.
        tables = view.tables if one.layout == view.layout else ()
        rows = sum(
            connection.execute(select(func.count()).select_from(generation_table(table, one.number))).scalar()
            or 0
            for table in tables
        )
        return Listed(
            name=one.view,
            position=one.position,
            generation=one.number,
            rows=rows,
            parked=one.parked,
            update_time=one.update_time,
            rebuilding=rebuilding,
        )


def _same(sources: Sources) -> Sources:
    return sources
