"""The follower: it tails the log and keeps every view in step, one transaction a batch.

A hint only shortens the wait for the next look; a lost one costs `IDLE` seconds, never a fact.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence

import structlog
from sqlalchemy import Connection

from profile_service.keys.errors import KeysUnavailableError
from profile_service.log.wakeup import Wakeup
from projections import catalogue
from projections.catalogue import IN_STEP, PREVIOUS, Generation, write_transaction
from projections.dropped import remove_dropped
from projections.lease import Lease
from projections.opening import Batch, UnknownFactTypeInLogError
from projections.projecting import Projector
from projections.sources import DATABASE_ERRORS, Sources
from projections.view import View

log = structlog.get_logger()

LEASE = "follower"
BATCH = 1_000

# Seconds between looks without a hint, shorter after facts came; and at least, hint or not: a look for
# each of a few hundred facts a second would take the processor from whoever writes them.
IDLE = 0.05
ACTIVE = 0.02
SPACING = 0.01
# Before another look when a database or the keys are away, and while another process follows.
AWAY = 0.25
STAND_BY = 0.5
# Before another look at tables that are to be removed.
TIDYING = 5.0

# From this many facts on a batch shows load: then it pays to let more gather, but less and less the more
# there are: with this many, its statements are a small part of it, and waiting only makes views later.
BUSY = 16
ENOUGH = 500
GATHERING = 2.0
LONGEST_GATHERING = 0.08

Reached = Callable[[Mapping[str, int]], None]


class FollowedElsewhereError(Exception):
    """Another process follows the log for these views."""


class FollowerBrokenError(Exception):
    """The follower met what it should never meet; the text is the class of that error."""


class Follower:
    """Follows the log for all of `views`. Of several followers on one database one is active.

    `reached` is called after each commit with the position of each view.
    """

    def __init__(
        self,
        sources: Sources,
        views: Sequence[View],
        wakeup: Wakeup,
        *,
        reached: Reached = lambda positions: None,
        batch: int = BATCH,
    ) -> None:
        self._sources = sources
        self._views = {view.name: view for view in views}
        self._projector = Projector(sources, views)
        self._wakeup = wakeup
        self._reached = reached
        self._batch = batch
        self._lease = Lease(sources.views, LEASE)
        self._engine = write_transaction(sources.views)
        self._after: int | None = None
        self._leading = False
        self._tidied = float("-inf")
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.failure: UnknownFactTypeInLogError | FollowerBrokenError | None = None

    @property
    def active(self) -> bool:
        """Whether this follower, and no other process's, moves the views now."""
        return self._lease.held

    def start(self) -> None:
        """Follow in a thread."""
        self._thread = threading.Thread(target=self.run, name="follower", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch at hand, then let another process take over."""
        self._stopping.set()
        self._wakeup.notify()
        if self._thread is not None:
            self._thread.join()

    def run(self) -> None:
        """Follow until stopped, or until what only a newer version may mend: see `failure`."""
        try:
            while not self._stopping.is_set():
                self._once()
        except UnknownFactTypeInLogError as error:
            self.failure = error
            log.critical("following stopped", position=error.position, type=error.type_name)
        except Exception as error:  # noqa: BLE001 - whoever looks after this process must learn of it
            # The text of an error of ours may hold a value; its class does not.
            self.failure = FollowerBrokenError(type(error).__name__)
            log.critical("following stopped", error=type(error).__name__)
        finally:
            self._let_go()

    def catch_up(self) -> int:
        """Follow in this thread until the log has no more; return how many facts that were.

        For tests, tools, and a start that must not serve before. Raises `FollowedElsewhereError`,
        `UnknownFactTypeInLogError`, `KeysUnavailableError`.
        """
        done = 0
        while True:
            if not self._lease.acquire():
                raise FollowedElsewhereError
            taken = self.step()
            if not taken:
                return done
            done += taken

    def step(self) -> int:
        """Apply one batch; return how many facts it had. The caller holds the lease."""
        after = self._after
        if after is None:
            with self._sources.views.connect() as connection:
                after = self._standing(catalogue.read_generations(connection))
            self._after = after
        stored = self._sources.log.facts_after(after, self._batch)
        if not stored:
            return 0
        batch = self._projector.open(stored)
        if batch.facts:
            with self._engine.begin() as connection:
                positions = self._apply(connection, after, batch)
            self._reached(positions)
        if batch.unknown:
            raise batch.unknown
        return len(stored)

    def _apply(self, connection: Connection, after: int, batch: Batch) -> dict[str, int]:
        if connection.dialect.name == "postgresql":
            # Rows and position are lost together by a crash, and then made again from the log.
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
        known = catalogue.read_generations(connection, lock=True)
        followed = [one for one in known if self._is_followed(one)]
        # Another one moved them, or a generation that stands earlier joined: look again.
        standing = self._standing(known)
        if standing < after:
            self._after = standing
            return {}
        behind = [one for one in followed if one.position < batch.end]
        self._projector.project(connection, behind, batch)
        for one in known:
            if one.state == PREVIOUS and self._is_ours(one):
                self._projector.erase(connection, one, batch)
        self._after = max(batch.end, standing)
        return {one.view: max(batch.end, one.position) for one in followed if one.state == catalogue.LIVE}

    def _standing(self, known: Sequence[Generation]) -> int:
        """Return the position from which on some followed generation still needs facts."""
        return min((one.position for one in known if self._is_followed(one)), default=0)

    def _is_followed(self, one: Generation) -> bool:
        return one.state in IN_STEP and self._is_ours(one)

    def _is_ours(self, one: Generation) -> bool:
        # What has another layout or was made from another log waits for its rebuild.
        view = self._views.get(one.view)
        return view is not None and one.layout == view.layout and one.log_id == self._sources.log.log_id

    def _once(self) -> None:
        ticket = self._wakeup.ticket()
        try:
            if not self._lease.acquire():
                self._after, self._leading = None, False
                self._stopping.wait(STAND_BY)
                return
            if not self._leading:
                log.info("this process follows the log for the views", pid=os.getpid())
                self._leading = True
            began = time.monotonic()
            taken = self.step()
            self._tidy()
        except (*DATABASE_ERRORS, KeysUnavailableError) as error:
            log.warning("following waits", error=type(error).__name__)
            self._after = None
            self._stopping.wait(AWAY)
            return
        self._pause(ticket, taken, time.monotonic() - began)

    def _tidy(self) -> None:
        """Remove what dropped generations left, now and then."""
        if time.monotonic() >= self._tidied + TIDYING:
            remove_dropped(self._sources.views)
            self._tidied = time.monotonic()

    def _pause(self, ticket: int, taken: int, took: float) -> None:
        if taken >= min(ENOUGH, self._batch):
            return
        if taken >= BUSY:
            # Each batch costs the same few statements: under load they are worth a larger one.
            self._stopping.wait(min(GATHERING * took, LONGEST_GATHERING) * (1 - taken / ENOUGH))
            return
        if taken:
            self._stopping.wait(SPACING)
        self._wakeup.wait_in_thread(ticket, ACTIVE if taken else IDLE)

    def _let_go(self) -> None:
        try:
            self._lease.release()
        except DATABASE_ERRORS:
            log.warning("the follower's lease was not given back; it ends by itself")
