"""Campaigns, and signing up for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from profile_service.commands.loading import Loaded
from profile_service.commands.requests import WriteRequest
from profile_service.commands.writing import Writer
from profile_service.domain import campaigns, sign_ups
from profile_service.log.append import Appended
from profile_service.log.streams import CAMPAIGN, SIGN_UPS, stream_name
from profile_service.v1.campaign_pb2 import Answer, Campaign


@dataclass(frozen=True, slots=True)
class CampaignDesk:
    """Opens and closes campaigns, and keeps sign-ups."""

    writer: Writer
    now: Callable[[], datetime]

    async def open(self, request: WriteRequest, campaign: Campaign) -> Appended:
        """Open a campaign; `Appended.subject` is its id. Raises `InvalidRequestError`."""
        campaign_id = request.new_id
        stream = stream_name(CAMPAIGN, campaign_id)

        def decide(loaded: Loaded) -> dict[str, Sequence[campaigns.CampaignFact]]:
            return {stream: campaigns.open_campaign(_campaign(loaded, stream), campaign)}

        return await self.writer.execute(
            request, subject=campaign_id, profile_id=None, streams=(stream,), decide=decide
        )

    async def close(self, request: WriteRequest, campaign_id: UUID) -> Appended:
        """Raises `CampaignNotFoundError`."""
        stream = stream_name(CAMPAIGN, campaign_id)

        def decide(loaded: Loaded) -> dict[str, Sequence[campaigns.CampaignFact]]:
            return {stream: campaigns.close_campaign(_campaign(loaded, stream))}

        return await self.writer.execute(
            request, subject=campaign_id, profile_id=None, streams=(stream,), decide=decide
        )

    async def sign_up(
        self, request: WriteRequest, profile_id: UUID, campaign_id: UUID, answers: Sequence[Answer]
    ) -> Appended:
        """Raises the refusals of `sign_ups.sign_up` and of `Writer.execute`."""
        stream, campaign = stream_name(SIGN_UPS, profile_id), stream_name(CAMPAIGN, campaign_id)

        def decide(loaded: Loaded) -> dict[str, Sequence[sign_ups.SignUpFact]]:
            known = sign_ups.fold(fact.message for fact in loaded.streams[stream])
            return {
                stream: sign_ups.sign_up(
                    _campaign(loaded, campaign), known, campaign_id.bytes, answers, self.now()
                )
            }

        return await self.writer.execute(
            request, subject=profile_id, profile_id=profile_id, streams=(stream, campaign), decide=decide
        )

    async def withdraw(self, request: WriteRequest, profile_id: UUID, campaign_id: UUID) -> Appended:
        """Raises `SignUpNotFoundError`."""
        stream = stream_name(SIGN_UPS, profile_id)

        def decide(loaded: Loaded) -> dict[str, Sequence[sign_ups.SignUpFact]]:
            known = sign_ups.fold(fact.message for fact in loaded.streams[stream])
            return {stream: sign_ups.withdraw_sign_up(known, campaign_id.bytes)}

        return await self.writer.execute(
            request, subject=profile_id, profile_id=profile_id, streams=(stream,), decide=decide
        )


def _campaign(loaded: Loaded, stream: str) -> campaigns.CampaignSituation:
    return campaigns.fold(fact.message for fact in loaded.streams[stream])
