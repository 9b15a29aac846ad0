"""The worker that sees to obligations: opens them from the log, calls recipients until all have acknowledged.

It may be stopped anywhere: what it knows it has from the log, and what is written twice counts once. Of
several processes one works, by a lease; that nothing is lost or acknowledged twice does not hang on that.
"""

from __future__ import annotations

import os
import random
import threading
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Protocol
from uuid import UUID

import structlog

from profile_service.commands.obligations import Obligations, Owed
from profile_service.domain.disclosure_errors import RecipientNotFoundError
from profile_service.domain.errors import Refusal
from profile_service.keys.errors import KeysUnavailableError, SealBrokenError
from profile_service.log.wakeup import Wakeup
from profile_service.notices.calling import Callback, NotReachedError
from projections.catalogue import ViewNotReadyError
from projections.lease import Lease, LeaseTakenError
from projections.notices import Attempts, Notices
from projections.reading import ViewReader
from projections.sources import DATABASE_ERRORS, Sources, now
from projections.views.obligations import OPEN, Narrowed, obligations

log = structlog.get_logger()

LEASE = "notifier"

# Seconds: before a recipient is called again after the first failure, doubled with each; and at most.
FIRST_RETRY = 0.5
LONGEST_RETRY = 900.0
# Recipients called at once.
CALLERS = 8

# Seconds: at least between two looks; at most, without a hint; while another process works or a database is
# away; and between looks at all that is open, not only at what is new.
SPACING = 0.25
IDLE = 0.5
STAND_BY = 1.0
RESCAN = 30.0
PAGE = 500
# Positions after which it is noted again how far the log was looked through. Whoever begins anew looks at so
# many twice, and nobody's writing waits for a note of every look.
NOTED = 10_000

_AWAY = (*DATABASE_ERRORS, KeysUnavailableError, ViewNotReadyError, Refusal)


class OpensChannels(Protocol):
    """See `calling.Callbacks`."""

    def to(self, address: str) -> AbstractContextManager[Callback]: ...


