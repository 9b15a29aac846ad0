"""What an operator does about rebuilds, through whichever process is asked: all state is in the database.

A rebuild runs in a thread of the process that began it, so it goes on when whoever asked for it goes away.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import structlog
from sqlalchemy import Connection

from profile_service.domain.errors import ServiceUnavailableError
from profile_service.domain.operator_errors import (
    DifferentGenerationError,
    NothingToRollBackToError,
    NothingToSwapError,
    RebuildNotUnderWayError,
    RebuildUnderWayError,
    TooManyParkedError,
)
from projections import catalogue, lease, parked_limit, status, tasks
from projections.building import SliceTask
from projections.catalogue import FOLLOWING, LIVE, PREVIOUS, Generation, write_transaction
from projections.catching_up import live_one
from projections.crew import Crew, Staffing
from projections.lease import Lease, LeaseTakenError
from projections.outcome import give_up, lease_name, swap_in
from projections.rebuild import Rebuild
from projections.sources import Sources
from projections.status import FINISHED, OVER, Order, RebuildState, RebuildStatus, StoppedError, Wanted
from projections.tasks import WorkerFailedError
from projections.view import View

log = structlog.get_logger()

# Seconds between looks while another process rebuilds a view that this one needs.
WATCH = 0.5


class RebuildFailedError(Exception):
    """A view that is needed could not be rebuilt; the text says why."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The rebuild of a view, if it ever had one, and the generations there are to read and to go back to."""

    rebuild: RebuildStatus | None
    live: int
    previous: int


@dataclass(frozen=True, slots=True)
class RolledBack:
    """The generations now; `events` is what the live one had missed."""

    live_generation: int
    previous_generation: int
    position: int
    events: int


