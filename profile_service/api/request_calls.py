"""The calls of RightsService about requests, and about the holds that stop an erasure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from uuid import UUID

from google.type.date_pb2 import Date

from profile_service.api.paging import PageTokens, page_size
from profile_service.api.pipeline import Call
from profile_service.api.translate import PositionMaker, timestamp, write_request
from profile_service.api.view_reads import ViewReads
from profile_service.commands.rights import History, RightsDesk
from profile_service.domain import rights
from profile_service.domain.errors import InvalidRequestError, Violation
from profile_service.domain.values import date_message, full_date
from profile_service.log.facts import Fact
from profile_service.v1.events_pb2 import (
    LegalHoldPlaced,
    RightsRequestFulfilled,
    RightsRequestOpened,
    RightsRequestRefused,
)
from profile_service.v1.rights_pb2 import Right
from profile_service.v1.rights_service_pb2 import (
    ExtendRequestRequest,
    ExtendRequestResponse,
    FulfilRequestRequest,
    FulfilRequestResponse,
    LegalHold,
    ListHoldsRequest,
    ListHoldsResponse,
    ListOverdueRequest,
    ListOverdueResponse,
    ListRequestsRequest,
    ListRequestsResponse,
    OpenRequestRequest,
    OpenRequestResponse,
    OverdueRequest,
    PlaceHoldRequest,
    PlaceHoldResponse,
    RefuseRequestRequest,
    RefuseRequestResponse,
    ReleaseHoldRequest,
    ReleaseHoldResponse,
    RightsRequest,
    VerifyIdentityRequest,
    VerifyIdentityResponse,
)

PAGE = 100


class RequestCalls:
    """See `rights_service.proto`. `today` is the date in the City."""

    def __init__(
        self,
        *,
        desk: RightsDesk,
        views: ViewReads,
        tokens: PageTokens,
        today: Callable[[], date],
        position: PositionMaker,
    ) -> None:
        self._desk = desk
        self._views = views
        self._tokens = tokens
        self._today = today
        self._position = position

    async def OpenRequest(self, request: OpenRequestRequest, call: Call) -> OpenRequestResponse:
        received = _day(request.receive_date, "receive_date") if request.HasField("receive_date") else None
        write = write_request(request, call)
        appended = await self._desk.open(write, UUID(request.profile_id), request, received)
        return OpenRequestResponse(
            rights_request_id=str(write.new_id),
            due_date=date_message(await self._desk.due(appended, write.new_id)),
            position=self._position(appended.position),
        )

    async def VerifyIdentity(self, request: VerifyIdentityRequest, call: Call) -> VerifyIdentityResponse:
        appended = await self._desk.identify(write_request(request, call), UUID(request.profile_id), request)
        return VerifyIdentityResponse(position=self._position(appended.position))

    async def ExtendRequest(self, request: ExtendRequestRequest, call: Call) -> ExtendRequestResponse:
        appended = await self._desk.extend(write_request(request, call), UUID(request.profile_id), request)
        due = await self._desk.due(appended, UUID(request.rights_request_id))
        return ExtendRequestResponse(due_date=date_message(due), position=self._position(appended.position))

    async def RefuseRequest(self, request: RefuseRequestRequest, call: Call) -> RefuseRequestResponse:
        appended = await self._desk.refuse(write_request(request, call), UUID(request.profile_id), request)
        return RefuseRequestResponse(position=self._position(appended.position))

    async def FulfilRequest(self, request: FulfilRequestRequest, call: Call) -> FulfilRequestResponse:
        rights_request_id = UUID(request.rights_request_id)
        appended = await self._desk.fulfil(
            write_request(request, call), UUID(request.profile_id), rights_request_id
        )
        return FulfilRequestResponse(position=self._position(appended.position))

    async def ListRequests(self, request: ListRequestsRequest, call: Call) -> ListRequestsResponse:
        profile_id = UUID(request.profile_id)
        history = await self._desk.history(profile_id)
        return ListRequestsResponse(requests=_requests(profile_id, history))

    async def ListOverdue(self, request: ListOverdueRequest, call: Call) -> ListOverdueResponse:
        at = _day(request.at, "at") if request.HasField("at") else self._today()
        found = await self._views.overdue(
            at,
            self._tokens.read(request),
            page_size(request.page_size, PAGE),
            request.at_least_position,
            call.deadline,
        )
        response = ListOverdueResponse(position=self._position(found.position))
        for row in found.rows:
            response.requests.append(
                OverdueRequest(
                    profile_id=str(row.profile_id),
                    rights_request_id=str(row.rights_request_id),
                    right=Right.Name(row.right_asked),
                    receive_date=date_message(row.received_on),
                    due_date=date_message(row.due_on),
                )
            )
        if found.last is not None:
            response.next_page_token = self._tokens.write(request, found.last)
        return response

    async def PlaceHold(self, request: PlaceHoldRequest, call: Call) -> PlaceHoldResponse:
        review, write = _day(request.review_date, "review_date"), write_request(request, call)
        appended = await self._desk.place_hold(write, UUID(request.profile_id), request, review)
        return PlaceHoldResponse(hold_id=str(write.new_id), position=self._position(appended.position))

    async def ReleaseHold(self, request: ReleaseHoldRequest, call: Call) -> ReleaseHoldResponse:
        appended = await self._desk.release_hold(
            write_request(request, call), UUID(request.profile_id), UUID(request.hold_id)
        )
        return ReleaseHoldResponse(position=self._position(appended.position))

    async def ListHolds(self, request: ListHoldsRequest, call: Call) -> ListHoldsResponse:
        history = await self._desk.history(UUID(request.profile_id))
        return ListHoldsResponse(holds=_holds(history))


def _day(value: Date, field: str) -> date:
    day = full_date(value)
    if day is None:
        raise InvalidRequestError([Violation(field, "is not a full, real date")])
    return day


def _requests(profile_id: UUID, history: History) -> Iterator[RightsRequest]:
    """Yield the requests of a person, oldest first."""
    known = rights.fold(fact.message for fact in history.facts)
    if history.erased is not None:
        known = rights.lapse(known)
    for opened, request_id in _opened(history):
        request = known.requests[request_id]
        message = RightsRequest(
            rights_request_id=str(UUID(bytes=request_id)),
            profile_id=str(profile_id),
            right=request.right,
            state=request.state,
            requested_by=request.requested_by,
            channel=opened.header.channel,
            receive_date=date_message(request.received),
            due_date=date_message(request.due),
            extended=request.extended,
            identification=request.identified,
            held=request.right == Right.RIGHT_ERASURE and request.state == rights.OPEN and bool(known.held),
            open_time=timestamp(opened.time),
        )
        if request.refused is not None:
            message.refusal_ground, routes = request.refused
            message.complaint_routes.extend(routes)
        closed = _close_time(history, request_id) or history.erased
        if request.state != rights.OPEN and closed is not None:
            message.close_time.CopyFrom(timestamp(closed))
        yield message


def _opened(history: History) -> Iterator[tuple[Fact, bytes]]:
    for fact in history.facts:
        if isinstance(fact.message, RightsRequestOpened):
            yield fact, fact.message.rights_request_id


def _close_time(history: History, request_id: bytes) -> int | None:
    for fact in history.facts:
        closing = isinstance(fact.message, RightsRequestRefused | RightsRequestFulfilled)
        if closing and fact.message.rights_request_id == request_id:  # type: ignore[attr-defined]  # both have it
            return fact.time
    return None


def _holds(history: History) -> Iterator[LegalHold]:
    """Yield the holds that stand, oldest first; none on who is erased."""
    standing = rights.fold(fact.message for fact in history.facts).held
    for fact in history.facts:
        placed = fact.message
        if isinstance(placed, LegalHoldPlaced) and placed.hold_id in standing:
            yield LegalHold(
                hold_id=str(UUID(bytes=placed.hold_id)),
                ground=placed.ground,
                reference=placed.reference,
                review_date=placed.review_date,
                place_time=timestamp(fact.time),
            )
