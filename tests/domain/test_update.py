"""Completing and correcting a profile, by a mask."""

from __future__ import annotations

import pytest
from google.type.date_pb2 import Date
from hypothesis import given as any_of
from hypothesis import strategies as st

from profile_service.domain.errors import (
    EtagMismatchError,
    InvalidRequestError,
    ProfileErasedError,
    ProfileNotFoundError,
)
from profile_service.domain.profile import CLEARABLE, Erased, ProfileState, evolve, fold
from profile_service.domain.update import CHANGEABLE, update
from profile_service.v1.events_pb2 import (
    EmailChanged,
    EmailVerificationStarted,
    ProfileErased,
    ProfileUpdated,
    UpdateReason,
)
from profile_service.v1.profile_pb2 import Address, ContactChannel, Gender, Interests, Profile
from tests.domain.given import given
from tests.domain.samples import TODAY, registered
from tests.domain.strategies import messages

COMPLETION = UpdateReason.UPDATE_REASON_COMPLETION
CORRECTION = UpdateReason.UPDATE_REASON_CORRECTION
MEIR = Address(street="Meir", house_number="12", post_code="2000", municipality="Antwerpen", country="BE")
COMPLETED = ProfileUpdated(
    phone="+3231234567",
    address=MEIR,
    interests=Interests(topics=["culture", "sports"]),
    preferred_channel=ContactChannel.CONTACT_CHANNEL_SMS,
    reason=COMPLETION,
)
FULL = Profile(
    email="an@example.be",
    given_name="Anna",
    family_name="Claes",
    date_of_birth=Date(year=1984, month=3, day=1),
    gender=Gender.GENDER_X,
    post_code="2018",
    language="fr",
    phone="+3231234567",
    address=MEIR,
    interests=Interests(topics=["sports", "culture"]),
    preferred_channel=ContactChannel.CONTACT_CHANNEL_SMS,
)


def asked(changes: Profile, *mask: str, reason: UpdateReason = COMPLETION, etag: str = ""):
    """The arguments of one update, for `when`."""
    return {"changes": changes, "mask": mask, "reason": reason, "today": TODAY, "etag": etag}


def test_completing_says_the_new_values():
    mask = ("phone", "address", "interests", "preferred_channel")
    given(fold, registered()).when(update, **asked(FULL, *mask)).then(COMPLETED)


def test_only_what_differs_is_said():
    changes = Profile(given_name="Anna", family_name="Claes", language="nl")
    given(fold, registered()).when(
        update, **asked(changes, "given_name", "family_name", "language", reason=CORRECTION)
    ).then(ProfileUpdated(given_name="Anna", reason=CORRECTION))


def test_what_the_mask_does_not_name_is_left_alone():
    given(fold, registered()).when(update, **asked(FULL, "language")).then(
        ProfileUpdated(language="fr", reason=COMPLETION)
    )


def test_values_as_they_are_already_change_nothing():
    mask = ("phone", "address", "interests", "preferred_channel", "phone")
    given(fold, registered(), COMPLETED).when(update, **asked(FULL, *mask)).then()


def test_a_new_address_is_a_fact_of_its_own():
    changes = Profile(email="an@example.be", given_name="Anna")
    given(fold, registered()).when(update, **asked(changes, "email", "given_name")).then(
        ProfileUpdated(given_name="Anna", reason=COMPLETION),
        EmailChanged(email="an@example.be", reason=COMPLETION),
    )


def test_an_equal_address_in_another_spelling_changes_nothing():
    given(fold, registered()).when(update, **asked(Profile(email="an.claes@EXAMPLE.be"), "email")).then()


# Clearing


@pytest.mark.parametrize("path", sorted(CLEARABLE))
def test_what_can_be_cleared_is_cleared_once(path: str):
    after = given(fold, registered(), COMPLETED).when(update, **asked(Profile(), path))
    after.then(ProfileUpdated(cleared=[path], reason=COMPLETION)).when(
        update, **asked(Profile(), path)
    ).then()


def test_interests_without_topics_are_none():
    given(fold, registered(), COMPLETED).when(
        update, **asked(Profile(interests=Interests()), "interests")
    ).then(ProfileUpdated(cleared=["interests"], reason=COMPLETION))


@pytest.mark.parametrize("path", sorted(set(CHANGEABLE) - CLEARABLE))
def test_every_other_field_cannot_be_cleared(path: str):
    given(fold, registered()).when(update, **asked(Profile(), path)).refused(
        InvalidRequestError, f"profile.{path}"
    )


# The mask


