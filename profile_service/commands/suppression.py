"""Never to be contacted again: for a person or an address, until the person consents to something anew.

The tag of the address comes first and the fact after it, so that what was acknowledged is complete; and
the tag again after the fact, because a consent of that moment may have lifted it in between.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from profile_service.commands.addresses import NOBODY, Addresses
from profile_service.commands.destroying import decided
from profile_service.commands.loading import Load, Loaded
from profile_service.commands.refusing import as_refusals
from profile_service.commands.requests import WriteRequest
from profile_service.commands.writing import ATTEMPTS, Writer, new_fact, prepare, replay
from profile_service.domain import consents as domain
from profile_service.domain.errors import ConcurrentChangeError, ProfileErasedError, ProfileNotFoundError
from profile_service.keys.store import KeyStore
from profile_service.log.append import Append, Appended, VersionConflictError
from profile_service.log.facts import open_fact
from profile_service.log.reader import LogReader, Standing
from profile_service.log.streams import CONSENTS, stream_name
from profile_service.v1.events_pb2 import ContactSuppressed
from profile_service.v1.rights_service_pb2 import SuppressContactRequest


@dataclass(frozen=True, slots=True)
class Suppressor:
    """Suppresses contact, and says of whom it is suppressed."""

    keys: KeyStore
    reader: LogReader
    writer: Writer
    addresses: Addresses

    async def suppress_profile(
        self, request: WriteRequest, profile_id: UUID, wanted: SuppressContactRequest
    ) -> Appended:
        """Contact a person no more. The same request again gives the first answer, and does nothing.

        Raises `ProfileNotFoundError`, `ProfileErasedError` and the refusals of `Writer.append`.
        """
        stream = stream_name(CONSENTS, profile_id)
        for _ in range(ATTEMPTS):
            loaded = await self.writer.loader.load(
                Load(request.key, profile_id, (stream,), while_restricted=True)
            )
            with as_refusals():
                if loaded.known is not None:
                    return replay(request, loaded.known, loaded.cipher)
                await asyncio.to_thread(self._suppress_addresses, profile_id)
                append = prepare(
                    request,
                    {stream: _decide(loaded, stream, wanted)},
                    {stream: loaded.version(stream)},
                    subject=profile_id,
                    profile_id=profile_id,
                    cipher=loaded.cipher,
                )
            try:
                appended = await self.writer.append(append)
            except VersionConflictError:
                continue
            await asyncio.to_thread(self._suppress_addresses, profile_id)
            return appended
        raise ConcurrentChangeError

    async def suppress_address(
        self, request: WriteRequest, address: str, wanted: SuppressContactRequest, deadline: float
    ) -> Appended:
        """Contact a canonical address no more, whoever has it; the same request again as above.

        Raises the refusals of `Addresses.reserve` and of `Writer.append`.
        """
        known = (await asyncio.to_thread(self.reader.requests, [request.key])).get(request.key)
        if known is not None:
            return replay(request, known, self.keys.service_cipher)
        await asyncio.to_thread(self._suppress_address, address)
        for _ in range(ATTEMPTS):
            # Whoever takes the address from here on finds it suppressed.
            holder = await self.addresses.settled_holder(address, deadline)
            try:
                appended = await self.writer.append(await self._append(request, holder, wanted))
            except (VersionConflictError, ProfileErasedError):
                continue
            await asyncio.to_thread(self._suppress_address, address)
            return appended
        raise ConcurrentChangeError

    def lift(self, profile_id: UUID) -> None:
        """Suppress the addresses of a person no longer, if the person is not suppressed by now. Blocks."""
        found = self.keys.suppressions.of_profile(profile_id, self._decided(profile_id))
        # Looked at in this order, what is suppressed again meanwhile stays so.
        if found and self._suppressed_at(profile_id) is None:
            self.keys.suppressions.lift(found)

    def profile_since(self, profile_id: UUID) -> datetime | None:
        """Return since when a living person is contacted no more; None: is contacted. Blocks.

        Raises `ProfileNotFoundError` and `ProfileErasedError`.
        """
        match self.reader.standing([profile_id])[profile_id]:
            case Standing.UNKNOWN:
                raise ProfileNotFoundError
            case Standing.ERASED:
                raise ProfileErasedError
        at = self._suppressed_at(profile_id)
        return None if at is None else datetime.fromtimestamp(at / 1e6, UTC)

    def address_since(self, address: str) -> datetime | None:
        """Return since which day a canonical address is suppressed; None: it is not. Blocks."""
        return self.keys.suppressions.since([self.keys.address_tag(address)])[0]

    async def _append(
        self, request: WriteRequest, holder: UUID | None, wanted: SuppressContactRequest
    ) -> Append:
        """Make the record of a request about an address, under the service's key: it outlives the holder."""
        cipher = self.keys.service_cipher
        digest = request.digest(cipher)
        if holder is None:
            return Append(request.key, digest, NOBODY, None, ())
        stream = stream_name(CONSENTS, holder)
        loaded = await self.writer.loader.load(Load(request.key, holder, (stream,), while_restricted=True))
        version = loaded.version(stream)
        facts = tuple(
            new_fact(request, stream, version + 1, fact, holder, cipher)
            for fact in _decide(loaded, stream, wanted)
        )
        return Append(request.key, digest, holder, holder, facts, version + len(facts))

    def _suppress_address(self, address: str) -> None:
        self.keys.suppressions.suppress(self.keys.address_tag(address))

    def _suppress_addresses(self, profile_id: UUID) -> None:
        self.keys.suppressions.suppress_of(profile_id, self._decided(profile_id))

    def _decided(self, profile_id: UUID) -> list[bytes]:
        return [row.request_key for _, row in decided(self.keys, self.reader, profile_id)]

    def _suppressed_at(self, profile_id: UUID) -> int | None:
        """Return the time of the suppression that holds now, in microseconds since 1970 UTC."""
        stored = self.reader.stream(stream_name(CONSENTS, profile_id))
        facts = [open_fact(fact, None) for fact in stored]
        if not domain.fold(fact.message for fact in facts).suppressed:
            return None
        return max(fact.time for fact in facts if isinstance(fact.message, ContactSuppressed))


def _decide(loaded: Loaded, stream: str, wanted: SuppressContactRequest) -> list[ContactSuppressed]:
    consents = domain.fold(fact.message for fact in loaded.streams[stream])
    return domain.suppress(consents, wanted.suppression_reason, wanted.legal_basis)
