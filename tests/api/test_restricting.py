"""What is read and changed of somebody whose processing is restricted; every call is in `test_states`."""

from __future__ import annotations

from typing import Any

import pytest

from profile_service.v1.audience_service_pb2 import SelectAudienceRequest
from profile_service.v1.audit_service_pb2 import PERSONAL_HALF_INCLUDED, PERSONAL_HALF_WITHHELD
from profile_service.v1.campaign_service_pb2 import ListSignUpsRequest
from profile_service.v1.profile_pb2 import LEGAL_BASIS_LEGAL_OBLIGATION, Profile, ReadReason
from profile_service.v1.restriction_pb2 import ListRestrictionsRequest
from profile_service.v1.rights_pb2 import (
    RESTRICTION_GROUND_ACCURACY_CONTESTED,
    RESTRICTION_GROUND_NEEDED_FOR_CLAIMS,
)
from tests.api import about_people, calls
from tests.api.about_people import Somebody, somebody
from tests.api.calls import SECONDS
from tests.support import people
from tests.support.service import Stubs

pytestmark = pytest.mark.service

BY_RIGHT = ReadReason(purpose="rights", legal_basis=LEGAL_BASIS_LEGAL_OBLIGATION, on_behalf_of="desk:1")


@pytest.fixture(scope="module")
def restricted(living: Stubs) -> Somebody:
    one = somebody(living)
    living.rights.RestrictProcessing(people.restrict(one.profile_id), timeout=SECONDS)
    return one


NEED_A_REASON = [
    name for name in about_people.READS if "reason" in about_people.METHODS[name].input_type.fields_by_name
]


@pytest.mark.parametrize("name", NEED_A_REASON)
def test_it_is_read_for_what_the_policy_allows(restricted: Somebody, name: str):
    request: Any = about_people.READS[name](restricted)
    request.reason.CopyFrom(BY_RIGHT)
    answer = about_people.call(restricted, name)(request, timeout=SECONDS)
    if hasattr(answer, "__next__"):
        assert list(answer)


def test_it_is_read_and_changed_again_once_every_ground_is_lifted(living: Stubs):
    one = somebody(living)
    grounds = RESTRICTION_GROUND_ACCURACY_CONTESTED, RESTRICTION_GROUND_NEEDED_FOR_CLAIMS
    placed = [people.restrict(one.profile_id, ground) for ground in grounds]
    answers = [living.rights.RestrictProcessing(request, timeout=SECONDS) for request in placed]
    listing = ListRestrictionsRequest(profile_id=one.profile_id, reason=BY_RIGHT)
    standing = living.rights.ListRestrictions(listing, timeout=SECONDS).restrictions
    assert [restriction.ground for restriction in standing] == list(grounds)
    for ground in grounds:
        assert calls.refused(living.profiles.GetProfile, people.get(one.profile_id)).reason == (
            "PROCESSING_RESTRICTED"
        )
        living.rights.LiftRestriction(people.lift(one.profile_id, ground), timeout=SECONDS)
    assert not living.rights.ListRestrictions(listing, timeout=SECONDS).restrictions
    assert calls.profile_of(living, one.profile_id).email == one.person.email
    update = people.update(one.profile_id, Profile(post_code="2000"), "post_code")
    living.profiles.UpdateProfile(update, timeout=SECONDS)
    # Asked again after a lost answer, each answers what it answered, and restricts nothing anew.
    assert living.rights.RestrictProcessing(placed[0], timeout=SECONDS) == answers[0]
    assert calls.profile_of(living, one.profile_id).post_code


def test_a_change_of_before_is_answered_again(living: Stubs):
    one = somebody(living)
    given = people.consent(one.profile_id, "events")
    first = living.consents.SetConsent(given, timeout=SECONDS)
    living.rights.RestrictProcessing(people.restrict(one.profile_id), timeout=SECONDS)
    assert living.consents.SetConsent(given, timeout=SECONDS) == first


def test_the_person_can_still_be_erased(living: Stubs):
    one = somebody(living)
    living.rights.RestrictProcessing(people.restrict(one.profile_id), timeout=SECONDS)
    assert living.rights.EraseProfile(people.erase(one.profile_id), timeout=SECONDS).erased_live
    assert calls.refused(living.profiles.GetProfile, people.get(one.profile_id)).reason == "PROFILE_ERASED"


def test_what_reads_many_people_leaves_the_restricted_out(living: Stubs):
    """And has them again for what the policy allows, if the people consented to that."""
    one, other = somebody(living), somebody(living)
    campaign_id = calls.open_campaign(living)
    for joining in (one, other):
        sign_up = people.sign_up(joining.profile_id, campaign_id, joining.person.mark)
        joined_at = living.campaigns.SignUp(sign_up, timeout=SECONDS).position
    living.rights.RestrictProcessing(people.restrict(one.profile_id), timeout=SECONDS)

    def members(reason: ReadReason) -> set[str]:
        wanted = SelectAudienceRequest(purpose="newsletter", reason=reason)
        answers = living.audience.SelectAudience(wanted, timeout=SECONDS)
        found = {member.profile_id for answer in answers for member in answer.members}
        return found & {one.profile_id, other.profile_id}

    def given(reason: ReadReason) -> list[bool]:
        wanted = people.check(one.profile_id, other.profile_id)
        wanted.reason.CopyFrom(reason)
        return list(living.consents.CheckConsents(wanted, timeout=SECONDS).given)

    def signed_up(reason: ReadReason) -> set[str]:
        wanted = ListSignUpsRequest(campaign_id=campaign_id, reason=reason, at_least_position=joined_at)
        answer = living.campaigns.ListSignUps(wanted, timeout=SECONDS)
        return {sign_up.profile_id for sign_up in answer.sign_ups}

    def opened(reason: ReadReason) -> set[int]:
        wanted = {"profile_ids": [one.profile_id], "include_personal": True, "reason": reason}
        return {event.personal_half for event in calls.events(living, **wanted) if event.personal_half > 1}

    assert members(people.REASON) == signed_up(people.REASON) == {other.profile_id}
    assert given(people.REASON) == [False, True]
    assert opened(people.REASON) == {PERSONAL_HALF_WITHHELD}
    assert members(BY_RIGHT) == signed_up(BY_RIGHT) == {one.profile_id, other.profile_id}
    assert given(BY_RIGHT) == [True, True]
    assert opened(BY_RIGHT) == {PERSONAL_HALF_INCLUDED}
