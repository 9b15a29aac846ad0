"""CampaignService: translate, delegate, translate back."""

from __future__ import annotations

from uuid import UUID

from profile_service.api.paging import PageTokens, page_size
from profile_service.api.pipeline import Call
from profile_service.api.translate import PositionMaker, timestamp, write_request
from profile_service.api.view_reads import ViewReads
from profile_service.commands.campaigns import CampaignDesk
from profile_service.v1.campaign_service_pb2 import (
    CampaignSignUp,
    CloseCampaignRequest,
    CloseCampaignResponse,
    GetCampaignRequest,
    GetCampaignResponse,
    ListCampaignsRequest,
    ListCampaignsResponse,
    ListSignUpsRequest,
    ListSignUpsResponse,
    OpenCampaignRequest,
    OpenCampaignResponse,
    SignUpRequest,
    SignUpResponse,
    WithdrawSignUpRequest,
    WithdrawSignUpResponse,
)

CAMPAIGNS_PAGE = 50
SIGN_UPS_PAGE = 100


class CampaignServicer:
    """See `campaign_service.proto`."""

    def __init__(
        self, *, desk: CampaignDesk, views: ViewReads, tokens: PageTokens, position: PositionMaker
    ) -> None:
        self._desk = desk
        self._views = views
        self._tokens = tokens
        self._position = position

    async def OpenCampaign(self, request: OpenCampaignRequest, call: Call) -> OpenCampaignResponse:
        appended = await self._desk.open(write_request(request, call), request.campaign)
        return OpenCampaignResponse(
            campaign_id=str(appended.subject), position=self._position(appended.position)
        )

    async def CloseCampaign(self, request: CloseCampaignRequest, call: Call) -> CloseCampaignResponse:
        appended = await self._desk.close(write_request(request, call), UUID(request.campaign_id))
        return CloseCampaignResponse(position=self._position(appended.position))

    async def GetCampaign(self, request: GetCampaignRequest, call: Call) -> GetCampaignResponse:
        campaign, position = await self._views.campaign(
            UUID(request.campaign_id), request.at_least_position, call.deadline
        )
        return GetCampaignResponse(campaign=campaign, position=self._position(position))

    async def ListCampaigns(self, request: ListCampaignsRequest, call: Call) -> ListCampaignsResponse:
        limit = page_size(request.page_size, CAMPAIGNS_PAGE)
        found = await self._views.campaigns(
            self._tokens.read(request),
            limit,
            request.state or None,
            request.at_least_position,
            call.deadline,
        )
        response = ListCampaignsResponse(
            campaigns=[campaign for _, campaign in found.campaigns], position=self._position(found.position)
        )
        if len(found.campaigns) == limit:
            response.next_page_token = self._tokens.write(request, found.campaigns[-1][0])
        return response

    async def SignUp(self, request: SignUpRequest, call: Call) -> SignUpResponse:
        appended = await self._desk.sign_up(
            write_request(request, call),
            UUID(request.profile_id),
            UUID(request.campaign_id),
            request.answers,
        )
        return SignUpResponse(position=self._position(appended.position))

    async def WithdrawSignUp(self, request: WithdrawSignUpRequest, call: Call) -> WithdrawSignUpResponse:
        appended = await self._desk.withdraw(
            write_request(request, call), UUID(request.profile_id), UUID(request.campaign_id)
        )
        return WithdrawSignUpResponse(position=self._position(appended.position))

    async def ListSignUps(self, request: ListSignUpsRequest, call: Call) -> ListSignUpsResponse:
        found = await self._views.sign_ups(
            UUID(request.campaign_id),
            self._tokens.read(request),
            page_size(request.page_size, SIGN_UPS_PAGE),
            request.at_least_position,
            call.deadline,
        )
        response = ListSignUpsResponse(position=self._position(found.position))
        for sign_up in found.sign_ups:
            response.sign_ups.append(
                CampaignSignUp(
                    profile_id=str(sign_up.profile_id),
                    answers=sign_up.answers.answers,
                    sign_up_time=timestamp(sign_up.time),
                )
            )
        if found.last is not None:
            response.next_page_token = self._tokens.write(request, found.last)
        return response
