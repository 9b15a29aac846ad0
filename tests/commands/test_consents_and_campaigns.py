"""Consents and sign-ups: repetitions never act twice, also when they decided nothing."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from uuid import UUID, uuid4

import pytest

from profile_service.domain.errors import (
    AlreadySignedUpError,
    AnswersInvalidError,
    CampaignClosedError,
    CampaignNotFoundError,
    CampaignNotStartedError,
    ConcurrentChangeError,
    InvalidRequestError,
    ProfileErasedError,
    ProfileNotFoundError,
    RequestIdReusedError,
    SignUpNotFoundError,
)
from profile_service.log.append import Appended
from profile_service.v1.campaign_service_pb2 import CloseCampaignRequest, WithdrawSignUpRequest
from profile_service.v1.consent_service_pb2 import CONSENT_DECISION_GIVEN, CONSENT_DECISION_WITHDRAWN
from profile_service.v1.profile_pb2 import CHANNEL_WEB
from tests.commands.checks import expect_all_well
from tests.commands.service import Commands
from tests.support import people


def given(profile_id: str) -> Any:
    return people.consent(profile_id, decision=CONSENT_DECISION_GIVEN)


def withdrawn(profile_id: str) -> Any:
    return people.consent(profile_id, decision=CONSENT_DECISION_WITHDRAWN)


def types(commands: Commands, stream: str) -> list[str]:
    return [fact.type.rpartition(".")[2] for fact in commands.reader.stream(stream)]


async def test_given_a_consent_and_its_withdrawal_when_it_comes_late_again_then_it_stays_withdrawn(
    commands: Commands,
):
    _, profile_id = await commands.new_person()
    request = given(profile_id)
    first = await commands.set_consent(request)
    await commands.set_consent(withdrawn(profile_id))
    assert await commands.set_consent(request) == Appended(first.subject, first.position, 1, replayed=True)
    assert types(commands, f"consents/{profile_id}") == ["ConsentGiven", "ConsentWithdrawn"]


async def test_given_a_consent_that_decided_nothing_when_it_comes_late_again_then_it_decides_nothing(
    commands: Commands,
):
    _, profile_id = await commands.new_person()
    await commands.set_consent(given(profile_id))
    request = given(profile_id)
    head = commands.reader.head()
    first = await commands.set_consent(request)
    assert (first.position, first.version) == (head, 1)
    await commands.set_consent(withdrawn(profile_id))
    again = await commands.set_consent(request)
    assert again == Appended(first.subject, head, 1, replayed=True)
    assert types(commands, f"consents/{profile_id}")[-1] == "ConsentWithdrawn"


async def test_another_body_under_the_same_id_is_refused(commands: Commands):
    _, profile_id = await commands.new_person()
    request = given(profile_id)
    await commands.set_consent(request)
    request.decision = CONSENT_DECISION_WITHDRAWN
    with pytest.raises(RequestIdReusedError):
        await commands.set_consent(request)
    _, other = await commands.new_person()
    request.profile_id = other
    with pytest.raises(RequestIdReusedError):
        await commands.set_consent(request)
    assert types(commands, f"consents/{other}") == []


async def test_nobody_consents_who_is_not_there(commands: Commands):
    with pytest.raises(ProfileNotFoundError):
        await commands.set_consent(given(str(uuid4())))


async def test_many_decisions_at_once_all_land_or_are_refused_cleanly(commands: Commands):
    _, profile_id = await commands.new_person()
    requests = [
        people.consent(profile_id, f"purpose-{number}", CONSENT_DECISION_WITHDRAWN) for number in range(16)
    ]
    outcomes = await asyncio.gather(*map(commands.set_consent, requests), return_exceptions=True)
    landed = [outcome for outcome in outcomes if isinstance(outcome, Appended)]
    assert {type(outcome) for outcome in outcomes} <= {Appended, ConcurrentChangeError}
    assert len(types(commands, f"consents/{profile_id}")) == len(landed) >= 8


class Campaign:
    """A campaign that is open now, and what is asked of it."""

    def __init__(self, *, opens: int = -3600, closes: int = 3600) -> None:
        now = int(time.time())
        self.opening = people.campaign(opens=now + opens, closes=now + closes)
        self.campaign_id = ""

    async def open(self, commands: Commands) -> Campaign:
        self.campaign_id = str((await commands.open_campaign(self.opening)).subject)
        return self

    def closing(self) -> CloseCampaignRequest:
        return CloseCampaignRequest(
            request_id=people.new_id(), campaign_id=self.campaign_id, channel=CHANNEL_WEB
        )

    def sign_up(self, profile_id: str, wish: str = "oaks") -> Any:
        return people.sign_up(profile_id, self.campaign_id, wish)

    def withdrawal(self, profile_id: str) -> WithdrawSignUpRequest:
        return WithdrawSignUpRequest(
            request_id=people.new_id(),
            profile_id=profile_id,
            campaign_id=self.campaign_id,
            channel=CHANNEL_WEB,
        )


async def test_a_campaign_is_opened_and_closed_once(commands: Commands):
    campaign = await Campaign().open(commands)
    again = await commands.open_campaign(campaign.opening)
    assert (str(again.subject), again.version, again.replayed) == (campaign.campaign_id, 1, True)
    campaign.opening.campaign.title = "Another"
    with pytest.raises(RequestIdReusedError):
        await commands.open_campaign(campaign.opening)
    closing = campaign.closing()
    first = await commands.close_campaign(closing)
    assert (await commands.close_campaign(closing)).position == first.position
    assert (await commands.close_campaign(campaign.closing())).version == 2, "closing twice is closing once"
    assert types(commands, f"campaign/{campaign.campaign_id}") == ["CampaignOpened", "CampaignClosed"]


async def test_a_campaign_that_makes_no_sense_is_not_opened(commands: Commands):
    head = commands.reader.head()
    with pytest.raises(InvalidRequestError):
        await Campaign(opens=10, closes=5).open(commands)
    with pytest.raises(CampaignNotFoundError):
        request = Campaign().closing()
        request.campaign_id = str(uuid4())
        await commands.close_campaign(request)
    assert commands.reader.head() == head


async def test_given_a_sign_up_and_its_withdrawal_when_it_comes_late_again_then_it_stays_withdrawn(
    commands: Commands,
):
    campaign = await Campaign().open(commands)
    _, profile_id = await commands.new_person()
    request = campaign.sign_up(profile_id)
    first = await commands.sign_up(request)
    with pytest.raises(AlreadySignedUpError):
        await commands.sign_up(campaign.sign_up(profile_id, "birches"))
    withdrawal = campaign.withdrawal(profile_id)
    await commands.withdraw(withdrawal)
    again = await commands.sign_up(request)
    assert again == Appended(UUID(profile_id), first.position, 1, replayed=True)
    assert (await commands.withdraw(withdrawal)).version == 2
    assert types(commands, f"sign-ups/{profile_id}") == ["SignedUp", "SignUpWithdrawn"]
    await commands.close_campaign(campaign.closing())
    assert (await commands.sign_up(request)).position == first.position, "also after the campaign's end"
    with pytest.raises(CampaignClosedError):
        await commands.sign_up(campaign.sign_up(profile_id))


async def test_sign_ups_that_do_not_fit_are_refused_and_change_nothing(commands: Commands):
    _, profile_id = await commands.new_person()
    open_, future, past = Campaign(), Campaign(opens=1000), Campaign(closes=-1000)
    for campaign in (open_, future, past):
        await campaign.open(commands)
    unknown = Campaign()
    unknown.campaign_id = str(uuid4())
    head = commands.reader.head()
    for request, error in (
        (open_.sign_up(profile_id, " "), AnswersInvalidError),
        (future.sign_up(profile_id), CampaignNotStartedError),
        (past.sign_up(profile_id), CampaignClosedError),
        (unknown.sign_up(profile_id), CampaignNotFoundError),
        (open_.sign_up(str(uuid4())), ProfileNotFoundError),
    ):
        with pytest.raises(error):
            await commands.sign_up(request)
    with pytest.raises(SignUpNotFoundError):
        await commands.withdraw(open_.withdrawal(profile_id))
    assert commands.reader.head() == head


async def test_given_an_erased_person_then_every_request_is_refused(commands: Commands):
    campaign = await Campaign().open(commands)
    _, profile_id = await commands.new_person()
    consent, sign_up, withdrawal = (
        given(profile_id),
        campaign.sign_up(profile_id),
        campaign.withdrawal(profile_id),
    )
    await commands.set_consent(consent)
    await commands.sign_up(sign_up)
    await commands.withdraw(withdrawal)
    await commands.erase(people.erase(profile_id))
    for refused in (
        commands.set_consent(consent),
        commands.set_consent(withdrawn(profile_id)),
        commands.sign_up(sign_up),
        commands.sign_up(campaign.sign_up(profile_id)),
        commands.withdraw(withdrawal),
    ):
        with pytest.raises(ProfileErasedError):
            await refused
    expect_all_well(commands)