class RebuildControl:
    """Every method but `stop` is about a view by name, and raises `ProjectionNotFoundError`."""

    def __init__(
        self, sources: Sources, views: Sequence[View], staff: Staffing, *, parked_margin: int = 0
    ) -> None:
        self._sources = sources
        self._views = views
        self._staff = staff
        self._parked_margin = parked_margin
        self._engine = write_transaction(sources.views)
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def stop(self) -> None:
        """Let go of rebuilds: what they finished stays, and the next one goes on from there."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def begin(self, name: str, order: Order) -> RebuildStatus:
        """Begin to rebuild a view, or go on where one was that failed or was killed.

        Raises `RebuildUnderWayError`, `ExecutorNotAllowedError`.
        """
        work = self._work(catalogue.find_view(self._views, name), order)
        claimed = work.claim()
        self._start(work, name)
        return claimed

    def standing(self, name: str) -> Standing:
        """Return how the view stands, whichever process works on it."""
        view = catalogue.find_view(self._views, name)
        with self._sources.views.connect() as connection:
            return self._standing(connection, view)

    def resume(self, name: str) -> RebuildStatus:
        """Go on with a rebuild that was paused, that failed, or whose process died.

        Raises `RebuildNotUnderWayError`, `ExecutorNotAllowedError`.
        """
        view = catalogue.find_view(self._views, name)
        current = self._current(view)
        if current.state == RebuildState.RUNNING:
            self._ask(view, Wanted.NOTHING)
            return current
        if current.state in FINISHED:
            raise RebuildNotUnderWayError
        work = self._work(view, current.order)
        claimed = work.claim(take_over=True)
        self._start(work, name)
        return claimed

    def pause(self, name: str) -> RebuildStatus:
        """Ask for a pause; return how the rebuild stands by now. Raises `RebuildNotUnderWayError`."""
        view = catalogue.find_view(self._views, name)
        current = self._current(view)
        if current.state == RebuildState.RUNNING:
            self._ask(view, Wanted.PAUSE)
            return current
        if current.state == RebuildState.PAUSED:
            return current
        if current.state != RebuildState.INTERRUPTED:
            raise RebuildNotUnderWayError
        with self._held(view), self._engine.begin() as connection:
            paused = replace(status.take_over(connection, current), state=RebuildState.PAUSED)
            status.save(connection, paused)
        return paused

    def cancel(self, name: str) -> RebuildStatus:
        """Give a rebuild up, or ask its process to. Raises `RebuildNotUnderWayError`."""
        view = catalogue.find_view(self._views, name)
        current = self._current(view)
        if current.state == RebuildState.RUNNING:
            self._ask(view, Wanted.CANCEL)
            return current
        with self._held(view), self._engine.begin() as connection:
            current = status.take_over(connection, current)
            return give_up(connection, current, RebuildState.CANCELLED)

    def swap(self, name: str, *, accept_differences: bool) -> RebuildStatus:
        """Swap in what a rebuild left ready, if it parks no more than it may by now.

        Raises `NothingToSwapError`, `DifferentGenerationError`, `TooManyParkedError`.
        """
        view = catalogue.find_view(self._views, name)
        with self._held(view), self._engine.begin() as connection:
            known = catalogue.read_generations(connection, view.name, [FOLLOWING], lock=True)
            ready = self._standing(connection, view).rebuild
            ours = [
                one.number
                for one in known
                if self._is_ours(view, one) and one.fingerprint == view.fingerprint
            ]
            if ready is None or ready.generation not in ours:
                raise NothingToSwapError
            if ready.state == RebuildState.DIFFERS and not accept_differences:
                raise DifferentGenerationError
            if ready.state not in FINISHED:
                raise NothingToSwapError
            try:
                return swap_in(connection, self._sources.log, view, ready, self._parked_margin)
            except parked_limit.TooManyParkedError:
                raise TooManyParkedError from None

    def roll_back(
        self, name: str, generation: int = 0, stopping: Callable[[], bool] = lambda: False
    ) -> RolledBack:
        """Bring the generation before the live one up to date and make it live again. Blocks.

        Asked for a generation that is live it does nothing. Raises `NothingToRollBackToError`, and
        `ServiceUnavailableError` once `stopping` says so: then it can be asked for again.
        """
        view = catalogue.find_view(self._views, name)
        with self._held(view):
            before = self.standing(name)
            if generation and generation == before.live:
                return self._rolled_back(view, 0)
            if not before.previous or generation not in (0, before.previous):
                raise NothingToRollBackToError
            return self._rolled_back(view, self._return_to(view, before.previous, stopping))

    def complete(self, name: str) -> None:
        """Rebuild a view that can't be read, or wait until another process has.

        Raises `RebuildFailedError`.
        """
        view = catalogue.find_view(self._views, name)
        while not self.standing(name).live:
            work = self._work(view, Order())
            try:
                work.claim(take_over=True)
            except RebuildUnderWayError:
                time.sleep(WATCH)
                continue
            if error := self._run(work, name):
                raise RebuildFailedError(error)

    def _work(self, view: View, order: Order) -> Rebuild:
        return Rebuild(
            self._sources,
            view,
            self._staff,
            order=order,
            parked_margin=self._parked_margin,
            stopping=self._stopping,
        )

    def _start(self, work: Rebuild, name: str) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=self._run, args=(work, name), name=f"rebuild-{name}", daemon=True)
        thread.start()
        self._threads.append(thread)

    def _run(self, work: Rebuild, name: str) -> str:
        """Do a rebuild that was claimed; return what it failed with, or nothing."""
        log.info("rebuild begins", projection=name)
        state = RebuildState.INTERRUPTED
        try:
            for shown in work.run():
                state = shown.state
        except Exception as error:
            places = error.places if isinstance(error, WorkerFailedError) else ()
            log.error("rebuild failed", projection=name, places=places, exc_info=error)
            return str(error)
        log.info("rebuild ended", projection=name, state=state)
        return ""

    def _current(self, view: View) -> RebuildStatus:
        current = self.standing(view.name).rebuild
        if current is None or current.state in OVER:
            raise RebuildNotUnderWayError
        return current

    def _standing(self, connection: Connection, view: View) -> Standing:
        known = catalogue.read_generations(connection, view.name)
        current = status.read_status(connection, view.name)
        live = live_one(view, self._sources.log.log_id, known)
        previous = [one.number for one in known if one.state == PREVIOUS and self._is_ours(view, one)]
        if current is not None and current.state not in OVER:
            at_work = lease.is_held(connection, lease_name(view.name))
            if current.state == RebuildState.RUNNING and not at_work:
                current = replace(current, state=RebuildState.INTERRUPTED, seconds_left=None)
            reached = max([current.position, *(o.position for o in known if o.number == current.generation)])
            lag = max(self._sources.log.head() - reached, 0)
            current = replace(current, position=reached, lag=lag)
        return Standing(current, live.number if live else 0, *previous[-1:] or [0])

    def _is_ours(self, view: View, one: Generation) -> bool:
        return one.layout == view.layout and one.log_id == self._sources.log.log_id

    def _ask(self, view: View, wanted: Wanted) -> None:
        with self._engine.begin() as connection:
            status.ask(connection, view.name, wanted)

    @contextmanager
    def _held(self, view: View) -> Iterator[None]:
        """Keep everybody else from rebuilding the view. Raises `RebuildUnderWayError`, also where another one
        was first in between."""
        try:
            with Lease(self._sources.views, lease_name(view.name)).kept():
                yield
        except (LeaseTakenError, StoppedError):
            raise RebuildUnderWayError from None

    def _return_to(self, view: View, number: int, stopping: Callable[[], bool]) -> int:
        workforce = self._staff("", 0)
        log_id = self._sources.log.log_id
        task = SliceTask(
            workforce.open_sources, workforce.find_view, view.name, number, 0, log_id, view.fingerprint
        )
        events, arrived = 0, False
        log.info("rollback begins", projection=view.name, generation=number)
        with Crew(workforce) as crew:
            while not arrived:
                for answer in crew.one(tasks.return_to, task):
                    if answer is not None:
                        events, arrived = events + answer.events, answer.arrived
                    elif stopping():
                        raise ServiceUnavailableError
        log.info("rollback ended", projection=view.name, generation=number)
        return events

    def _rolled_back(self, view: View, events: int) -> RolledBack:
        with self._sources.views.connect() as connection:
            known = catalogue.read_generations(connection, view.name, [LIVE])
            now = self._standing(connection, view)
        return RolledBack(now.live, now.previous, known[0].position, events)
