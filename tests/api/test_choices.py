"""What a person agrees to and signs up for, on both databases."""

from __future__ import annotations

import pytest

from profile_service.v1.campaign_pb2 import (
    CAMPAIGN_STATE_CLOSED,
    CAMPAIGN_STATE_OPEN,
    QUESTION_TYPE_MULTIPLE_CHOICE,
    QUESTION_TYPE_SINGLE_CHOICE,
    Answer,
    Choices,
    Question,
)
from profile_service.v1.campaign_service_pb2 import (
    CloseCampaignRequest,
    GetCampaignRequest,
    ListCampaignsRequest,
    ListSignUpsRequest,
    SignUpRequest,
    WithdrawSignUpRequest,
)
from profile_service.v1.consent_service_pb2 import (
    CONSENT_DECISION_GIVEN,
    CONSENT_DECISION_WITHDRAWN,
    ListConsentsRequest,
)
from profile_service.v1.profile_pb2 import CHANNEL_WEB
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import people
from tests.support.service import Stubs

pytestmark = pytest.mark.service

WISHES = [
    Question(question_id="size", text="Which size?", type=QUESTION_TYPE_SINGLE_CHOICE, options=["S", "M"]),
    Question(
        question_id="days",
        text="Which days?",
        type=QUESTION_TYPE_MULTIPLE_CHOICE,
        options=["Mon", "Tue", "Wed"],
        required=True,
    ),
]


def test_consents_are_given_withdrawn_listed_and_checked(living: Stubs):
    registered = calls.register(living)
    profile_id = registered.profile_id
    given = living.consents.SetConsent(people.consent(profile_id), timeout=SECONDS)
    living.consents.SetConsent(people.consent(profile_id, "surveys"), timeout=SECONDS)
    strangers = [people.new_id(), profile_id, people.new_id()]
    checked = living.consents.CheckConsents(people.check(*strangers), timeout=SECONDS)
    assert list(checked.given) == [False, True, False]
    assert checked.position.value >= given.position.value
    withdrawal = people.consent(profile_id, decision=CONSENT_DECISION_WITHDRAWN)
    withdrawn = living.consents.SetConsent(withdrawal, timeout=SECONDS)
    checked = living.consents.CheckConsents(people.check(*strangers), timeout=SECONDS)
    assert list(checked.given) == [False, False, False]
    request = ListConsentsRequest(
        profile_id=profile_id,
        reason=people.REASON,
        include_history=True,
        at_least_position=withdrawn.position,
    )
    listed = living.consents.ListConsents(request, timeout=SECONDS)
    assert [(one.purpose, one.decision) for one in listed.consents] == [
        ("newsletter", CONSENT_DECISION_WITHDRAWN),
        ("surveys", CONSENT_DECISION_GIVEN),
    ]
    assert [one.decision for one in listed.history] == [
        CONSENT_DECISION_GIVEN,
        CONSENT_DECISION_GIVEN,
        CONSENT_DECISION_WITHDRAWN,
    ]
    last = listed.history[-1]
    assert (last.text_hash, last.policy_version, last.channel) == (
        people.TEXT_HASH,
        people.POLICY_VERSION,
        CHANNEL_WEB,
    )
    assert (last.position, last.time) == (withdrawn.position, listed.consents[0].time)
    request.include_history = False
    assert not living.consents.ListConsents(request, timeout=SECONDS).history


def test_a_late_duplicate_of_a_consent_does_not_undo_its_withdrawal(living: Stubs):
    profile_id = calls.register(living).profile_id
    consent = people.consent(profile_id)
    given = living.consents.SetConsent(consent, timeout=SECONDS)
    withdrawal = people.consent(profile_id, decision=CONSENT_DECISION_WITHDRAWN)
    living.consents.SetConsent(withdrawal, timeout=SECONDS)
    assert living.consents.SetConsent(consent, timeout=SECONDS) == given
    assert list(living.consents.CheckConsents(people.check(profile_id), timeout=SECONDS).given) == [False]


def test_a_campaign_is_opened_joined_left_and_closed(living: Stubs):
    profile_id = calls.register(living).profile_id
    opening = calls.campaign(questions=WISHES)
    opened = living.campaigns.OpenCampaign(opening, timeout=SECONDS)
    assert living.campaigns.OpenCampaign(opening, timeout=SECONDS) == opened
    campaign_id = opened.campaign_id
    wanted = GetCampaignRequest(campaign_id=campaign_id, at_least_position=opened.position)
    campaign = living.campaigns.GetCampaign(wanted, timeout=SECONDS).campaign
    assert (campaign.title, list(campaign.questions)) == (opening.campaign.title, WISHES)
    assert (campaign.campaign_id, campaign.state) == (campaign_id, CAMPAIGN_STATE_OPEN)

    sign_up = SignUpRequest(
        request_id=people.new_id(), profile_id=profile_id, campaign_id=campaign_id, channel=CHANNEL_WEB
    )
    sign_up.answers.append(Answer(question_id="days", choices=Choices(options=["Wed", "Mon"])))
    joined = living.campaigns.SignUp(sign_up, timeout=SECONDS)
    assert living.campaigns.SignUp(sign_up, timeout=SECONDS) == joined
    listing = ListSignUpsRequest(
        campaign_id=campaign_id, reason=people.REASON, at_least_position=joined.position
    )
    (listed,) = living.campaigns.ListSignUps(listing, timeout=SECONDS).sign_ups
    assert listed.profile_id == profile_id
    assert [list(answer.choices.options) for answer in listed.answers] == [["Mon", "Wed"]]
    wanted.at_least_position.CopyFrom(joined.position)
    assert living.campaigns.GetCampaign(wanted, timeout=SECONDS).campaign.sign_up_count == 1

    leaving = WithdrawSignUpRequest(
        request_id=people.new_id(), profile_id=profile_id, campaign_id=campaign_id, channel=CHANNEL_WEB
    )
    left = living.campaigns.WithdrawSignUp(leaving, timeout=SECONDS)
    listing.at_least_position.CopyFrom(left.position)
    assert not living.campaigns.ListSignUps(listing, timeout=SECONDS).sign_ups

    closing = CloseCampaignRequest(request_id=people.new_id(), campaign_id=campaign_id, channel=CHANNEL_WEB)
    closed = living.campaigns.CloseCampaign(closing, timeout=SECONDS)
    wanted.at_least_position.CopyFrom(closed.position)
    campaign = living.campaigns.GetCampaign(wanted, timeout=SECONDS).campaign
    assert (campaign.state, campaign.sign_up_count) == (CAMPAIGN_STATE_CLOSED, 0)
    states = {CAMPAIGN_STATE_OPEN: False, CAMPAIGN_STATE_CLOSED: True}
    for state, is_there in states.items():
        request = ListCampaignsRequest(state=state, page_size=500, at_least_position=closed.position)
        answer = living.campaigns.ListCampaigns(request, timeout=SECONDS)
        assert (campaign_id in {one.campaign_id for one in answer.campaigns}) is is_there
