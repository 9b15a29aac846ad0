"""The calls of ProfileService about values from other sources, and about telling people of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from google.type.date_pb2 import Date

from profile_service.api.paging import PageTokens, page_size
from profile_service.api.pipeline import Call
from profile_service.api.restricted_reads import RestrictedReads
from profile_service.api.translate import PositionMaker, calendar_day, write_request
from profile_service.api.view_reads import ViewReads
from profile_service.commands.supplements import Supplementer
from profile_service.domain.values import date_message
from profile_service.v1.supplement_pb2 import (
    ListNoticeDueRequest,
    ListNoticeDueResponse,
    NoticeDue,
    RecordNoticeRequest,
    RecordNoticeResponse,
    SupplementProfileRequest,
    SupplementProfileResponse,
)

PAGE = 100


class SupplementCalls:
    """See `supplement.proto`. `today` is the date in the City."""

    def __init__(
        self,
        *,
        supplementer: Supplementer,
        views: ViewReads,
        tokens: PageTokens,
        restricted: RestrictedReads,
        today: Callable[[], date],
        position: PositionMaker,
    ) -> None:
        self._supplementer = supplementer
        self._views = views
        self._tokens = tokens
        self._restricted = restricted
        self._today = today
        self._position = position

    async def SupplementProfile(
        self, request: SupplementProfileRequest, call: Call
    ) -> SupplementProfileResponse:
        received = _day(request, "receive_date")
        write = write_request(request, call)
        appended = await self._supplementer.supplement(write, UUID(request.profile_id), request, received)
        due = await self._supplementer.due(appended, write.new_id)
        return SupplementProfileResponse(
            supplement_id=str(write.new_id) if due else "",
            due_date=date_message(due) if due else None,
            position=self._position(appended.position),
            etag=str(appended.version),
        )

    async def RecordNotice(self, request: RecordNoticeRequest, call: Call) -> RecordNoticeResponse:
        informed = _day(request, "inform_date")
        appended = await self._supplementer.give_notice(
            write_request(request, call), UUID(request.profile_id), UUID(request.supplement_id), informed
        )
        return RecordNoticeResponse(position=self._position(appended.position), etag=str(appended.version))

    async def ListNoticeDue(self, request: ListNoticeDueRequest, call: Call) -> ListNoticeDueResponse:
        at = _day(request, "at") or self._today()
        found = await self._views.notices_due(
            self._tokens.read(request),
            page_size(request.page_size, PAGE),
            at if request.overdue_only else None,
            request.at_least_position,
            call.deadline,
        )
        people = {row.profile_id for row in found.rows}
        restricted = await self._restricted.among(people, request.reason.purpose)
        response = ListNoticeDueResponse(position=self._position(found.position))
        response.notices.extend(
            NoticeDue(
                profile_id=str(row.profile_id),
                supplement_id=str(row.supplement_id),
                source=row.source,
                receive_date=date_message(row.received_on),
                due_date=date_message(row.due_on),
                overdue=row.due_on < at,
            )
            for row in found.rows
            if row.profile_id not in restricted
        )
        if found.last is not None:
            response.next_page_token = self._tokens.write(request, found.last)
        return response


_Dated = SupplementProfileRequest | RecordNoticeRequest | ListNoticeDueRequest


def _day(request: _Dated, name: str) -> date | None:
    """Return a day that may be left out. Raises `InvalidRequestError`."""
    value: Date = getattr(request, name)
    return calendar_day(value, name) if request.HasField(name) else None
