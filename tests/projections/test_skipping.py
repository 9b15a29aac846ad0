"""What is skipped is said by the log: every view obeys, live and rebuilt, also one that is made anew."""

from __future__ import annotations

from concurrent.futures import Executor
from functools import partial
from typing import Any

import pytest

from profile_service.log.streams import SKIPS, stream_name
from profile_service.v1 import events_pb2 as events
from profile_service.v1.operations_service_pb2 import RebuildPhase
from projections import catalogue
from projections.catalogue import find_view
from projections.parking import list_parked
from projections.rebuild import rebuild
from projections.verify import verify
from projections.view import View
from projections.views import VIEWS
from projections.views.consents import CONSENTS_VIEW
from projections.views.consents_per_day import CONSENTS_PER_DAY_VIEW, consents_per_day
from projections.views.profiles import PROFILES_VIEW, get_profiles
from projections.views.sign_ups import SIGN_UPS_VIEW, campaigns
from tests.projections.proof import differing, expect_rebuilt_is_live
from tests.projections.test_parking import poisoned, with_poisoned
from tests.projections.test_rebuilding import rebuilt
from tests.projections.world import Person, Step, World

# Where the fact is that fails in these histories.
FAILS = 2


def email_of(world: World, person: Person) -> str:
    return get_profiles(world.reader(), world.keys, [person.profile_id]).profiles[person.profile_id].email


@pytest.fixture
def waiting(world: World) -> tuple[World, Person, View]:
    """Someone waits at a change of address; the view that could not apply it."""
    world.happen([Step("register"), Step("email"), Step("update", what=3)])
    person = world.people[0]
    bad = poisoned(PROFILES_VIEW, events.EmailChanged, person)
    world.follow(with_poisoned(bad))
    assert [one.position for one in list_parked(world.sources, bad)] == [FAILS]
    return world, person, bad


def test_it_passes_over_one_fact_for_ever(waiting: tuple[World, Person, View], executor: Executor) -> None:
    world, person, bad = waiting
    world.skip(bad, person.profile_id, FAILS)
    world.follow(with_poisoned(bad))
    assert not list_parked(world.sources, bad)
    assert email_of(world, person) == f"{person.mark}@example.be"
    profile = get_profiles(world.reader(), world.keys, [person.profile_id]).profiles[person.profile_id]
    assert profile.given_name == f"Other {person.mark}"
    # A rebuild, even by a projector that could apply it, skips it too.
    rebuilt(world, PROFILES_VIEW, executor)
    assert email_of(world, person) == f"{person.mark}@example.be"
    assert differing(world, PROFILES_VIEW) == []


def test_a_database_of_views_that_is_made_anew_skips_the_same(
    waiting: tuple[World, Person, View], executor: Executor
) -> None:
    world, person, bad = waiting
    world.skip(bad, person.profile_id, FAILS)
    with catalogue.write_transaction(world.sources.views).begin() as connection:
        for one in catalogue.read_generations(connection):
            catalogue.drop(connection, one.view, one.number)
    assert catalogue.prepare(world.sources.views, VIEWS, world.log.log_id, world.log.head())
    rebuilt(world, PROFILES_VIEW, executor)
    assert email_of(world, person) == f"{person.mark}@example.be"
    assert verify(world.sources, PROFILES_VIEW).equal


def test_what_waits_behind_it_may_fail_next(world: World) -> None:
    world.happen([Step("register"), Step("email", what=1), Step("email", what=2), Step("update")])
    person = world.people[0]
    bad = poisoned(PROFILES_VIEW, events.EmailChanged, person)
    views = with_poisoned(bad)
    for position in (2, 3):
        world.follow(views)
        assert [one.position for one in list_parked(world.sources, bad)] == [position]
        world.skip(bad, person.profile_id, position)
    world.follow(views)
    assert not list_parked(world.sources, bad)
    assert differing(world, bad) == []


