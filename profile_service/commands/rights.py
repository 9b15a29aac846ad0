"""The requests by which people exercise their rights, and the holds that stop an erasure."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from google.protobuf.message import Message

from profile_service.commands.loading import Loaded
from profile_service.commands.requests import WriteRequest
from profile_service.commands.writing import Writer
from profile_service.domain import holds, rights
from profile_service.domain.errors import ProfileNotFoundError
from profile_service.domain.rights import Assurance, Rights
from profile_service.keys.store import KeyStore
from profile_service.log.append import Appended
from profile_service.log.facts import Fact, open_fact
from profile_service.log.reader import LogReader
from profile_service.log.streams import RIGHTS, stream_name
from profile_service.v1.rights_pb2 import Identification
from profile_service.v1.rights_service_pb2 import (
    ExtendRequestRequest,
    OpenRequestRequest,
    PlaceHoldRequest,
    RefuseRequestRequest,
    VerifyIdentityRequest,
)

Decide = Callable[[Rights], Sequence[Message]]


@dataclass(frozen=True, slots=True)
class History:
    """The facts of a person's requests, oldest first, and when the person was erased (see `Fact.time`).

    Personal halves are there while the person lives.
    """

    facts: list[Fact]
    erased: int | None


@dataclass(frozen=True, slots=True)
class RightsDesk:
    """Keeps requests and holds. `today` is the date in the City."""

    writer: Writer
    reader: LogReader
    keys: KeyStore
    assurance: Assurance
    today: Callable[[], date]

    async def open(
        self, request: WriteRequest, profile_id: UUID, wanted: OpenRequestRequest, received: date | None
    ) -> Appended:
        """Open a request, as `request.new_id`. Raises the refusals of `rights.open_request`."""
        today = self.today()
        return await self._write(
            request,
            profile_id,
            lambda known: rights.open_request(
                known,
                request.new_id.bytes,
                wanted.right,
                wanted.requested_by,
                received or today,
                today=today,
            ),
        )

    async def identify(
        self, request: WriteRequest, profile_id: UUID, wanted: VerifyIdentityRequest
    ) -> Appended:
        """Raises the refusals of `rights.identify`."""
        identification = Identification(method=wanted.method, level=wanted.level)
        request_id = UUID(wanted.rights_request_id).bytes
        return await self._write(
            request, profile_id, lambda known: rights.identify(known, request_id, identification)
        )

    async def extend(self, request: WriteRequest, profile_id: UUID, wanted: ExtendRequestRequest) -> Appended:
        """Raises the refusals of `rights.extend`."""
        request_id, today = UUID(wanted.rights_request_id).bytes, self.today()
        return await self._write(
            request,
            profile_id,
            lambda known: rights.extend(known, request_id, wanted.extension_reason, today=today),
        )

    async def refuse(self, request: WriteRequest, profile_id: UUID, wanted: RefuseRequestRequest) -> Appended:
        """Raises the refusals of `rights.refuse`."""
        request_id = UUID(wanted.rights_request_id).bytes
        return await self._write(
            request,
            profile_id,
            lambda known: rights.refuse(known, request_id, wanted.ground, wanted.complaint_routes),
        )

    async def fulfil(self, request: WriteRequest, profile_id: UUID, rights_request_id: UUID) -> Appended:
        """Raises the refusals of `rights.fulfil`."""
        return await self._write(
            request,
            profile_id,
            lambda known: rights.fulfil(known, rights_request_id.bytes, self.assurance),
        )

    async def place_hold(
        self, request: WriteRequest, profile_id: UUID, wanted: PlaceHoldRequest, review: date
    ) -> Appended:
        """Place a hold, as `request.new_id`. Raises the refusals of `holds.place_hold`."""
        hold_id, today = request.new_id.bytes, self.today()
        return await self._write(
            request,
            profile_id,
            lambda known: holds.place_hold(
                known, hold_id, wanted.ground, wanted.reference, review, today=today
            ),
        )

    async def release_hold(self, request: WriteRequest, profile_id: UUID, hold_id: UUID) -> Appended:
        """Raises the refusals of `holds.release_hold`."""
        return await self._write(request, profile_id, lambda known: holds.release_hold(known, hold_id.bytes))

    async def history(self, profile_id: UUID) -> History:
        """Return what the log has of a person's requests: never behind it, and also of the erased.

        Raises `ProfileNotFoundError` and `KeysUnavailableError`.
        """
        return await asyncio.to_thread(self._history, profile_id)

    async def due(self, appended: Appended, rights_request_id: UUID) -> date:
        """Return the last day of a request as it was after a write, also when that is answered again."""
        stream = stream_name(RIGHTS, appended.subject)
        stored = await asyncio.to_thread(self.reader.stream, stream)
        until = (open_fact(fact, None).message for fact in stored if fact.position <= appended.position)
        return rights.fold(until).requests[rights_request_id.bytes].due

    def _history(self, profile_id: UUID) -> History:
        # The key before the facts: of whoever is erased in between, the log says so.
        cipher = self.keys.ciphers([profile_id]).get(profile_id)
        own = self.reader.own_stream(profile_id)
        if not own.version:
            raise ProfileNotFoundError
        stored = self.reader.stream(stream_name(RIGHTS, profile_id))
        erased = self.reader.fact_at(own.closed_at) if own.closed_at is not None else None
        if erased is not None:
            cipher = None
        return History([open_fact(fact, cipher) for fact in stored], erased.time if erased else None)

    async def _write(self, request: WriteRequest, profile_id: UUID, decide: Decide) -> Appended:
        stream = stream_name(RIGHTS, profile_id)

        def decided(loaded: Loaded) -> dict[str, Sequence[Message]]:
            return {stream: decide(rights.fold(fact.message for fact in loaded.streams[stream]))}

        return await self.writer.execute(
            request, subject=profile_id, profile_id=profile_id, streams=(stream,), decide=decided
        )
