"""Whatever says that a consent is given says the same on any day: what re-reading the history says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from time import monotonic
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profile_service.api import guarded_reads
from profile_service.api.freshness import Freshness
from profile_service.api.guardian_reads import GuardianReads
from profile_service.api.restricted_reads import RestrictedReads
from profile_service.api.view_reads import ViewReads
from profile_service.commands import consent_proofs
from profile_service.commands.consent_proofs import ConsentProver
from profile_service.commands.policies import PublishedPolicies
from profile_service.domain.guardianship import DEFAULT_LIMITS, AgeLimits
from profile_service.domain.restrictions import DEFAULT_PURPOSES
from profile_service.v1.consent_service_pb2 import ConsentDecision
from profile_service.v1.profile_pb2 import Position
from projections.people import NOBODY
from projections.views import audience as audience_view
from projections.views import consents as consent_view
from projections.waiting import ViewPositions
from tests.audience.model import WITHIN, Known, desk, living_people
from tests.objections.test_proofs import anew
from tests.projections.world import PURPOSES, Step, World, histories

GIVEN = ConsentDecision.CONSENT_DECISION_GIVEN
# Two are children in 2026 and come of age on 15 January and on 15 April 2031; the others are of age.
CHILDREN = [Step("update", 0, 6), Step("update", 3, 6)]
GUARDED = [Step("guarded", who, what) for who in (0, 1, 3) for what in (0, 1)]
# One confirms, one withdraws, and one who is of age never had a guardian.
LATER = [Step("consent", 0, 0), Step("withdraw", 3, 1), Step("consent", 2, 0), Step("link", 0, 0)]
DAYS = [
    date(2026, 12, 1),
    date(2031, 1, 14),
    date(2031, 1, 15),
    date(2031, 4, 14),
    date(2031, 4, 15),
    date(2060, 2, 29),
]

# A person, a purpose, and whether it is given.
Answers = dict[tuple[UUID, str], bool]


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@contextmanager
def reading(world: World) -> Iterator[Freshness]:
    freshness = Freshness(world.log, ViewPositions(world.sources.views), PublishedPolicies(world.log))
    try:
        yield freshness
    finally:
        freshness.close()


@contextmanager
def views(world: World, day: date) -> Iterator[ViewReads]:
    with reading(world) as freshness:
        reads = ViewReads(
            reader=world.reader(), keys=world.keys, log=world.log, freshness=freshness, now=lambda: noon(day)
        )
        try:
            yield reads
        finally:
            reads.close()


def reread(world: World, day: date) -> Answers:
    """By the log alone: each fact opened, one after another."""

    def counts(known: Known, purpose: str) -> bool:
        return purpose in known.consents and (purpose not in known.guarded or known.age(day) < 18)

    people = living_people(world)
    return {(one, purpose): counts(known, purpose) for one, known in people.items() for purpose in PURPOSES}


def checked(world: World, day: date, people: list[UUID]) -> Answers:
    answers: Answers = {}
    with views(world, day) as reads:
        for purpose in PURPOSES:
            found = asyncio.run(reads.check_consents(purpose, people, monotonic() + WITHIN))
            answers |= {(one, purpose): one in found.given for one in people}
    return answers


def selected(world: World, day: date, people: list[UUID]) -> Answers:
    with desk(world, page=50, looked_at=100, now=lambda: noon(day)) as reads:
        members = {purpose: set(reads.everybody(purpose)) for purpose in PURPOSES}
    return {(one, purpose): one in members[purpose] for purpose in PURPOSES for one in people}


def listed(world: World, day: date, people: list[UUID]) -> Answers:
    answers: Answers = {}
    with views(world, day) as reads:
        for one in people:
            wanted = reads.consents(one, Position(), monotonic() + WITHIN, history_after=0, history_limit=0)
            given = {row.purpose for row in asyncio.run(wanted).current if row.decision == GIVEN}
            answers |= {(one, purpose): purpose in given for purpose in PURPOSES}
    return answers


def proved(world: World, day: date, people: list[UUID]) -> Answers:
    prover, head, at = ConsentProver(world.log, world.keys), world.log.head(), noon(day).timestamp()
    answers: Answers = {}
    for one in people:
        for purpose in PURPOSES:
            proof = prover.prove(one, purpose, head, int(at * 1e6)).proof
            answers[one, purpose] = proof is not None and proof.made.decision == GIVEN
    return answers


SAYING = {"checks": checked, "audiences": selected, "lists": listed, "proofs": proved}


def disagreeing(world: World, day: date) -> set[str]:
    """Which of them say something else than the history."""
    expected = reread(world, day)
    people = sorted({one for one, _ in expected})
    return {name for name, say in SAYING.items() if say(world, day, people) != expected}


def due(world: World, day: date) -> dict[UUID, list[str]]:
    """Whom `ListConfirmationsDue` names."""

    async def collect(freshness: Freshness, restricted: RestrictedReads) -> dict[UUID, list[str]]:
        reads = GuardianReads(world.reader(), world.keys, freshness, restricted, DEFAULT_LIMITS, page=3)
        pages = reads.confirmations_due(day, NOBODY, Position(), monotonic() + WITHIN)
        found: dict[UUID, list[str]] = {}
        async for page in pages:
            assert not found.keys() & page.purposes.keys()
            found |= page.purposes
        return found

    restricted = RestrictedReads(world.log, DEFAULT_PURPOSES)
    try:
        with reading(world) as freshness:
            return asyncio.run(collect(freshness, restricted))
    finally:
        restricted.close()


def waiting(world: World, day: date) -> dict[UUID, list[str]]:
    """Who has to confirm what, by the log."""
    people = living_people(world).items()
    return {
        one: sorted(known.guarded & known.consents)
        for one, known in people
        if known.guarded & known.consents and known.age(day) >= 18
    }


@settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories(25), day=st.sampled_from(DAYS))
def test_on_any_day_each_says_what_the_history_says(world: World, history: list[Step], day: date):
    anew(world)
    world.happen([*history, *CHILDREN, *GUARDED])
    world.follow()
    assert disagreeing(world, day) == set()
    assert due(world, day) == waiting(world, day)


@pytest.fixture(scope="module")
def children(world: World) -> World:
    anew(world)
    world.happen([*(Step("register", who) for who in range(5)), *CHILDREN, *GUARDED, *LATER])
    world.follow()
    return world


@pytest.mark.parametrize("day", DAYS)
def test_the_days_around_the_birthdays(children: World, day: date):
    assert disagreeing(children, day) == set()
    assert due(children, day) == waiting(children, day)


def test_somebody_comes_of_age_on_each_of_these_days(children: World):
    """So the days before tell something."""
    first, second = (children.people[who].profile_id for who in (0, 3))
    given_on = {
        day: {one for one, said in reread(children, day).items() if said and one[0] in (first, second)}
        for day in DAYS[1:5]
    }
    assert given_on[DAYS[1]] - given_on[DAYS[2]] == {(first, PURPOSES[1])}
    assert given_on[DAYS[3]] - given_on[DAYS[4]] == {(second, PURPOSES[0])}


def everybody(*_: Any) -> frozenset[UUID]:
    return frozenset(_[2])


async def all_of_them(_self: Any, profile_ids: Any, _deadline: float) -> frozenset[UUID]:
    return frozenset(profile_ids)


@pytest.mark.parametrize(
    ("owner", "name", "defect", "noticed"),
    [
        (AgeLimits, "guarded_counts", lambda *_: lambda _born: True, {*SAYING}),
        (guarded_reads.GuardedReads, "counted", all_of_them, {"checks", "lists"}),
        (consent_view, "unconfirmed", lambda row: row, {"lists"}),
        (audience_view, "_counted", everybody, {"audiences"}),
        (consent_proofs, "unconfirmed", lambda made: made, {"proofs"}),
    ],
    ids=["rule", "reads", "list", "audience", "proof"],
)
def test_one_that_forgets_the_birthday_is_noticed(
    children: World,
    monkeypatch: pytest.MonkeyPatch,
    owner: Any,
    name: str,
    defect: Callable[..., Any],
    noticed: set[str],
):
    monkeypatch.setattr(owner, name, defect)
    assert disagreeing(children, DAYS[2]) == noticed


def forbidden(*_: Any) -> None:
    raise AssertionError("a date of birth is opened")


def test_no_date_of_birth_is_opened_for_what_people_give_themselves(
    small_world: World, monkeypatch: pytest.MonkeyPatch
):
    """And one is as soon as a guardian gave something."""
    monkeypatch.setattr(guarded_reads, "births", forbidden)
    monkeypatch.setattr(audience_view, "births", forbidden)
    monkeypatch.setattr(ConsentProver, "_confirmed", forbidden)
    small_world.happen(
        [Step("register", 0), Step("consent", 0, 0), Step("guarded", 0, 1), Step("withdraw", 0, 1)]
    )
    small_world.follow()
    one = small_world.people[0].profile_id
    for say in SAYING.values():
        assert say(small_world, DAYS[0], [one]) == {(one, PURPOSES[0]): True, (one, PURPOSES[1]): False}
    small_world.happen([Step("guarded", 0, 1)])
    small_world.follow()
    for say in SAYING.values():
        with pytest.raises(AssertionError, match="is opened"):
            say(small_world, DAYS[0], [one])
