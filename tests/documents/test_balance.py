"""Export and erasure agree: what is exported, or excluded and why, is what goes, or stays and why."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from profile_service.documents import export as exporting
from profile_service.domain import kept_fields, registry
from profile_service.domain.kept_fields import (
    ABOUT_PEOPLE,
    erased_fields,
    exclusion,
    retained_fields,
)
from profile_service.domain.registry import FACT_TYPES
from profile_service.domain.supplements import SUPPLEMENTABLE
from profile_service.v1.annotations_pb2 import (
    EXPORT_EXCLUSION_ABOUT_NO_PERSON,
    EXPORT_EXCLUSION_FOLLOWS_FROM_OTHERS,
)
from profile_service.v1.events_pb2 import EventHeader
from profile_service.v1.rights_service_pb2 import EXPORT_KIND_PORTABILITY
from tests.documents import held

EVERYTHING: tuple[type[Message], ...] = (EventHeader, *FACT_TYPES.values())
FIELDS = [(message, field) for message in EVERYTHING for field in message.DESCRIPTOR.fields]
# Facts that stand in no stream of a person, and why.
OF_NOBODY = {
    EXPORT_EXCLUSION_ABOUT_NO_PERSON: {
        "CampaignOpened",
        "CampaignClosed",
        "KeyEpochClosed",
        "PolicyPublished",
        "RecipientRegistered",
        "RecipientUpdated",
        "RecipientEnded",
    },
    EXPORT_EXCLUSION_FOLLOWS_FROM_OTHERS: {"ObligationOpened", "ObligationAcknowledged"},
}

Paths = set[tuple[str, str]]


def exported() -> Paths:
    """What a real document has of facts with every field set."""
    facts = held.document(held.export(held.every_fact()))["facts"]
    halves = {(fact["type"], field) for fact in facts for field in (*fact["open"], *fact["personal"])}
    return halves | {("EventHeader", field) for fact in facts for field in fact["header"]}


def excluded() -> Paths:
    """The fields of fact types that say why no export has them."""
    return {
        (message.DESCRIPTOR.name, field.name)
        for message in FACT_TYPES.values()
        if exclusion(message)
        for field in message.DESCRIPTOR.fields
    }


def unbalanced() -> Paths:
    """What is on one side only."""
    erased = {(field.fact, field.name) for field in erased_fields(EVERYTHING)}
    retained = {(field.fact, field.name) for field in retained_fields(EVERYTHING)}
    return (exported() | excluded()) ^ (erased | retained)


def test_what_is_exported_or_excluded_is_what_is_erased_or_retained():
    assert unbalanced() == set()
    assert not exported() & excluded()


@pytest.mark.parametrize(
    ("message", "field"), FIELDS, ids=[f"{message.DESCRIPTOR.name}.{field.name}" for message, field in FIELDS]
)
def test_a_declaration_that_is_removed_is_missed(monkeypatch, message: Any, field: FieldDescriptor):
    def forgotten(asked: FieldDescriptor) -> Any:
        return None if asked.full_name == field.full_name else registry.declaration(asked)

    monkeypatch.setattr(kept_fields, "declaration", forgotten)
    assert unbalanced() == {(message.DESCRIPTOR.name, field.name)}


def test_an_export_that_leaves_a_field_out_is_noticed(monkeypatch):
    """As one would that names its fields by hand: `SignedUp` got answers, and nobody told it."""
    complete = exporting._entry

    def by_hand(fact: Any, portable: bool) -> Any:
        entry = complete(fact, portable)
        assert entry is not None
        entry["personal"].pop("answers", None)
        return entry

    monkeypatch.setattr(exporting, "_entry", by_hand)
    assert unbalanced() == {("SignedUp", "answers")}


def test_an_export_that_leaves_a_type_of_fact_out_is_noticed(monkeypatch):
    known = [message for message in ABOUT_PEOPLE if message.DESCRIPTOR.name != "EmailVerificationStarted"]
    monkeypatch.setattr(held, "ABOUT_PEOPLE", known)
    assert unbalanced() == {
        ("EmailVerificationStarted", "verification_id"),
        ("EmailVerificationStarted", "expire_time"),
    }


def test_only_facts_of_nobody_are_excluded():
    excluded_for: dict[int, set[str]] = {}
    for message in FACT_TYPES.values():
        if exclusion(message):
            excluded_for.setdefault(exclusion(message), set()).add(message.DESCRIPTOR.name)
            assert not registry.has_personal_fields(message.DESCRIPTOR.full_name)
    assert excluded_for == OF_NOBODY


def test_what_is_handed_over_to_take_along_is_what_the_person_provided():
    """And not what the City wrote down of them, such as the case that a legal hold is for."""
    facts = held.document(held.export(held.every_fact(), EXPORT_KIND_PORTABILITY))["facts"]
    provided = {
        (field.fact, field.name) for field in erased_fields() if kept_fields.is_provided(field.declared)
    }
    assert {(fact["type"], field) for fact in facts for field in fact["personal"]} == provided
    assert {(field.fact, field.name) for field in erased_fields()} - provided == {
        ("LegalHoldPlaced", "reference"),
        ("DisclosureMade", "legal_reference"),
        ("GuardianLinked", "guardian_id"),
        ("GuardianshipEnded", "guardian_id"),
        ("ProfileRectified", "fields"),
        ("ProfileRectified", "previous"),
        ("ProfileSupplemented", "collection_reference"),
        *(("ProfileSupplemented", value) for value in SUPPLEMENTABLE),
    }
    assert {field for fact in facts for field in fact["open"]} == {"campaign_id"}
