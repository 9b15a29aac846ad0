"""The calls of RightsService about objecting to direct marketing."""

from __future__ import annotations

from uuid import UUID, uuid4

from profile_service.api.pipeline import Call
from profile_service.api.translate import PositionMaker, write_request
from profile_service.commands.objections import Objector
from profile_service.commands.requests import WriteRequest
from profile_service.v1.objection_pb2 import (
    CreateUnsubscribeLinkRequest,
    CreateUnsubscribeLinkResponse,
    ObjectToMarketingRequest,
    ObjectToMarketingResponse,
    UnsubscribeRequest,
    UnsubscribeResponse,
)
from profile_service.v1.profile_pb2 import Channel


class ObjectionCalls:
    """See `objection.proto`. `url` is what the token of a link is put behind; None: there are no links."""

    def __init__(self, *, objector: Objector, url: str | None, position: PositionMaker) -> None:
        self._objector = objector
        self._url = url
        self._position = position

    async def ObjectToMarketing(
        self, request: ObjectToMarketingRequest, call: Call
    ) -> ObjectToMarketingResponse:
        appended = await self._objector.object_to_marketing(
            write_request(request, call), UUID(request.profile_id), _purpose(request)
        )
        return ObjectToMarketingResponse(position=self._position(appended.position))

    async def CreateUnsubscribeLink(
        self, request: CreateUnsubscribeLinkRequest, call: Call
    ) -> CreateUnsubscribeLinkResponse:
        token = await self._objector.token(UUID(request.profile_id), _purpose(request))
        if self._url is None:
            return CreateUnsubscribeLinkResponse(token=token)
        link = self._url + token
        lines = [f"List-Unsubscribe: <{link}>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"]
        return CreateUnsubscribeLinkResponse(token=token, link=link, header_lines=lines)

    async def Unsubscribe(self, request: UnsubscribeRequest, call: Call) -> UnsubscribeResponse:
        # Each time is a request of its own: a second one must object again to what was consented to since.
        write = WriteRequest(
            call.caller, call.method, uuid4(), Channel.CHANNEL_EMAIL, request.SerializeToString()
        )
        await call.to_the_end(self._objector.unsubscribe(write, request.token))
        return UnsubscribeResponse()


def _purpose(request: ObjectToMarketingRequest | CreateUnsubscribeLinkRequest) -> str | None:
    return request.purpose if request.HasField("purpose") else None