@pytest.mark.parametrize(
    "path",
    [
        "nickname",
        "profile_id",
        "etag",
        "email_verified",
        "policy_version",
        "create_time",
        "update_time",
        "address.street",
        "interests.topics",
        "Email",
        "",
        "*",
    ],
)
def test_a_mask_names_whole_changeable_fields_only(path: str):
    given(fold, registered()).when(update, **asked(FULL, "phone", path)).refused(
        InvalidRequestError, "update_mask"
    )


def test_a_mask_that_names_nothing_is_refused():
    given(fold, registered()).when(update, **asked(FULL)).refused(InvalidRequestError, "update_mask")


def test_every_field_of_a_profile_is_changeable_or_output_only():
    output_only = {"profile_id", "etag", "email_verified", "policy_version", "create_time", "update_time"}
    output_only |= {"verified_fields", "supplemented_fields"}
    assert {field.name for field in Profile.DESCRIPTOR.fields} == set(CHANGEABLE) | output_only


def test_every_changeable_field_is_in_a_fact():
    facts = {field.name for field in ProfileUpdated.DESCRIPTOR.fields} | {"email"}
    assert set(CHANGEABLE) <= facts


# Values


def test_names_and_addresses_are_trimmed_and_composed():
    changes = Profile(
        given_name=" Zoe\u0308 ", address=Address(street=" Meir ", post_code="2000", country="BE")
    )
    given(fold, registered()).when(update, **asked(changes, "given_name", "address")).then(
        ProfileUpdated(
            given_name="Zoë",
            address=Address(street="Meir", post_code="2000", country="BE"),
            reason=COMPLETION,
        )
    )


def test_every_fault_is_named():
    changes = Profile(
        email="nobody",
        family_name="\n",
        date_of_birth=Date(year=1990),
        post_code="0001",
        address=Address(street="\u0007", box=" ", post_code="75001", country="BE"),
    )
    mask = ("email", "family_name", "date_of_birth", "post_code", "address")
    given(fold, registered()).when(update, **asked(changes, *mask)).refused(
        InvalidRequestError,
        "profile.email",
        "profile.family_name",
        "profile.date_of_birth",
        "profile.post_code",
        "profile.address.street",
        "profile.address.box",
        "profile.address.post_code",
    )


def test_a_post_code_in_another_country_is_accepted_as_written():
    address = Address(street="Rue de Rivoli", house_number="1", post_code="75001", country="FR")
    given(fold, registered()).when(update, **asked(Profile(address=address), "address")).then(
        ProfileUpdated(address=address, reason=COMPLETION)
    )


# The version


def test_an_update_of_the_current_version_is_made():
    given(fold, registered(), COMPLETED).when(update, **asked(FULL, "given_name", etag="2")).then(
        ProfileUpdated(given_name="Anna", reason=COMPLETION)
    )


@pytest.mark.parametrize("etag", ["1", "3", "02", "x"])
def test_an_update_of_another_version_is_refused(etag: str):
    given(fold, registered(), COMPLETED).when(update, **asked(FULL, "given_name", etag=etag)).refused(
        EtagMismatchError
    )


def test_making_a_token_is_a_new_version_too():
    given(fold, registered(), EmailVerificationStarted()).when(
        update, **asked(FULL, "given_name", etag="1")
    ).refused(EtagMismatchError)


def test_an_unknown_or_erased_person_is_not_updated():
    given(fold).when(update, **asked(FULL, "phone")).refused(ProfileNotFoundError)
    given(fold, registered(), ProfileErased()).when(update, **asked(FULL, "phone")).refused(
        ProfileErasedError
    )


# For all updates

MASKS = st.lists(st.sampled_from(CHANGEABLE), min_size=1, unique=True)
PROFILES = st.one_of(st.just(FULL), messages(Profile))


def after(state: ProfileState, changes: Profile, mask: list[str]) -> ProfileState | None:
    """The situation after an update; None if it is refused."""
    try:
        facts = update(state, changes, mask, COMPLETION, today=TODAY)
    except InvalidRequestError:
        return None
    for fact in facts:
        state = evolve(state, fact)
    return state


@any_of(PROFILES, PROFILES, MASKS, MASKS)
def test_deciding_twice_decides_nothing_the_second_time(first, second, mask, next_mask):
    """Whatever was there before."""
    start = fold([registered()])
    before = after(start, first, mask) or start
    once = after(before, second, next_mask)
    if once is not None:
        assert not isinstance(once, Erased)
        assert update(once, second, next_mask, COMPLETION, today=TODAY) == []
