"""Tasks that come too late: their rebuild is given up, over, or another's by now. They change nothing."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from projections.building import RebuildCancelledError, SliceTask, build_slice
from projections.catalogue import BUILDING, LIVE, find_view
from projections.rebuild import rebuild
from projections.status import RebuildState
from projections.verify import verify
from projections.view import View
from projections.views import VIEWS
from projections.views.profiles import PROFILES_VIEW
from tests.projections.test_rebuilding import control_of, generations, rebuilt
from tests.projections.world import PEOPLE, Step, World


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
    path.write_text("another projector")
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
        build_slice(late, peopled.people[0].profile_id.bytes[0])
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
        build_slice(late, peopled.people[0].profile_id.bytes[0])
    assert rebuilt(peopled, view, executor, [view])[-1].state == RebuildState.SWAPPED
