"""The past: what a view said at a position is what its facts up to there say now."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profile_service.v1 import events_pb2 as events
from projections.as_of import fold_as_of
from projections.opening import UnknownFactTypeInLogError
from projections.sources import Sources
from projections.view import View
from projections.views.profiles import PROFILES_VIEW, ProfilesFound, get_profiles, profile_as_of
from tests.projections.test_parking import from_the_future, poisoned
from tests.projections.world import PEOPLE, Step, World, steps

AsOf = Callable[[Sources, UUID, int], ProfilesFound]


def followed(world: World, people: Collection[UUID], check: Callable[[ProfilesFound], None]) -> None:
    """Follow the log fact by fact, and show what the view says of people after each."""
    follower = world.follower([PROFILES_VIEW], batch=1)
    try:
        while follower._lease.acquire() and follower.step():
            check(get_profiles(world.reader(), world.keys, people))
    finally:
        follower._let_go()


def wrong_positions(world: World, as_of: AsOf) -> list[int]:
    """Follow to the head; return the positions at which the view said otherwise than `as_of` does."""
    people = {one.profile_id for one in (*world.people.values(), *world.erased)}
    wrong: list[int] = []

    def check(live: ProfilesFound) -> None:
        for person in people:
            then = as_of(world.sources, person, live.position)
            same = (
                then.profiles.get(person) == live.profiles.get(person)
                and (person in then.unreadable) == (person in live.unreadable)
                and (person in then.parked) == (person in live.parked)
            )
            if not same or then.position != live.position:
                wrong.append(live.position)

    followed(world, people, check)
    return wrong


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(parts=st.lists(st.lists(steps(), max_size=15), min_size=1, max_size=3))
def test_the_past_at_every_position_is_what_the_view_said_there(
    world: World, parts: list[list[Step]]
) -> None:
    """For any history, erasures included: folded now, or followed to exactly there."""
    world.people.clear()
    world.campaigns.clear()
    world.happen([Step("register", who) for who in range(PEOPLE)])
    for part in parts:
        world.happen(part)
        assert wrong_positions(world, profile_as_of) == []


def test_a_past_that_is_one_fact_behind_is_noticed(world: World) -> None:
    """The check of this file finds a planted mistake."""

    def late(sources: Sources, person: UUID, position: int) -> ProfilesFound:
        found = profile_as_of(sources, person, position - 1)
        return ProfilesFound(position, found.profiles, found.unreadable, found.parked)

    world.happen([Step("register"), Step("update", what=3), Step("open"), Step("email")])
    assert wrong_positions(world, late) == [1, 2, 4]


def test_who_is_parked_was_not_parked_before(world: World) -> None:
    world.happen([Step("register"), Step("update"), Step("email"), Step("update", what=3)])
    person = world.people[0]
    bad = poisoned(PROFILES_VIEW, events.EmailChanged, person)
    assert [_parked_at(world, bad, person.profile_id, position) for position in range(5)] == [
        None,
        None,
        None,
        3,
        3,
    ]


def _parked_at(world: World, view: View, person: UUID, position: int) -> int | None:
    _, failed = fold_as_of(world.sources, view, person, position)
    return failed.position if failed else None


def test_what_an_operator_skipped_never_happened_from_the_decision_on(world: World) -> None:
    world.happen([Step("register"), Step("email"), Step("update", what=3)])
    person = world.people[0]
    bad = poisoned(PROFILES_VIEW, events.EmailChanged, person)
    world.skip(bad, person.profile_id, 2)
    world.happen([Step("update", what=3)])
    assert [_parked_at(world, bad, person.profile_id, at) for at in range(1, 6)] == [None, 2, 2, None, None]
    registered = f"{person.mark}@example.be"
    emails = [
        profile_as_of(world.sources, person.profile_id, at).profiles[person.profile_id].email
        for at in range(1, 6)
    ]
    assert [email == registered for email in emails] == [True, False, False, True, True]


def test_a_fact_that_nobody_knows_is_never_passed_over(world: World) -> None:
    world.happen([Step("register")])
    person = world.people[0]
    world.append_many([from_the_future(person.profile_id)])
    assert profile_as_of(world.sources, person.profile_id, 1).profiles
    with pytest.raises(UnknownFactTypeInLogError) as raised:
        profile_as_of(world.sources, person.profile_id, 2)
    assert raised.value.position == 2


def test_a_time_is_the_last_position_at_or_before_it(world: World) -> None:
    """Facts of one commit have one time: a time never falls between them."""
    world.happen([Step("register", 0), Step("register", 1)])
    world.happen([Step("update", 0)])
    facts = world.log.facts_after(0, 10)
    first, last = facts[0].time, facts[-1].time
    assert [fact.time for fact in facts] == [first, first, last]
    assert [world.log.position_before(time + 1) for time in (0, first - 1, first, last - 1, last)] == [
        0, 0, 2, 2, 3,
    ]  # fmt: skip
    assert world.log.position_before(int(datetime.now(UTC).timestamp() * 1e6) + 1) == 3