def test_other_views_and_other_people_are_not_concerned(waiting: tuple[World, Person, View]) -> None:
    world, person, bad = waiting
    world.skip(CONSENTS_VIEW, person.profile_id, FAILS)
    world.happen([Step("register", 1), Step("email", 1)])
    world.follow(with_poisoned(bad))
    assert [one.subject for one in list_parked(world.sources, bad)] == [person.profile_id]
    assert email_of(world, world.people[1]).startswith("0.")


def test_what_was_applied_meanwhile_is_taken_back(world: World, executor: Executor) -> None:
    """Someone retried with a repaired view, while someone else decided to skip: the decision holds."""
    world.happen([Step("register"), Step("consent"), Step("consent", what=1), Step("register", 1)])
    world.happen([Step("consent", 1)])
    person = world.people[0]
    world.follow()
    assert sum(row.given for row in consents_per_day(world.reader())) == 3
    for view in (CONSENTS_PER_DAY_VIEW, CONSENTS_VIEW):
        world.skip(view, person.profile_id, FAILS)
    world.follow()
    assert sum(row.given for row in consents_per_day(world.reader())) == 2
    assert differing(world, CONSENTS_VIEW) == []
    expect_rebuilt_is_live(world, lambda: [CONSENTS_PER_DAY_VIEW], executor)


def test_a_decision_reaches_a_rebuild_under_way(
    waiting: tuple[World, Person, View], executor: Executor
) -> None:
    """Its slices were folded before; it meets the decision while it catches up."""
    world, person, bad = waiting
    views = with_poisoned(bad)
    steps = rebuild(world.sources, bad, executor, partial(find_view, views))
    for step in steps:
        if step.phase == RebuildPhase.REBUILD_PHASE_INDEX:
            world.skip(bad, person.profile_id, FAILS)
            world.follow(views)
    assert not list_parked(world.sources, bad)
    assert differing(world, bad) == []


@pytest.mark.parametrize("end", ["skip first", "erase first"])
def test_an_erasure_and_a_decision_in_one_batch(waiting: tuple[World, Person, View], end: str) -> None:
    world, person, bad = waiting
    if end == "skip first":
        world.skip(bad, person.profile_id, FAILS)
    world.happen([Step("erase"), Step("register", 1)])
    if end == "erase first":
        with pytest.raises(AssertionError, match="closed"):
            world.skip(bad, person.profile_id, FAILS)
    world.follow(with_poisoned(bad))
    assert not list_parked(world.sources, bad)
    assert differing(world, bad) == []


def test_a_campaign_can_wait_and_be_skipped(world: World) -> None:
    world.happen([Step("open"), Step("close"), Step("register")])
    world.damage(FAILS, wholly=True)
    world.follow()
    (parked,) = list_parked(world.sources, SIGN_UPS_VIEW)
    assert parked.subject not in {person.profile_id for person in world.people.values()}
    world.skip(SIGN_UPS_VIEW, parked.subject, FAILS)
    world.follow()
    assert not list_parked(world.sources, SIGN_UPS_VIEW)
    assert len(campaigns(world.reader(), 0, 10).campaigns) == 1
    assert differing(world, SIGN_UPS_VIEW) == []


def test_a_decision_that_was_damaged_passes_over_nothing(waiting: tuple[World, Person, View]) -> None:
    world, person, bad = waiting
    world.skip(bad, person.profile_id, FAILS)
    world.damage(world.log.head(), wholly=True)
    world.follow(with_poisoned(bad))
    assert [one.position for one in list_parked(world.sources, bad)] == [FAILS]
    assert differing(world, bad) == []


def test_a_decision_about_a_view_that_is_gone_stops_nothing(world: World) -> None:
    world.happen([Step("register")])
    person: Any = world.people[0]
    gone = events.ProjectionFactSkipped(view="shoes", position=1)
    world.append(stream_name(SKIPS, person.profile_id), person.profile_id, gone)
    world.follow()
    assert email_of(world, person) == f"{person.mark}@example.be"
