"""Who consents at which age, until when what a guardian gave counts, and who may be a guardian."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from google.protobuf.message import Message
from google.type.date_pb2 import Date
from hypothesis import given as any_of
from hypothesis import strategies as st

from profile_service.domain import consents
from profile_service.domain.guardian_errors import GuardianRequiredError, NotAGuardianError, OfAgeError
from profile_service.domain.guardianship import (
    DEFAULT_LIMITS,
    AgeLimits,
    Guardianship,
    check_giver,
    end,
    fold,
    link,
)
from profile_service.domain.values import date_message
from profile_service.v1.consent_service_pb2 import ConsentDecision
from profile_service.v1.events_pb2 import ConsentGiven, ConsentWithdrawn, GuardianLinked, GuardianshipEnded
from profile_service.v1.guardian_pb2 import (
    GUARDIAN_RELATION_COURT,
    GUARDIAN_RELATION_PARENT,
    GuardianRelation,
)
from profile_service.v1.rights_pb2 import (
    ASSURANCE_LEVEL_HIGH,
    ASSURANCE_LEVEL_SUBSTANTIAL,
    IDENTIFICATION_METHOD_EID_CARD,
    AssuranceLevel,
    Identification,
)
from tests.domain.given import given
from tests.domain.strategies import messages

YES, NO = ConsentDecision.CONSENT_DECISION_GIVEN, ConsentDecision.CONSENT_DECISION_WITHDRAWN
MOTHER, FATHER = b"m" * 16, b"f" * 16
DAY = timedelta(days=1)
# Born on a day like any other, and on the one that most years do not have.
BORN, LEAP = Date(year=2010, month=6, day=15), Date(year=2008, month=2, day=29)
TEXT = b"t" * 32
OWN = ConsentGiven(purpose="newsletter", policy_version="1", text_hash=TEXT)
GUARDED = ConsentGiven(purpose="newsletter", policy_version="1", text_hash=TEXT, by_guardian=True)
WITHDRAWN = ConsentWithdrawn(purpose="newsletter", policy_version="1", text_hash=TEXT)
HISTORIES = st.lists(
    st.sampled_from([GuardianLinked, GuardianshipEnded, ConsentGiven]).flatmap(messages), max_size=8
)


def proved(
    relation: GuardianRelation = GUARDIAN_RELATION_PARENT, level: AssuranceLevel = ASSURANCE_LEVEL_HIGH
) -> Guardianship:
    return Guardianship(relation, Identification(method=IDENTIFICATION_METHOD_EID_CARD, level=level))


def linked(guardian_id: bytes = MOTHER, how: Guardianship | None = None) -> GuardianLinked:
    how = how or proved()
    return GuardianLinked(
        guardian_id=guardian_id,
        relation=how.relation,
        method=how.identification.method,
        level=how.identification.level,
    )


def gives(
    known: Any, born: Date | None, day: date, guardian: bytes | None = None, *, lives: bool = True
) -> list[Message]:
    """Nothing is decided here: it is refused or not."""
    check_giver(DEFAULT_LIMITS, born, day, known, guardian, guardian_lives=lives)
    return []


# Who gives


@pytest.mark.parametrize(
    ("born", "birthday"),
    [
        (BORN, date(2023, 6, 15)),
        (LEAP, date(2021, 3, 1)),
        (Date(year=2011, month=2, day=28), date(2024, 2, 28)),
    ],
)
def test_a_child_gives_through_a_guardian_until_the_day_before_the_birthday(born: Date, birthday: date):
    story = given(fold, linked())
    story.when(gives, born, birthday - DAY).refused(GuardianRequiredError)
    story.when(gives, born, birthday - DAY, MOTHER).then()
    story.when(gives, born, birthday).then()
    story.when(gives, born, birthday, MOTHER).then()


@pytest.mark.parametrize(
    ("born", "birthday"),
    [
        (BORN, date(2028, 6, 15)),
        (LEAP, date(2026, 3, 1)),
        (Date(year=2006, month=3, day=1), date(2024, 3, 1)),
    ],
)
def test_nobody_else_gives_from_the_birthday_of_majority_on(born: Date, birthday: date):
    story = given(fold, linked())
    story.when(gives, born, birthday - DAY, MOTHER).then()
    story.when(gives, born, birthday, MOTHER).refused(OfAgeError)
    story.when(gives, born, birthday).then()


def test_without_a_date_of_birth_nobody_is_a_child():
    story = given(fold, linked())
    story.when(gives, None, date(2026, 1, 1)).then()
    story.when(gives, None, date(2026, 1, 1), MOTHER).refused(OfAgeError)


def test_who_is_not_born_yet_is_a_child():
    given(fold).when(gives, BORN, date(2010, 6, 14)).refused(GuardianRequiredError)


def test_a_stranger_an_ended_and_an_erased_guardian_give_nothing():
    today = date(2020, 1, 1)
    story = given(fold, linked(MOTHER), linked(FATHER), GuardianshipEnded(guardian_id=FATHER))
    story.when(gives, BORN, today, MOTHER).then()
    story.when(gives, BORN, today, MOTHER, lives=False).refused(NotAGuardianError)
    story.when(gives, BORN, today, FATHER).refused(NotAGuardianError)
    story.when(gives, BORN, today, b"s" * 16).refused(NotAGuardianError)


def test_other_ages_of_a_policy_are_obeyed():
    limits = AgeLimits(consent_age=16, majority=16)
    birthday = date(2026, 6, 15)
    assert limits.is_child(BORN, birthday - DAY)
    assert limits.is_minor(BORN, birthday - DAY)
    assert not limits.is_child(BORN, birthday)
    assert not limits.is_minor(BORN, birthday)


# Until when it counts


@any_of(st.dates(date(1990, 1, 1), date(2012, 12, 31)), st.dates(date(1995, 1, 1), date(2045, 12, 31)))
def test_what_a_guardian_gave_counts_before_the_birthday_of_majority(born: date, day: date):
    """The birthday is looked for on the calendar: on 1 March, where a year has no 29 February."""
    try:
        birthday = born.replace(year=born.year + 18)
    except ValueError:
        birthday = date(born.year + 18, 3, 1)
    counts = DEFAULT_LIMITS.guarded_counts(day)
    assert counts(date_message(born)) == (day < birthday)
    assert not counts(None)


# Who is guardian


def when_linking(known: Any, guardian_id: bytes, how: Guardianship, **said: bool) -> list[GuardianLinked]:
    return link(known, guardian_id, how, **{"is_minor": True, "may_be_guardian": True, **said})


def test_linking_and_ending_are_facts():
    story = given(fold).when(when_linking, MOTHER, proved()).then(linked())
    story = story.when(end, MOTHER).then(GuardianshipEnded(guardian_id=MOTHER))
    story.when(when_linking, MOTHER, proved()).then(linked())


def test_doing_it_twice_is_doing_it_once():
    given(fold, linked()).when(when_linking, MOTHER, proved()).then()
    given(fold, linked(), GuardianshipEnded(guardian_id=MOTHER)).when(end, MOTHER).then()


@pytest.mark.parametrize("how", [proved(GUARDIAN_RELATION_COURT), proved(level=ASSURANCE_LEVEL_SUBSTANTIAL)])
def test_other_values_replace_those_before(how: Guardianship):
    story = given(fold, linked()).when(when_linking, MOTHER, how).then(linked(how=how))
    assert fold(story.facts).linked == {MOTHER: how}


def test_a_child_may_have_two_guardians_and_loses_one():
    story = given(fold, linked(MOTHER)).when(when_linking, FATHER, proved()).then(linked(FATHER))
    story = story.when(end, MOTHER).then(GuardianshipEnded(guardian_id=MOTHER))
    assert fold(story.facts).linked == {FATHER: proved()}


def test_only_a_minor_gets_a_guardian_and_only_somebody_who_may_be_one():
    given(fold).when(when_linking, MOTHER, proved(), is_minor=False).refused(OfAgeError)
    given(fold).when(when_linking, MOTHER, proved(), may_be_guardian=False).refused(NotAGuardianError)
    assert not DEFAULT_LIMITS.is_of_majority(None, date(2026, 1, 1))
    assert not DEFAULT_LIMITS.is_of_majority(BORN, date(2028, 6, 14))
    assert DEFAULT_LIMITS.is_of_majority(BORN, date(2028, 6, 15))


def test_the_guardianship_of_a_stranger_can_not_be_ended():
    given(fold, linked(MOTHER)).when(end, FATHER).refused(NotAGuardianError)


@any_of(HISTORIES)
def test_folding_is_total_and_nobody_is_both_linked_and_not(history: list[Message]):
    known = fold(history)
    assert known.version == len(history)
    assert not known.linked.keys() & known.ended


# What is given


def test_what_a_guardian_gives_says_so():
    given(consents.fold).when(consents.set_consent, "newsletter", YES, "1", TEXT, by_guardian=True).then(
        GUARDED
    )


def test_a_person_confirms_by_giving_the_same():
    story = given(consents.fold, GUARDED).when(consents.set_consent, "newsletter", YES, "1", TEXT).then(OWN)
    story.when(consents.set_consent, "newsletter", YES, "1", TEXT).then()


def test_a_guardian_who_gives_the_same_changes_nothing():
    for before in (OWN, GUARDED):
        given(consents.fold, before).when(
            consents.set_consent, "newsletter", YES, "1", TEXT, by_guardian=True
        ).then()


def test_withdrawing_is_one_fact_whoever_gave():
    for before in (OWN, GUARDED):
        given(consents.fold, before).when(consents.set_consent, "newsletter", NO, "1", TEXT).then(WITHDRAWN)
    given(consents.fold, WITHDRAWN).when(
        consents.set_consent, "newsletter", YES, "1", TEXT, by_guardian=True
    ).then(GUARDED)
