"""PolicyService: translate, delegate, translate back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from uuid import UUID

from profile_service.api.paging import PageTokens, page_size
from profile_service.api.pipeline import Call
from profile_service.api.policy_reads import PolicyReads
from profile_service.api.translate import PositionMaker, write_request
from profile_service.commands.policies import PolicyDesk
from profile_service.domain.campaigns import moment
from profile_service.domain.errors import InvalidRequestError, Violation
from profile_service.domain.policies import Policies, Version
from profile_service.domain.policy_languages import in_language
from profile_service.v1.policy_service_pb2 import (
    GetPolicyRequest,
    GetPolicyResponse,
    ListNotInformedRequest,
    ListNotInformedResponse,
    ListPoliciesRequest,
    ListPoliciesResponse,
    ListReconsentDueRequest,
    ListReconsentDueResponse,
    PublishPolicyRequest,
    PublishPolicyResponse,
    RecordPolicyShownRequest,
    RecordPolicyShownResponse,
)
from projections.people import NOBODY

POLICIES_PAGE = 20


class PolicyServicer:
    """See `policy_service.proto`."""

    def __init__(
        self,
        *,
        desk: PolicyDesk,
        reads: PolicyReads,
        tokens: PageTokens,
        now: Callable[[], datetime],
        position: PositionMaker,
    ) -> None:
        self._desk = desk
        self._published = desk.published
        self._reads = reads
        self._tokens = tokens
        self._now = now
        self._position = position

    async def PublishPolicy(self, request: PublishPolicyRequest, call: Call) -> PublishPolicyResponse:
        appended = await self._desk.publish(write_request(request, call), request.policy)
        return PublishPolicyResponse(position=self._position(appended.position))

    async def GetPolicy(self, request: GetPolicyRequest, call: Call) -> GetPolicyResponse:
        policy = self._wanted(request, await self._published.current()).policy
        return GetPolicyResponse(policy=in_language(policy, request.language) if request.language else policy)

    def _wanted(self, request: GetPolicyRequest, policies: Policies) -> Version:
        match request.WhichOneof("which"):
            case "version":
                return policies.named(request.version)
            case "time":
                at = moment(request.time)
                if at is None:
                    raise InvalidRequestError([Violation("time", "is not a point in time")])
                return policies.in_effect(at)
            case _:
                return policies.in_effect(self._now())

    async def ListPolicies(self, request: ListPoliciesRequest, call: Call) -> ListPoliciesResponse:
        before = self._tokens.read(request)
        upto = before + page_size(request.page_size, POLICIES_PAGE)
        published = (await self._published.current()).published
        response = ListPoliciesResponse(policies=[version.policy for version in published[before:upto]])
        if upto < len(published):
            response.next_page_token = self._tokens.write(request, upto)
        return response

    async def RecordPolicyShown(
        self, request: RecordPolicyShownRequest, call: Call
    ) -> RecordPolicyShownResponse:
        appended = await self._desk.show(
            write_request(request, call), UUID(request.profile_id), request.policy_version, request.language
        )
        return RecordPolicyShownResponse(position=self._position(appended.position))

    async def ListNotInformed(
        self, request: ListNotInformedRequest, call: Call
    ) -> AsyncIterator[ListNotInformedResponse]:
        pages = self._reads.not_informed(
            request.policy_version,
            _after(request.after_profile_id),
            request.at_least_position,
            call.deadline,
        )
        async for page in pages:
            yield ListNotInformedResponse(
                profile_ids=map(str, page.profile_ids), position=self._position(page.position)
            )

    async def ListReconsentDue(
        self, request: ListReconsentDueRequest, call: Call
    ) -> AsyncIterator[ListReconsentDueResponse]:
        pages = self._reads.reconsent_due(
            request.policy_version,
            request.purpose,
            _after(request.after_profile_id),
            request.at_least_position,
            call.deadline,
            request.reason.purpose,
        )
        async for page in pages:
            yield ListReconsentDueResponse(
                profile_ids=map(str, page.profile_ids), position=self._position(page.position)
            )


def _after(profile_id: str) -> UUID:
    return UUID(profile_id) if profile_id else NOBODY
