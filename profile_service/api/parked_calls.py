"""The calls of OperationsService about who waits in a projection."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog

from profile_service.api.freshness import Freshness
from profile_service.api.paging import PageTokens, page_size
from profile_service.api.pipeline import Call
from profile_service.api.translate import PositionMaker, timestamp, write_request
from profile_service.commands.skipping import Skipper
from profile_service.domain.errors import ProjectionNotFoundError
from profile_service.domain.operator_errors import NotParkedError
from profile_service.v1 import parked_pb2 as messages
from profile_service.v1.parked_pb2 import (
    GetParkedRequest,
    GetParkedResponse,
    ListParkedRequest,
    ListParkedResponse,
    RetryParkedRequest,
    RetryParkedResponse,
    SkipParkedRequest,
    SkipParkedResponse,
    WaitingFact,
)
from profile_service.v1.profile_pb2 import Channel
from projections import parking
from projections.catalogue import ProjectionNotFoundError as NoSuchViewError
from projections.catalogue import find_view
from projections.parked_limit import ParkedSummary
from projections.sources import Sources
from projections.view import View
from projections.views import VIEWS

log = structlog.get_logger()

PAGE = 100


class ParkedCalls:
    """See `parked.proto`."""

    def __init__(
        self,
        *,
        sources: Sources,
        skipper: Skipper,
        freshness: Freshness,
        tokens: PageTokens,
        position: PositionMaker,
    ) -> None:
        self._sources = sources
        self._skipper = skipper
        self._freshness = freshness
        self._tokens = tokens
        self._position = position

    async def ListParked(self, request: ListParkedRequest, call: Call) -> ListParkedResponse:
        view, after = _view(request.name), self._tokens.read(request)
        await self._freshness.reach(request.at_least_position, call.deadline, view)
        limit = page_size(request.page_size, PAGE)
        with _as_refusals():
            found = await asyncio.to_thread(
                parking.list_parked,
                self._sources,
                view,
                generation=request.generation,
                after=after,
                limit=limit,
            )
        response = ListParkedResponse(parked=map(_parked, found))
        if len(found) == limit:
            response.next_page_token = self._tokens.write(request, found[-1].position)
        return response

    async def GetParked(self, request: GetParkedRequest, call: Call) -> GetParkedResponse:
        view = _view(request.name)
        await self._freshness.reach(request.at_least_position, call.deadline, view)
        queue = await self._queue(view, UUID(request.subject_id), request.generation)
        return GetParkedResponse(
            parked=_parked(queue.parked),
            waiting=[WaitingFact(position=at, type=_short(name)) for at, name in queue.waiting],
            waiting_count=queue.count,
        )

    async def RetryParked(self, request: RetryParkedRequest, call: Call) -> RetryParkedResponse:
        view, subject = _view(request.name), UUID(request.subject_id)
        with _as_refusals():
            went_through = await asyncio.to_thread(parking.retry, self._sources, view, subject)
        log.info(
            "parked facts retried",
            caller=call.caller,
            projection=view.name,
            profile_id=request.subject_id,
            state="applied" if went_through else "parked",
        )
        if went_through:
            return RetryParkedResponse()
        return RetryParkedResponse(parked=_parked((await self._queue(view, subject, 0)).parked))

    async def SkipParked(self, request: SkipParkedRequest, call: Call) -> SkipParkedResponse:
        view, subject = _view(request.name), UUID(request.subject_id)
        waits_at = await asyncio.to_thread(parking.waits_at, self._sources, view, subject)
        appended = await self._skipper.skip(
            write_request(request, call, Channel.CHANNEL_SERVICE),
            view.name,
            subject,
            request.position,
            request.skip_reason,
            waits_at=waits_at,
        )
        return SkipParkedResponse(position=self._position(appended.position))

    async def _queue(self, view: View, subject: UUID, generation: int) -> parking.Queue:
        with _as_refusals():
            return await asyncio.to_thread(
                parking.queue_of, self._sources, view, subject, generation=generation
            )


def summary_message(summary: ParkedSummary | None) -> messages.ParkedSummary | None:
    """Return whom a rebuild parked, as a message."""
    if summary is None:
        return None
    subjects = map(_parked, summary.subjects)
    return messages.ParkedSummary(count=summary.count, limit=summary.limit, subjects=subjects)


def _view(name: str) -> View:
    try:
        return find_view(VIEWS, name)
    except NoSuchViewError:
        raise ProjectionNotFoundError from None


@contextmanager
def _as_refusals() -> Iterator[None]:
    try:
        yield
    except parking.NothingParkedError:
        raise NotParkedError from None
    except parking.GenerationNotFoundError:
        raise ProjectionNotFoundError from None


def _parked(one: parking.ParkedSubject) -> messages.ParkedSubject:
    return messages.ParkedSubject(
        subject_id=str(one.subject),
        position=one.position,
        type=_short(one.type),
        error=one.error,
        time=timestamp(one.time),
    )


def _short(type_name: str) -> str:
    return type_name.rpartition(".")[2]