class Notifier:
    """One in a process that tells recipients."""

    def __init__(
        self,
        sources: Sources,
        obligations: Obligations,
        callbacks: OpensChannels,
        wakeup: Wakeup,
        *,
        first_retry: float = FIRST_RETRY,
    ) -> None:
        self._sources = sources
        self._obligations = obligations
        self._callbacks = callbacks
        self._wakeup = wakeup
        self._first_retry = first_retry
        self._notices = Notices(sources.views, sources.log.log_id)
        self._reader = ViewReader(sources.views)
        self._lease = Lease(sources.views, LEASE)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._work = _Work()

    def start(self) -> None:
        """Work in a thread."""
        self._thread = threading.Thread(target=self.run, name="notifier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the calls at hand, then let another process take over."""
        self._stopping.set()
        self._wakeup.notify()
        if self._thread is not None:
            self._thread.join()

    def run(self) -> None:
        """Work until stopped."""
        while not self._stopping.is_set():
            try:
                with self._lease.kept():
                    log.info("this process tells recipients", pid=os.getpid())
                    self._lead()
            except LeaseTakenError:
                self._stopping.wait(STAND_BY)
            except _AWAY as error:
                log.warning("telling recipients waits", error=type(error).__name__)
                self._stopping.wait(STAND_BY)
            except Exception as error:  # noqa: BLE001 - an obligation must not wait for a restart
                # The text of an error may hold a value; its class does not.
                log.critical("telling recipients failed, and is tried again", error=type(error).__name__)
                self._stopping.wait(STAND_BY)

    def look(self) -> None:
        """Open what the log leads to, and call whoever is to be called now."""
        self._open()
        self._find()
        self._tell()

    def _lead(self) -> None:
        self._work = _Work()
        while self._lease.held and not self._stopping.is_set():
            ticket = self._wakeup.ticket()
            self.look()
            self._stopping.wait(SPACING)
            self._wakeup.wait_in_thread(ticket, self._work.until_next(IDLE))

    def _open(self) -> None:
        work = self._work
        if work.looked_through is None:
            work.looked_through = work.noted = self._notices.progress()
        after = work.looked_through
        while (reached := self._obligations.open_after(after)) > after and not self._stopping.is_set():
            after = reached
            if after >= work.noted + NOTED:
                # Only once everything up to there is durably open.
                self._notices.advance(after)
                work.noted = after
        work.looked_through = after

    def _find(self) -> None:
        """Learn of obligations that are open. The view may be behind: the log is asked before a call."""
        self._work.rescan_in_time()
        while True:
            found = obligations(self._reader, Narrowed(state=OPEN), self._work.found_upto, PAGE).rows
            new = [row.obligation_id for row in found if row.obligation_id not in self._work.waiting]
            known = self._notices.attempts(new) if new else {}
            self._work.waiting.update({one: known.get(one, Attempts()) for one in new})
            if found:
                self._work.found_upto = found[-1].position
            if len(found) < PAGE:
                return

    def _tell(self) -> None:
        due = [one for one, attempts in self._work.waiting.items() if attempts.next_time <= now()]
        by_recipient: dict[UUID, list[Owed]] = defaultdict(list)
        for start in range(0, len(due), PAGE):
            page = due[start : start + PAGE]
            still_open = {one.obligation_id: one for one in self._owed(page)}
            for one in page:
                if one in still_open:
                    by_recipient[still_open[one].recipient_id].append(still_open[one])
                else:
                    self._settle(one)
        if by_recipient:
            with ThreadPoolExecutor(CALLERS, "caller") as callers:
                # Whatever a thread raises is raised here, once all have ended.
                list(callers.map(self._tell_one, by_recipient, by_recipient.values()))

    def _owed(self, ids: Sequence[UUID]) -> list[Owed]:
        try:
            return self._obligations.owed(ids)
        except SealBrokenError:
            if len(ids) > 1:
                return [owed for one in ids for owed in self._owed([one])]
            # Found again at the next look at everything; meanwhile the others are told.
            log.error("a damaged obligation can't be told", obligation=str(ids[0]))
            return []

    def _tell_one(self, recipient_id: UUID, owed: Sequence[Owed]) -> None:
        """Tell one recipient; after a failure the rest waits for the next look, behind other recipients."""
        one = owed[0]
        try:
            with self._callbacks.to(self._obligations.recipient(recipient_id).callback) as callback:
                for one in owed:
                    if self._stopping.is_set():
                        return
                    callback.notify(one)
                    self._obligations.acknowledge(one, self._work.waiting[one.obligation_id].failures + 1)
                    self._settle(one.obligation_id)
        except NotReachedError as error:
            self._failed(one, str(error))
        except (RecipientNotFoundError, SealBrokenError) as error:
            self._failed(one, type(error).__name__)

    def _failed(self, one: Owed, why: str) -> None:
        count = self._work.waiting[one.obligation_id].failures + 1
        pause = min(self._first_retry * 2 ** min(count - 1, 20), LONGEST_RETRY)
        # Not all at once, when many recipients come back together.
        pause *= 1 + random.random() / 4  # noqa: S311 - no secret
        attempts = Attempts(count, now() + int(pause * 1_000_000))
        self._work.waiting[one.obligation_id] = attempts
        self._notices.failed(one.obligation_id, attempts)
        log.warning(
            "a recipient was not told",
            recipient=str(one.recipient_id),
            obligation=str(one.obligation_id),
            attempts=count,
            why=why,
        )

    def _settle(self, obligation_id: UUID) -> None:
        if self._work.waiting.pop(obligation_id).failures:
            self._notices.settled(obligation_id)


class _Work:
    """What is known while this process leads: nothing that can't be found again."""

    def __init__(self) -> None:
        self.looked_through: int | None = None
        self.noted = 0
        self.found_upto = 0
        self.waiting: dict[UUID, Attempts] = {}
        self._rescan_at = now() + int(RESCAN * 1_000_000)

    def rescan_in_time(self) -> None:
        if now() >= self._rescan_at:
            self.found_upto = 0
            self._rescan_at = now() + int(RESCAN * 1_000_000)

    def until_next(self, longest: float) -> float:
        """Seconds until the next call is due, but at most `longest`."""
        first = min((attempts.next_time for attempts in self.waiting.values()), default=None)
        return longest if first is None else min(longest, max(0.0, (first - now()) / 1_000_000))
