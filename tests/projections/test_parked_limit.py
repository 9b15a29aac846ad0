"""A rebuild tells everyone it parked at once, and is not swapped in if they are too many."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor

import pytest
from sqlalchemy import delete

from profile_service.domain.operator_errors import TooManyParkedError as TooManyParkedRefusal
from profile_service.v1 import events_pb2 as events
from projections import catalogue
from projections.catalogue import FOLLOWING, LIVE, PREVIOUS
from projections.parked_limit import NO_LIMIT, ParkedSummary, TooManyParkedError
from projections.parking import list_parked
from projections.schema import parked
from projections.status import Ending, Order, RebuildState, RebuildStatus
from projections.view import View
from projections.views.consents import CONSENTS_VIEW
from projections.views.consents_per_day import CONSENTS_PER_DAY_VIEW
from tests.projections.proof import erased_rows
from tests.projections.test_parking import poisoned
from tests.projections.test_rebuilding import control_of, generations, rebuilt
from tests.projections.world import PEOPLE, Step, World

SICK = (1, 3, 4)


def consenting(world: World) -> None:
    world.happen([Step("register", who) for who in range(PEOPLE)])
    world.happen([Step("consent", who) for who in range(PEOPLE)])


def sick_view(world: World, view: View, who: Sequence[int]) -> View:
    """The view, but it can't apply the consents of these people."""
    for number in who:
        view = poisoned(view, events.ConsentGiven, world.people[number])
    return view


def told(world: World, view: View) -> RebuildStatus:
    """How the rebuild stands, as any process sees it."""
    found = control_of(world, [view]).standing(view.name).rebuild
    assert found is not None
    return found


def test_a_view_that_parks_more_than_the_live_one_is_not_swapped_in(world: World, executor: Executor) -> None:
    consenting(world)
    world.follow()
    bad = sick_view(world, CONSENTS_VIEW, SICK)
    with pytest.raises(TooManyParkedError) as refusal:
        rebuilt(world, bad, executor, [bad])
    summary = refusal.value.summary
    assert (summary.count, summary.limit) == (len(SICK), 0)
    assert {one.subject for one in summary.subjects} == {world.people[who].profile_id for who in SICK}
    assert {one.error for one in summary.subjects} == {"PoisonError"}
    assert str(world.people[SICK[0]].profile_id) in str(refusal.value)
    # Both are kept up to date, to be looked at; nobody waits in what is read.
    assert generations(world, bad) == {1: LIVE, 2: FOLLOWING}
    assert list_parked(world.sources, bad, generation=2) == summary.subjects
    assert not list_parked(world.sources, bad)
    assert told(world, bad).state == RebuildState.PARKS_TOO_MANY
    assert told(world, bad).parked_summary == summary
    # An erasure reaches it, and whoever accepts the others swaps at once.
    world.happen([Step("withdraw", 0), Step("erase", SICK[0])])
    world.follow([bad])
    assert erased_rows(world, [bad]) == []
    with pytest.raises(TooManyParkedRefusal):
        control_of(world, [bad]).swap(bad.name, accept_differences=True)
    assert generations(world, bad) == {1: LIVE, 2: FOLLOWING}
    control_of(world, [bad], parked_margin=len(SICK)).swap(bad.name, accept_differences=False)
    accepted = ParkedSummary(len(SICK) - 1, len(SICK), summary.subjects[1:])
    assert told(world, bad).parked_summary == accepted
    assert generations(world, bad) == {1: PREVIOUS, 2: LIVE}


def test_what_is_skipped_meanwhile_lets_it_be_swapped_in(world: World, executor: Executor) -> None:
    consenting(world)
    world.follow()
    bad = sick_view(world, CONSENTS_VIEW, SICK[:1])
    with pytest.raises(TooManyParkedError):
        rebuilt(world, bad, executor, [bad])
    (waiting,) = list_parked(world.sources, bad, generation=2)
    world.skip(bad, waiting.subject, waiting.position)
    world.follow([bad])
    assert control_of(world, [bad]).swap(bad.name, accept_differences=True).parked == 0


def test_what_is_held_ready_may_not_park_more_when_it_is_swapped_in(world: World, executor: Executor) -> None:
    """It was fine when it was built, and parks somebody since."""
    world.happen([Step("register", who) for who in range(PEOPLE)])
    world.follow()
    bad = sick_view(world, CONSENTS_VIEW, SICK[:1])
    (*_, last) = rebuilt(world, bad, executor, [bad], order=Order(Ending.HOLD))
    assert (last.state, last.parked) == (RebuildState.READY, 0)
    world.happen([Step("consent", SICK[0])])
    world.follow([bad])
    with catalogue.write_transaction(world.sources.views).begin() as connection:
        connection.execute(delete(parked).where(parked.c.generation == 1))
    with pytest.raises(TooManyParkedRefusal):
        control_of(world, [bad]).swap(bad.name, accept_differences=True)
    assert generations(world, bad) == {1: LIVE, 2: FOLLOWING}


def test_a_dry_run_tells_whom_it_parks_and_leaves_nothing(world: World, executor: Executor) -> None:
    consenting(world)
    world.follow()
    bad = sick_view(world, CONSENTS_VIEW, SICK)
    (*_, last) = rebuilt(world, bad, executor, [bad], order=Order(Ending.CHECK))
    assert (last.state, last.parked) == (RebuildState.CHECKED, len(SICK))
    assert last.parked_summary is not None
    assert last.parked_summary.too_many
    assert told(world, bad).parked_summary == last.parked_summary
    assert generations(world, bad) == {1: LIVE}


def test_as_many_as_wait_now_may_wait_afterwards(world: World, executor: Executor) -> None:
    consenting(world)
    bad = sick_view(world, CONSENTS_PER_DAY_VIEW, SICK)
    world.follow([bad])
    (*_, last) = rebuilt(world, bad, executor, [bad])
    assert last.parked_summary is not None
    assert (last.parked_summary.count, last.parked_summary.limit) == (len(SICK), len(SICK))
    better = sick_view(world, CONSENTS_PER_DAY_VIEW, SICK[:1])
    (*_, last) = rebuilt(world, better, executor, [better])
    assert last.parked_summary is not None
    assert last.parked_summary.count == 1
    with pytest.raises(TooManyParkedError):
        rebuilt(world, bad, executor, [bad])


def test_without_a_live_view_nobody_is_read_so_nobody_is_lost(world: World, executor: Executor) -> None:
    consenting(world)
    with catalogue.write_transaction(world.sources.views).begin() as connection:
        catalogue.drop(connection, CONSENTS_VIEW.name, 1)
    bad = sick_view(world, CONSENTS_VIEW, SICK)
    (*_, last) = rebuilt(world, bad, executor, [bad])
    assert last.parked_summary is not None
    assert (last.parked_summary.count, last.parked_summary.limit) == (len(SICK), NO_LIMIT)
    assert len(list_parked(world.sources, bad)) == len(SICK)
