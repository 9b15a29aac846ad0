"""What the declarations of the proto files add up to."""

from __future__ import annotations

from typing import Any

from profile_service.domain.kept_fields import (
    declared_purposes,
    erased_fields,
    kept_fields,
    provided_by_person,
    provided_names,
    retained_fields,
)
from profile_service.v1 import annotations_pb2, events_pb2
from profile_service.v1.campaign_pb2 import Answer
from profile_service.v1.events_pb2 import ConsentGiven, SignedUp
from tests.domain.samples import CAMPAIGN_ID, registered


def test_every_purpose_of_a_field_is_declared_once_with_its_legal_basis():
    purpose: Any = annotations_pb2.purpose
    listed = [one.id for one in events_pb2.DESCRIPTOR.GetOptions().Extensions[purpose]]
    assert len(listed) == len(set(listed))
    used = {purpose for field in erased_fields() for purpose in field.declared.purposes}
    assert used == {one.id for one in declared_purposes().values() if not one.is_evidence}
    assert all(one.legal_basis for one in declared_purposes().values())


def test_one_purpose_is_what_open_fields_are_kept_for():
    assert [one.id for one in declared_purposes().values() if one.is_evidence] == ["evidence"]


def test_a_field_goes_or_stays():
    kept = [(field.fact, field.name) for field in kept_fields()]
    gone = {(field.fact, field.name) for field in erased_fields()}
    stays = {(field.fact, field.name) for field in retained_fields()}
    assert len(kept) == len(gone) + len(stays)
    assert set(kept) == gone | stays
    assert {fact for fact, _ in stays} >= {"EventHeader", "ProfileErased"}


def test_what_the_person_provided_is_taken_along_with_its_references():
    answered = SignedUp(campaign_id=CAMPAIGN_ID, answers=[Answer(question_id="q", text="yes")])
    assert provided_by_person(answered) == answered
    assert provided_by_person(registered()) == registered(policy_version=None)


def test_a_fact_in_which_the_person_provided_nothing_is_not_taken_along():
    assert provided_by_person(ConsentGiven(purpose="newsletter")) is None
    assert provided_by_person(SignedUp(campaign_id=CAMPAIGN_ID)) is None


def test_the_names_of_what_is_taken_along():
    assert {"email", "phone", "answers", "campaign_id"} <= provided_names()
    assert not provided_names() & {"policy_version", "verification_id", "text_hash", "stream"}
