"""Erasing a person: the fence in the log, then the key, then every cache of every process.

Whatever stops it after the fence, `Reconciler` goes on from `ProfileErased` at the next start.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

import structlog

from profile_service.commands.destroying import Destroyer
from profile_service.commands.requests import WriteRequest
from profile_service.commands.writing import Writer, new_fact
from profile_service.domain import profile as domain
from profile_service.domain.errors import (
    ConcurrentChangeError,
    ProfileErasedError,
    ProfileNotFoundError,
    ServiceUnavailableError,
)
from profile_service.keys.erasure_list import ErasureList
from profile_service.keys.store import KeyStore
from profile_service.log.append import Append, VersionConflictError
from profile_service.log.reader import LogReader, Standing
from profile_service.log.streams import PROFILE, stream_name
from profile_service.v1.profile_pb2 import Profile
from profile_service.v1.rights_service_pb2 import EraseProfileRequest

log = structlog.get_logger()

# An erasure does not give way to others that keep writing.
ATTEMPTS = 200
# Longer than any lease: after it no process can hold the key any more.
EVICTION_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Eraser:
    """Destroys what opens the data of a person."""

    keys: KeyStore
    reader: LogReader
    writer: Writer
    # What remembers an erasure when old databases are restored.
    erasures: ErasureList | None = None

    async def erase(self, request: WriteRequest, profile_id: UUID, wanted: EraseProfileRequest) -> int:
        """Return the position of `ProfileErased` when no process can open anything of the person.

        Takes the same time whatever the length of the history. Erasing twice is erasing
        once. Raises `ProfileNotFoundError`, `ServerBusyError` and `ServiceUnavailableError`.
        """
        try:
            await self._close(request, profile_id, wanted)
        except ProfileErasedError:
            pass
        if not await asyncio.to_thread(self.finish, profile_id):
            raise ServiceUnavailableError
        position = await asyncio.to_thread(self.reader.closed_at, profile_id)
        assert position is not None, "the fence is never taken down"
        return position

    def finish(self, profile_id: UUID) -> bool:
        """Destroy the key of a person whose streams are closed; say whether every process knows. Blocks."""
        destroyed = Destroyer(self.keys, self.reader).destroy(profile_id)
        evicted = self.keys.wait_until_evicted_everywhere(destroyed, EVICTION_SECONDS)
        return self._remember(profile_id) and evicted

    def _remember(self, profile_id: UUID) -> bool:
        try:
            if self.erasures is not None:
                self.erasures.add([profile_id])
        except OSError as error:
            log.error("list of erasures can not be written", error=type(error).__name__)
            return False
        return True

    async def _close(self, request: WriteRequest, profile_id: UUID, wanted: EraseProfileRequest) -> None:
        for _ in range(ATTEMPTS):
            append = await asyncio.to_thread(self._append, request, profile_id, wanted)
            try:
                await self.writer.append(append)
            except VersionConflictError:
                continue
            return
        raise ConcurrentChangeError

    def _append(self, request: WriteRequest, profile_id: UUID, wanted: EraseProfileRequest) -> Append:
        standing = self.reader.standing([profile_id])[profile_id]
        if standing is Standing.UNKNOWN:
            raise ProfileNotFoundError
        if standing is Standing.ERASED:
            raise ProfileErasedError
        stream = stream_name(PROFILE, profile_id)
        version = self.reader.stream_version(stream)
        (fact,) = domain.erase(
            domain.Active(version, Profile()),
            wanted.legal_basis,
            wanted.requested_by,
            wanted.erasure_reason,
            never_contact_again=wanted.never_contact_again,
        )
        # The digest is the service's, because the person's key will not be there for a replay.
        cipher = self.keys.service_cipher
        return Append(
            request.key,
            request.digest(cipher),
            profile_id,
            profile_id,
            (new_fact(request, stream, version + 1, fact, profile_id, cipher),),
            version + 1,
            closes=True,
        )
