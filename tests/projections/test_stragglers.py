"""Tasks that come too late: their rebuild is given up, over, or another's by now. They change nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from profile_service.log.streams import one_slice
from projections import tasks
from projections.building import RebuildCancelledError, RunDone, SlicesMissingError, SliceTask, build_run
from projections.catalogue import BUILDING, FOLLOWING, LIVE, PREVIOUS, find_view, write_transaction
from projections.catching_up import CaughtUp
from projections.control import RebuildControl
from projections.crew import Workforce
from projections.lease import Lease
from projections.rebuild import Rebuild, rebuild
from projections.schema import leases
from projections.slices import AT_ONCE
from projections.status import Ending, Order, RebuildState
from projections.tasks import TaskFailed
from projections.verify import verify
from projections.view import View
from projections.views import VIEWS
from projections.views.profiles import PROFILES_VIEW
from tests.projections.test_rebuilding import control_of, generations, rebuilt
from tests.projections.world import PEOPLE, Step, World

ON_SQLITE = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
HELD = Order(Ending.HOLD)


@pytest.fixture
def peopled(world: World) -> World:
    world.happen([Step("register", who) for who in range(PEOPLE)])
    world.follow()
    return world


def task_of(world: World, view: View, number: int) -> SliceTask:
    return SliceTask(
        lambda: world.sources,
        partial(find_view, [view]),
        view.name,
        number,
        world.log.head(),
        world.log.log_id,
        view.fingerprint,
    )


def changed(view: View, path: Path) -> View:
    """The same view in the next version of its file."""
    path.write_text("# another projector")
    return replace(view, source=path)


def test_a_number_is_never_given_again(peopled: World, executor: Executor) -> None:
    """A slice of what was given up goes into no later generation."""
    steps = rebuild(peopled.sources, PROFILES_VIEW, executor, partial(find_view, VIEWS))
    late = task_of(peopled, PROFILES_VIEW, next(steps).generation)
    steps.close()
    control_of(peopled).cancel("profiles")
    steps = rebuild(peopled.sources, PROFILES_VIEW, executor, partial(find_view, VIEWS))
    assert next(steps).generation == 3
    with pytest.raises(RebuildCancelledError):
        build_run(late, one_slice(peopled.people[0].profile_id.bytes[0]))
    assert list(steps)[-1].state == RebuildState.SWAPPED
    assert verify(peopled.sources, PROFILES_VIEW).equal


def test_a_slice_of_another_projector_is_refused(peopled: World, executor: Executor, tmp_path: Path) -> None:
    """Whatever number it asks for."""
    view = changed(PROFILES_VIEW, tmp_path / "changed.py")
    steps = rebuild(peopled.sources, view, executor, partial(find_view, [view]))
    late = task_of(peopled, PROFILES_VIEW, next(steps).generation)
    steps.close()
    assert generations(peopled, view) == {1: LIVE, 2: BUILDING}
    with pytest.raises(RebuildCancelledError):
        build_run(late, one_slice(peopled.people[0].profile_id.bytes[0]))
    assert rebuilt(peopled, view, executor, [view])[-1].state == RebuildState.SWAPPED


def test_a_late_arrival_takes_nothing_from_what_is_live(peopled: World, executor: Executor) -> None:
    """Another run swapped the generation in while this task stood still."""
    assert rebuilt(peopled, PROFILES_VIEW, executor)[-1].state == RebuildState.SWAPPED
    answer = tasks.join(task_of(peopled, PROFILES_VIEW, 2))
    assert isinstance(answer, TaskFailed)
    assert isinstance(answer.exception(), RebuildCancelledError)
    assert generations(peopled, PROFILES_VIEW) == {1: PREVIOUS, 2: LIVE}


def test_an_arrival_that_is_told_twice_is_one(peopled: World, executor: Executor) -> None:
    """The connection was lost with the commit, so the task is done again."""
    list(rebuild(peopled.sources, PROFILES_VIEW, executor, partial(find_view, VIEWS), order=HELD))
    task = task_of(peopled, PROFILES_VIEW, 2)
    assert tasks.join(task) == CaughtUp(peopled.log.head(), 0, arrived=True)
    assert generations(peopled, PROFILES_VIEW) == {1: LIVE, 2: FOLLOWING}


def test_going_back_twice_loses_neither_generation(peopled: World, executor: Executor) -> None:
    """Nor does going forward again."""
    rebuilt(peopled, PROFILES_VIEW, executor)
    for number, other in ((1, 2), (2, 1)):
        for _ in range(2):
            answer = tasks.return_to(task_of(peopled, PROFILES_VIEW, number))
            assert isinstance(answer, CaughtUp)
            assert answer.arrived
            assert generations(peopled, PROFILES_VIEW) == {number: LIVE, other: PREVIOUS}
    assert verify(peopled.sources, PROFILES_VIEW).equal


def test_what_is_being_built_does_not_become_live(peopled: World, executor: Executor) -> None:
    steps = rebuild(peopled.sources, PROFILES_VIEW, executor, partial(find_view, VIEWS))
    next(steps)
    assert isinstance(tasks.return_to(task_of(peopled, PROFILES_VIEW, 2)), TaskFailed)
    assert generations(peopled, PROFILES_VIEW) == {1: LIVE, 2: BUILDING}


@ON_SQLITE
def test_a_slice_is_done_when_it_is_committed_not_when_somebody_says_so(
    peopled: World, executor: Executor
) -> None:
    """A worker that only says it is done: the rebuild fails, and the next one does what is missing."""

    def careless(task: Callable[..., Any], *arguments: Any) -> Any:
        if task is tasks.build and arguments[-1].start % (2 * AT_ONCE):
            return RunDone(AT_ONCE, 0, 0, again=True)
        return task(*arguments)

    find = partial(find_view, VIEWS)
    workforce = Workforce(lambda: nullcontext(executor), lambda: peopled.sources, find, careless)
    with pytest.raises(SlicesMissingError, match="128 slices"):
        list(Rebuild(peopled.sources, PROFILES_VIEW, lambda *_: workforce).run())
    assert rebuilt(peopled, PROFILES_VIEW, executor)[-1].state == RebuildState.SWAPPED
    assert verify(peopled.sources, PROFILES_VIEW).equal


@pytest.fixture
def stalling(attentive: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever stands still does so with every thread: none renews its lease meanwhile."""
    monkeypatch.setattr(Lease, "_keep", lambda _lease, ended: ended.wait())


