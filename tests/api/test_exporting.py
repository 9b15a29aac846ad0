"""What a person gets who asks what the City has, over a real server; and what is left of it afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from profile_service.domain.kept_fields import erased_fields, retained_fields
from profile_service.v1 import events_pb2
from profile_service.v1.annotations_pb2 import OPEN_GROUND_EVIDENCE
from profile_service.v1.events_pb2 import EventHeader
from profile_service.v1.rights_service_pb2 import (
    EXPORT_FORMAT_HTML,
    EXPORT_FORMAT_JSON,
    EXPORT_KIND_ACCESS,
    EXPORT_KIND_PORTABILITY,
    ExportProfileRequest,
    PreviewErasureRequest,
)
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import people
from tests.support.canaries import scan
from tests.support.people import Person
from tests.support.service import Databases, Service, Stubs, running_service

pytestmark = pytest.mark.service


def export(profile_id: str, **values: Any) -> ExportProfileRequest:
    wanted = {"kind": EXPORT_KIND_ACCESS, "format": EXPORT_FORMAT_JSON, "reason": people.REASON, **values}
    return ExportProfileRequest(profile_id=profile_id, **wanted)


def exported(stubs: Stubs, request: ExportProfileRequest) -> str:
    return b"".join(one.chunk for one in stubs.rights.ExportProfile(request, timeout=SECONDS)).decode()


def a_life(stubs: Stubs, person: Person) -> tuple[str, int]:
    """Somebody who completed the profile, consented and signed up; the id, and the last position."""
    profile_id = calls.register(stubs, person).profile_id
    stubs.profiles.UpdateProfile(
        people.update(profile_id, person.completion, *people.COMPLETED), timeout=SECONDS
    )
    stubs.consents.SetConsent(people.consent(profile_id), timeout=SECONDS)
    sign_up = people.sign_up(profile_id, calls.open_campaign(stubs), f"wish {person.mark}")
    return profile_id, stubs.campaigns.SignUp(sign_up, timeout=SECONDS).position.value


def test_an_export_has_the_state_and_every_fact(living: Stubs):
    person = people.new_person()
    profile_id, last = a_life(living, person)
    document = json.loads(exported(living, export(profile_id)))
    profile = calls.profile_of(living, profile_id, last)
    assert document["state"]["profile"]["email"] == profile.email == person.email
    assert document["state"]["profile"]["address"]["street"] == profile.address.street
    assert document["state"]["consents"][0]["decision"] == "CONSENT_DECISION_GIVEN"
    assert document["state"]["sign_ups"][0]["answers"][0]["text"] == f"wish {person.mark}"
    replayed = calls.events(living, profile_ids=[profile_id], include_personal=True, reason=people.REASON)
    assert [(fact["position"], fact["type"]) for fact in document["facts"]] == [
        (event.position, event.header.type.rpartition(".")[2]) for event in replayed
    ]
    # Each field that an auditor can read is in the export, in its half.
    for fact, event in zip(document["facts"], replayed, strict=True):
        message = getattr(events_pb2, fact["type"]).FromString(event.fact)
        assert {*fact["open"], *fact["personal"]} == {field.name for field, _ in message.ListFields()}
        assert fact["header"]["actor"] == event.header.actor


def test_what_a_person_takes_along_is_what_they_provided(stubs: Stubs):
    person = people.new_person()
    profile_id, _ = a_life(stubs, person)
    document = json.loads(exported(stubs, export(profile_id, kind=EXPORT_KIND_PORTABILITY)))
    assert [fact["type"] for fact in document["facts"]] == ["ProfileRegistered", "ProfileUpdated", "SignedUp"]
    assert document["state"].keys() == {"profile", "sign_ups"}


@pytest.mark.parametrize(
    ("language", "title"), [("nl", "Uw gegevens bij de Stad"), ("en", "Your data with the City")]
)
def test_a_page_is_in_the_language_that_was_asked_for(stubs: Stubs, language: str, title: str):
    person = people.new_person()
    profile_id, _ = a_life(stubs, person)
    page = exported(stubs, export(profile_id, format=EXPORT_FORMAT_HTML, language=language))
    assert f"<h1>{title}</h1>" in page
    assert page.endswith("</html>")
    assert person.email in page


def test_somebody_else_is_not_in_it(stubs: Stubs):
    other = people.new_person()
    a_life(stubs, other)
    profile_id, _ = a_life(stubs, people.new_person())
    assert other.mark not in exported(stubs, export(profile_id))


def test_a_preview_tells_what_goes_and_what_stays_and_no_value(stubs: Stubs):
    person = people.new_person()
    profile_id, last = a_life(stubs, person)
    request = PreviewErasureRequest(profile_id=profile_id, reason=people.REASON, language="nl")
    preview = stubs.rights.PreviewErasure(request, timeout=SECONDS)
    assert preview.position.value >= last
    names = {"ProfileRegistered", "ProfileUpdated", "ConsentGiven", "SignedUp"}
    assert {(one.fact_type, one.facts, field) for one in preview.goes for field in one.fields} == {
        (field.fact, 1, field.name) for field in erased_fields() if field.fact in names
    }
    assert {(one.fact_type, one.facts, one.field, one.ground) for one in preview.stays} == {
        (field.fact, 4 if field.fact == "EventHeader" else 1, field.name, field.declared.ground)
        for field in retained_fields()
        if field.fact in {*names, EventHeader.DESCRIPTOR.name}
    }
    assert {one.why for one in preview.stays if one.ground == OPEN_GROUND_EVIDENCE} == {
        "Het bewijst een beslissing: dat ze genomen is, wanneer, en op welke grond."
    }
    assert person.mark not in str(preview)


def test_what_a_preview_says_goes_is_gone_after_the_erasure_and_what_stays_is_there(stubs: Stubs):
    profile_id, _ = a_life(stubs, people.new_person())
    request = PreviewErasureRequest(profile_id=profile_id, reason=people.REASON)
    preview = stubs.rights.PreviewErasure(request, timeout=SECONDS)
    there = fields_that_are_set(stubs, profile_id)
    stubs.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS)
    left = fields_that_are_set(stubs, profile_id)
    goes = {(one.fact_type, name) for one in preview.goes for name in one.fields}
    stays = {(one.fact_type, one.field) for one in preview.stays}
    of_before = {pair for pair in left if pair[0] in {name for name, _ in there}}
    assert there & goes
    assert of_before == there - goes == there & stays


def fields_that_are_set(stubs: Stubs, profile_id: str) -> set[tuple[str, str]]:
    """Of the facts of a person, as an auditor sees them."""
    wanted = {"profile_ids": [profile_id], "include_personal": True, "reason": people.REASON}
    return {
        (name, field.name)
        for event in calls.events(stubs, **wanted)
        for name in [event.header.type.rpartition(".")[2]]
        for field, _ in getattr(events_pb2, name).FromString(event.fact).ListFields()
    }


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose files are scanned when it has stopped."""
    directory: Path = tmp_path_factory.mktemp("exporting")
    environment = {"TMPDIR": str(directory / "temporary")}
    (directory / "temporary").mkdir()
    with running_service(directory, Databases.sqlite(directory), environment=environment) as service:
        yield service


