"""Objecting to direct marketing over a socket, on request and with a link, and what of it is told."""

from __future__ import annotations

import re

import pytest

from profile_service.v1.audience_service_pb2 import SelectAudienceRequest
from profile_service.v1.consent_service_pb2 import (
    CONSENT_DECISION_GIVEN,
    CONSENT_DECISION_OBJECTED,
    ListConsentsRequest,
    ListConsentsResponse,
    SetConsentRequest,
)
from profile_service.v1.objection_pb2 import (
    CreateUnsubscribeLinkRequest,
    ObjectToMarketingRequest,
    UnsubscribeRequest,
    UnsubscribeResponse,
)
from profile_service.v1.operations_service_pb2 import CloseEpochRequest, VerifyProjectionRequest
from profile_service.v1.profile_pb2 import (
    CHANNEL_EMAIL,
    CHANNEL_IMPORT,
    CHANNEL_SERVICE,
    CHANNEL_WEB,
    Position,
)
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import people
from tests.support.service import Service, Stubs

pytestmark = pytest.mark.service


def objection(profile_id: str, purpose: str | None = None) -> ObjectToMarketingRequest:
    return ObjectToMarketingRequest(
        request_id=people.new_id(), profile_id=profile_id, purpose=purpose, channel=CHANNEL_WEB
    )


def object_to(stubs: Stubs, profile_id: str, purpose: str | None = None) -> Position:
    answer = stubs.rights.ObjectToMarketing(objection(profile_id, purpose), timeout=SECONDS)
    position: Position = answer.position
    return position


def consent(stubs: Stubs, profile_id: str, *purposes: str) -> Position:
    for purpose in purposes:
        answer = stubs.consents.SetConsent(people.consent(profile_id, purpose), timeout=SECONDS)
    position: Position = answer.position
    return position


def given(stubs: Stubs, profile_id: str, *purposes: str) -> list[bool]:
    """Of each purpose, without waiting for any position."""
    checks = [people.check(profile_id, purpose=purpose) for purpose in purposes]
    return [stubs.consents.CheckConsents(check, timeout=SECONDS).given[0] for check in checks]


def listed(stubs: Stubs, profile_id: str, at_least: Position | None = None) -> ListConsentsResponse:
    request = ListConsentsRequest(
        profile_id=profile_id, reason=people.REASON, include_history=True, at_least_position=at_least
    )
    answer: ListConsentsResponse = stubs.consents.ListConsents(request, timeout=SECONDS)
    return answer


def token_of(stubs: Stubs, profile_id: str, purpose: str | None = None) -> str:
    request = CreateUnsubscribeLinkRequest(profile_id=profile_id, purpose=purpose)
    token: str = stubs.rights.CreateUnsubscribeLink(request, timeout=SECONDS).token
    return token


def unsubscribe(stubs: Stubs, token: str) -> None:
    answer = stubs.rights.Unsubscribe(UnsubscribeRequest(token=token), timeout=SECONDS)
    assert answer == UnsubscribeResponse()


def test_an_objection_counts_at_once_and_until_the_person_consents_anew(living: Stubs):
    stubs = living
    profile_id = calls.register(stubs).profile_id
    consent(stubs, profile_id, "newsletter", "events")
    request = objection(profile_id, "newsletter")
    position = stubs.rights.ObjectToMarketing(request, timeout=SECONDS).position
    assert stubs.rights.ObjectToMarketing(request, timeout=SECONDS).position == position
    assert given(stubs, profile_id, "newsletter", "events") == [False, True]

    object_to(stubs, profile_id)
    assert given(stubs, profile_id, "newsletter", "events") == [False, False]
    for channel in (CHANNEL_IMPORT, CHANNEL_SERVICE):
        others = people.consent(profile_id, "events")
        others.channel = channel
        assert calls.refused(stubs.consents.SetConsent, others).reason == "MARKETING_OBJECTED"
    again = consent(stubs, profile_id, "events")
    assert given(stubs, profile_id, "newsletter", "events") == [False, True]

    found = listed(stubs, profile_id, again)
    assert {one.purpose: one.decision for one in found.consents} == {
        "": CONSENT_DECISION_OBJECTED,
        "newsletter": CONSENT_DECISION_OBJECTED,
        "events": CONSENT_DECISION_GIVEN,
    }
    assert [(one.purpose, one.decision) for one in found.history] == [
        ("newsletter", CONSENT_DECISION_GIVEN),
        ("events", CONSENT_DECISION_GIVEN),
        ("newsletter", CONSENT_DECISION_OBJECTED),
        ("", CONSENT_DECISION_OBJECTED),
        ("events", CONSENT_DECISION_GIVEN),
    ]
    for view in ("consents", "audience"):
        verified = stubs.operations.VerifyProjection(VerifyProjectionRequest(name=view), timeout=SECONDS)
        assert verified.equal