def let_go(world: World) -> None:
    """As if whoever rebuilds stood still until its lease is over: nobody has it."""
    with write_transaction(world.sources.views).begin() as connection:
        connection.execute(delete(leases).where(leases.c.name == "rebuild/profiles"))


def test_a_run_that_stalled_neither_drops_nor_tells_what_another_made(
    peopled: World, executor: Executor, stalling: None
) -> None:
    """The other one left the generation ready; this one wakes, finds no lease, and takes it."""
    steps = rebuild(peopled.sources, PROFILES_VIEW, executor, partial(find_view, VIEWS))
    next(step for step in steps if step.slices_done >= 10)
    let_go(peopled)
    list(rebuild(peopled.sources, PROFILES_VIEW, executor, partial(find_view, VIEWS), order=HELD))
    ready = control_of(peopled).standing("profiles").rebuild
    list(steps)
    assert control_of(peopled).standing("profiles").rebuild == ready
    assert ready is not None
    assert ready.state == RebuildState.READY
    assert generations(peopled, PROFILES_VIEW) == {1: LIVE, 2: FOLLOWING}
    assert control_of(peopled).swap("profiles", accept_differences=False).state == RebuildState.SWAPPED


def test_a_run_that_stalled_does_not_take_back_what_an_operator_did(
    peopled: World, executor: Executor, stalling: None
) -> None:
    for act, left in (
        (RebuildControl.pause, RebuildState.PAUSED),
        (RebuildControl.cancel, RebuildState.CANCELLED),
    ):
        steps = rebuild(peopled.sources, PROFILES_VIEW, executor, partial(find_view, VIEWS))
        next(step for step in steps if step.slices_done >= 10)
        let_go(peopled)
        assert act(control_of(peopled), "profiles").state == left
        list(steps)
        standing = control_of(peopled).standing("profiles")
        assert standing.rebuild is not None
        assert standing.rebuild.state == left
        if left == RebuildState.PAUSED:
            assert control_of(peopled).cancel("profiles").state == RebuildState.CANCELLED
    assert generations(peopled, PROFILES_VIEW) == {1: LIVE}
