"""Supplementing over gRPC: what the person said stands, the source is named, and the person is told."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from profile_service.domain.deadlines import due_on
from profile_service.domain.values import date_message, full_date
from profile_service.v1.consent_service_pb2 import CONSENT_DECISION_WITHDRAWN
from profile_service.v1.events_pb2 import SUPPRESSION_REASON_REQUEST, ProfileSupplemented
from profile_service.v1.profile_pb2 import (
    CHANNEL_WEB,
    LEGAL_BASIS_CONSENT,
    LEGAL_BASIS_LEGAL_OBLIGATION,
    Position,
    Profile,
    ReadReason,
)
from profile_service.v1.profile_service_pb2 import GetProfileAsOfRequest
from profile_service.v1.rights_service_pb2 import (
    EXPORT_FORMAT_HTML,
    EXPORT_FORMAT_JSON,
    EXPORT_KIND_ACCESS,
    EXPORT_KIND_PORTABILITY,
    ExportProfileRequest,
    SuppressContactRequest,
)
from profile_service.v1.supplement_pb2 import ListNoticeDueRequest, NoticeDue
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import people
from tests.support.other_sources import SOURCE, SOURCE_NAME, address_of, notice, supplement
from tests.support.service import Stubs

pytestmark = pytest.mark.service

BY_RIGHT = ReadReason(purpose="rights", legal_basis=LEGAL_BASIS_LEGAL_OBLIGATION, on_behalf_of="desk:1")


def due_list(stubs: Stubs, position: Position, size: int = 0, **values: Any) -> list[NoticeDue]:
    """Everything that is due, page by page."""
    wanted = ListNoticeDueRequest(
        **{"reason": people.REASON, "at_least_position": position, "page_size": size, **values}
    )
    found: list[NoticeDue] = []
    while True:
        page = stubs.profiles.ListNoticeDue(wanted, timeout=SECONDS)
        found += page.notices
        wanted.page_token = page.next_page_token
        if not wanted.page_token:
            return found


def test_a_value_is_supplemented_and_named_until_the_person_says_otherwise(living: Stubs):
    person = people.new_person()
    profile_id = calls.register(living, person).profile_id
    wanted = supplement(profile_id, address_of(person), collection_reference=f"Agreement {person.mark}")
    answer = living.profiles.SupplementProfile(wanted, timeout=SECONDS)
    assert living.profiles.SupplementProfile(wanted, timeout=SECONDS) == answer
    profile = calls.profile_of(living, profile_id, answer.position.value)
    assert (profile.address, profile.etag) == (wanted.values.address, answer.etag)
    (named,) = profile.supplemented_fields
    assert (named.field, named.source, named.source_name) == ("address", SOURCE, SOURCE_NAME)

    update = people.update(profile_id, person.completion, *people.COMPLETED)
    updated = living.profiles.UpdateProfile(update, timeout=SECONDS)
    now = calls.profile_of(living, profile_id, updated.position.value)
    assert (now.address, list(now.supplemented_fields)) == (person.completion.address, [])
    found = calls.refused(living.profiles.SupplementProfile, supplement(profile_id, address_of(person)))
    assert (found.reason, found.fields) == ("STATED_BY_PERSON", ["values.address"])
    then = living.profiles.GetProfileAsOf(
        GetProfileAsOfRequest(profile_id=profile_id, reason=people.REASON, position=answer.position),
        timeout=SECONDS,
    ).profile
    assert then == profile

    replayed = {"types": ["ProfileSupplemented"], "include_personal": True, "reason": people.REASON}
    (event,) = calls.events(living, profile_ids=[profile_id], **replayed)
    fact = ProfileSupplemented.FromString(event.fact)
    assert fact.collection_reference == f"Agreement {person.mark}"
    assert person.mark.encode() not in event.record


def test_the_same_again_is_nothing_to_tell(stubs: Stubs):
    person = people.new_person()
    profile_id = calls.register(stubs, person).profile_id
    first = stubs.profiles.SupplementProfile(supplement(profile_id, address_of(person)), timeout=SECONDS)
    again = supplement(profile_id, address_of(person))
    for _ in range(2):
        answer = stubs.profiles.SupplementProfile(again, timeout=SECONDS)
        assert (answer.supplement_id, answer.etag) == ("", first.etag)
        assert not answer.HasField("due_date")


def test_a_consent_permits_it_while_it_is_given(living: Stubs):
    person = people.new_person()
    profile_id = calls.register(living, person).profile_id
    by_consent = {"legal_basis": LEGAL_BASIS_CONSENT, "consent_purpose": "newsletter"}
    wanted = supplement(profile_id, Profile(phone=person.phone), **by_consent)
    assert calls.refused(living.profiles.SupplementProfile, wanted).reason == "CONSENT_NOT_GIVEN"
    living.consents.SetConsent(people.consent(profile_id), timeout=SECONDS)
    assert living.profiles.SupplementProfile(wanted, timeout=SECONDS).supplement_id
    withdrawn = people.consent(profile_id, decision=CONSENT_DECISION_WITHDRAWN)
    living.consents.SetConsent(withdrawn, timeout=SECONDS)
    later = supplement(profile_id, address_of(person), **by_consent)
    assert calls.refused(living.profiles.SupplementProfile, later).reason == "CONSENT_NOT_GIVEN"


def test_nothing_is_taken_of_who_is_contacted_no_more(stubs: Stubs):
    person = people.new_person()
    profile_id = calls.register(stubs, person).profile_id
    suppression = SuppressContactRequest(
        request_id=people.new_id(),
        profile_id=profile_id,
        legal_basis=LEGAL_BASIS_CONSENT,
        suppression_reason=SUPPRESSION_REASON_REQUEST,
        channel=CHANNEL_WEB,
    )
    stubs.rights.SuppressContact(suppression, timeout=SECONDS)
    wanted = supplement(profile_id, address_of(person), channel=CHANNEL_WEB)
    assert calls.refused(stubs.profiles.SupplementProfile, wanted).reason == "CONTACT_SUPPRESSED"


def test_who_was_not_told_is_listed_until_they_are(living: Stubs):
    """Of the restricted for what the policy allows only, and of the erased never."""
    today = full_date(date_message(date.today()))  # noqa: DTZ011 - a day more or less is looked away from
    assert today
    dues, ids = {}, []
    for days in (40, 3, 80):
        person = people.new_person()
        ids.append(calls.register(living, person).profile_id)
        wanted = supplement(ids[-1], address_of(person))
        received = today - timedelta(days=days)
        wanted.receive_date.CopyFrom(date_message(received))
        answer = living.profiles.SupplementProfile(wanted, timeout=SECONDS)
        dues[ids[-1]] = answer
        assert full_date(answer.due_date) == due_on(received, 1)
    late, fresh, oldest = ids
    position = answer.position

    def listed(size: int = 0, **values: Any) -> list[tuple[str, bool]]:
        found = due_list(living, position, size, **values)
        return [(one.profile_id, one.overdue) for one in found if one.profile_id in ids]

    assert listed() == listed(1) == [(oldest, True), (late, True), (fresh, False)]
    assert listed(overdue_only=True) == [(oldest, True), (late, True)]
    (one,) = (one for one in due_list(living, position) if one.profile_id == late)
    assert (one.supplement_id, one.source) == (dues[late].supplement_id, SOURCE)
    long_ago = date_message(today - timedelta(days=200))
    assert listed(at=long_ago) == [(oldest, False), (late, False), (fresh, False)]
    assert listed(at=long_ago, overdue_only=True) == []

    told = notice(late, dues[late].supplement_id)
    answer = living.profiles.RecordNotice(told, timeout=SECONDS)
    assert living.profiles.RecordNotice(told, timeout=SECONDS) == answer
    twice = living.profiles.RecordNotice(notice(late, dues[late].supplement_id), timeout=SECONDS)
    assert twice.etag == answer.etag
    living.rights.RestrictProcessing(people.restrict(fresh), timeout=SECONDS)
    position = living.rights.EraseProfile(people.erase(oldest), timeout=SECONDS).position
    assert listed() == []
    assert listed(reason=BY_RIGHT) == [(fresh, False)]
    position = living.profiles.RecordNotice(
        notice(fresh, dues[fresh].supplement_id), timeout=SECONDS
    ).position
    assert listed(reason=BY_RIGHT) == []


def test_an_export_names_the_source_and_what_is_taken_along_leaves_it_out(stubs: Stubs):
    person = people.new_person()
    profile_id = calls.register(stubs, person).profile_id
    wanted = supplement(profile_id, address_of(person), collection_reference=f"Agreement {person.mark}")
    stubs.profiles.SupplementProfile(wanted, timeout=SECONDS)

    def exported(kind: Any, form: Any) -> str:
        request = ExportProfileRequest(
            profile_id=profile_id, kind=kind, format=form, language="nl", reason=people.REASON
        )
        return b"".join(one.chunk for one in stubs.rights.ExportProfile(request, timeout=SECONDS)).decode()

    document = json.loads(exported(EXPORT_KIND_ACCESS, EXPORT_FORMAT_JSON))
    assert document["state"]["profile"]["supplemented_fields"] == [
        {"field": "address", "source": SOURCE, "source_name": SOURCE_NAME}
    ]
    (fact,) = (fact for fact in document["facts"] if fact["type"] == "ProfileSupplemented")
    assert fact["open"]["source_name"] == SOURCE_NAME
    assert fact["personal"]["collection_reference"] == f"Agreement {person.mark}"
    page = exported(EXPORT_KIND_ACCESS, EXPORT_FORMAT_HTML)
    assert SOURCE_NAME in page
    assert "een andere bron, die bij het gegeven genoemd wordt" in page
    for form in (EXPORT_FORMAT_JSON, EXPORT_FORMAT_HTML):
        taken = exported(EXPORT_KIND_PORTABILITY, form)
        assert person.email in taken
        assert f"Lane {person.mark}" not in taken
        assert SOURCE_NAME not in taken
