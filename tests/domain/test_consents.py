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
    is_given,
    object_to_marketing,
    set_consent,
    suppress,
    suppressed_by,
)
from profile_service.domain.errors import ContactSuppressedError, InvalidRequestError, MarketingObjectedError
from profile_service.v1.consent_service_pb2 import ConsentDecision
from profile_service.v1.events_pb2 import (
    SUPPRESSION_REASON_REQUEST,
    ConsentGiven,
    ConsentWithdrawn,
    ContactSuppressed,
    MarketingObjected,
)
from profile_service.v1.profile_pb2 import LEGAL_BASIS_CONSENT, Channel
from tests.domain.given import given
from tests.domain.strategies import messages

YES = ConsentDecision.CONSENT_DECISION_GIVEN
NO = ConsentDecision.CONSENT_DECISION_WITHDRAWN
TEXT, NEW_TEXT = b"t" * 32, b"n" * 32
GIVEN = ConsentGiven(purpose="newsletter", policy_version="1", text_hash=TEXT)
WITHDRAWN = ConsentWithdrawn(purpose="newsletter", policy_version="1", text_hash=TEXT)
OBJECTED = MarketingObjected(purpose="newsletter")
TO_ALL = MarketingObjected()
RESEARCH = ConsentGiven(purpose="research", policy_version="1", text_hash=TEXT)
SUPPRESSED = ContactSuppressed(reason=SUPPRESSION_REASON_REQUEST, legal_basis=LEGAL_BASIS_CONSENT)
FACTS = [ConsentGiven, ConsentWithdrawn, ContactSuppressed, MarketingObjected]
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


def test_objecting_to_a_purpose_is_a_fact_once():
    after = given(fold, GIVEN).when(object_to_marketing, "newsletter").then(OBJECTED)
    after.when(object_to_marketing, "newsletter").then()
    given(fold).when(object_to_marketing, "newsletter", by_link=True).then(
        MarketingObjected(purpose="newsletter", by_link=True)
    )


def test_objecting_to_every_purpose_is_a_fact_until_nothing_is_left_of_it():
    after = given(fold, GIVEN).when(object_to_marketing, None).then(TO_ALL)
    after.when(object_to_marketing, None).then()
    after.when(object_to_marketing, "research").then()
    given(fold, TO_ALL, RESEARCH).when(object_to_marketing, None).then(TO_ALL)
    given(fold, TO_ALL, RESEARCH).when(object_to_marketing, "research").then(
        MarketingObjected(purpose="research")
    )
    given(fold, OBJECTED).when(object_to_marketing, None).then(TO_ALL)


def test_an_objection_ends_what_was_decided_on_its_purposes_only():
    assert fold([GIVEN, RESEARCH, OBJECTED]).decided.keys() == {"research"}
    assert fold([GIVEN, RESEARCH, TO_ALL]).decided == {}
    assert not fold([GIVEN, OBJECTED]).objected_to("research")
    assert fold([TO_ALL, RESEARCH]).objected_to("newsletter")
    assert not fold([TO_ALL, RESEARCH]).objected_to("research")
    assert fold([TO_ALL, RESEARCH, TO_ALL]).objected_to("research")


@pytest.mark.parametrize("objection", [OBJECTED, TO_ALL])
@pytest.mark.parametrize("channel", Channel.values()[1:])
def test_only_a_consent_of_the_person_counts_after_an_objection(objection: Message, channel: Channel):
    known = given(fold, GIVEN, objection)
    consenting = known.when(set_consent, "newsletter", YES, "1", TEXT, channel)
    if channel in FROM_OTHERS:
        consenting.refused(MarketingObjectedError)
    else:
        assert not fold(consenting.then(GIVEN).facts).objected_to("newsletter")
    # A withdrawal lifts nothing.
    withdrawn = known.when(set_consent, "newsletter", NO, "1", TEXT, channel).then(WITHDRAWN)
    assert fold(withdrawn.facts).objected_to("newsletter")


def test_a_consent_to_another_purpose_lifts_no_objection_but_a_suppression():
    known = fold([OBJECTED, SUPPRESSED, RESEARCH])
    assert known.objected_to("newsletter")
    assert not known.suppressed


@any_of(HISTORIES, st.sampled_from(["newsletter", ""]))
def test_who_objects_has_objected_and_has_given_no_consent(history: list[Message], purpose: str):
    for wanted in (purpose, None):
        after = fold([*history, *object_to_marketing(fold(history), wanted)])
        assert after.objected_to(wanted)
        assert after.objected_to(purpose)
        assert object_to_marketing(after, wanted) == []
        assert purpose not in after.decided or after.decided[purpose].decision != YES


@pytest.mark.parametrize(
    ("facts", "given_now"),
    [
        ([], False),
        ([GIVEN], True),
        ([RESEARCH], False),
        ([GIVEN, WITHDRAWN], False),
        ([GIVEN, WITHDRAWN, GIVEN], True),
        ([GIVEN, OBJECTED], False),
        ([GIVEN, TO_ALL], False),
        ([GIVEN, TO_ALL, RESEARCH], False),
        ([GIVEN, SUPPRESSED], False),
    ],
)
def test_a_consent_is_given_until_something_takes_it_back(facts: list[Message], given_now: bool):
    """Or a version of the policy overtakes it."""
    assert is_given(fold(facts), "newsletter", lambda version: version == "1", guarded=True) is given_now
    assert is_given(fold(facts), "newsletter", lambda version: version == "1", guarded=False) is given_now
    assert not is_given(fold(facts), "newsletter", lambda version: version == "2", guarded=True)


def test_what_a_guardian_gave_is_given_while_that_counts_and_then_until_the_person_gives_it():
    of_guardian = ConsentGiven(
        purpose="newsletter", policy_version="1", text_hash=b"1" * 32, by_guardian=True
    )
    own = ConsentGiven(purpose="newsletter", policy_version="1", text_hash=b"1" * 32)

    def given(*facts: Message, guarded: bool) -> bool:
        return is_given(fold(facts), "newsletter", lambda _: True, guarded=guarded)

    assert given(of_guardian, guarded=True)
    assert not given(of_guardian, guarded=False)
    assert given(of_guardian, own, guarded=False)
