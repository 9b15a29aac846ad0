"""Who owns an e-mail address: the key database reserves, the log decides.

A reservation whose request the log knows was decided: it holds if the facts of that person say
that this is their address now, else it is a leftover of a crash or of a refused request. One whose
request the log does not know is under way; after `PATIENCE` it is abandoned in the log first, so
that its late owner is refused, and freed then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from time import monotonic
from uuid import UUID

from profile_service.batching import Batcher
from profile_service.commands.destroying import Destroyer, decided
from profile_service.commands.loading import KeyMissingError
from profile_service.commands.refusing import as_refusals
from profile_service.domain import profile
from profile_service.domain.email import canonical_address
from profile_service.domain.errors import (
    ContactSuppressedError,
    EmailReservedError,
    EmailTakenError,
    ProfileErasedError,
    RequestIdReusedError,
)
from profile_service.keys.errors import BucketMovedError, KeyDestroyedError
from profile_service.keys.reservations import (
    Held,
    ProfileGone,
    Reservable,
    Reservation,
    Reserved,
    Resumed,
    Suppressed,
)
from profile_service.keys.store import KeyStore
from profile_service.log.append import ABANDONED, Append, EventLog
from profile_service.log.facts import open_fact
from profile_service.log.reader import LogReader, Standing
from profile_service.log.streams import PROFILE, stream_name
from profile_service.v1.events_pb2 import EmailChanged, ProfileRegistered

# How long an undecided reservation holds an address, in seconds.
PATIENCE = 30.0
PAUSE = 0.05
# What is left of the deadline to answer in, when waiting is given up.
ANSWER_TIME = 0.05

NOBODY = UUID(int=0)
# The facts by which a person comes to an address.
ADDRESS_TYPES = (ProfileRegistered.DESCRIPTOR.full_name, EmailChanged.DESCRIPTOR.full_name)


class Addresses:
    """Reserving, resolving and releasing addresses."""

    def __init__(self, keys: KeyStore, reader: LogReader, log: EventLog) -> None:
        self._keys = keys
        self._reader = reader
        self._log = log
        self._batcher: Batcher[Reservation, Reservable] = Batcher(
            keys.reserve, name="key-writer", limit=512, linger=0.001
        )

    def close(self) -> None:
        self._batcher.stop()

    async def reserve(
        self, address: str, make: Callable[[], Reservation], deadline: float
    ) -> tuple[Reservation, Reserved | Resumed]:
        """Reserve a canonical address, waiting for and clearing away what stands in its way.

        `make` wraps keys under the current buckets, and is called again when they moved.
        Raises `EmailTakenError`, `ContactSuppressedError`, `ProfileErasedError`, `ServerBusyError`,
        `ServiceUnavailableError`, or `EmailReservedError` when the deadline (monotonic) is near.
        """
        while True:
            reservation = make()
            with as_refusals():
                result = await self._batcher.submit(reservation)
            if isinstance(result, Reserved | Resumed):
                return reservation, result
            if isinstance(result, ProfileGone):
                raise ProfileErasedError
            if isinstance(result, Suppressed):
                raise ContactSuppressedError
            if isinstance(result, Held):
                await self._clear_away(address, result, deadline)

    async def settled_holder(self, address: str, deadline: float) -> UUID | None:
        """Return the living profile that has a canonical address, when nobody is about to take it.

        Raises as `reserve` does.
        """
        while (held := await asyncio.to_thread(self._held, address)) is not None:
            try:
                await self._clear_away(address, held, deadline)
            except EmailTakenError:
                return held.profile_id
        return None

    async def give_up(self, address: str, request_key: bytes) -> None:
        """Free what an earlier try of a request reserved; a late twin of it is refused from here on."""
        held = await asyncio.to_thread(self._held, address)
        if held is not None and held.request_key == request_key:
            await self._abandon(held)

    async def holder(self, address: str) -> UUID | None:
        """Return the living profile that has a canonical address."""
        return await asyncio.to_thread(self._holder, address)

    async def release_others(self, profile_id: UUID, request_key: bytes) -> None:
        """Free the decided addresses of a person that came before the one of this request."""
        await asyncio.to_thread(self._release_others, profile_id, request_key)

    async def release_unused(self, profile_id: UUID, request_key: bytes) -> None:
        """Free what a registration reserved, and its key; the log must know that request as another's."""
        await asyncio.to_thread(self._release_unused, profile_id, request_key)

    async def _clear_away(self, address: str, held: Held, deadline: float) -> None:
        """Return when another try is worth while."""
        if await asyncio.to_thread(self._resolve, address, held):
            return
        if held.age >= PATIENCE:
            await self._abandon(held)
            return
        if deadline - monotonic() < PAUSE + ANSWER_TIME:
            raise EmailReservedError
        await asyncio.sleep(PAUSE)

    def _resolve(self, address: str, held: Held) -> bool:
        """Free a leftover; False if the reservation is under way. Raises `EmailTakenError`."""
        decided = self._reader.requests([held.request_key]).get(held.request_key)
        if decided is None:
            return False
        if decided.digest == ABANDONED or decided.subject != held.profile_id:
            # Given up, or a second body under one request id: the log will never have it.
            self._keys.release(held, abandoned=True)
        elif self._reader.standing([held.profile_id])[held.profile_id] is Standing.ERASED:
            Destroyer(self._keys, self._reader).destroy(held.profile_id)
        elif address_of(self._keys, self._reader, held.profile_id) == address:
            raise EmailTakenError
        else:
            self._keys.release(held)
        return True

    async def _abandon(self, held: Held) -> None:
        given_up = Append(held.request_key, ABANDONED, NOBODY, None, ())
        try:
            with as_refusals():
                await self._log.append(given_up)
        except RequestIdReusedError:
            return  # it was decided after all: look again
        await asyncio.to_thread(partial(self._keys.release, held, abandoned=True))

    def _holder(self, address: str) -> UUID | None:
        held = self._held(address)
        if held is None or address_of(self._keys, self._reader, held.profile_id) != address:
            return None
        return held.profile_id

    def _held(self, address: str) -> Held | None:
        while True:
            try:
                return self._keys.holders([self._keys.address_tag(address)])[0]
            except BucketMovedError:
                continue  # the tag is made anew

    def _release_others(self, profile_id: UUID, request_key: bytes) -> None:
        reserved = decided(self._keys, self._reader, profile_id)
        mine = next((position for position, row in reserved if row.request_key == request_key), None)
        for position, row in reserved:
            if mine is not None and position < mine:
                self._keys.release(row)

    def _release_unused(self, profile_id: UUID, request_key: bytes) -> None:
        for held in self._keys.reservations_of(profile_id):
            if held.request_key == request_key:
                self._keys.release(held, abandoned=True)


def address_of(keys: KeyStore, reader: LogReader, profile_id: UUID) -> str | None:
    """Return the canonical address that a living profile has by the log.

    Raises `KeyMissingError`: what can't be read must not be taken for no address.
    """
    stored = reader.stream(stream_name(PROFILE, profile_id))
    cipher = keys.ciphers([profile_id]).get(profile_id)
    if cipher is None and stored and reader.closed_at(profile_id) is None:
        raise KeyMissingError
    try:
        state = profile.fold(open_fact(fact, cipher).message for fact in stored)
    except KeyDestroyedError:
        return None
    if cipher is None or not isinstance(state, profile.Active):
        return None
    return canonical_address(state.profile.email)
