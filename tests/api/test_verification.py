"""Tokens that verify an address: the same for a retry, good once, for the address they were made for."""

from __future__ import annotations

import time

import pytest

from profile_service.v1.profile_pb2 import Profile
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import people
from tests.support.service import Stubs

pytestmark = pytest.mark.service

DAY = 24 * 3600


def start(stubs: Stubs, profile_id: str) -> str:
    token: str = stubs.profiles.StartEmailVerification(
        calls.start_verification(profile_id), timeout=SECONDS
    ).token
    return token


def test_a_retried_start_gives_the_same_token_and_another_start_another(stubs: Stubs):
    profile_id = calls.register(stubs).profile_id
    request = calls.start_verification(profile_id)
    first = stubs.profiles.StartEmailVerification(request, timeout=SECONDS)
    assert stubs.profiles.StartEmailVerification(request, timeout=SECONDS) == first
    assert start(stubs, profile_id) != first.token
    # Both are good until one is used: the person may open either mail.
    stubs.profiles.VerifyEmail(calls.verify(first.token), timeout=SECONDS)


def test_a_token_says_when_it_expires(stubs: Stubs):
    request = calls.start_verification(calls.register(stubs).profile_id)
    expires = stubs.profiles.StartEmailVerification(request, timeout=SECONDS).expire_time.ToSeconds()
    assert 0 < expires - time.time() <= 7 * DAY


def test_a_token_is_good_once_but_its_request_may_be_repeated(stubs: Stubs):
    token = start(stubs, calls.register(stubs).profile_id)
    request = calls.verify(token)
    verified = stubs.profiles.VerifyEmail(request, timeout=SECONDS)
    assert stubs.profiles.VerifyEmail(request, timeout=SECONDS) == verified
    assert calls.refused(stubs.profiles.VerifyEmail, calls.verify(token)).reason == "TOKEN_USED"


def test_a_token_of_an_earlier_address_verifies_nothing(stubs: Stubs):
    person = people.new_person()
    profile_id = calls.register(stubs, person).profile_id
    token = start(stubs, profile_id)
    for address in (f"new.{person.email}", person.email):
        change = people.update(profile_id, Profile(email=address), "email")
        position = stubs.profiles.UpdateProfile(change, timeout=SECONDS).position
    # The address is the first one again, and was still not verified since.
    assert calls.refused(stubs.profiles.VerifyEmail, calls.verify(token)).reason == "TOKEN_INVALID"
    assert not calls.profile_of(stubs, profile_id, position.value).email_verified


@pytest.mark.parametrize("place", [0, 20, 30, 60])
def test_a_changed_token_is_not_valid(stubs: Stubs, place: int):
    """Profile id, verification id and proof: none can be changed."""
    token = start(stubs, calls.register(stubs).profile_id)
    changed = "A" if token[place] != "A" else "B"
    forged = token[:place] + changed + token[place + 1 :]
    assert calls.refused(stubs.profiles.VerifyEmail, calls.verify(forged)).reason == "TOKEN_INVALID"
    stubs.profiles.VerifyEmail(calls.verify(token), timeout=SECONDS)


@pytest.mark.parametrize("token", ["a", "é" * 10, "=", " ", "\x00" * 5, "A" * 86, "A" * 256])
def test_what_is_no_token_is_not_valid(stubs: Stubs, token: str):
    assert calls.refused(stubs.profiles.VerifyEmail, calls.verify(token)).reason == "TOKEN_INVALID"
