"""Registering a person over two databases: key and address first, then the fact."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from google.protobuf.message import Message

from profile_service.commands.addresses import Addresses
from profile_service.commands.refusing import as_refusals
from profile_service.commands.requests import WriteRequest
from profile_service.commands.writing import Writer, prepare, replay
from profile_service.domain import consents
from profile_service.domain import registration as domain
from profile_service.domain.email import canonical_address
from profile_service.domain.errors import (
    ConcurrentChangeError,
    ContactSuppressedError,
    EmailReservedError,
    EmailTakenError,
    ProfileErasedError,
    RequestIdReusedError,
)
from profile_service.domain.suppression import is_from_person
from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.errors import KeyDestroyedError
from profile_service.keys.reservations import Reservation, Resumed
from profile_service.keys.store import KeyStore
from profile_service.log.append import ABANDONED, Appended, VersionConflictError
from profile_service.log.reader import LogReader, RequestOutcome, Standing
from profile_service.log.streams import CONSENTS, PROFILE, stream_name
from profile_service.v1.events_pb2 import ProfileRegistered, SuppressionReason
from profile_service.v1.profile_service_pb2 import Registration


@dataclass(frozen=True, slots=True)
class Registrar:
    """Registers people. `today` is the date in the City."""

    keys: KeyStore
    addresses: Addresses
    writer: Writer
    reader: LogReader
    today: Callable[[], date]

    async def register(
        self,
        request: WriteRequest,
        registration: Registration,
        deadline: float,
        *,
        imported: bool = False,
    ) -> Appended:
        """Make a profile; `Appended.subject` is its id.

        An address that is never to be contacted again is taken from the person only, and not if it is
        `imported`: else raises `ContactSuppressedError`. The profile begins as contacted no more.

        Raises `InvalidRequestError`, `EmailTakenError`, `EmailReservedError`,
        `RequestIdReusedError`, `ConcurrentChangeError`, `ProfileErasedError` and those of `Writer.append`.
        """
        facts = domain.register(registration, self.today())
        address = canonical_address(registration.email)
        from_person = not imported and is_from_person(request.channel)
        if not from_person and await self.addresses.is_suppressed(address):
            # Before anything is reserved, so that the same request may come again when that is lifted.
            return await self._refuse(request)

        def make() -> Reservation:
            key = self.keys.new_profile_key()
            return Reservation(self.keys.address_tag(address), request.key, key.profile_id, key)

        try:
            granted = await self.addresses.reserve(address, make, deadline)
        except (EmailTakenError, EmailReservedError):
            # Whoever has the address now, a request that was answered gets its answer again.
            if (known := await self._find(request)) is not None:
                return await self._answer(request, known)
            raise
        reservation, result = granted.reservation, granted.result
        profile_id, cipher = reservation.profile_id, None
        if isinstance(result, Resumed):
            profile_id, cipher = result.profile_id, result.cipher
        elif reservation.key is not None:
            cipher = reservation.key.cipher
        if cipher is None:  # what an earlier try made was destroyed meanwhile
            return await self._known(request, profile_id)
        if granted.suppressed and not from_person:  # since it was looked at above
            await self.addresses.give_up(replace(reservation, profile_id=profile_id))
            return await self._refuse(request)
        begun = first_facts(profile_id, facts, suppressed=granted.suppressed)
        try:
            append = prepare(
                request,
                begun,
                dict.fromkeys(begun, 0),
                subject=profile_id,
                profile_id=profile_id,
                cipher=cipher,
            )
            return await self.writer.append(append)
        except (RequestIdReusedError, ConcurrentChangeError, VersionConflictError, KeyDestroyedError):
            return await self._known(request, profile_id)

    async def _refuse(self, request: WriteRequest) -> Appended:
        """Raise `ContactSuppressedError`; a request that was answered before gets its answer again."""
        known = await self._find(request)
        if known is None or known.digest == ABANDONED:
            raise ContactSuppressedError
        return await self._answer(request, known)

    async def _known(self, request: WriteRequest, reserved: UUID) -> Appended:
        """Answer a request id that is known, and free what it reserved anew by the way."""
        known = await self._find(request)
        if known is None:
            raise ConcurrentChangeError
        if known.subject != reserved:
            await self.addresses.release_unused(reserved, request.key)
        return await self._answer(request, known)

    async def _find(self, request: WriteRequest) -> RequestOutcome | None:
        return (await asyncio.to_thread(self.reader.requests, [request.key])).get(request.key)

    async def _answer(self, request: WriteRequest, known: RequestOutcome) -> Appended:
        """Give the first answer again, if it is the same request: its digest is under the first key."""
        standing = (await asyncio.to_thread(self.reader.standing, [known.subject]))[known.subject]
        if standing is Standing.ERASED:
            raise ProfileErasedError
        ciphers: dict[UUID, ProfileCipher] = await asyncio.to_thread(self.keys.ciphers, [known.subject])
        if known.subject not in ciphers:
            raise ConcurrentChangeError  # abandoned: its reservation is gone, and so is its key
        with as_refusals():
            return replay(request, known, ciphers[known.subject])


def first_facts(
    profile_id: UUID, registered: Sequence[ProfileRegistered], *, suppressed: bool
) -> dict[str, Sequence[Message]]:
    """Return the facts that a profile begins with, by stream."""
    facts: dict[str, Sequence[Message]] = {stream_name(PROFILE, profile_id): registered}
    if suppressed:
        reason = SuppressionReason.SUPPRESSION_REASON_ADDRESS
        facts[stream_name(CONSENTS, profile_id)] = consents.suppress(consents.Consents(), reason)
    return facts
