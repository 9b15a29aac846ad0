"""What an operator does about a rebuild, through any process: pause, resume, cancel, swap, go back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import func, select

from profile_service.domain.operator_errors import (
    NothingToRollBackToError,
    NothingToSwapError,
    RebuildNotUnderWayError,
    RebuildUnderWayError,
)
from profile_service.log.append import Append, NewFact
from profile_service.log.streams import CONSENTS, stream_name
from profile_service.v1.events_pb2 import EmailChanged, ProfileErased, ProfileRegistered, ProfileUpdated
from projections.catalogue import BUILDING, FOLLOWING, LIVE, PREVIOUS, ProjectionNotFoundError, find_view
from projections.control import RebuildControl, RebuildFailedError
from projections.crew import Workforce
from projections.opening import UnknownFactTypeInLogError
from projections.rebuild import rebuild
from projections.schema import slices
from projections.status import Ending, Order, RebuildState, RebuildStatus
from projections.tasks import WorkerFailedError
from projections.verify import verify
from projections.view import CountTable, RowTable, View
from projections.views import VIEWS
from projections.views.profiles import PROFILES_VIEW
from projections.views.sign_ups import SIGN_UPS_VIEW
from tests.projections.proof import differing, erased_rows
from tests.projections.test_parking import poisoned, with_poisoned
from tests.projections.test_rebuilding import control_of, generations, rebuilt
from tests.projections.world import PEOPLE, Step, World, histories, new_world
from tests.support.service import Databases

EVERYBODY = [Step("register", who) for who in range(PEOPLE)]
# What hangs on no database is shown on one.
ON_SQLITE = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("databases", ["postgresql"], indirect=True)


@pytest.fixture
def peopled(world: World) -> World:
    world.happen(EVERYBODY)
    world.follow()
    return world


def begun(world: World, executor: Executor, **options: Any) -> Iterator[RebuildStatus]:
    """A rebuild of the profiles that goes on with each step that is asked for."""
    return rebuild(world.sources, PROFILES_VIEW, executor, partial(find_view, VIEWS), **options)


def until_slice(number: int, steps: Iterator[RebuildStatus]) -> RebuildStatus:
    return next(step for step in steps if step.slices_done >= number)


def now(world: World, name: str = "profiles") -> RebuildStatus:
    found = control_of(world).standing(name).rebuild
    assert found is not None
    return found


def wait_for(world: World, state: RebuildState, name: str = "profiles") -> RebuildStatus:
    give_up = time.monotonic() + 60
    while (current := now(world, name)).state != state:
        assert time.monotonic() < give_up, current
        time.sleep(0.05)
    return current


def slices_of(world: World, generation: int) -> int:
    statement = select(func.count()).select_from(slices).where(slices.c.generation == generation)
    with world.sources.views.connect() as connection:
        return connection.execute(statement).scalar_one()


def test_a_pause_keeps_what_is_finished_and_any_process_goes_on(
    peopled: World, executor: Executor, attentive: None
) -> None:
    steps = begun(peopled, executor)
    until_slice(20, steps)
    assert control_of(peopled).pause("profiles").state == RebuildState.RUNNING
    assert list(steps)[-1].state == RebuildState.PAUSED
    paused = now(peopled)
    assert paused.state == RebuildState.PAUSED
    assert 20 <= paused.slices_done <= slices_of(peopled, 2) < 256
    assert control_of(peopled).pause("profiles").state == RebuildState.PAUSED

    peopled.happen([Step("erase", 0), Step("update", 1)])
    peopled.follow()
    with pytest.raises(RebuildUnderWayError):
        control_of(peopled).begin("profiles", Order())
    another = control_of(peopled)
    assert another.resume("profiles").slices_done >= paused.slices_done
    swapped = wait_for(peopled, RebuildState.SWAPPED)
    assert (swapped.generation, swapped.slices_done, swapped.begin_time) == (2, 256, paused.begin_time)
    assert verify(peopled.sources, PROFILES_VIEW).equal
    with pytest.raises(RebuildNotUnderWayError):
        another.resume("profiles")


@ON_SQLITE
def test_a_pause_that_comes_after_a_crash_holds(peopled: World, executor: Executor) -> None:
    """Nobody works on it any more, and nobody is to."""
    steps = begun(peopled, executor)
    until_slice(10, steps)
    assert now(peopled).state == RebuildState.RUNNING
    steps.close()  # type: ignore[attr-defined]  # a generator
    assert now(peopled).state == RebuildState.INTERRUPTED
    assert control_of(peopled).pause("profiles").state == RebuildState.PAUSED
    with pytest.raises(RebuildUnderWayError):
        next(begun(peopled, executor))


@ON_SQLITE
def test_a_rebuild_is_begun_once(peopled: World, executor: Executor) -> None:
    steps = begun(peopled, executor)
    next(steps)
    with pytest.raises(RebuildUnderWayError):
        control_of(peopled).begin("profiles", Order())
    assert control_of(peopled).resume("profiles").state == RebuildState.RUNNING
    assert list(steps)[-1].state == RebuildState.SWAPPED


@ON_SQLITE
@pytest.mark.parametrize("after_a_crash", [False, True])
def test_what_is_cancelled_leaves_nothing(
    peopled: World, executor: Executor, attentive: None, after_a_crash: bool
) -> None:
    steps = begun(peopled, executor)
    until_slice(20, steps)
    if after_a_crash:
        steps.close()  # type: ignore[attr-defined]  # a generator
    control_of(peopled).cancel("profiles")
    assert after_a_crash or list(steps)[-1].state == RebuildState.CANCELLED
    assert now(peopled).state == RebuildState.CANCELLED
    assert generations(peopled, PROFILES_VIEW) == {1: LIVE}
    assert slices_of(peopled, 2) == 0
    with pytest.raises(RebuildNotUnderWayError):
        control_of(peopled).cancel("profiles")
    assert rebuilt(peopled, PROFILES_VIEW, executor)[-1].state == RebuildState.SWAPPED


def test_a_generation_that_is_held_ready_follows_the_log_until_it_is_swapped_in(
    peopled: World, executor: Executor
) -> None:
    assert list(begun(peopled, executor, order=Order(Ending.HOLD)))[-1].state == RebuildState.READY
    assert generations(peopled, PROFILES_VIEW) == {1: LIVE, 2: FOLLOWING}
    with pytest.raises(RebuildUnderWayError):
        next(begun(peopled, executor))
    peopled.happen([Step("erase", 0), Step("update", 1)])
    assert now(peopled).lag == 2
    peopled.follow()
    assert now(peopled).lag == 0
    assert not erased_rows(peopled, VIEWS)
    assert control_of(peopled).swap("profiles", accept_differences=False).state == RebuildState.SWAPPED
    assert generations(peopled, PROFILES_VIEW) == {1: PREVIOUS, 2: LIVE}
    assert verify(peopled.sources, PROFILES_VIEW).equal
    with pytest.raises(NothingToSwapError):
        control_of(peopled).swap("profiles", accept_differences=False)


@ON_SQLITE
def test_what_another_projector_made_ready_is_not_swapped_in(
    peopled: World, executor: Executor, tmp_path: Path
) -> None:
    """It may be wrong by now; a rebuild begins anew."""
    list(begun(peopled, executor, order=Order(Ending.HOLD)))
    source = tmp_path / "changed.py"
    source.write_text("# another projector")
    views = [replace(PROFILES_VIEW, source=source)]
    control = control_of(peopled, views)
    with pytest.raises(NothingToSwapError):
        control.swap("profiles", accept_differences=True)
    steps = rebuilt(peopled, views[0], executor, views)
    assert (steps[0].slices_done, steps[-1].state) == (0, RebuildState.SWAPPED)


@ON_SQLITE
def test_a_dry_run_tells_and_leaves_nothing(peopled: World, executor: Executor) -> None:
    checked = list(begun(peopled, executor, order=Order(Ending.CHECK)))[-1]
    assert (checked.state, checked.rows, checked.live_rows) == (RebuildState.CHECKED, PEOPLE, PEOPLE)
    assert checked.differing_rows == 0
    assert now(peopled) == replace(checked, update_time=now(peopled).update_time)
    peopled.happen([Step("update", 2)])
    forgetful = replace(PROFILES_VIEW, apply={**PROFILES_VIEW.apply, ProfileUpdated: lambda rows, fact: None})
    peopled.follow(with_poisoned(forgetful))
    checked = list(begun(peopled, executor, order=Order(Ending.CHECK)))[-1]
    assert checked.state == RebuildState.CHECKED
    assert checked.differing == (str(peopled.people[2].profile_id),)
    assert generations(peopled, PROFILES_VIEW) == {1: LIVE}


@ON_SQLITE
def test_what_can_not_be_done_is_refused(world: World) -> None:
    control = control_of(world)
    refusals: list[tuple[Callable[..., Any], type[Exception]]] = [
        (control.pause, RebuildNotUnderWayError),
        (control.resume, RebuildNotUnderWayError),
        (control.cancel, RebuildNotUnderWayError),
        (partial(control.swap, accept_differences=True), NothingToSwapError),
        (control.roll_back, NothingToRollBackToError),
    ]
    for call, refusal in refusals:
        with pytest.raises(refusal):
            call("profiles")
        with pytest.raises(ProjectionNotFoundError):
            call("shoes")
    assert control.standing("profiles").rebuild is None
    with pytest.raises(NothingToRollBackToError):
        control.roll_back("profiles", 7)


@ON_SQLITE
def test_an_unknown_type_of_fact_stops_a_rebuild_at_its_position(world: World, executor: Executor) -> None:
    world.happen(EVERYBODY)
    world.follow()
    subject = world.people[0].profile_id
    fact = NewFact(stream_name(CONSENTS, subject), 1, subject, "profile_service.v1.FromTheFuture", b"")
    world.append_many([Append(uuid4().bytes * 2, b"digest", subject, subject, (fact,))])
    with world.sources.views.begin() as connection:  # as after a restore: nothing to compare with
        connection.exec_driver_sql("UPDATE generations SET log_id = 'another' WHERE view = 'profiles'")
    with pytest.raises(UnknownFactTypeInLogError) as refusal:
        rebuilt(world, PROFILES_VIEW, executor)
    assert refusal.value.position == PEOPLE + 1
    stopped = now(world)
    assert stopped.state == RebuildState.FAILED
    assert f"position {PEOPLE + 1} " in stopped.error
    assert generations(world, PROFILES_VIEW)[2] == BUILDING
    # A start that needs the view says why it can't have it.
    with pytest.raises(RebuildFailedError, match=f"position {PEOPLE + 1} "):
        control_of(world).complete("profiles")


@ON_SQLITE
def test_a_rebuild_counts_whom_it_parks(peopled: World, executor: Executor, attentive: None) -> None:
    peopled.happen([Step("email", 0), Step("email", 1)])
    views = with_poisoned(poisoned(PROFILES_VIEW, EmailChanged, peopled.people[0]))
    peopled.follow(views)
    assert rebuilt(peopled, views[0], executor, views)[-1].parked == 1


@ON_SQLITE
def test_a_failure_is_told_by_its_class_alone(peopled: World, executor: Executor) -> None:
    secret = peopled.people[0].mark

    def lost(name: str) -> View:
        raise ValueError(secret)

    with pytest.raises(WorkerFailedError) as failure:
        list(rebuild(peopled.sources, PROFILES_VIEW, executor, lost))
    assert any("in_test_control" in place or "test_control.py" in place for place in failure.value.places)
    assert secret not in str(failure.value) + "".join(failure.value.places)
    assert now(peopled).error == "a worker failed: ValueError"


@ON_SQLITE
def test_a_worker_with_another_version_of_the_view_is_refused(
    peopled: World, executor: Executor, tmp_path: Path
) -> None:
    source = tmp_path / "changed.py"
    source.write_text("# another projector")
    with pytest.raises(WorkerFailedError, match="OtherWorkerError"):
        rebuilt(peopled, PROFILES_VIEW, executor, [replace(PROFILES_VIEW, source=source)])
    assert slices_of(peopled, 2) == 0


class LifeRow(NamedTuple):
    profile_id: UUID
    position: int


class LifeCountRow(NamedTuple):
    what: int
    lives: int
    erasures: int


LIVES, LIFE_COUNTS = RowTable("lives", LifeRow), CountTable("life_counts", LifeCountRow)


def _born(rows: Any, fact: Any) -> None:
    rows.put(LIVES, LifeRow(rows.subject, fact.position))
    rows.add(LIFE_COUNTS, (1,), 1, 0)


def _gone(rows: Any, _fact: Any) -> None:
    living = rows.get(LIVES) is not None
    rows.add(LIFE_COUNTS, (1,), -living, 1)
    rows.clear()


# It counts what goes with a row, and what does not.
LIVES_VIEW = View(
    name="lives",
    tables=(LIVES, LIFE_COUNTS),
    apply={ProfileRegistered: _born, ProfileErased: _gone},
    reads=frozenset({ProfileErased}),
    source=Path(__file__),
)
BACK_VIEWS = (PROFILES_VIEW, SIGN_UPS_VIEW, LIVES_VIEW)


@pytest.fixture
def lives(databases: Databases, tmp_path: Path) -> Iterator[World]:
    with new_world(databases, tmp_path / "root", BACK_VIEWS) as made:
        yield made


@settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(before=histories(20), between=histories(30), after=histories(20))
def test_going_back_is_as_if_the_other_had_been_read_all_along(
    lives: World, executor: Executor, before: list[Step], between: list[Step], after: list[Step]
) -> None:
    """Whatever happened since the swap, erasures first of all; and forward again."""
    world = lives
    world.people.clear()
    world.campaigns.clear()
    world.happen(before)
    world.follow()
    for view in BACK_VIEWS:
        rebuilt(world, view, executor, BACK_VIEWS)
    for history in (between, after):
        world.happen(history)
        world.follow()
        assert not erased_rows(world, BACK_VIEWS)
        for view in BACK_VIEWS:
            control = control_of(world, BACK_VIEWS)
            standing = control.standing(view.name)
            back = control.roll_back(view.name, standing.previous)
            assert (back.live_generation, back.previous_generation) == (standing.previous, standing.live)
            assert back.position == world.log.head()
            assert control.roll_back(view.name, standing.previous) == replace(back, events=0)
        for view in BACK_VIEWS:
            assert differing(world, view) == []
        assert not erased_rows(world, BACK_VIEWS)


@ON_POSTGRESQL
def test_going_back_is_stopped_with_the_server_and_asked_for_again(
    peopled: World, executor: Executor
) -> None:
    rebuilt(peopled, PROFILES_VIEW, executor)
    peopled.happen([Step("update", who) for who in range(PEOPLE)])
    peopled.follow()
    workforce = Workforce(
        lambda: nullcontext(executor), lambda: peopled.sources, partial(find_view, VIEWS), _after_a_while
    )
    control = RebuildControl(peopled.sources, VIEWS, lambda *_: workforce)
    with pytest.raises(Exception, match="UNAVAILABLE"):
        control.roll_back("profiles", stopping=lambda: True)
    assert control_of(peopled).roll_back("profiles", 1).live_generation == 1
    assert verify(peopled.sources, PROFILES_VIEW).equal


def _after_a_while(task: Callable[..., Any], *arguments: Any) -> Any:
    time.sleep(1)
    return task(*arguments)


@ON_SQLITE
def test_a_start_that_needs_a_view_waits_for_whoever_rebuilds_it(peopled: World, executor: Executor) -> None:
    """Or goes on with what was paused: nothing is served without."""
    with peopled.sources.views.begin() as connection:
        connection.exec_driver_sql("UPDATE generations SET layout = 'another' WHERE view = 'profiles'")
    steps = begun(peopled, executor)
    until_slice(20, steps)
    steps.close()  # type: ignore[attr-defined]  # a generator
    control_of(peopled).pause("profiles")
    control_of(peopled).complete("profiles")
    assert now(peopled).state == RebuildState.SWAPPED
    assert verify(peopled.sources, PROFILES_VIEW).equal
    control_of(peopled).complete("profiles")
