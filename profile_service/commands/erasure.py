"""Erasing a person: the fence in the log, then the key, then every cache of every process.

Whatever stops it after the fence, `Reconciler` goes on from `ProfileErased` at the next start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import structlog

from profile_service import clock
from profile_service.commands.destroying import Destroyer
from profile_service.commands.refusing import as_refusals
from profile_service.commands.requests import WriteRequest
from profile_service.commands.writing import new_fact
from profile_service.domain import profile as domain
from profile_service.domain import rights as rights_domain
from profile_service.domain.errors import (
    ConcurrentChangeError,
    ProfileErasedError,
    ProfileNotFoundError,
    RequestIdReusedError,
    ServiceUnavailableError,
)
from profile_service.keys.epochs import Erasure
from profile_service.keys.erasure_list import ErasureList
from profile_service.keys.store import KeyStore
from profile_service.log.append import Append, EventLog, NewFact, VersionConflictError
from profile_service.log.facts import open_fact
from profile_service.log.reader import LogReader
from profile_service.log.streams import PROFILE, RIGHTS, stream_name
from profile_service.v1.profile_pb2 import Profile
from profile_service.v1.rights_service_pb2 import EraseProfileRequest

log = structlog.get_logger()

# An erasure does not give way to others that keep writing.
ATTEMPTS = 200
# Longer than any lease: after it no process can hold the key any more.
EVICTION_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Finished:
    """What became of a key. `everywhere`: no process has it, and the list of erasures has the person."""

    erasure: Erasure
    never_contact_again: bool
    everywhere: bool


@dataclass(frozen=True, slots=True)
class Erased:
    """`position` is that of `ProfileErased`."""

    position: int
    erasure: Erasure
    never_contact_again: bool


@dataclass(frozen=True, slots=True)
class Eraser:
    """Destroys what opens the data of a person.

    An erasure is one piece of work for one thread, of `threads` if given: under load each step that comes
    back to the event loop, or takes another thread, waits for its turn among all others.
    """

    keys: KeyStore
    reader: LogReader
    log: EventLog
    # What remembers an erasure when old databases are restored.
    erasures: ErasureList
    # How sure the identity of who asks must be; and the date in the City.
    assurance: rights_domain.Assurance = field(default_factory=lambda: rights_domain.DEFAULT_ASSURANCE)
    today: Callable[[], date] = clock.today
    threads: Executor | None = None

    async def erase(self, request: WriteRequest, profile_id: UUID, wanted: EraseProfileRequest) -> Erased:
        """Return when no process can open anything of the person.

        Takes the same time whatever the length of the history. Erasing twice is erasing
        once. Raises the refusals of `rights.allow_erasure`, `ProfileNotFoundError`, `ServerBusyError` and
        `ServiceUnavailableError`.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, self._erase, request, profile_id, wanted)

    def finish(self, profile_id: UUID) -> Finished:
        """Destroy the key of a person whose streams are closed, and wait until all processes know. Blocks."""
        gone = Destroyer(self.keys, self.reader).destroy(profile_id)
        # In the time that the other processes take.
        remembered = self._remember(profile_id)
        erasure = self.keys.erasure_of(profile_id)
        assert erasure is not None, "a destroyed key has a tombstone"
        evicted = self.keys.wait_until_evicted_everywhere(gone.destroyed, EVICTION_SECONDS)
        return Finished(erasure, gone.never_contact_again, remembered and evicted)

    def _erase(self, request: WriteRequest, profile_id: UUID, wanted: EraseProfileRequest) -> Erased:
        position = self._close(request, profile_id, wanted)
        finished = self.finish(profile_id)
        if not finished.everywhere:
            raise ServiceUnavailableError
        return Erased(position, finished.erasure, finished.never_contact_again)

    def _remember(self, profile_id: UUID) -> bool:
        try:
            self.erasures.add([profile_id])
        except OSError as error:
            log.error("list of erasures can not be written", error=type(error).__name__)
            return False
        return True

    def _close(self, request: WriteRequest, profile_id: UUID, wanted: EraseProfileRequest) -> int:
        """Close the streams of a person; return the position of `ProfileErased`."""
        for _ in range(ATTEMPTS):
            own = self.reader.own_stream(profile_id)
            if own.closed_at is not None:
                self._refuse_another_body(request)
                return own.closed_at
            if not own.version:
                raise ProfileNotFoundError
            try:
                with as_refusals():
                    append = self._append(request, profile_id, wanted, own.version)
                    return self.log.append_and_wait(append).position
            except (VersionConflictError, ProfileErasedError):
                continue
        raise ConcurrentChangeError

    def _refuse_another_body(self, request: WriteRequest) -> None:
        """Raises `RequestIdReusedError` if this very request erased somebody, with another body."""
        known = self.reader.requests([request.key]).get(request.key)
        if known is not None and known.digest != request.digest(self.keys.service_cipher):
            raise RequestIdReusedError

    def _append(
        self, request: WriteRequest, profile_id: UUID, wanted: EraseProfileRequest, version: int
    ) -> Append:
        # The digest is the service's, because the person's key will not be there for a replay.
        cipher = self.keys.service_cipher
        (erased,) = domain.erase(
            domain.Active(version, Profile()),
            wanted.legal_basis,
            wanted.requested_by,
            wanted.erasure_reason,
            never_contact_again=wanted.never_contact_again,
        )
        stream = stream_name(PROFILE, profile_id)
        facts = (
            *self._of_request(request, profile_id, wanted),
            new_fact(request, stream, version + 1, erased, profile_id, cipher),
        )
        digest = request.digest(cipher)
        return Append(request.key, digest, profile_id, profile_id, facts, version + 1, closes=True)

    def _of_request(
        self, request: WriteRequest, profile_id: UUID, wanted: EraseProfileRequest
    ) -> list[NewFact]:
        """Return the facts of the request that is fulfilled. Open halves decide: no key is needed."""
        stream = stream_name(RIGHTS, profile_id)
        rights = rights_domain.fold(open_fact(fact, None).message for fact in self.reader.stream(stream))
        asked = rights_domain.Asked(
            wanted.requested_by,
            request.new_id.bytes,
            UUID(wanted.rights_request_id).bytes if wanted.rights_request_id else None,
            wanted.identification if wanted.HasField("identification") else None,
        )
        facts = rights_domain.allow_erasure(rights, asked, self.assurance, today=self.today())
        cipher = self.keys.service_cipher
        return [
            new_fact(request, stream, rights.version + nth, fact, profile_id, cipher)
            for nth, fact in enumerate(facts, start=1)
        ]
