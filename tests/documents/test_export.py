"""The documents of one person: complete, ordered, readable, and harmless whatever somebody is called."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from uuid import UUID

import pytest
from google.type.date_pb2 import Date
from hypothesis import given, settings
from hypothesis import strategies as st

from profile_service.documents.export import SCHEMA, Export, as_html, as_json
from profile_service.documents.state import PARTS, WITHOUT_STATE
from profile_service.documents.texts import LANGUAGES
from profile_service.domain.kept_fields import ABOUT_PEOPLE
from profile_service.log.facts import Fact, StoredFact
from profile_service.log.streams import PERSONAL_KINDS
from profile_service.v1.campaign_pb2 import Answer
from profile_service.v1.events_pb2 import (
    ERASURE_REQUESTER_PERSON,
    ConsentGiven,
    ConsentWithdrawn,
    ContactSuppressed,
    EmailVerified,
    EventHeader,
    LegalHoldPlaced,
    LegalHoldReleased,
    MarketingObjected,
    PolicyShown,
    ProfileUpdated,
    RightsRequestFulfilled,
    RightsRequestOpened,
    SignedUp,
    SignUpWithdrawn,
)
from profile_service.v1.rights_pb2 import RIGHT_ACCESS
from profile_service.v1.rights_service_pb2 import EXPORT_KIND_ACCESS, EXPORT_KIND_PORTABILITY
from tests.documents.held import PERSON, document, every_fact, export, facts_of, page_of
from tests.domain.samples import ANSWERS, CAMPAIGN_ID, registered
from tests.domain.strategies import messages
from tests.support.repository import ROOT

EVIL = """<script>alert("1")</script><img src=x onerror='alert(1)'>{{ 7 * 7 }}&amp;"""
ANY_FACT = st.sampled_from([one for one in ABOUT_PEOPLE if one is not EventHeader]).flatmap(messages)
ANY_KIND = st.sampled_from([EXPORT_KIND_ACCESS, EXPORT_KIND_PORTABILITY])

LIFE = facts_of(
    registered(),
    ConsentGiven(purpose="newsletter", policy_version="1", text_hash=b"\1" * 32),
    ConsentWithdrawn(purpose="events", policy_version="1", text_hash=b"\2" * 32),
    ProfileUpdated(phone="+3231234567", cleared=["gender"]),
    EmailVerified(verification_id=b"v" * 16),
    SignedUp(campaign_id=CAMPAIGN_ID, answers=ANSWERS),
    SignedUp(campaign_id=b"x" * 16, answers=[Answer(question_id="q", yes_no=False)]),
    SignUpWithdrawn(campaign_id=b"x" * 16),
)


def test_the_state_is_how_the_person_stands_after_all_facts():
    state = document(export(LIFE))["state"]
    assert state["profile"] == {
        "email": "An.Claes@Example.be",
        "given_name": "An",
        "family_name": "Claes",
        "date_of_birth": "1984-02-29",
        "post_code": "2000",
        "language": "nl",
        "phone": "+3231234567",
        "email_verified": True,
        "policy_version": "2026-1",
    }
    assert [(one["purpose"], one["decision"]) for one in state["consents"]] == [
        ("events", "CONSENT_DECISION_WITHDRAWN"),
        ("newsletter", "CONSENT_DECISION_GIVEN"),
    ]
    assert state["contact_suppressed"] is False
    (sign_up,) = state["sign_ups"]
    assert sign_up["campaign_id"] == "00010203-0405-0607-0809-0a0b0c0d0e0f"
    assert sign_up["answers"][:2] == [
        {"question_id": "size", "choice": "M"},
        {"question_id": "days", "choices": {"options": ["sat", "sun"]}},
    ]


def test_a_suppression_is_in_the_state():
    assert document(export([*LIFE, *facts_of(ContactSuppressed())]))["state"]["contact_suppressed"] is True


def test_objections_requests_and_holds_are_in_the_state():
    asked, day = {"rights_request_id": b"r" * 16}, Date(year=2026, month=3, day=10)
    opened = RightsRequestOpened(
        right=RIGHT_ACCESS,
        requested_by=ERASURE_REQUESTER_PERSON,
        receive_date=day,
        due_date=Date(year=2026, month=4, day=10),
        **asked,
    )
    facts = facts_of(
        MarketingObjected(),
        MarketingObjected(purpose="events"),
        ConsentGiven(purpose="newsletter", policy_version="1", text_hash=b"\1" * 32),
        opened,
        RightsRequestFulfilled(**asked),
        LegalHoldPlaced(hold_id=b"h" * 16, reference="case 12"),
        LegalHoldPlaced(hold_id=b"i" * 16),
        LegalHoldReleased(hold_id=b"i" * 16),
        PolicyShown(policy_version="2", language="nl"),
    )
    state = document(export(facts))["state"]
    assert state["objections"] == [{"every_purpose": True}, {"purpose": "events"}]
    assert [one["purpose"] for one in state["consents"]] == ["newsletter"]
    assert state["rights_requests"] == [
        {
            "rights_request_id": str(UUID(bytes=b"r" * 16)),
            "right": "RIGHT_ACCESS",
            "requested_by": "ERASURE_REQUESTER_PERSON",
            "receive_date": "2026-03-10",
            "due_date": "2026-04-10",
            "state": "RIGHTS_REQUEST_STATE_FULFILLED",
        }
    ]
    assert state["legal_holds"] == [{"hold_id": str(UUID(bytes=b"h" * 16))}]
    assert state["policies_shown"] == [{"policy_version": "2", "language": "nl"}]
    page = page_of(export(facts))
    assert {"case 12", "objections to direct marketing", "for every purpose", "fulfilled"} <= set(page.texts)


def test_each_fact_has_its_place_its_header_and_both_halves():
    first = document(export(LIFE))["facts"][0]
    assert (first["position"], first["time"], first["type"]) == (
        1,
        "2023-11-14T22:13:20.000001Z",
        "ProfileRegistered",
    )
    assert first["header"] == {
        "stream": f"profile/{PERSON}",
        "version": 1,
        "type": "profile_service.v1.ProfileRegistered",
        "profile_id": str(PERSON),
        "actor": "desk",
        "channel": "CHANNEL_WEB",
        "request_id": "00010203-0405-0607-0809-0a0b0c0d0e0f",
        "causation": 1,
        "schema": 1,
    }
    assert first["open"] == {"policy_version": "2026-1"}
    assert first["personal"]["gender"] == "GENDER_FEMALE"


def test_the_order_is_that_of_the_log_and_the_bytes_are_the_same_again():
    made = document(export(LIFE))
    assert [fact["position"] for fact in made["facts"]] == list(range(1, len(LIFE) + 1))
    assert list(as_json(export(LIFE))) == list(as_json(export(LIFE)))


def test_who_takes_data_along_gets_what_they_provided_and_no_more():
    made = document(export(LIFE, EXPORT_KIND_PORTABILITY))
    assert [fact["type"] for fact in made["facts"]] == [
        "ProfileRegistered",
        "ProfileUpdated",
        "SignedUp",
        "SignedUp",
    ]
    assert not any("header" in fact for fact in made["facts"])
    assert set(made["state"]) == {"profile", "sign_ups"}
    assert not made["state"]["profile"].keys() & {"policy_version", "email_verified", "gender"}
    assert made["state"]["profile"]["phone"] == "+3231234567"
    assert [one["campaign_id"] for one in made["state"]["sign_ups"]] == [
        "00010203-0405-0607-0809-0a0b0c0d0e0f"
    ]


def test_a_damaged_fact_is_named_and_hides_no_other():
    damaged = StoredFact(9, 5, f"profile/{PERSON}", 9, PERSON, "profile_service.v1.ProfileUpdated", b"?")
    made = document(export([*LIFE, damaged]))
    assert made["facts"][-1] == {
        "position": 9,
        "time": "1970-01-01T00:00:00.000005Z",
        "type": "ProfileUpdated",
        "damaged": True,
    }
    assert len(made["facts"]) == len(LIFE) + 1
    assert "is damaged" in page_of(export([damaged])).text


@settings(max_examples=30)
@given(st.lists(ANY_FACT, max_size=6), ANY_KIND)
def test_any_history_gives_documents_in_every_form(history, kind):
    made = export(facts_of(*history), kind)
    found = document(made)
    if kind == EXPORT_KIND_ACCESS:
        assert [fact["type"] for fact in found["facts"]] == [one.DESCRIPTOR.name for one in history]
    for language in LANGUAGES:
        assert page_of(made, language).tags[-1]


@pytest.mark.parametrize("form", [as_json, partial(as_html, language="nl")], ids=["json", "html"])
def test_a_document_is_made_as_the_facts_come(form: Callable[[Export], Iterator[str]]):
    """No piece waits for the last fact, and no more than one fact is asked for ahead."""
    given_out: list[int] = []

    def facts() -> Iterator[Fact]:
        for fact in LIFE:
            given_out.append(fact.position)
            yield fact

    made = replace(export(LIFE), facts=facts)
    seen, pieces = "", form(made)
    for fact in LIFE:
        while not re.search(rf'"position":{fact.position},"time"|<h3>{fact.position} ·', seen):
            seen += next(pieces)
        # Once they were gone through for the state.
        assert len(given_out) - len(LIFE) <= fact.position + 1


def test_the_schema_is_documented():
    text = (ROOT / "docs/exports.md").read_text()
    assert f"`{SCHEMA}`" in text
    documented = set(re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE))
    made = document(export(LIFE))
    assert documented == set(made) | {"damaged"} | set(made["facts"][0]) | {
        name for field in made["fields"] for name in field
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_that_is_a_script_is_only_shown(language: str):
    facts = facts_of(
        registered(given_name=EVIL, family_name=EVIL),
        SignedUp(campaign_id=CAMPAIGN_ID, answers=[Answer(question_id=EVIL, text=EVIL)]),
        ConsentGiven(purpose=EVIL),
    )
    page = page_of(export(facts), language)
    harmless = page_of(export(facts_of(registered())), language)
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert page.attributes == harmless.attributes
    assert EVIL in page.texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_loads_nothing_and_leads_nowhere(language: str):
    page = page_of(export(every_fact()), language)
    assert not set(page.tags) & {"script", "link", "img", "iframe", "object", "embed", "form", "a", "base"}
    assert page.attributes <= {"lang", "charset", "http-equiv", "content", "name", "scope"}
    assert not re.search(r"https?:|url\(|@import|//", page.source)
    assert "default-src 'none'" in page.source


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("nl", ["Uw gegevens bij de Stad", "voornaam", "tot uw profiel gewist wordt", "uzelf", "Ontvanger"]),
        ("en", ["Your data with the City", "given name", "until your profile is erased", "you", "Recipient"]),
    ],
)
def test_a_page_says_purposes_recipients_sources_and_retention(language: str, said: list[str]):
    page = page_of(export(LIFE), language)
    assert set(said) <= set(page.texts)
    assert "Printers & Sons <b>" in page.texts
    assert f'<html lang="{language}">' in page.source


def test_a_page_without_recipients_says_so():
    assert "It is not recorded" in page_of(export(LIFE, recipients=())).text


def test_letters_of_a_person_are_not_taken_for_a_value_of_ours():
    (answer,) = [Answer(question_id="q", text="GENDER_X")]
    page = page_of(export(facts_of(SignedUp(campaign_id=CAMPAIGN_ID, answers=[answer]))))
    assert "GENDER_X" in page.texts


def test_every_kind_of_stream_of_a_person_adds_to_the_state_or_says_why_not():
    assert PARTS.keys() | WITHOUT_STATE.keys() == set(PERSONAL_KINDS)
    assert not PARTS.keys() & WITHOUT_STATE.keys()
