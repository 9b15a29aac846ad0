"""Rebuilding a view beside the live one: 256 slices into a shadow generation, proved equal, swapped in.

Each slice is one transaction that also marks it done, so a rebuild that was killed goes on
where it was, and no fact counts twice. Slices are tasks for any `concurrent.futures.Executor`.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import Connection, func, select

from profile_service.keys.errors import KeysUnavailableError
from profile_service.log.streams import SLICES
from profile_service.v1.operations_service_pb2 import RebuildPhase
from projections import catalogue
from projections.building import FindView, RebuildCancelledError, SliceDone, SliceTask, build_slice
from projections.catalogue import BUILDING, FOLLOWING, LIVE, Generation, write_transaction
from projections.comparing import Comparer, Comparison
from projections.lease import Lease
from projections.parked_limit import ParkedSummary, TooManyParkedError, summarize
from projections.projecting import Projector
from projections.schema import slices
from projections.sources import DATABASE_ERRORS, OpenSources, Sources
from projections.verify import compare_generations
from projections.view import View

# Facts a transaction while the shadow catches up.
BATCH = 1_000

# How often a slice is tried while a database or the keys are away, and the pause in between.
TRIES = 5
PAUSE = 1.0


class RebuildDiffersError(Exception):
    """The rebuilt view is not equal to the live one, though the same projector made both.

    Nothing was swapped; the shadow stays, to be looked at. `differing` names some of the
    rows: people by profile id, counts by their key.
    """

    def __init__(self, view: str, comparison: Comparison) -> None:
        super().__init__(f"{comparison.differing} rows of {view} differ from the live ones")
        self.differing = comparison.named


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rebuild has got: the values of `RebuildProjectionResponse`."""

    phase: RebuildPhase
    generation: int
    slices_done: int = 0
    slices: int = SLICES
    events: int = 0
    events_per_second: float = 0.0
    rows: int = 0
    parked_summary: ParkedSummary | None = None


