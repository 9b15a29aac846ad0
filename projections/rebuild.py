"""Rebuilding a view beside the live one: 256 slices into a shadow generation, proved equal, swapped in.

Each run of slices is one transaction that also marks them done, so a rebuild that was killed goes on
where it was, and no fact counts twice. Workers do whatever needs keys; here they are only counted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator
from concurrent.futures import Executor
from contextlib import nullcontext, suppress
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, func, select

from profile_service.domain.operator_errors import RebuildUnderWayError
from profile_service.log.streams import SLICES
from profile_service.v1.operations_service_pb2 import RebuildPhase
from projections import catalogue, status, tasks
from projections.building import FindView, RebuildCancelledError, RunDone, SlicesMissingError, SliceTask
from projections.catalogue import BUILDING, Generation, write_transaction
from projections.catching_up import live_one
from projections.comparing import Comparison, RebuildDiffersError
from projections.crew import Crew, Staffing, Workforce
from projections.lease import Lease
from projections.outcome import described, give_up, lease_name, swap_in
from projections.pace import Pace
from projections.parked_limit import TooManyParkedError, summarize
from projections.schema import parked, slices
from projections.shadow import find_or_make_shadow
from projections.slices import runs_left, spans
from projections.sources import Sources
from projections.status import Ending, Order, RebuildState, RebuildStatus, StoppedError, Wanted
from projections.view import View

# Seconds between looks at what an operator wants.
POLL = 0.5


class PausedError(Exception):
    """An operator wants the rebuild to stop for now."""


class Rebuild:
    """One rebuild of one view. `run` does it, and is where it is watched in this process.

    It may park `parked_margin` more than wait in the live generation, and be swapped in. Once
    `stopping` is set it is let go of, as if the process had been killed.
    """

    def __init__(
        self,
        sources: Sources,
        view: View,
        staff: Staffing,
        *,
        order: Order | None = None,
        parked_margin: int = 0,
        stopping: threading.Event | None = None,
    ) -> None:
        """Raises `ExecutorNotAllowedError`."""
        order = order or Order()
        self._sources = sources
        self._view = view
        self._workforce = staff(order.executor, order.workers)
        self._parked_margin = parked_margin
        self._stopping = stopping or threading.Event()
        self._engine = write_transaction(sources.views)
        self._lease = Lease(sources.views, lease_name(view.name))
        self._status = RebuildStatus(view.name, 0, view.fingerprint, order, run=status.new_run())
        self._claimed = False
        self._pace = Pace()
        self._looked = 0.0

    def claim(self, *, take_over: bool = False) -> RebuildStatus:
        """Become the one who rebuilds the view, with the shadow that an earlier run left, or a new one.

        With `take_over` also if it was paused, or waits for its swap. Raises `RebuildUnderWayError`.
        """
        if not self._lease.acquire():
            raise RebuildUnderWayError
        try:
            with self._engine.begin() as connection:
                self._status = find_or_make_shadow(
                    connection, self._sources.log, self._view, self._status, take_over=take_over
                )
                status.begin(connection, self._status)
        except BaseException:
            self._lease.release()
            raise
        self._claimed = True
        return self._status

    def run(self) -> Generator[RebuildStatus, None, None]:
        """Rebuild, yielding after every step; the last one says how it ended. Resumes one that was killed.

        Raises `RebuildUnderWayError`, `RebuildDiffersError`, `TooManyParkedError`, and what it failed with.
        """
        if not self._claimed:
            self.claim()
        # What ends a run that was overtaken is nobody's concern: its row is another's.
        with self._lease.kept(), suppress(StoppedError):
            yield from self._to_its_end()

    def _to_its_end(self) -> Iterator[RebuildStatus]:
        try:
            with Crew(self._workforce) as crew:
                yield from self._phases(crew)
            yield self._end()
        except StoppedError:
            raise
        except PausedError:
            yield self._leave(RebuildState.PAUSED)
        except RebuildCancelledError:
            yield self._drop(RebuildState.CANCELLED)
        except RebuildDiffersError:
            yield self._leave(RebuildState.DIFFERS)
            raise
        except TooManyParkedError as error:
            self._status = replace(self._status, parked=error.summary.count, parked_summary=error.summary)
            yield self._leave(RebuildState.PARKS_TOO_MANY)
            raise
        except Exception as error:
            yield self._leave(RebuildState.FAILED, described(error))
            raise

    def _phases(self, crew: Crew) -> Iterator[RebuildStatus]:
        with self._sources.views.connect() as connection:
            known = catalogue.read_generations(connection, self._view.name)
        shadow = next((one for one in known if one.number == self._status.generation), None)
        if shadow is None:
            raise RebuildCancelledError(self._view.name)
        task = SliceTask(
            self._workforce.open_sources,
            self._workforce.find_view,
            self._view.name,
            shadow.number,
            shadow.position,
            shadow.log_id,
            shadow.fingerprint,
        )
        if shadow.state == BUILDING:
            yield from self._build_slices(crew, task)
            yield self._step(RebuildPhase.REBUILD_PHASE_INDEX)
            with self._engine.begin() as connection:
                catalogue.make_indexes(connection, self._view, shadow.number)
            yield from self._catch_up(crew, task)
        yield from self._compare(crew, task, live_one(self._view, shadow.log_id, known))
        self._limit_parked()

    def _build_slices(self, crew: Crew, task: SliceTask) -> Iterator[RebuildStatus]:
        yield self._step(RebuildPhase.REBUILD_PHASE_SLICES)
        todo = runs_left(task.upto, self._done())
        for answer in crew.each(tasks.build, [(task, run) for run in todo]):
            if answer is not None:
                yield self._count(answer)
            self._heed()
        # What workers answer is not what was committed.
        if missing := SLICES - len(self._done()):
            raise SlicesMissingError(self._view.name, missing)

    def _done(self) -> frozenset[int]:
        this = (slices.c.view == self._view.name, slices.c.generation == self._status.generation)
        with self._sources.views.connect() as connection:
            return frozenset(connection.execute(select(slices.c.slice).where(*this)).scalars())

    def _count(self, done: RunDone) -> RebuildStatus:
        self._pace.add(slices=done.slices, events=0 if done.again else done.events)
        current = self._status
        self._status = replace(
            current,
            slices_done=current.slices_done + done.slices,
            events=current.events + done.events,
            events_per_second=self._pace.events_per_second,
            rows=current.rows + done.rows,
        )
        return self._status

    def _catch_up(self, crew: Crew, task: SliceTask) -> Iterator[RebuildStatus]:
        """Bring the shadow to where the live generation is; from then on the follower moves both."""
        yield self._step(RebuildPhase.REBUILD_PHASE_CATCH_UP)
        arrived = False
        while not arrived:
            for answer in crew.one(tasks.join, task):
                if answer is not None:
                    arrived = answer.arrived
                    self._pace.add(events=answer.events)
                    self._status = replace(
                        self._status, position=answer.position, events=self._status.events + answer.events
                    )
                    yield self._status
                self._heed()

    def _compare(self, crew: Crew, task: SliceTask, live: Generation | None) -> Iterator[RebuildStatus]:
        """Compare the shadow with the live generation. Raises `RebuildDiffersError`."""
        yield self._step(RebuildPhase.REBUILD_PHASE_COMPARE)
        if live is None:
            return
        found = Comparison()
        work = [(task, live.number, span) for span in (*spans(task.upto), None)]
        for part in crew.each(tasks.compare, work):
            if part is not None:
                found.take(part)
            self._heed()
        self._status = replace(
            self._status,
            rows=found.expected_rows,
            live_rows=found.actual_rows,
            differing_rows=found.differing,
            differing=tuple(found.named),
        )
        # Another projector is expected to show something else, and a check only tells.
        same_projector = live.fingerprint == self._view.fingerprint
        if not found.equal and same_projector and self._status.order.ending != Ending.CHECK:
            raise RebuildDiffersError(self._view.name, found)

    def _limit_parked(self) -> None:
        """Tell whom the shadow parks. Raises `TooManyParkedError`, unless it is only checked."""
        log, view, current = self._sources.log, self._view, self._status
        with self._engine.begin() as connection:
            summary = summarize(connection, log, view, current.generation, self._parked_margin)
        self._status = replace(current, parked=summary.count, parked_summary=summary)
        if summary.too_many and current.order.ending != Ending.CHECK:
            raise TooManyParkedError(view.name, current.generation, summary)

    def _end(self) -> RebuildStatus:
        match self._status.order.ending:
            case Ending.HOLD:
                return self._leave(RebuildState.READY)
            case Ending.CHECK:
                return self._drop(RebuildState.CHECKED)
        with self._engine.begin() as connection:
            self._status = swap_in(
                connection, self._sources.log, self._view, self._status, self._parked_margin
            )
        return self._status

    def _leave(self, state: RebuildState, error: str = "") -> RebuildStatus:
        """End here; the shadow stays."""
        self._status = replace(self._status, state=state, error=error, seconds_left=None)
        with self._engine.begin() as connection:
            status.save(connection, self._status)
        return self._status

    def _drop(self, state: RebuildState) -> RebuildStatus:
        with self._engine.begin() as connection:
            self._status = give_up(connection, self._status, state)
        return self._status

    def _step(self, phase: RebuildPhase) -> RebuildStatus:
        self._status = replace(self._status, phase=phase)
        self._looked = 0.0
        self._heed()
        return self._status

    def _heed(self) -> None:
        """Write down how far it is, and do as an operator wants. Raises what ends the run for now."""
        # After a stall the lease may be over and nobody else's: then it is taken again.
        if self._stopping.is_set() or not self._lease.acquire():
            raise StoppedError
        if time.monotonic() < self._looked + POLL:
            return
        self._looked = time.monotonic()
        with self._engine.begin() as connection:
            self._status = self._measured(connection)
            wanted = status.save(connection, self._status)
        if wanted == Wanted.PAUSE:
            raise PausedError
        if wanted == Wanted.CANCEL:
            raise RebuildCancelledError(self._view.name)

    def _measured(self, connection: Connection) -> RebuildStatus:
        current = self._status
        this = (parked.c.view == current.view, parked.c.generation == current.generation)
        waiting = connection.execute(select(func.count()).select_from(parked).where(*this)).scalar_one()
        lag = max(self._sources.log.head() - current.position, 0)
        current = replace(current, events_per_second=self._pace.events_per_second, lag=lag, parked=waiting)
        return replace(current, seconds_left=self._pace.seconds_left(current))


def rebuild(
    sources: Sources, view: View, executor: Executor, find_view: FindView, **options: Any
) -> Generator[RebuildStatus, None, None]:
    """Rebuild with an executor in this process that others use, too; see `Rebuild.run`."""
    workforce = Workforce(lambda: nullcontext(executor), lambda: sources, find_view)
    return Rebuild(sources, view, lambda *_: workforce, **options).run()
