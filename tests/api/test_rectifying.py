"""Rectifying over gRPC: the request is fulfilled, the old value stays in the log."""

from __future__ import annotations

import pytest

from profile_service.v1.events_pb2 import ProfileRectified
from profile_service.v1.profile_pb2 import Profile
from profile_service.v1.rights_pb2 import (
    RECTIFICATION_BASIS_ASSERTED,
    RIGHT_RECTIFICATION,
    RIGHTS_REQUEST_STATE_FULFILLED,
)
from profile_service.v1.rights_service_pb2 import ListRequestsRequest
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import people
from tests.support.service import Stubs

pytestmark = pytest.mark.service


def test_a_value_is_rectified_by_a_request_that_it_fulfils(living: Stubs):
    person = people.new_person()
    profile_id = calls.register(living, person).profile_id
    asked = people.ask(profile_id, RIGHT_RECTIFICATION)
    opened = living.rights.OpenRequest(asked, timeout=SECONDS).rights_request_id
    wanted = people.rectify(profile_id, Profile(family_name="Peeters"), "family_name")
    wanted.rights_request_id = opened
    answer = living.rights.RectifyProfile(wanted, timeout=SECONDS)
    assert living.rights.RectifyProfile(wanted, timeout=SECONDS) == answer

    profile = calls.profile_of(living, profile_id, answer.position.value)
    assert (profile.family_name, profile.etag) == ("Peeters", answer.etag)
    assert list(profile.verified_fields) == ["family_name"]
    listing = ListRequestsRequest(profile_id=profile_id, reason=people.REASON)
    (request,) = living.rights.ListRequests(listing, timeout=SECONDS).requests
    assert (request.rights_request_id, request.state) == (opened, RIGHTS_REQUEST_STATE_FULFILLED)
    replayed = {"types": ["ProfileRectified"], "include_personal": True, "reason": people.REASON}
    (event,) = calls.events(living, profile_ids=[profile_id], **replayed)
    assert ProfileRectified.FromString(event.fact).previous.family_name == f"Fámily {person.mark}"
    assert person.mark.encode() not in event.record


def test_an_address_is_rectified_and_the_old_one_free(living: Stubs):
    person, other = people.new_person(), people.new_person()
    profile_id = calls.register(living, person).profile_id
    wanted = people.rectify(profile_id, Profile(email=other.email), "email")
    wanted.basis = RECTIFICATION_BASIS_ASSERTED
    answer = living.rights.RectifyProfile(wanted, timeout=SECONDS)
    profile = calls.profile_of(living, profile_id, answer.position.value)
    assert profile.email == other.email
    assert not profile.verified_fields
    assert living.profiles.FindProfile(people.find(other.email), timeout=SECONDS).profile_id == profile_id
    assert calls.register(living, person).profile_id != profile_id


def test_what_a_register_says_is_asserted_again_when_the_person_changes_it(living: Stubs):
    profile_id = calls.register(living).profile_id
    living.rights.RectifyProfile(
        people.rectify(profile_id, Profile(post_code="2018"), "post_code"), timeout=SECONDS
    )
    update = people.update(profile_id, Profile(post_code="2000"), "post_code")
    updated = living.profiles.UpdateProfile(update, timeout=SECONDS)
    assert not calls.profile_of(living, profile_id, updated.position.value).verified_fields


def test_a_value_that_is_right_is_verified_by_a_document_alone(living: Stubs):
    """A rectification that changes no value is one fact alone, which the view must take, too."""
    person = people.new_person()
    profile_id = calls.register(living, person).profile_id
    wanted = people.rectify(profile_id, Profile(post_code="2060"), "post_code")
    answer = living.rights.RectifyProfile(wanted, timeout=SECONDS)
    profile = calls.profile_of(living, profile_id, answer.position.value)
    assert list(profile.verified_fields) == ["post_code"]
