"""Restricting the processing of a person's data, and lifting that. Who reads what then is not here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from google.protobuf.message import Message

from profile_service.commands.loading import Loaded
from profile_service.commands.requests import WriteRequest
from profile_service.commands.writing import Writer
from profile_service.domain import restrictions, rights
from profile_service.domain.carrying_out import Asked
from profile_service.domain.rights import Assurance
from profile_service.log.append import Appended
from profile_service.log.streams import RIGHTS, stream_name
from profile_service.v1.restriction_pb2 import RestrictProcessingRequest
from profile_service.v1.rights_pb2 import RestrictionGround

# From the facts of a person's stream of rights to those that are added.
Decide = Callable[[Sequence[Message]], Sequence[Message]]


@dataclass(frozen=True, slots=True)
class Restricter:
    """Restricts and lifts. `today` is the date in the City."""

    writer: Writer
    assurance: Assurance
    today: Callable[[], date]

    async def restrict(
        self, request: WriteRequest, profile_id: UUID, wanted: RestrictProcessingRequest
    ) -> Appended:
        """Raises the refusals of `restrictions.restrict` and of `Writer.execute`."""
        asked = Asked(
            wanted.requested_by,
            request.new_id.bytes,
            UUID(wanted.rights_request_id).bytes if wanted.rights_request_id else None,
            wanted.identification if wanted.HasField("identification") else None,
        )

        def decide(known: Sequence[Message]) -> Sequence[Message]:
            grounds = restrictions.fold(known)
            return restrictions.restrict(
                rights.fold(known), grounds, wanted.ground, asked, self.assurance, today=self.today()
            )

        return await self._write(request, profile_id, decide)

    async def lift(
        self, request: WriteRequest, profile_id: UUID, ground: RestrictionGround, informed: date
    ) -> Appended:
        """Raises the refusals of `restrictions.lift` and of `Writer.execute`."""

        def decide(known: Sequence[Message]) -> Sequence[Message]:
            return restrictions.lift(restrictions.fold(known), ground, informed, today=self.today())

        return await self._write(request, profile_id, decide)

    async def _write(
        self,
        request: WriteRequest,
        profile_id: UUID,
        decide: Callable[[Sequence[Message]], Sequence[Message]],
    ) -> Appended:
        stream = stream_name(RIGHTS, profile_id)

        def decided(loaded: Loaded) -> dict[str, Sequence[Message]]:
            return {stream: decide([fact.message for fact in loaded.streams[stream]])}

        return await self.writer.execute(
            request,
            subject=profile_id,
            profile_id=profile_id,
            streams=(stream,),
            decide=decided,
            while_restricted=True,
        )