class Rebuild:
    """One rebuild of one view. `run` does it, and is where it is watched.

    With `accept_differences` the new generation is swapped in even if it is not equal to
    the live one: that repairs a live view that was damaged. It may park `parked_margin` more
    than wait in the live one.
    """

    def __init__(
        self,
        sources: Sources,
        view: View,
        executor: Executor,
        open_sources: OpenSources,
        find_view: FindView,
        *,
        accept_differences: bool = False,
        parked_margin: int = 0,
    ) -> None:
        self._sources = sources
        self._view = view
        self._executor = executor
        self._open_sources = open_sources
        self._find_view = find_view
        self._accept_differences = accept_differences
        self._parked_margin = parked_margin
        self._projector = Projector(sources, [view])
        self._engine = write_transaction(sources.views)
        self._began = time.monotonic()
        self._here = 0  # facts that this run folded, and not one that was killed before
        self._progress = Progress(RebuildPhase.REBUILD_PHASE_SLICES, 0)
        self.comparison: Comparison | None = None

    def run(self) -> Generator[Progress, None, None]:
        """Rebuild, yielding after every step. Resumes one that was killed.

        Raises `LeaseTakenError` (someone rebuilds it already), `RebuildDiffersError`, `TooManyParkedError`,
        `RebuildCancelledError`, `UnknownFactTypeInLogError`, `KeysUnavailableError`.
        """
        with Lease(self._sources.views, f"rebuild/{self._view.name}").kept():
            shadow = self._begin()
            if shadow.state == BUILDING:
                yield from self._build_slices(shadow)
                yield self._step(RebuildPhase.REBUILD_PHASE_INDEX)
                with self._engine.begin() as connection:
                    catalogue.make_indexes(connection, self._view, shadow.number)
                yield from self._catch_up(shadow)
            yield self._step(RebuildPhase.REBUILD_PHASE_COMPARE)
            self._compare(shadow.number)
            yield from self._limit_parked(shadow.number)
            with self._engine.begin() as connection:
                catalogue.swap(connection, self._view, shadow.number)
            if self.comparison is not None:
                self._progress = replace(self._progress, rows=self.comparison.expected_rows)
            yield self._step(RebuildPhase.REBUILD_PHASE_SWAPPED)

    def _begin(self) -> Generation:
        """Find the shadow that an earlier run left, or make one.

        It is frozen where the live generation stands, so that it is never ahead of it; without
        one to compare with, at the head of the log.
        """
        view, log = self._view, self._sources.log
        head = log.head()
        with self._engine.begin() as connection:
            live = self._comparable(catalogue.read_generations(connection, view.name))
            upto = live.position if live else head
            for shadow in catalogue.read_generations(connection, view.name, [BUILDING, FOLLOWING], lock=True):
                if shadow.fingerprint == view.fingerprint and shadow.log_id == log.log_id:
                    return self._resumed(connection, shadow)
                catalogue.drop(connection, view.name, shadow.number)
            number = catalogue.next_number(connection, view)
            catalogue.add(connection, view, number, state=BUILDING, position=upto, log_id=log.log_id)
            (shadow,) = catalogue.read_generations(connection, view.name, [BUILDING])
        self._progress = replace(self._progress, generation=number)
        return shadow

    def _resumed(self, connection: Connection, shadow: Generation) -> Generation:
        done = select(func.count(), func.sum(slices.c.events), func.sum(slices.c.rows)).where(
            slices.c.view == shadow.view, slices.c.generation == shadow.number
        )
        count, events, rows = connection.execute(done).one()
        self._progress = replace(
            self._progress,
            generation=shadow.number,
            slices_done=count,
            events=int(events or 0),
            rows=int(rows or 0),
        )
        return shadow

    def _build_slices(self, shadow: Generation) -> Generator[Progress, None, None]:
        yield self._step(RebuildPhase.REBUILD_PHASE_SLICES)
        task = SliceTask(self._open_sources, self._find_view, self._view.name, shadow.number, shadow.position)
        done = self._done(shadow)
        todo = [number for number in range(SLICES) if number not in done]
        running = {self._executor.submit(build_slice, task, number): (number, 1) for number in todo}
        try:
            while running:
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    number, tries = running.pop(future)
                    again = self._take(future, tries)
                    if again:
                        running[self._executor.submit(build_slice, task, number)] = (number, tries + 1)
                yield self._progress
        finally:
            for future in running:
                future.cancel()

    def _done(self, shadow: Generation) -> frozenset[int]:
        statement = select(slices.c.slice).where(
            slices.c.view == shadow.view, slices.c.generation == shadow.number
        )
        with self._sources.views.connect() as connection:
            return frozenset(connection.execute(statement).scalars())

    def _take(self, future: Future[SliceDone], tries: int) -> bool:
        """Count a slice that is done; say whether it must be tried again."""
        try:
            done = future.result()
        except (*DATABASE_ERRORS, KeysUnavailableError):
            if tries >= TRIES:
                raise
            time.sleep(PAUSE)
            return True
        self._here += done.events
        self._progress = replace(
            self._progress,
            slices_done=self._progress.slices_done + 1,
            events=self._progress.events + done.events,
            events_per_second=self._speed(),
            rows=self._progress.rows + done.rows,
        )
        return False

    def _catch_up(self, shadow: Generation) -> Generator[Progress, None, None]:
        """Bring the shadow to where the live generation is; from then on the follower moves both."""
        while not self._joined(shadow.number):
            yield self._step(RebuildPhase.REBUILD_PHASE_CATCH_UP)

    def _joined(self, number: int) -> bool:
        """Apply the next facts; say whether the shadow now stands where the live generation stands."""
        with self._engine.begin() as connection:
            known = catalogue.read_generations(connection, self._view.name, lock=True)
            shadow = next((one for one in known if one.number == number), None)
            if shadow is None:
                raise RebuildCancelledError(self._view.name)
            live = self._comparable(known)
            # Without a live generation to stand beside, the head of the log is as good.
            goal = live.position if live else self._sources.log.head()
            stored = self._sources.log.facts_after(shadow.position, BATCH, upto=goal)
            if stored:
                batch = self._projector.open(stored)
                if batch.unknown:
                    raise batch.unknown
                self._projector.project(connection, [shadow], batch)
                self._here += len(batch.facts)
                self._progress = replace(self._progress, events=self._progress.events + len(batch.facts))
            if len(stored) < BATCH:
                catalogue.set_state(connection, self._view.name, number, FOLLOWING)
                return True
        return False

    def _comparable(self, known: Sequence[Generation]) -> Generation | None:
        for one in known:
            made_alike = one.layout == self._view.layout and one.log_id == self._sources.log.log_id
            if one.state == LIVE and made_alike:
                return one
        return None

    def _compare(self, number: int) -> None:
        """Compare the shadow with the live generation. Raises `RebuildDiffersError`.

        The follower moves both in one transaction, so they stand at one position in every snapshot.
        """
        with self._sources.views.connect() as connection:
            live = self._comparable(catalogue.read_generations(connection, self._view.name))
        if live is None:
            return
        comparer = Comparer(self._view, self._sources.keys)
        compare_generations(self._sources, self._view, comparer, live.number, number)
        self.comparison = comparer.result
        # Another projector is expected to show something else.
        same_projector = live.fingerprint == self._view.fingerprint
        if not comparer.result.equal and same_projector and not self._accept_differences:
            with self._engine.begin() as connection:
                catalogue.set_state(connection, self._view.name, number, BUILDING)
            raise RebuildDiffersError(self._view.name, comparer.result)

    def _limit_parked(self, number: int) -> Generator[Progress, None, None]:
        """Tell whom the shadow parks; keep it from the swap if they are too many."""
        with self._sources.views.connect() as connection:
            summary = summarize(connection, self._sources.log, self._view, number, self._parked_margin)
        self._progress = replace(self._progress, parked_summary=summary)
        yield self._step(RebuildPhase.REBUILD_PHASE_COMPARE)
        if summary.too_many:
            raise TooManyParkedError(self._view.name, number, summary)

    def _step(self, phase: RebuildPhase) -> Progress:
        self._progress = replace(self._progress, phase=phase, events_per_second=self._speed())
        return self._progress

    def _speed(self) -> float:
        return self._here / max(time.monotonic() - self._began, 1e-6)


def rebuild(
    sources: Sources, view: View, executor: Executor, find_view: FindView, **options: Any
) -> Generator[Progress, None, None]:
    """Rebuild with the workers in this process; see `Rebuild.run`."""
    return Rebuild(sources, view, executor, partial(_same, sources), find_view, **options).run()


def _same(sources: Sources) -> Sources:
    return sources
