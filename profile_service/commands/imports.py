"""Registering many people: a batch of items shares one reservation trip and one append."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from time import monotonic
from uuid import UUID, uuid5

from profile_service.commands.addresses import Addresses, Tried
from profile_service.commands.registration import Registrar
from profile_service.commands.requests import WriteRequest
from profile_service.commands.writing import prepare
from profile_service.domain import registration as domain
from profile_service.domain.email import canonical_address
from profile_service.domain.errors import (
    DuplicateInImportError,
    InvalidRequestError,
    Refusal,
    Violation,
)
from profile_service.keys.reservations import Reservation, Reserved
from profile_service.keys.store import KeyStore
from profile_service.log.append import Append, Appended, EventLog
from profile_service.log.streams import PROFILE, stream_name
from profile_service.v1.events_pb2 import ProfileRegistered
from profile_service.v1.profile_service_pb2 import (
    ImportItem,
    ImportItemStatus,
    ImportProfilesRequest,
    Registration,
)

# Batches of one import that are worked on at once: one is prepared while another commits.
AT_ONCE = 2
# How long an item waits, in seconds, for an address that another request is about to take.
ITEM_PATIENCE = 2.0

# Applies the rules of the proto file; the string is the path that those of wrong fields begin with.
Check = Callable[[Registration, str], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """A durable batch: one status an item, and the last position."""

    statuses: list[ImportItemStatus]
    position: int


@dataclass(slots=True)
class _Item:
    place: int  # in its message
    request: WriteRequest
    registration: Registration
    facts: list[ProfileRegistered]
    reservation: Reservation
    # It was reserved, and then found to be suppressed.
    given_up: bool = False


@dataclass(slots=True)
class _Batch:
    items: Sequence[ImportItem]
    # By the place in the message: a client may have used one index twice.
    statuses: dict[int, ImportItemStatus] = field(default_factory=dict)
    # Items that the short way did not settle: held addresses, replays, moved buckets.
    unsettled: list[_Item] = field(default_factory=list)
    position: int = 0

    def refuse(self, place: int, refusal: Refusal) -> None:
        fields = [violation.field for violation in refusal.violations]
        self.statuses[place] = ImportItemStatus(
            index=self.items[place].index, refused=refusal.reason, fields=fields
        )

    def accept(self, place: int, appended: Appended) -> None:
        self.statuses[place] = ImportItemStatus(
            index=self.items[place].index, profile_id=str(appended.subject)
        )
        self.position = max(self.position, appended.position)


@dataclass(frozen=True, slots=True)
class Importer:
    """Imports people. `check` applies the rules of the proto file to one registration."""

    keys: KeyStore
    addresses: Addresses
    log: EventLog
    registrar: Registrar
    today: Callable[[], date]
    check: Check

    async def run(
        self, messages: AsyncIterator[ImportProfilesRequest], caller: str, method: str
    ) -> AsyncIterator[Imported]:
        """Yield one `Imported` a message, in order, as each becomes durable.

        Raises `InvalidRequestError` if the messages are of different imports.
        """
        session = _Session(caller, method)
        pending: deque[asyncio.Task[Imported]] = deque()
        try:
            async for message in messages:
                session.belongs(message)
                pending.append(asyncio.create_task(self._batch(session, message)))
                if len(pending) >= AT_ONCE:
                    yield await pending.popleft()
            while pending:
                yield await pending.popleft()
        finally:
            # What was begun ends, also when the client went away.
            await asyncio.gather(*pending, return_exceptions=True)

    async def _batch(self, session: _Session, message: ImportProfilesRequest) -> Imported:
        batch = await asyncio.to_thread(self._short_way, session, message.items)
        for item in batch.unsettled:
            try:
                deadline = monotonic() + ITEM_PATIENCE
                if item.given_up:
                    await self.addresses.give_up(item.reservation)
                appended = await self.registrar.register(
                    item.request, item.registration, deadline, imported=True
                )
            except Refusal as refusal:
                batch.refuse(item.place, refusal)
            else:
                batch.accept(item.place, appended)
        return Imported([batch.statuses[place] for place in range(len(message.items))], batch.position)

    def _short_way(self, session: _Session, items: Sequence[ImportItem]) -> _Batch:
        """Reserve and append what meets nobody else. Blocks."""
        batch = _Batch(items)
        wanted = [made for place in range(len(items)) if (made := self._wanted(session, batch, place))]
        wanted = self._without_suppressed(batch, wanted)
        outcomes = self.addresses.reserve_all([item.reservation for item in wanted])
        appends: list[tuple[_Item, Append]] = []
        for item, tried in zip(wanted, outcomes, strict=True):
            reserved = isinstance(tried, Tried) and isinstance(tried.outcome, Reserved)
            item.given_up = isinstance(tried, Tried) and reserved and tried.suppressed
            if reserved and not item.given_up:
                appends.append((item, self._append(item)))
            else:
                batch.unsettled.append(item)
        results = self.log.append_all([append for _, append in appends])
        for (item, _), result in zip(appends, results, strict=True):
            if isinstance(result, Appended):
                batch.accept(item.place, result)
            else:
                batch.unsettled.append(item)
        return batch

    def _without_suppressed(self, batch: _Batch, wanted: list[_Item]) -> list[_Item]:
        """Leave out whom the long way refuses, or answers again what it did before that."""
        found = self.keys.suppressions.since([item.reservation.tag for item in wanted])
        batch.unsettled += [item for item, since in zip(wanted, found, strict=True) if since is not None]
        return [item for item, since in zip(wanted, found, strict=True) if since is None]

    def _wanted(self, session: _Session, batch: _Batch, place: int) -> _Item | None:
        item = batch.items[place]
        path = f"items[{item.index}].registration"
        try:
            self.check(item.registration, path)
            facts = domain.register(item.registration, self.today(), path)
            address = canonical_address(item.registration.email)
            tag = self.keys.address_tag(address)
            session.first_time(item.index, tag.tag)
        except Refusal as refusal:
            batch.refuse(place, refusal)
            return None
        request = session.request(item)
        key = self.keys.new_profile_key()
        reservation = Reservation(tag, request.key, key.profile_id, key)
        return _Item(place, request, item.registration, facts, reservation)

    def _append(self, item: _Item) -> Append:
        key = item.reservation.key
        assert key is not None, "a registration brings its key"
        stream = stream_name(PROFILE, key.profile_id)
        return prepare(
            item.request,
            {stream: item.facts},
            {stream: 0},
            subject=key.profile_id,
            profile_id=key.profile_id,
            cipher=key.cipher,
        )


@dataclass(slots=True)
class _Session:
    """What one stream of messages has in common."""

    caller: str
    method: str
    import_id: UUID | None = None
    # Tags seen, and at which index: to refuse the second of two equal addresses.
    seen: dict[bytes, int] = field(default_factory=dict)

    def belongs(self, message: ImportProfilesRequest) -> None:
        import_id = UUID(message.import_id)
        if self.import_id not in (None, import_id):
            raise InvalidRequestError([Violation("import_id", "differs from that of the first message")])
        self.import_id = import_id

    def first_time(self, index: int, tag: bytes) -> None:
        if self.seen.setdefault(tag, index) != index:
            raise DuplicateInImportError

    def request(self, item: ImportItem) -> WriteRequest:
        assert self.import_id is not None
        return WriteRequest(
            self.caller,
            self.method,
            uuid5(self.import_id, str(item.index)),
            item.registration.channel,
            item.registration.SerializeToString(deterministic=True),
        )
