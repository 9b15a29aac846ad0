"""The life of a profile: verified, erased, and what remains of it."""

from __future__ import annotations

import pytest
from google.protobuf.message import Message
from hypothesis import given as any_of
from hypothesis import strategies as st

from profile_service.domain.errors import (
    ProfileErasedError,
    ProfileNotFoundError,
    TokenExpiredError,
    TokenInvalidError,
    TokenUsedError,
)
from profile_service.domain.profile import (
    KEPT_VERIFICATIONS,
    Active,
    Erased,
    ProfileState,
    Unregistered,
    erase,
    evolve,
    fold,
    require_active,
    start_verification,
    verify_email,
)
from profile_service.domain.registry import merge, split
from profile_service.v1.events_pb2 import (
    EmailChanged,
    EmailVerificationStarted,
    EmailVerified,
    ErasureReason,
    ErasureRequester,
    ProfileErased,
    ProfileRectified,
    ProfileRegistered,
    ProfileSupplemented,
    ProfileUpdated,
    SourceNoticeGiven,
)
from profile_service.v1.profile_pb2 import Address, Interests, LegalBasis, Profile
from tests.domain.given import given
from tests.domain.samples import DAY, HOUR, NOW, registered, timestamp
from tests.domain.strategies import messages

FACTS = [
    ProfileRegistered,
    ProfileUpdated,
    EmailChanged,
    EmailVerificationStarted,
    EmailVerified,
    ProfileRectified,
    ProfileSupplemented,
    SourceNoticeGiven,
    ProfileErased,
]
HISTORIES = st.lists(st.sampled_from(FACTS).flatmap(messages), max_size=8)

ERASURE = (
    LegalBasis.LEGAL_BASIS_CONSENT,
    ErasureRequester.ERASURE_REQUESTER_PERSON,
    ErasureReason.ERASURE_REASON_CONSENT_WITHDRAWN,
)
ERASED = ProfileErased(legal_basis=ERASURE[0], requested_by=ERASURE[1], reason=ERASURE[2])
TOKEN, OTHER = b"a" * 16, b"b" * 16
STARTED = EmailVerificationStarted(verification_id=TOKEN, expire_time=timestamp(NOW + DAY))
VERIFIED = EmailVerified(verification_id=TOKEN)


def values(*facts: Message) -> Profile:
    return require_active(fold(facts)).profile


# Verifying the address


def test_a_token_is_good_for_a_day():
    given(fold, registered()).when(start_verification, TOKEN, NOW).then(STARTED)


def test_starting_again_with_the_same_token_changes_nothing():
    given(fold, registered(), STARTED).when(start_verification, TOKEN, NOW + HOUR).then()
    given(fold, registered(), STARTED, VERIFIED).when(start_verification, TOKEN, NOW + HOUR).then()


def test_a_token_that_comes_back_in_time_verifies_the_address():
    given(fold, registered(), STARTED).when(verify_email, TOKEN, NOW + DAY - HOUR).then(VERIFIED)
    assert values(registered(), STARTED, VERIFIED).email_verified


def test_a_token_is_good_once():
    given(fold, registered(), STARTED, VERIFIED).when(verify_email, TOKEN, NOW).refused(TokenUsedError)


def test_a_token_is_too_late_when_its_day_is_over():
    given(fold, registered(), STARTED).when(verify_email, TOKEN, NOW + DAY).refused(TokenExpiredError)


def test_a_token_nobody_made_is_invalid():
    given(fold, registered(), STARTED).when(verify_email, OTHER, NOW).refused(TokenInvalidError)


def test_a_token_for_an_earlier_address_is_invalid():
    changed = EmailChanged(email="an@example.be")
    given(fold, registered(), STARTED, changed).when(verify_email, TOKEN, NOW).refused(TokenInvalidError)
    given(fold, registered(), STARTED, VERIFIED, changed).when(verify_email, TOKEN, NOW).refused(
        TokenInvalidError
    )


def test_of_several_tokens_each_is_good_once():
    second = EmailVerificationStarted(verification_id=OTHER, expire_time=timestamp(NOW + DAY))
    after = given(fold, registered(), STARTED, second).when(verify_email, OTHER, NOW)
    after.then(EmailVerified(verification_id=OTHER)).when(verify_email, TOKEN, NOW).then(VERIFIED)


