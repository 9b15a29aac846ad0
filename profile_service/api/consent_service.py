"""ConsentService: translate, delegate, translate back. Proofs and receipts are in `consent_evidence.py`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from profile_service.api.consent_evidence import ConsentEvidence
from profile_service.api.paging import PageTokens, page_size
from profile_service.api.pipeline import Call
from profile_service.api.restricted_reads import RestrictedReads
from profile_service.api.translate import PositionMaker, timestamp, write_request
from profile_service.api.view_reads import ViewReads
from profile_service.commands.consents import ConsentKeeper
from profile_service.commands.policies import PublishedPolicies
from profile_service.domain.policies import Policies
from profile_service.v1.consent_service_pb2 import (
    CheckConsentsRequest,
    CheckConsentsResponse,
    Consent,
    ConsentDecision,
    ListConsentsRequest,
    ListConsentsResponse,
    SetConsentRequest,
    SetConsentResponse,
)
from profile_service.v1.profile_pb2 import Channel
from projections.views.consents import ConsentHistoryRow, ConsentRow

HISTORY_PAGE = 100


class ConsentServicer:
    """See `consent_service.proto`."""

    def __init__(
        self,
        *,
        keeper: ConsentKeeper,
        views: ViewReads,
        published: PublishedPolicies,
        tokens: PageTokens,
        evidence: ConsentEvidence,
        restricted: RestrictedReads,
        now: Callable[[], datetime],
        position: PositionMaker,
    ) -> None:
        self._keeper = keeper
        self._views = views
        self._published = published
        self._tokens = tokens
        self._restricted = restricted
        self._now = now
        self._position = position
        self.GetConsentProof = evidence.GetConsentProof
        self.GetConsentReceipt = evidence.GetConsentReceipt

    async def SetConsent(self, request: SetConsentRequest, call: Call) -> SetConsentResponse:
        appended = await self._keeper.set_consent(
            write_request(request, call), UUID(request.profile_id), request
        )
        return SetConsentResponse(position=self._position(appended.position))

    async def ListConsents(self, request: ListConsentsRequest, call: Call) -> ListConsentsResponse:
        profile_id, after = UUID(request.profile_id), self._tokens.read(request)
        limit = page_size(request.page_size, HISTORY_PAGE)
        found = await self._views.consents(
            profile_id,
            request.at_least_position,
            call.deadline,
            history_after=after,
            history_limit=limit if request.include_history else 0,
        )
        response = ListConsentsResponse(position=self._position(found.position))
        if after == 0:
            policies = await self._published.current()
            response.consents.extend(self._current(row, policies) for row in found.current)
        response.history.extend(self._consent(row) for row in found.history)
        if found.history and len(found.history) == limit:
            response.next_page_token = self._tokens.write(request, found.history[-1].position)
        return response

    async def CheckConsents(self, request: CheckConsentsRequest, call: Call) -> CheckConsentsResponse:
        profile_ids = [UUID(text) for text in request.profile_ids]
        checked = await self._views.check_consents(request.purpose, profile_ids, call.deadline)
        # Asked last: what is restricted by now is processed for nothing that was consented to before.
        restricted = await self._restricted.among(checked.given, request.reason.purpose)
        return CheckConsentsResponse(
            given=[one in checked.given and one not in restricted for one in profile_ids],
            position=self._position(checked.position),
        )

    def _current(self, row: ConsentRow, policies: Policies) -> Consent:
        consent = self._consent(row)
        counts = policies.counting(row.purpose, self._now()).takes(row.policy_version)
        consent.overtaken = row.decision == ConsentDecision.CONSENT_DECISION_GIVEN and not counts
        return consent

    def _consent(self, row: ConsentRow | ConsentHistoryRow) -> Consent:
        return Consent(
            purpose=row.purpose,
            decision=ConsentDecision.Name(row.decision),
            policy_version=row.policy_version,
            text_hash=row.text_hash,
            channel=Channel.Name(row.channel),
            time=timestamp(row.time),
            position=self._position(row.position),
            by_guardian=bool(row.by_guardian),
        )
