"""Versions of the privacy policy: published for good, told to people, and above consents to earlier ones."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from profile_service.v1.audience_service_pb2 import SelectAudienceRequest
from profile_service.v1.consent_service_pb2 import (
    CONSENT_DECISION_GIVEN,
    CONSENT_DECISION_WITHDRAWN,
    ConsentDecision,
    ListConsentsRequest,
    SetConsentRequest,
)
from profile_service.v1.policy_pb2 import Policy
from profile_service.v1.policy_service_pb2 import (
    GetPolicyRequest,
    ListNotInformedRequest,
    ListPoliciesRequest,
    ListReconsentDueRequest,
)
from profile_service.v1.profile_pb2 import Position
from profile_service.v1.profile_service_pb2 import RegisterProfileRequest
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import forked, people
from tests.support.policies import FIRST_DAY, STANDARD, a_policy, a_purpose, publish, shown
from tests.support.service import Databases, Stubs, running_service

pytestmark = pytest.mark.service

SECOND_TEXT = b"2" * 32
FIRST = STANDARD
# In two versions the text of the newsletter is another one; the last one is not effective in this life.
SECOND = a_policy("2026-02", [a_purpose(text=SECOND_TEXT, requires_reconsent=True)], day=31)
FUTURE = a_policy("3000-01", [a_purpose(text=b"3" * 32, requires_reconsent=True)], day=355_000)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stubs]:
    """A service of its own: what is published in it holds for everybody."""
    directory: Path = tmp_path_factory.mktemp("policies")
    with (
        running_service(directory, Databases.sqlite(directory)) as service,
        service.stubs() as stubs,
    ):
        yield stubs


def got(stubs: Stubs, **which: Any) -> Policy:
    policy: Policy = stubs.policies.GetPolicy(GetPolicyRequest(**which), timeout=SECONDS).policy
    return policy


def content(policy: Policy) -> Policy:
    """A version as it was published."""
    assert policy.HasField("publish_time")
    policy.ClearField("publish_time")
    return policy


def consenting(stubs: Stubs, version: str = FIRST.version, text_hash: bytes = people.TEXT_HASH) -> str:
    """Somebody who registered with a version, and consented to its text."""
    profile_id = str(stubs.profiles.RegisterProfile(registration(version), timeout=SECONDS).profile_id)
    stubs.consents.SetConsent(consent(profile_id, version, text_hash), timeout=SECONDS)
    return profile_id


def registration(version: str) -> RegisterProfileRequest:
    request = people.register(people.new_person())
    request.registration.policy_version = version
    return request


def consent(
    profile_id: str,
    version: str,
    text_hash: bytes = people.TEXT_HASH,
    decision: ConsentDecision = CONSENT_DECISION_GIVEN,
) -> SetConsentRequest:
    request = people.consent(profile_id, decision=decision)
    request.policy_version, request.text_hash = version, text_hash
    return request


def overtaken(stubs: Stubs, profile_id: str) -> bool:
    wanted = ListConsentsRequest(profile_id=profile_id, reason=people.REASON)
    (consent,) = stubs.consents.ListConsents(wanted, timeout=SECONDS).consents
    return bool(consent.overtaken)


def given(stubs: Stubs, profile_id: str) -> bool:
    (given,) = stubs.consents.CheckConsents(people.check(profile_id), timeout=SECONDS).given
    return bool(given)


def in_audience(stubs: Stubs, profile_id: str) -> bool:
    wanted = SelectAudienceRequest(purpose="newsletter", reason=people.REASON)
    pages = stubs.audience.SelectAudience(wanted, timeout=SECONDS)
    return profile_id in [member.profile_id for page in pages for member in page.members]


def not_informed(stubs: Stubs, version: str, at_least: Position | None = None, after: str = "") -> list[str]:
    wanted = ListNotInformedRequest(
        policy_version=version, after_profile_id=after, at_least_position=at_least, reason=people.REASON
    )
    pages = stubs.policies.ListNotInformed(wanted, timeout=SECONDS)
    return [profile_id for page in pages for profile_id in page.profile_ids]


def due(stubs: Stubs, version: str, at_least: Position) -> list[str]:
    wanted = ListReconsentDueRequest(
        policy_version=version, purpose="newsletter", at_least_position=at_least, reason=people.REASON
    )
    pages = stubs.policies.ListReconsentDue(wanted, timeout=SECONDS)
    return [profile_id for page in pages for profile_id in page.profile_ids]


def test_a_published_version_is_answered_as_it_was_published_and_never_changes(city: Stubs):
    request = publish(FIRST)
    again = [city.policies.PublishPolicy(one, timeout=SECONDS) for one in (request, request, publish(FIRST))]
    assert len({answer.position.log_id for answer in again}) == 1
    published = [event for event in calls.events(city) if event.header.type.endswith("PolicyPublished")]
    assert len(published) == 1
    changed = a_policy(first=True, purposes=[a_purpose(direct_marketing=False)])
    assert calls.refused(city.policies.PublishPolicy, publish(changed)).reason == "POLICY_VERSION_TAKEN"
    assert content(got(city)) == FIRST
    assert content(got(city, version=FIRST.version)) == FIRST


def test_words_are_answered_in_the_nearest_language(city: Stubs):
    dutch = got(city, language="nl-BE")
    assert [text.language for text in dutch.texts] == ["nl"]
    purpose = next(one for one in dutch.purposes if one.purpose == "newsletter")
    assert [title.text for title in purpose.titles] == ["Nieuwsbrief"]
    assert [text.text_hash for text in purpose.consent_texts] == [people.TEXT_HASH]
    assert calls.refused(city.policies.GetPolicy, GetPolicyRequest(language="fr")).fields == ["language"]


def test_who_is_shown_a_version_is_told_of_it_and_of_those_before(city: Stubs):
    """Until then the person is in the list, and an erased one never."""
    city.policies.PublishPolicy(publish(SECOND), timeout=SECONDS)
    registered = calls.register(city)
    told, untold, erased = (calls.register(city).profile_id for _ in range(3))
    request = shown(told, SECOND.version)
    answers = [city.policies.RecordPolicyShown(one, timeout=SECONDS) for one in (request, request)]
    assert answers[0] == answers[1]
    again = city.policies.RecordPolicyShown(shown(told, SECOND.version), timeout=SECONDS)
    assert again.position.value == answers[0].position.value
    at = city.rights.EraseProfile(people.erase(erased), timeout=SECONDS).position
    listed = not_informed(city, SECOND.version, at)
    assert listed == sorted(listed)
    assert {registered.profile_id, untold} <= set(listed)
    assert not {told, erased} & set(listed)
    assert not_informed(city, SECOND.version, at, after=untold) == [one for one in listed if one > untold]
    assert not {told, untold} & set(not_informed(city, FIRST.version, at))
    facts = [
        event for event in calls.events(city, profile_ids=[told]) if event.header.type.endswith("PolicyShown")
    ]
    assert len(facts) == 1


def test_a_changed_purpose_overtakes_consents_until_they_are_given_anew(city: Stubs):
    """At once on checks and audiences, also for whoever has the answer of the publication only."""
    keeps, withdraws = consenting(city), consenting(city)
    third = a_policy("2026-03", [a_purpose(text=b"4" * 32, requires_reconsent=True)], day=62)
    for policy in (SECOND, third):
        city.policies.PublishPolicy(publish(policy), timeout=SECONDS)
        assert not given(city, keeps)
        assert not in_audience(city, keeps)
    assert overtaken(city, keeps)
    withdrawal = people.consent(withdraws, decision=CONSENT_DECISION_WITHDRAWN)
    at = city.consents.SetConsent(withdrawal, timeout=SECONDS).position
    assert keeps in due(city, third.version, at)
    assert withdraws not in due(city, third.version, at)

    at = city.consents.SetConsent(consent(keeps, third.version, b"4" * 32), timeout=SECONDS).position
    assert given(city, keeps)
    assert in_audience(city, keeps)
    assert keeps not in due(city, third.version, at)


def test_who_is_restricted_is_not_asked_anew_but_told(city: Stubs):
    version = a_policy("2026-04", [a_purpose(text=b"6" * 32, requires_reconsent=True)], day=93)
    restricted, other = consenting(city), consenting(city)
    city.policies.PublishPolicy(publish(version), timeout=SECONDS)
    at = city.rights.RestrictProcessing(people.restrict(restricted), timeout=SECONDS).position
    assert {restricted, other} & set(due(city, version.version, at)) == {other}
    assert {restricted, other} <= set(not_informed(city, version.version, at))
    at = city.rights.LiftRestriction(people.lift(restricted), timeout=SECONDS).position
    assert {restricted, other} <= set(due(city, version.version, at))


def test_withdrawing_needs_no_text_that_was_published(city: Stubs):
    """Nobody is kept from it, whatever they were shown."""
    profile_id = calls.register(city).profile_id
    for version, text_hash in (("1999-12", bytes(32)), (FIRST.version, bytes(32))):
        withdrawal = consent(profile_id, version, text_hash, CONSENT_DECISION_WITHDRAWN)
        assert city.consents.SetConsent(withdrawal, timeout=SECONDS).position.value
        refused = calls.refused(city.consents.SetConsent, consent(profile_id, version, text_hash))
        assert refused.reason in ("POLICY_VERSION_UNKNOWN", "CONSENT_TEXT_UNKNOWN")


def test_a_consent_counts_until_the_version_that_overtakes_it_is_effective(city: Stubs):
    """Whose consent will be overtaken is known before; who consents to it now has consented now."""
    soon = a_policy("2026-soon", [a_purpose(text=b"5" * 32, requires_reconsent=True)])
    latest = listed(city)[-1]
    newsletter = next(one for one in latest.purposes if one.purpose == "newsletter")
    profile_id = consenting(city, latest.version, newsletter.consent_texts[0].text_hash)
    soon.effective_time.FromSeconds(int(time.time()) + 3)
    at = city.policies.PublishPolicy(publish(soon), timeout=SECONDS).position
    assert given(city, profile_id)
    assert profile_id in due(city, soon.version, at)
    time.sleep(max(0.0, soon.effective_time.seconds - time.time()) + 0.05)
    assert not given(city, profile_id)
    assert not in_audience(city, profile_id)
    assert content(got(city)) == soon

    city.policies.PublishPolicy(publish(FUTURE), timeout=SECONDS)
    city.consents.SetConsent(consent(profile_id, FUTURE.version, b"3" * 32), timeout=SECONDS)
    assert given(city, profile_id)
    assert content(got(city)) == soon


def test_versions_are_listed_in_order_and_found_by_time(city: Stubs):
    city.policies.PublishPolicy(publish(SECOND), timeout=SECONDS)
    every = listed(city)
    assert len(every) > 1
    effective = [policy.effective_time.seconds for policy in every]
    assert effective == sorted(effective)
    assert listed(city, page_size=1) == every
    for policy, following in pairwise(every):
        assert got(city, time=policy.effective_time) == policy
        last = Timestamp(seconds=following.effective_time.seconds - 1, nanos=999_999_999)
        assert got(city, time=last) == policy
    before = GetPolicyRequest()
    before.time.FromSeconds(FIRST_DAY - 1)
    assert calls.refused(city.policies.GetPolicy, before).reason == "NO_POLICY_IN_EFFECT"


def test_a_log_from_before_the_first_version_goes_on(tmp_path: Path):
    """What people consented to counts and can be withdrawn; what they were shown is published afterwards."""
    before = {"module": "tests.api.without_versions", "with_policy": False}
    with running_service(tmp_path, Databases.sqlite(tmp_path), **before) as service:
        with service.stubs() as stubs:
            current, old, older, leaves = (
                consenting(stubs, version) for version in (FIRST.version, "2019", "2011", "2011")
            )
        service.stop()
        service.module = forked.PROGRAM
        service.start()
        assert "before a privacy policy is published" in service.log.read_text()
        with service.stubs() as stubs:
            assert listed(stubs) == []
            assert calls.refused(stubs.policies.GetPolicy, GetPolicyRequest()).reason == "NO_POLICY_IN_EFFECT"
            refused = calls.refused(stubs.profiles.RegisterProfile, registration(FIRST.version))
            assert refused.reason == "POLICY_VERSION_UNKNOWN"
            refused = calls.refused(stubs.consents.SetConsent, consent(leaves, FIRST.version))
            assert refused.reason == "POLICY_VERSION_UNKNOWN"
            withdrawal = consent(leaves, "2011", decision=CONSENT_DECISION_WITHDRAWN)
            stubs.consents.SetConsent(withdrawal, timeout=SECONDS)
            assert [given(stubs, one) for one in (current, old, older, leaves)] == [True, True, True, False]
            assert in_audience(stubs, older)

            history = a_policy("2019", day=-2_400, first=True)
            stubs.policies.PublishPolicy(publish(history), timeout=SECONDS)
            assert given(stubs, older)
            assert not overtaken(stubs, older)
            changed = a_purpose(text=SECOND_TEXT, requires_reconsent=True)
            at = stubs.policies.PublishPolicy(publish(a_policy(purposes=[changed])), timeout=SECONDS).position
            assert [given(stubs, one) for one in (current, old, older)] == [True, False, False]
            assert sorted(due(stubs, FIRST.version, at)) == sorted([old, older])
            assert sorted(not_informed(stubs, FIRST.version, at)) == sorted([old, older, leaves])
            assert given(stubs, consenting(stubs, FIRST.version, SECOND_TEXT))


def listed(stubs: Stubs, page_size: int = 0) -> list[Policy]:
    """All pages of the list."""
    policies: list[Policy] = []
    token = ""
    while True:
        request = ListPoliciesRequest(page_size=page_size, page_token=token)
        answer = stubs.policies.ListPolicies(request, timeout=SECONDS)
        policies += answer.policies
        token = answer.next_page_token
        if not token:
            return policies
