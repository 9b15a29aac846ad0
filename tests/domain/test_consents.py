"""One decision per purpose, each with the text that was shown."""

from __future__ import annotations

import pytest
from google.protobuf.message import Message
from hypothesis import given as any_of
from hypothesis import strategies as st

from profile_service.domain.consents import (
    DECIDING_CONTACT,
    Decided,
    fold,
    set_consent,
    suppress,
    suppressed_by,
)
from profile_service.domain.errors import ContactSuppressedError, InvalidRequestError
from profile_service.v1.consent_service_pb2 import ConsentDecision
from profile_service.v1.events_pb2 import (
    SUPPRESSION_REASON_REQUEST,
    ConsentGiven,
    ConsentWithdrawn,
    ContactSuppressed,
)
from profile_service.v1.profile_pb2 import LEGAL_BASIS_CONSENT, Channel
from tests.domain.given import given
from tests.domain.strategies import messages

YES = ConsentDecision.CONSENT_DECISION_GIVEN
NO = ConsentDecision.CONSENT_DECISION_WITHDRAWN
TEXT, NEW_TEXT = b"t" * 32, b"n" * 32
GIVEN = ConsentGiven(purpose="newsletter", policy_version="1", text_hash=TEXT)
WITHDRAWN = ConsentWithdrawn(purpose="newsletter", policy_version="1", text_hash=TEXT)
SUPPRESSED = ContactSuppressed(reason=SUPPRESSION_REASON_REQUEST, legal_basis=LEGAL_BASIS_CONSENT)
FACTS = [ConsentGiven, ConsentWithdrawn, ContactSuppressed]
HISTORIES = st.lists(st.sampled_from(FACTS).flatmap(messages), max_size=8)
FROM_THE_PERSON = [1, 2, 3, 4, 5, 8]
FROM_OTHERS = [Channel.CHANNEL_IMPORT, Channel.CHANNEL_SERVICE]


def test_giving_consent_is_a_fact():
    given(fold).when(set_consent, "newsletter", YES, "1", TEXT).then(GIVEN)


def test_withdrawing_consent_is_a_fact():
    given(fold, GIVEN).when(set_consent, "newsletter", NO, "1", TEXT).then(WITHDRAWN)


def test_giving_again_after_a_withdrawal_is_a_fact():
    given(fold, GIVEN, WITHDRAWN).when(set_consent, "newsletter", YES, "1", TEXT).then(GIVEN)


def test_refusing_what_was_never_given_is_a_fact():
    given(fold).when(set_consent, "newsletter", NO, "1", TEXT).then(WITHDRAWN)


def test_the_same_decision_on_the_same_text_changes_nothing():
    given(fold, GIVEN).when(set_consent, "newsletter", YES, "1", TEXT).then()
    given(fold, WITHDRAWN).when(set_consent, "newsletter", NO, "1", TEXT).then()


@pytest.mark.parametrize(("version", "text"), [("2", TEXT), ("1", NEW_TEXT)])
def test_the_same_decision_on_another_text_is_a_fact(version: str, text: bytes):
    given(fold, GIVEN).when(set_consent, "newsletter", YES, version, text).then(
        ConsentGiven(purpose="newsletter", policy_version=version, text_hash=text)
    )


def test_purposes_are_decided_apart():
    given(fold, GIVEN).when(set_consent, "research", YES, "1", TEXT).then(
        ConsentGiven(purpose="research", policy_version="1", text_hash=TEXT)
    )


def test_deciding_nothing_is_refused():
    nothing = ConsentDecision.CONSENT_DECISION_UNSPECIFIED
    given(fold).when(set_consent, "newsletter", nothing, "1", TEXT).refused(InvalidRequestError, "decision")


def test_the_last_decision_for_a_purpose_counts():
    consents = fold([GIVEN, WITHDRAWN])
    assert consents.version == 2
    assert consents.decided == {"newsletter": Decided(NO, "1", TEXT)}


@any_of(HISTORIES, st.sampled_from([YES, NO]), st.sampled_from(["", "newsletter"]))
def test_deciding_twice_decides_nothing_the_second_time(history: list[Message], decision, purpose: str):
    facts = set_consent(fold(history), purpose, decision, "1", TEXT)
    assert set_consent(fold([*history, *facts]), purpose, decision, "1", TEXT) == []


@any_of(HISTORIES)
def test_folding_is_total(history: list[Message]):
    assert fold(history).version == len(history)


def test_suppressing_is_a_fact_once():
    given(fold, GIVEN).when(suppress, SUPPRESSION_REASON_REQUEST, LEGAL_BASIS_CONSENT).then(SUPPRESSED)
    given(fold, SUPPRESSED).when(suppress, SUPPRESSION_REASON_REQUEST, LEGAL_BASIS_CONSENT).then()
    given(fold).when(suppress, SUPPRESSION_REASON_REQUEST).then(
        ContactSuppressed(reason=SUPPRESSION_REASON_REQUEST)
    )


def test_what_was_given_before_a_suppression_is_given_no_more_and_a_refusal_stays():
    assert fold([GIVEN, SUPPRESSED]).decided == {}
    assert fold([GIVEN, WITHDRAWN, SUPPRESSED]).decided == {"newsletter": Decided(NO, "1", TEXT)}


def test_the_same_consent_after_a_suppression_is_a_fact_and_lifts_it():
    known = given(fold, GIVEN, SUPPRESSED)
    after = known.when(set_consent, "newsletter", YES, "1", TEXT, Channel.CHANNEL_WEB).then(GIVEN)
    assert not fold(after.facts).suppressed
    after.when(suppress, SUPPRESSION_REASON_REQUEST, LEGAL_BASIS_CONSENT).then(SUPPRESSED)


def test_a_withdrawal_lifts_nothing():
    assert fold([SUPPRESSED, WITHDRAWN]).suppressed


@any_of(HISTORIES)
def test_the_last_fact_that_decides_contact_says_what_all_of_them_say(history: list[Message]):
    deciding = [fact for fact in history if isinstance(fact, DECIDING_CONTACT)]
    assert suppressed_by(deciding[-1] if deciding else None) == fold(history).suppressed


@pytest.mark.parametrize("channel", Channel.values()[1:])
def test_only_the_person_lifts_a_suppression(channel: Channel):
    consenting = given(fold, SUPPRESSED).when(set_consent, "newsletter", YES, "1", TEXT, channel)
    if channel in FROM_OTHERS:
        consenting.refused(ContactSuppressedError)
        given(fold).when(set_consent, "newsletter", YES, "1", TEXT, channel).then(GIVEN)
    else:
        assert channel in FROM_THE_PERSON
        consenting.then(GIVEN)
    given(fold, SUPPRESSED).when(set_consent, "newsletter", NO, "1", TEXT, channel).then(WITHDRAWN)


@any_of(HISTORIES)
def test_nobody_who_is_suppressed_has_given_a_consent(history: list[Message]):
    consents = fold(history)
    assert not consents.suppressed or YES not in {one.decision for one in consents.decided.values()}
