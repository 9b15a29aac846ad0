"""The whole life of a person through every call, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from profile_service.v1 import events_pb2
from profile_service.v1.audit_service_pb2 import PersonalHalf
from profile_service.v1.campaign_service_pb2 import (
    ListSignUpsRequest,
)
from profile_service.v1.consent_service_pb2 import (
    ListConsentsRequest,
)
from profile_service.v1.operations_service_pb2 import GetKeyStatusRequest
from profile_service.v1.profile_pb2 import CONTACT_CHANNEL_POST, Position, Profile
from profile_service.v1.profile_service_pb2 import GetProfileRequest
from profile_service.v1.rights_service_pb2 import ERASURE_FINALITY_EPOCH_CLOSE_PENDING
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import people
from tests.support.service import Stubs

pytestmark = pytest.mark.service


def test_a_person_is_registered_completed_corrected_and_found(living: Stubs):
    """Every read waits for the write before it, and shows exactly it."""
    person = people.new_person()
    request = people.register(person)
    registered = living.profiles.RegisterProfile(request, timeout=SECONDS)
    assert living.profiles.RegisterProfile(request, timeout=SECONDS) == registered
    profile_id = registered.profile_id
    read = calls.profile_of(living, profile_id, registered.position.value)
    for name in ("email", "given_name", "family_name", "date_of_birth", "gender", "post_code", "language"):
        assert getattr(read, name) == getattr(person.registration, name)
    assert (read.profile_id, read.etag, read.email_verified) == (profile_id, registered.etag, False)
    assert read.policy_version == person.registration.policy_version
    assert read.create_time == read.update_time != Profile().create_time

    completion = people.update(profile_id, person.completion, *people.COMPLETED)
    completion.etag = registered.etag
    completed = living.profiles.UpdateProfile(completion, timeout=SECONDS)
    assert living.profiles.UpdateProfile(completion, timeout=SECONDS) == completed
    assert completed.etag != registered.etag
    after = calls.profile_of(living, profile_id, completed.position.value)
    assert (after.phone, after.address, after.interests, after.etag) == (
        person.phone,
        person.completion.address,
        person.completion.interests,
        completed.etag,
    )
    assert after.given_name == read.given_name

    corrected = people.update(
        profile_id,
        Profile(given_name="Ann", preferred_channel=CONTACT_CHANNEL_POST, language="fr"),
        "given_name",
        "preferred_channel",
        "phone",
    )
    correction = living.profiles.UpdateProfile(corrected, timeout=SECONDS)
    last = calls.profile_of(living, profile_id, correction.position.value)
    # `phone` is in the mask and empty: cleared. `language` is not in the mask: as it was.
    assert (last.given_name, last.preferred_channel) == ("Ann", CONTACT_CHANNEL_POST)
    assert (last.phone, last.language) == ("", "nl-BE")
    assert last.create_time == read.create_time

    again = people.update(profile_id, Profile(given_name="Ann"), "given_name")
    unchanged = living.profiles.UpdateProfile(again, timeout=SECONDS)
    assert unchanged.etag == correction.etag

    for spelling in (person.email, person.email.upper(), person.email.swapcase()):
        found = living.profiles.FindProfile(people.find(spelling), timeout=SECONDS)
        assert found.profile_id == profile_id


def test_a_read_mask_shows_only_what_it_names(living: Stubs):
    registered = calls.register(living)
    request = GetProfileRequest(
        profile_id=registered.profile_id,
        reason=people.REASON,
        at_least_position=registered.position,
        read_mask=FieldMask(paths=["given_name", "date_of_birth"]),
    )
    profile = living.profiles.GetProfile(request, timeout=SECONDS).profile
    assert {field.name for field, _ in profile.ListFields()} == {"given_name", "date_of_birth"}
    request.read_mask.paths[:] = ["*"]
    assert living.profiles.GetProfile(request, timeout=SECONDS).profile.email


def test_an_address_in_another_script_is_found_in_every_spelling(living: Stubs):
    """Unicode NFC or NFD, upper or lower case, the domain as IDNA or not: one address."""
    person = people.new_person()
    request = people.register(person)
    request.registration.email = f"Zoë.{person.mark}@bücher-{person.mark}.be"
    profile_id = living.profiles.RegisterProfile(request, timeout=SECONDS).profile_id
    domain = f"bücher-{person.mark.lower()}.be".encode("idna").decode()
    for spelling in (f"ZOË.{person.mark}@BÜCHER-{person.mark}.BE", f"zoe\u0308.{person.mark}@{domain}"):
        found = living.profiles.FindProfile(people.find(spelling), timeout=SECONDS)
        assert found.profile_id == profile_id
    for other in (f"zoe.{person.mark}@{domain}", f"zoë.{person.mark}+x@{domain}"):
        assert calls.refused(living.profiles.FindProfile, people.find(other)).reason == "PROFILE_NOT_FOUND"


def test_a_new_address_replaces_the_old_one_and_must_be_verified_again(living: Stubs):
    person = people.new_person()
    profile_id = calls.register(living, person).profile_id
    started = living.profiles.StartEmailVerification(calls.start_verification(profile_id), timeout=SECONDS)
    verified = living.profiles.VerifyEmail(calls.verify(started.token), timeout=SECONDS)
    assert verified.profile_id == profile_id
    read = calls.profile_of(living, profile_id, verified.position.value)
    assert (read.email_verified, read.etag) == (True, verified.etag)

    respelled = people.update(profile_id, Profile(email=person.email.upper()), "email")
    same = living.profiles.UpdateProfile(respelled, timeout=SECONDS)
    assert calls.profile_of(living, profile_id, same.position.value).email_verified

    moved = people.update(profile_id, Profile(email=f"new.{person.email}"), "email")
    change = living.profiles.UpdateProfile(moved, timeout=SECONDS)
    read = calls.profile_of(living, profile_id, change.position.value)
    assert (read.email, read.email_verified) == (f"new.{person.email}", False)
    found = living.profiles.FindProfile(people.find(read.email), timeout=SECONDS)
    assert found.profile_id == profile_id
    # The old address is free at once, and somebody else's when they register it.
    assert calls.refused(living.profiles.FindProfile, people.find(person.email)).reason == "PROFILE_NOT_FOUND"
    heir = calls.register(living, person).profile_id
    assert heir != profile_id
    # A late duplicate of the change answers as it did, and takes nothing from the heir.
    assert living.profiles.UpdateProfile(moved, timeout=SECONDS) == change
    assert living.profiles.FindProfile(people.find(person.email), timeout=SECONDS).profile_id == heir


def test_an_erased_person_is_gone_everywhere_and_may_come_back_as_another(living: Stubs):
    person = people.new_person()
    registration = people.register(person)
    profile_id = living.profiles.RegisterProfile(registration, timeout=SECONDS).profile_id
    consent = people.consent(profile_id)
    living.consents.SetConsent(consent, timeout=SECONDS)
    campaign_id = calls.open_campaign(living)
    sign_up = people.sign_up(profile_id, campaign_id, person.mark)
    living.campaigns.SignUp(sign_up, timeout=SECONDS)
    keys = living.operations.GetKeyStatus(GetKeyStatusRequest(), timeout=SECONDS)

    erasure = people.erase(profile_id)
    erased = living.rights.EraseProfile(erasure, timeout=SECONDS)
    assert erased.erased_live
    assert erased.finality == ERASURE_FINALITY_EPOCH_CLOSE_PENDING
    assert erased.final_by.ToDatetime() > datetime.now(UTC).replace(tzinfo=None)
    for again in (erasure, people.erase(profile_id)):
        assert living.rights.EraseProfile(again, timeout=SECONDS) == erased
    after = living.operations.GetKeyStatus(GetKeyStatusRequest(), timeout=SECONDS)
    assert (after.profile_keys, after.tombstones) == (keys.profile_keys - 1, keys.tombstones + 1)

    at_least = Position(value=erased.position.value)
    listing = ListConsentsRequest(profile_id=profile_id, reason=people.REASON, at_least_position=at_least)
    for call, request in (
        (living.profiles.GetProfile, people.get(profile_id, at_least.value)),
        (living.profiles.GetProfile, people.get(profile_id)),
        (living.profiles.RegisterProfile, registration),
        (living.profiles.UpdateProfile, people.update(profile_id, Profile(given_name="A"), "given_name")),
        (living.profiles.StartEmailVerification, calls.start_verification(profile_id)),
        (living.consents.SetConsent, consent),
        (living.consents.SetConsent, people.consent(profile_id, "surveys")),
        (living.consents.ListConsents, listing),
        (living.campaigns.SignUp, sign_up),
    ):
        assert calls.refused(call, request).reason == "PROFILE_ERASED"
    assert list(living.consents.CheckConsents(people.check(profile_id), timeout=SECONDS).given) == [False]
    sign_ups = ListSignUpsRequest(campaign_id=campaign_id, reason=people.REASON, at_least_position=at_least)
    assert not living.campaigns.ListSignUps(sign_ups, timeout=SECONDS).sign_ups
    missing = calls.refused(living.profiles.FindProfile, people.find(person.email))
    assert missing.reason == "PROFILE_NOT_FOUND"

    facts = calls.events(living, profile_ids=[profile_id], include_personal=True, reason=people.REASON)
    assert [fact.header.type.rpartition(".")[2] for fact in facts] == [
        "ProfileRegistered",
        "ConsentGiven",
        "SignedUp",
        "RightsRequestOpened",
        "RequesterIdentified",
        "RightsRequestFulfilled",
        "ProfileErased",
    ]
    assert [fact.personal_half for fact in facts] == [
        PersonalHalf.PERSONAL_HALF_ERASED,
        PersonalHalf.PERSONAL_HALF_NONE,
        PersonalHalf.PERSONAL_HALF_ERASED,
        *[PersonalHalf.PERSONAL_HALF_NONE] * 4,
    ]
    assert not any(person.mark.encode() in fact.SerializeToString() for fact in facts)
    open_half = events_pb2.ProfileRegistered.FromString(facts[0].fact)
    assert (open_half.email, open_half.policy_version) == ("", "2026-01")

    newcomer = calls.register(living, person)
    assert newcomer.profile_id != profile_id
    read = calls.profile_of(living, newcomer.profile_id, newcomer.position.value)
    assert read.email == person.email


def test_an_id_in_capitals_is_the_same_id(living: Stubs):
    profile_id = calls.register(living).profile_id
    consent = people.consent(profile_id)
    first = living.consents.SetConsent(consent, timeout=SECONDS)
    consent.request_id, consent.profile_id = consent.request_id.upper(), profile_id.upper()
    assert living.consents.SetConsent(consent, timeout=SECONDS) == first
    erasure = people.erase(profile_id)
    erased = living.rights.EraseProfile(erasure, timeout=SECONDS)
    erasure.request_id = erasure.request_id.upper()
    assert living.rights.EraseProfile(erasure, timeout=SECONDS).position == erased.position
    erasure.never_contact_again = True
    assert calls.refused(living.rights.EraseProfile, erasure).reason == "REQUEST_ID_REUSED"