def test_a_link_works_each_time_anew(living: Stubs):
    stubs = living
    profile_id = calls.register(stubs).profile_id
    token = token_of(stubs, profile_id, "newsletter")
    assert re.fullmatch(r"[A-Za-z0-9_-]{116}", token)
    for _ in range(2):
        consent(stubs, profile_id, "newsletter", "events")
        for _ in range(2):
            unsubscribe(stubs, token)
            assert given(stubs, profile_id, "newsletter", "events") == [False, True]
    objections = calls.events(stubs, profile_ids=[profile_id], types=["MarketingObjected"])
    assert [one.header.channel for one in objections] == [CHANNEL_EMAIL, CHANNEL_EMAIL]
    unsubscribe(stubs, token_of(stubs, profile_id))
    assert given(stubs, profile_id, "newsletter", "events") == [False, False]


def test_a_token_of_the_erased_the_unknown_or_nobody_does_nothing_and_tells_nothing(living: Stubs):
    """The same answer; where the log stands and what there is of the person is as it was."""
    stubs = living
    gone, other = (calls.register(stubs).profile_id for _ in range(2))
    tokens = [token_of(stubs, gone, purpose) for purpose in ("newsletter", None)]
    consent(stubs, other, "newsletter")
    stubs.rights.EraseProfile(people.erase(gone), timeout=SECONDS)
    real = token_of(stubs, other, "newsletter")
    forged = [
        *(real[:at] + ("A" if real[at] != "A" else "B") + real[at + 1 :] for at in (2, 40, 115)),
        "AQ" + "A" * 114,
    ]
    before = calls.standing(stubs)
    for token in (*tokens, *forged):
        unsubscribe(stubs, token)
    assert calls.standing(stubs) == before
    assert given(stubs, other, "newsletter") == [True]
    assert calls.events(stubs, profile_ids=[gone, other], types=["MarketingObjected"]) == []


def test_a_link_outlives_closes_of_the_epoch_and_restarts(shared: Service, stubs: Stubs):
    profile_id = calls.register(stubs).profile_id
    token = token_of(stubs, profile_id)
    for _ in range(2):
        assert list(stubs.operations.CloseEpoch(CloseEpochRequest(), timeout=120))
        consent(stubs, profile_id, "newsletter")
        unsubscribe(stubs, token)
        assert given(stubs, profile_id, "newsletter") == [False]
    shared.stop()
    shared.start()
    consent(stubs, profile_id, "newsletter")
    unsubscribe(stubs, token)
    assert given(stubs, profile_id, "newsletter") == [False]


def test_with_an_address_in_the_settings_there_is_a_link_and_what_a_message_needs(
    shared: Service, stubs: Stubs
):
    profile_id = calls.register(stubs).profile_id
    request = CreateUnsubscribeLinkRequest(profile_id=profile_id, purpose="newsletter")
    bare = stubs.rights.CreateUnsubscribeLink(request, timeout=SECONDS)
    assert (bare.link, list(bare.header_lines)) == ("", [])
    environment = shared.environment
    shared.stop()
    shared.environment = {**environment, "APROFILE_UNSUBSCRIBE_URL": "https://city.example/unsubscribe?t="}
    shared.start()
    made = stubs.rights.CreateUnsubscribeLink(request, timeout=SECONDS)
    shared.stop()
    shared.environment = environment
    shared.start()
    assert made.link == f"https://city.example/unsubscribe?t={made.token}"
    assert list(made.header_lines) == [
        f"List-Unsubscribe: <{made.link}>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    ]
    assert profile_id not in made.link
    assert "newsletter" not in made.link


def test_withdrawing_and_objecting_take_no_more_than_giving():
    """One call each, and no field that giving does not have; a link takes even less."""
    giving = {field.name for field in SetConsentRequest.DESCRIPTOR.fields}
    assert {field.name for field in ObjectToMarketingRequest.DESCRIPTOR.fields} <= giving
    assert [field.name for field in UnsubscribeRequest.DESCRIPTOR.fields] == ["token"]


def test_who_objected_is_in_no_audience(living: Stubs):
    stubs = living
    stays, objected, all_of_it = (calls.register(stubs).profile_id for _ in range(3))
    for profile_id in (stays, objected, all_of_it):
        consent(stubs, profile_id, "newsletter")
    object_to(stubs, stays, "events")
    object_to(stubs, objected, "newsletter")
    object_to(stubs, all_of_it)
    wanted = SelectAudienceRequest(purpose="newsletter", reason=people.REASON)
    pages = stubs.audience.SelectAudience(wanted, timeout=SECONDS)
    members = {member.profile_id for page in pages for member in page.members}
    assert stays in members
    assert not members & {objected, all_of_it}
