"""Pages: every entry once and in order, and tokens that are good for their call and filters only."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from profile_service.v1.campaign_pb2 import CAMPAIGN_STATE_CLOSED, CAMPAIGN_STATE_OPEN
from profile_service.v1.campaign_service_pb2 import ListCampaignsRequest, ListSignUpsRequest
from profile_service.v1.consent_service_pb2 import (
    CONSENT_DECISION_GIVEN,
    CONSENT_DECISION_WITHDRAWN,
    ListConsentsRequest,
)
from profile_service.v1.profile_pb2 import LEGAL_BASIS_CONSENT, Position
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import people
from tests.support.service import Stubs

pytestmark = pytest.mark.service


def pages(call: Callable[..., Any], request: Any) -> list[Any]:
    """All pages from the one that `request` asks for."""
    found = [call(request, timeout=SECONDS)]
    while found[-1].next_page_token:
        request.page_token = found[-1].next_page_token
        found.append(call(request, timeout=SECONDS))
        assert len(found) < 100, "pages without end"
    return found


@pytest.fixture(scope="module")
def decided(stubs: Stubs) -> tuple[str, Position]:
    """A person with seven decisions, and the position of the last."""
    profile_id = calls.register(stubs).profile_id
    for number in range(7):
        decision = CONSENT_DECISION_WITHDRAWN if number % 2 else CONSENT_DECISION_GIVEN
        answer = stubs.consents.SetConsent(people.consent(profile_id, decision=decision), timeout=SECONDS)
    return profile_id, answer.position


@pytest.fixture(scope="module")
def joined(stubs: Stubs) -> tuple[str, list[str], Position]:
    """A campaign, who signed up in order, and the position of the last."""
    campaign_id = calls.open_campaign(stubs)
    signed_up = [calls.register(stubs).profile_id for _ in range(5)]
    for profile_id in signed_up:
        answer = stubs.campaigns.SignUp(people.sign_up(profile_id, campaign_id, "a tree"), timeout=SECONDS)
    return campaign_id, signed_up, answer.position


def history(decided: tuple[str, Position], **values: Any) -> ListConsentsRequest:
    return ListConsentsRequest(
        profile_id=decided[0],
        reason=people.REASON,
        include_history=True,
        at_least_position=decided[1],
        **values,
    )


@pytest.mark.parametrize("size", [1, 3, 7, 8, 0])
def test_the_history_of_consents_comes_in_pages(stubs: Stubs, decided: tuple[str, Position], size: int):
    found = pages(stubs.consents.ListConsents, history(decided, page_size=size))
    positions = [one.position.value for page in found for one in page.history]
    assert len(positions) == 7
    assert all(one < other for one, other in pairwise(positions))
    assert all(len(page.history) <= (size or 100) for page in found)
    assert [len(page.consents) for page in found] == [1] + [0] * (len(found) - 1)


@pytest.mark.parametrize("size", [2, 5, 0])
def test_sign_ups_come_in_pages_oldest_first(
    stubs: Stubs, joined: tuple[str, list[str], Position], size: int
):
    campaign_id, signed_up, position = joined
    request = ListSignUpsRequest(
        campaign_id=campaign_id, reason=people.REASON, page_size=size, at_least_position=position
    )
    found = pages(stubs.campaigns.ListSignUps, request)
    assert [one.profile_id for page in found for one in page.sign_ups] == signed_up


def test_a_page_of_sign_ups_skips_the_erased_and_those_who_left(stubs: Stubs):
    campaign_id = calls.open_campaign(stubs)
    people_of = [calls.register(stubs).profile_id for _ in range(4)]
    for profile_id in people_of:
        stubs.campaigns.SignUp(people.sign_up(profile_id, campaign_id, "a tree"), timeout=SECONDS)
    stays = people_of.pop()
    for profile_id in people_of:
        erased = stubs.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS)
    request = ListSignUpsRequest(
        campaign_id=campaign_id, reason=people.REASON, page_size=1, at_least_position=erased.position
    )
    found = pages(stubs.campaigns.ListSignUps, request)
    assert [one.profile_id for page in found for one in page.sign_ups] == [stays]


def test_campaigns_come_in_pages_and_new_ones_do_not_disturb(stubs: Stubs):
    opened = [calls.open_campaign(stubs) for _ in range(5)]
    newest = stubs.campaigns.OpenCampaign(calls.campaign(), timeout=SECONDS)
    request = ListCampaignsRequest(page_size=2, state=CAMPAIGN_STATE_OPEN, at_least_position=newest.position)
    first = stubs.campaigns.ListCampaigns(request, timeout=SECONDS)
    calls.open_campaign(stubs)
    request.page_token = first.next_page_token
    found = [first, *pages(stubs.campaigns.ListCampaigns, request)]
    listed = [one.campaign_id for page in found for one in page.campaigns]
    assert len(listed) == len(set(listed))
    assert [one for one in listed if one in opened] == opened


def test_a_token_is_good_for_a_page_of_another_size_and_a_later_position(
    stubs: Stubs, decided: tuple[str, Position]
):
    request = history(decided, page_size=2)
    request.page_token = stubs.consents.ListConsents(request, timeout=SECONDS).next_page_token
    request.page_size = 500
    request.ClearField("at_least_position")
    request.reason.legal_basis = LEGAL_BASIS_CONSENT
    assert len(stubs.consents.ListConsents(request, timeout=SECONDS).history) == 5


def test_a_token_of_other_filters_or_another_call_is_refused(
    stubs: Stubs, decided: tuple[str, Position], joined: tuple[str, list[str], Position]
):
    consents = history(decided, page_size=2)
    token = stubs.consents.ListConsents(consents, timeout=SECONDS).next_page_token
    sign_ups = ListSignUpsRequest(campaign_id=joined[0], reason=people.REASON, page_size=2)
    sign_ups.at_least_position.CopyFrom(joined[2])
    of_sign_ups = stubs.campaigns.ListSignUps(sign_ups, timeout=SECONDS).next_page_token
    of_open = stubs.campaigns.ListCampaigns(
        ListCampaignsRequest(page_size=1, state=CAMPAIGN_STATE_OPEN), timeout=SECONDS
    ).next_page_token
    assert token
    assert of_sign_ups
    assert of_open

    other_person = history((people.new_id(), decided[1]), page_token=token)
    other_campaign = ListSignUpsRequest(
        campaign_id=people.new_id(), reason=people.REASON, page_token=of_sign_ups
    )
    for call, request in (
        (stubs.consents.ListConsents, other_person),
        (stubs.campaigns.ListSignUps, other_campaign),
        (
            stubs.campaigns.ListSignUps,
            ListSignUpsRequest(campaign_id=joined[0], reason=people.REASON, page_token=token),
        ),
        (stubs.campaigns.ListCampaigns, ListCampaignsRequest(page_token=of_open)),
        (
            stubs.campaigns.ListCampaigns,
            ListCampaignsRequest(page_token=of_open, state=CAMPAIGN_STATE_CLOSED),
        ),
        (stubs.campaigns.ListCampaigns, ListCampaignsRequest(page_token=of_sign_ups)),
    ):
        assert calls.refused(call, request).reason == "PAGE_TOKEN_INVALID"


@pytest.mark.parametrize("token", ["a", "AAAA", "é", "=", "A" * 32, "A" * 512, "\x00"])
def test_what_is_no_token_is_refused(stubs: Stubs, token: str):
    request = ListCampaignsRequest(page_token=token)
    assert calls.refused(stubs.campaigns.ListCampaigns, request).reason == "PAGE_TOKEN_INVALID"


@pytest.mark.parametrize("size", [-1, 501])
def test_a_page_has_a_size_between_one_and_five_hundred(stubs: Stubs, size: int):
    found = calls.refused(stubs.campaigns.ListCampaigns, ListCampaignsRequest(page_size=size))
    assert (found.reason, found.fields) == ("INVALID_REQUEST", ["page_size"])
