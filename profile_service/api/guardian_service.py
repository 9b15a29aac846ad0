"""GuardianService: translate, delegate, translate back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import date
from uuid import UUID

from profile_service.api.guardian_reads import GuardianReads
from profile_service.api.pipeline import Call
from profile_service.api.translate import PositionMaker, calendar_day, timestamp, write_request
from profile_service.commands.guardians import GuardianDesk, Linked
from profile_service.v1.guardian_service_pb2 import (
    ConfirmationDue,
    EndGuardianshipRequest,
    EndGuardianshipResponse,
    Guardian,
    LinkGuardianRequest,
    LinkGuardianResponse,
    ListConfirmationsDueRequest,
    ListConfirmationsDueResponse,
    ListGuardiansRequest,
    ListGuardiansResponse,
)
from projections.people import NOBODY


class GuardianServicer:
    """See `guardian_service.proto`. `today` is the date in the City."""

    def __init__(
        self,
        *,
        desk: GuardianDesk,
        reads: GuardianReads,
        today: Callable[[], date],
        position: PositionMaker,
    ) -> None:
        self._desk = desk
        self._reads = reads
        self._today = today
        self._position = position

    async def LinkGuardian(self, request: LinkGuardianRequest, call: Call) -> LinkGuardianResponse:
        write = write_request(request, call)
        appended = await self._desk.link(write, UUID(request.profile_id), request)
        return LinkGuardianResponse(position=self._position(appended.position))

    async def EndGuardianship(self, request: EndGuardianshipRequest, call: Call) -> EndGuardianshipResponse:
        write = write_request(request, call)
        appended = await self._desk.end(write, UUID(request.profile_id), UUID(request.guardian_id))
        return EndGuardianshipResponse(position=self._position(appended.position))

    async def ListGuardians(self, request: ListGuardiansRequest, call: Call) -> ListGuardiansResponse:
        linked = await self._desk.linked(UUID(request.profile_id))
        return ListGuardiansResponse(guardians=map(_guardian, linked))

    async def ListConfirmationsDue(
        self, request: ListConfirmationsDueRequest, call: Call
    ) -> AsyncIterator[ListConfirmationsDueResponse]:
        day = calendar_day(request.at, "at") if request.HasField("at") else self._today()
        after = UUID(request.after_profile_id) if request.after_profile_id else NOBODY
        pages = self._reads.confirmations_due(day, after, request.at_least_position, call.deadline)
        async for page in pages:
            yield ListConfirmationsDueResponse(
                confirmations=[
                    ConfirmationDue(profile_id=str(who), purposes=purposes)
                    for who, purposes in page.purposes.items()
                ],
                position=self._position(page.position),
            )


def _guardian(linked: Linked) -> Guardian:
    identification = linked.guardianship.identification
    return Guardian(
        guardian_id=str(linked.guardian_id),
        relation=linked.guardianship.relation,
        method=identification.method,
        level=identification.level,
        link_time=timestamp(linked.time),
    )
