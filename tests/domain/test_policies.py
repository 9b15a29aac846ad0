"""Versions of the privacy policy follow each other and never change; a later one overtakes consents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given as any_of
from hypothesis import strategies as st

from profile_service.domain.errors import InvalidRequestError
from profile_service.domain.policies import Counting, Policies, fold, publish
from profile_service.domain.policy_errors import (
    ConsentTextUnknownError,
    NoPolicyInEffectError,
    PolicyOutOfOrderError,
    PolicyVersionTakenError,
    PolicyVersionUnknownError,
)
from profile_service.domain.policy_languages import in_language
from profile_service.v1.events_pb2 import PolicyPublished
from profile_service.v1.policy_pb2 import PolicyContact, PolicyPurpose, PolicyWords
from profile_service.v1.profile_pb2 import LEGAL_BASIS_PUBLIC_TASK
from tests.domain.given import given
from tests.domain.strategies import messages
from tests.support.people import TEXT_HASH
from tests.support.policies import DAY, FIRST_DAY, LANGUAGES, a_policy, a_purpose, words

FIRST = a_policy("1", first=True)
PUBLISHED = PolicyPublished(policy=FIRST)
START = datetime.fromtimestamp(FIRST_DAY, UTC)
NEWSLETTER = "newsletter"


def following(purpose: PolicyPurpose) -> PolicyPublished:
    return PolicyPublished(policy=a_policy("2", [purpose], day=1))


def test_publishing_is_a_fact():
    given(fold).when(publish, FIRST).then(PUBLISHED)


def test_the_same_version_again_changes_nothing_and_another_one_is_refused():
    when_it_was = a_policy("1", first=True, publish_time=Timestamp(seconds=1))
    given(fold, PUBLISHED).when(publish, when_it_was).then()
    other = a_policy("1", first=True, day=1)
    given(fold, PUBLISHED).when(publish, other).refused(PolicyVersionTakenError)


def test_texts_are_published_in_their_normal_form():
    asked = a_policy("1", first=True, controller=PolicyContact(office=" Cite\u0301 ", email="a@b.example"))
    (fact,) = publish(Policies(), asked)
    assert fact.policy.controller.office == "Cité"
    given(fold, fact).when(publish, asked).then()


@pytest.mark.parametrize("day", [-1, 0])
def test_a_version_is_effective_after_every_one_before_it(day: int):
    given(fold, PUBLISHED).when(publish, a_policy("2", day=day)).refused(PolicyOutOfOrderError)


def test_the_first_version_changes_nothing_and_every_later_one_says_what_is_new():
    given(fold).when(publish, a_policy("1")).refused(InvalidRequestError, "policy.changes")
    later = a_policy("2", day=1, changes=[])
    given(fold, PUBLISHED).when(publish, later).refused(InvalidRequestError, "policy.changes")
    blank = a_policy("2", day=1, changes=[PolicyWords(language=one, text=" ") for one in LANGUAGES])
    given(fold, PUBLISHED).when(publish, blank).refused(
        InvalidRequestError, "policy.changes[0].text", "policy.changes[1].text"
    )


def test_what_consent_was_asked_for_needs_it_anew_when_it_changes_and_not_otherwise():
    changed = a_purpose(text=b"n" * 32)
    given(fold, PUBLISHED).when(publish, following(changed).policy).refused(
        InvalidRequestError, "policy.purposes[0].requires_reconsent"
    )
    for purpose in (
        a_purpose(text=b"n" * 32, requires_reconsent=True),
        a_purpose(titles=words("Letters")),
        a_purpose(direct_marketing=False),
        a_purpose("surveys", text=b"n" * 32),
    ):
        given(fold, PUBLISHED).when(publish, following(purpose).policy).then(following(purpose))
    quiet = a_policy("1", [a_purpose(direct_marketing=False)], first=True)
    given(fold, PolicyPublished(policy=quiet)).when(publish, following(a_purpose()).policy).refused(
        InvalidRequestError, "policy.purposes[0].requires_reconsent"
    )


def test_a_language_that_is_added_asks_nobody_anew():
    alone = a_policy("1", [_in_dutch(a_purpose())], first=True)
    del alone.texts[1:]
    facts = publish(Policies(), alone)
    given(fold, *facts).when(publish, a_policy("2", day=1)).then(PolicyPublished(policy=a_policy("2", day=1)))


def _in_dutch(purpose: PolicyPurpose) -> PolicyPurpose:
    del purpose.titles[1:], purpose.consent_texts[1:]
    return purpose


def test_a_version_is_found_by_its_name_and_by_the_time():
    policies = fold([PUBLISHED, following(a_purpose())])
    assert policies.named("2").policy.version == "2"
    with pytest.raises(PolicyVersionUnknownError):
        policies.named("3")
    with pytest.raises(NoPolicyInEffectError):
        policies.in_effect(START - timedelta(microseconds=1))
    for after, version in ((0, "1"), (DAY - 1, "1"), (DAY, "2"), (99 * DAY, "2")):
        assert policies.in_effect(START + timedelta(seconds=after)).policy.version == version


def test_a_consent_is_to_a_text_that_the_version_has_for_the_purpose():
    task = a_purpose(
        "taxes", asks_consent=False, consent_texts=[], legal_basis=LEGAL_BASIS_PUBLIC_TASK, text=b"t" * 32
    )
    policies = fold([PolicyPublished(policy=a_policy("1", [a_purpose(), task], first=True))])
    for text in FIRST.purposes[0].consent_texts:
        policies.check_consent("1", NEWSLETTER, text.text_hash)
    with pytest.raises(PolicyVersionUnknownError):
        policies.check_consent("2", NEWSLETTER, TEXT_HASH)
    for purpose, text_hash in ((NEWSLETTER, b"n" * 32), ("surveys", TEXT_HASH), ("taxes", b"t" * 32)):
        with pytest.raises(ConsentTextUnknownError):
            policies.check_consent("1", purpose, text_hash)


@pytest.mark.parametrize(("asked", "found"), [("nl", "nl"), ("nl-BE", "nl"), ("en-Latn-GB", "en")])
def test_a_version_has_the_words_of_the_nearest_language(asked: str, found: str):
    narrowed = in_language(a_policy("2", day=1), asked)
    (purpose,) = narrowed.purposes
    said: list[Any] = [*narrowed.texts, *narrowed.changes, *purpose.titles, *purpose.consent_texts]
    assert [one.language for one in said] == [found] * 4


class Past(NamedTuple):
    """What each version says of one purpose, how many are effective, and the place of the consented one."""

    versions: list[str]  # "absent", "asks" or "anew"
    effective: int
    consented: int


@st.composite
def pasts(draw: st.DrawFn) -> Past:
    versions = draw(st.lists(st.sampled_from(["absent", "asks", "anew"]), max_size=6))
    return Past(
        versions, draw(st.integers(0, len(versions))), draw(st.integers(-1, max(-1, len(versions) - 1)))
    )


def policies_of(past: Past) -> Policies:
    def purposes(said: str) -> list[PolicyPurpose]:
        other = a_purpose("surveys")
        return [other] if said == "absent" else [other, a_purpose(requires_reconsent=said == "anew")]

    return fold(
        PolicyPublished(policy=a_policy(str(place), purposes(said), day=place))
        for place, said in enumerate(past.versions)
    )


def counts(past: Past) -> bool:
    """Whether the consent counts, step by step: nothing effective since took it away."""
    effective = past.versions[: past.effective]
    if effective and effective[-1] == "absent":
        return False
    since = enumerate(effective[past.consented + 1 :], past.consented + 1)
    return all(said == "asks" and (place == 0 or effective[place - 1] != "absent") for place, said in since)


def answers(past: Past, change: Callable[[Counting], Counting] = lambda counting: counting) -> bool:
    policies = policies_of(past)
    at = START + timedelta(days=past.effective - 1)
    version = "earlier" if past.consented < 0 else str(past.consented)
    return change(policies.counting(NEWSLETTER, at)).takes(version)


@any_of(pasts())
def test_a_consent_counts_until_an_effective_version_takes_it_away(past: Past):
    assert answers(past) == counts(past)


def test_a_planted_defect_is_found():
    """The last version is taken as if it required nothing."""
    past = Past(["asks", "anew"], effective=2, consented=0)
    assert answers(past, lambda counting: replace(counting, since=counting.since - 1)) != counts(past)


@any_of(pasts().filter(lambda past: past.versions))
def test_a_version_requires_anew_what_stops_counting_with_it(past: Past):
    policies = policies_of(past)
    version = str(len(past.versions) - 1)
    everything = Past(past.versions, len(past.versions), len(past.versions) - 2)
    stops = past.versions[-1] != "absent" and not counts(everything)
    assert policies.requires_anew(version, NEWSLETTER) == stops
    assert policies.from_version_on(version).takes(version)
    assert not policies.from_version_on(version).takes("earlier")


@any_of(st.lists(st.just(PolicyPublished).flatmap(messages), max_size=4))
def test_whatever_was_published_can_be_read(facts: list[Message]):
    policies = fold(facts)
    assert policies.version == len(facts)
    policies.counting(NEWSLETTER, START)