def test_an_export_leaves_nothing_with_the_service_and_ends_with_the_erasure(own: Service):
    """What was handed out is with whoever has it; here it can't be opened again, and is in no file."""
    person = people.new_person()
    with own.stubs() as stubs:
        profile_id, _ = a_life(stubs, person)
        before = {path.name for path in own.directory.rglob("*") if path.is_file()}
        handed_out = [
            exported(stubs, export(profile_id)),
            exported(stubs, export(profile_id, format=EXPORT_FORMAT_HTML, language="nl")),
        ]
        assert all(person.mark in document for document in handed_out)
        assert not {path.name for path in own.directory.rglob("*") if path.is_file()} - before
        stubs.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS)
        found = calls.refused(stubs.rights.ExportProfile, export(profile_id))
        assert found.reason == "PROFILE_ERASED"
        preview = PreviewErasureRequest(profile_id=profile_id, reason=people.REASON)
        assert calls.refused(stubs.rights.PreviewErasure, preview).reason == "PROFILE_ERASED"
    assert not scan([own.directory], [person.mark])
    own.stop()
    assert not scan([own.directory], [person.mark])
    # The scan does find such a document, if one is there.
    kept = own.directory / "kept.html"
    kept.write_text(handed_out[1])
    assert scan([own.directory], [person.mark])
