"""The calls of RightsService about restricting the processing of a person's data."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from profile_service.api.pipeline import Call
from profile_service.api.translate import PositionMaker, calendar_day, timestamp, write_request
from profile_service.commands.restricting import Restricter
from profile_service.commands.rights import History, RightsDesk
from profile_service.domain import restrictions
from profile_service.domain.errors import ProfileErasedError
from profile_service.v1.events_pb2 import ProcessingRestricted
from profile_service.v1.restriction_pb2 import (
    LiftRestrictionRequest,
    LiftRestrictionResponse,
    ListRestrictionsRequest,
    ListRestrictionsResponse,
    Restriction,
    RestrictProcessingRequest,
    RestrictProcessingResponse,
)


class RestrictionCalls:
    """See `restriction.proto`."""

    def __init__(self, *, restricter: Restricter, desk: RightsDesk, position: PositionMaker) -> None:
        self._restricter = restricter
        self._desk = desk
        self._position = position

    async def RestrictProcessing(
        self, request: RestrictProcessingRequest, call: Call
    ) -> RestrictProcessingResponse:
        profile_id = UUID(request.profile_id)
        appended = await self._restricter.restrict(write_request(request, call), profile_id, request)
        return RestrictProcessingResponse(position=self._position(appended.position))

    async def LiftRestriction(self, request: LiftRestrictionRequest, call: Call) -> LiftRestrictionResponse:
        informed = calendar_day(request.inform_date, "inform_date")
        appended = await self._restricter.lift(
            write_request(request, call), UUID(request.profile_id), request.ground, informed
        )
        return LiftRestrictionResponse(position=self._position(appended.position))

    async def ListRestrictions(
        self, request: ListRestrictionsRequest, call: Call
    ) -> ListRestrictionsResponse:
        history = await self._desk.history(UUID(request.profile_id))
        if history.erased is not None:
            raise ProfileErasedError
        return ListRestrictionsResponse(restrictions=_standing(history))


def _standing(history: History) -> Iterator[Restriction]:
    """Yield the grounds that stand, oldest first, each since it stands without a break."""
    standing = restrictions.fold(fact.message for fact in history.facts)
    since = {
        fact.message.ground: fact.time
        for fact in history.facts
        if isinstance(fact.message, ProcessingRestricted) and fact.message.ground in standing
    }
    for ground, time in sorted(since.items(), key=lambda item: item[1]):
        yield Restriction(ground=ground, restrict_time=timestamp(time))
