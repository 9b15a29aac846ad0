"""Registering a person over two databases: key and address first, then the fact.

Nearly everybody goes with others, through `registration_queue`; here is what happens when a request
meets another one, or an earlier try of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from profile_service.commands.addresses import Addresses
from profile_service.commands.policies import PublishedPolicies
from profile_service.commands.refusing import as_refusals
from profile_service.commands.registration_queue import RegistrationQueue, Wanted, decide, prepare_first
from profile_service.commands.requests import WriteRequest
from profile_service.commands.writing import Writer, replay
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
from profile_service.keys.reservations import Resumed
from profile_service.keys.store import KeyStore
from profile_service.log.append import ABANDONED, Appended, VersionConflictError
from profile_service.log.reader import LogReader, RequestOutcome, Standing
from profile_service.v1.profile_service_pb2 import Registration


@dataclass(frozen=True, slots=True)
class Registrar:
    """Registers people. `today` is the date in the City."""

    keys: KeyStore
    queue: RegistrationQueue
    addresses: Addresses
    writer: Writer
    reader: LogReader
    published: PublishedPolicies
    today: Callable[[], date]

    async def wanted(self, request: WriteRequest, registration: Registration) -> Wanted:
        """Return what is to be registered, by whoever asks through the channel of the request."""
        policies = await self.published.knowing(registration.policy_version)
        return Wanted(
            request,
            lambda: decide(registration, policies, self.today()),
            is_from_person(request.channel),
        )

    async def register_with_others(self, wanted: Wanted) -> Appended | None:
        """Make a profile together with whatever else is registered; None: it takes `register_alone`.

        Goes on when the caller is cancelled. Raises `InvalidRequestError`, `PolicyVersionUnknownError`,
        `ServerBusyError` and `ServiceUnavailableError`.
        """
        try:
            with as_refusals():
                return await self.queue.submit(wanted)
        except (RequestIdReusedError, ConcurrentChangeError, VersionConflictError, ProfileErasedError):
            return None

    async def register_alone(self, wanted: Wanted, deadline: float) -> Appended:
        """Make a profile; `Appended.subject` is its id.

        An address that is never to be contacted again is taken from the person only: else raises
        `ContactSuppressedError`. The profile begins as contacted no more.

        Raises `InvalidRequestError`, `PolicyVersionUnknownError`, `EmailTakenError`, `EmailReservedError`,
        `RequestIdReusedError`, `ConcurrentChangeError`, `ProfileErasedError` and those of `Writer.append`.
        """
        request, decided = wanted.request, wanted.decide()
        try:
            reservation, result = await self.addresses.reserve(
                decided.address, lambda: wanted.reservation(self.keys, decided), deadline
            )
        except ContactSuppressedError:
            return await self._refuse_contact(request, decided.address)
        except (EmailTakenError, EmailReservedError):
            # Whoever has the address now, a request that was answered gets its answer again.
            if (known := await self._find(request)) is not None:
                return await self._answer(request, known)
            raise
        profile_id, cipher = reservation.profile_id, None
        if isinstance(result, Resumed):
            profile_id, cipher = result.profile_id, result.cipher
        elif reservation.key is not None:
            cipher = reservation.key.cipher
        if cipher is None:  # what an earlier try made was destroyed meanwhile
            return await self._known(request, profile_id)
        try:
            append = prepare_first(request, profile_id, cipher, decided, suppressed=result.suppressed)
            return await self.writer.append(append)
        except (RequestIdReusedError, ConcurrentChangeError, VersionConflictError, KeyDestroyedError):
            return await self._known(request, profile_id)

    def answered_before(self, requests: Sequence[WriteRequest]) -> list[Appended | None]:
        """Return the first answers of requests that are known, of many in four queries; None for each other.

        What needs a closer look, such as another body or a person who was erased, is None too. Blocks.
        """
        known = self.reader.requests([request.key for request in requests])
        people = {outcome.subject for outcome in known.values()}
        standing = self.reader.standing(people)
        living = [person for person in people if standing[person] is Standing.REGISTERED]
        ciphers = self.keys.ciphers(living)
        answers: list[Appended | None] = []
        for request in requests:
            outcome = known.get(request.key)
            cipher = ciphers.get(outcome.subject) if outcome else None
            is_same = outcome and cipher and outcome.digest == request.digest(cipher)
            answers.append(replay(request, outcome, cipher) if outcome and cipher and is_same else None)
        return answers

    async def _refuse_contact(self, request: WriteRequest, address: str) -> Appended:
        """Raise `ContactSuppressedError`; a request that was answered before gets its answer again."""
        known = await self._find(request)
        if known is None:
            await self.addresses.give_up(address, request.key)
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
