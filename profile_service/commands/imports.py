"""Registering many people: the items of a message go through the registration queue together."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from hashlib import blake2b
from time import monotonic
from uuid import UUID, uuid5

from profile_service.commands.policies import PublishedPolicies
from profile_service.commands.registration import Registrar
from profile_service.commands.registration_queue import RegistrationQueue, Wanted, decide
from profile_service.commands.requests import WriteRequest
from profile_service.domain.errors import (
    DuplicateInImportError,
    InvalidRequestError,
    Refusal,
    Violation,
)
from profile_service.domain.policies import Policies
from profile_service.log.append import Appended
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
    wanted: Wanted


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

    queue: RegistrationQueue
    registrar: Registrar
    published: PublishedPolicies
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
        policies = await self.published.current()
        batch = await asyncio.to_thread(self._short_way, session, policies, message.items)
        for item in batch.unsettled:
            try:
                deadline = monotonic() + ITEM_PATIENCE
                appended = await self.registrar.register_alone(item.wanted, deadline)
            except Refusal as refusal:
                batch.refuse(item.place, refusal)
            else:
                batch.accept(item.place, appended)
        return Imported([batch.statuses[place] for place in range(len(message.items))], batch.position)

    def _short_way(self, session: _Session, policies: Policies, items: Sequence[ImportItem]) -> _Batch:
        """Register whoever meets nobody else. Blocks."""
        batch = _Batch(items)
        tried = (self._wanted(session, policies, batch, place) for place in range(len(items)))
        wanted = [item for item in tried if item is not None]
        outcomes = self.queue.call_all([item.wanted for item in wanted])
        met: list[_Item] = []
        for item, outcome in zip(wanted, outcomes, strict=True):
            if isinstance(outcome, Appended):
                batch.accept(item.place, outcome)
            else:
                (met if outcome is None else batch.unsettled).append(item)
        if met:
            self._answer_again(batch, met)
        return batch

    def _answer_again(self, batch: _Batch, met: Sequence[_Item]) -> None:
        """Settle who met a reservation of their own: of an import that is sent again that is most of it."""
        again = self.registrar.answered_before([item.wanted.request for item in met])
        for item, appended in zip(met, again, strict=True):
            if appended is None:
                batch.unsettled.append(item)
            else:
                batch.accept(item.place, appended)

    def _wanted(self, session: _Session, policies: Policies, batch: _Batch, place: int) -> _Item | None:
        item = batch.items[place]
        path = f"items[{item.index}].registration"
        try:
            self.check(item.registration, path)
            decided = decide(item.registration, policies, self.today(), path)
            session.first_time(item.index, decided.address)
        except Refusal as refusal:
            batch.refuse(place, refusal)
            return None
        return _Item(place, Wanted(session.request(item), lambda: decided, from_person=False))


@dataclass(slots=True)
class _Session:
    """What one stream of messages has in common."""

    caller: str
    method: str
    import_id: UUID | None = None
    # Addresses seen, under a key of this session, and at which index: to refuse the second of two equal ones.
    seen: dict[bytes, int] = field(default_factory=dict)
    key: bytes = field(default_factory=partial(os.urandom, 32), repr=False)

    def belongs(self, message: ImportProfilesRequest) -> None:
        import_id = UUID(message.import_id)
        if self.import_id not in (None, import_id):
            raise InvalidRequestError([Violation("import_id", "differs from that of the first message")])
        self.import_id = import_id

    def first_time(self, index: int, address: str) -> None:
        tag = blake2b(address.encode(), key=self.key, digest_size=16).digest()
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