def test_only_the_latest_tokens_are_known():
    later = [
        EmailVerificationStarted(verification_id=bytes([n]) * 16, expire_time=timestamp(NOW + DAY))
        for n in range(KEPT_VERIFICATIONS)
    ]
    given(fold, registered(), STARTED, *later).when(verify_email, TOKEN, NOW).refused(TokenInvalidError)
    given(fold, registered(), STARTED, *later[1:]).when(verify_email, TOKEN, NOW).then(VERIFIED)


# Erasing


def test_erasing_is_a_fact_with_its_reasons():
    given(fold, registered()).when(erase, *ERASURE).then(ERASED)


def test_erasing_for_good_says_so():
    wished = ProfileErased(never_contact_again=True)
    wished.MergeFrom(ERASED)
    given(fold, registered()).when(erase, *ERASURE, never_contact_again=True).then(wished)
    given(fold, registered(), ERASED).when(erase, *ERASURE, never_contact_again=True).then()


def test_erasing_twice_is_erasing_once():
    given(fold, registered(), ERASED).when(erase, *ERASURE).then()


def test_who_never_registered_cannot_be_erased():
    given(fold).when(erase, *ERASURE).refused(ProfileNotFoundError)


@pytest.mark.parametrize("decide", [start_verification, verify_email])
def test_of_an_erased_or_unknown_person_nothing_else_is_decided(decide):
    given(fold, registered(), ERASED).when(decide, TOKEN, NOW).refused(ProfileErasedError)
    given(fold).when(decide, TOKEN, NOW).refused(ProfileNotFoundError)


@any_of(HISTORIES.filter(bool))
def test_the_last_fact_is_enough_to_decide_on_an_erasure(history: list[Message]):
    """An erasure takes as long for a long life as for a short one."""
    whole = fold(history)
    if not isinstance(whole, Erased) or isinstance(history[-1], ProfileErased):
        assert erase(evolve(Unregistered(), history[-1]), *ERASURE) == erase(whole, *ERASURE)


# The fold


def test_before_the_first_fact_nobody_is_registered():
    assert fold([]) == Unregistered()


def test_the_etag_is_the_version_of_the_stream():
    assert require_active(fold([registered(), STARTED, VERIFIED])).etag == "3"


def test_registering_gives_the_first_values():
    assert values(registered()) == Profile(
        email="An.Claes@Example.be",
        given_name="An",
        family_name="Claes",
        date_of_birth=registered().date_of_birth,
        gender=registered().gender,
        post_code="2000",
        language="nl",
        policy_version="2026-1",
    )


def test_an_update_replaces_what_it_names_as_a_whole():
    first = ProfileUpdated(
        phone="+3231234567",
        address=Address(street="Grote Markt", house_number="1", box="A", post_code="2000"),
        interests=Interests(topics=["culture", "sports"]),
    )
    second = ProfileUpdated(
        address=Address(street="Meir", house_number="2"), interests=Interests(topics=["nature"])
    )
    profile = values(registered(), first, second)
    assert profile.address == Address(street="Meir", house_number="2")
    assert list(profile.interests.topics) == ["nature"]
    assert profile.phone == "+3231234567"


def test_an_update_takes_away_what_it_clears():
    first = ProfileUpdated(phone="+3231234567", address=Address(street="Meir"))
    profile = values(
        registered(), first, ProfileUpdated(cleared=["phone", "address", "gender", "unheard-of"])
    )
    assert (profile.phone, profile.HasField("address"), profile.gender) == ("", False, 0)
    assert profile.given_name == "An"


def test_a_changed_address_is_unverified_again():
    profile = values(registered(), STARTED, VERIFIED, EmailChanged(email="an@example.be"))
    assert (profile.email, profile.email_verified) == ("an@example.be", False)


def test_folding_one_more_fact_leaves_the_state_before_it_alone():
    before = fold([registered()])
    evolve(before, ProfileUpdated(given_name="Anna"))
    assert before == fold([registered()])


@any_of(HISTORIES)
def test_folding_is_total(history: list[Message]):
    state: ProfileState = fold(history)
    if any(isinstance(fact, ProfileErased) for fact in history):
        assert state == Erased()
    elif history:
        assert isinstance(state, Active)
        assert state.version == len(history)
        assert len(state.verifications) <= KEPT_VERIFICATIONS


@any_of(HISTORIES)
def test_folding_open_halves_alone_is_total(history: list[Message]):
    """A withheld or destroyed personal half is no reason to fail."""
    state = fold([merge(fact.DESCRIPTOR.full_name, split(fact)[0], None) for fact in history])
    assert type(state) is type(fold(history))
