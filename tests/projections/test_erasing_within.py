"""Erasures amid what a worker does: after it opened values, and before it wrote or compared them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from threading import Lock
from typing import Any

import pytest

from profile_service.log.streams import SPANNED
from profile_service.v1.operations_service_pb2 import RebuildPhase
from projections import building
from projections.catalogue import find_view
from projections.comparing import Comparer
from projections.projecting import Projector
from projections.rebuild import rebuild
from projections.slices import Folded, fold_span
from projections.sources import Sources
from projections.status import RebuildState
from projections.verify import verify
from projections.view import View
from projections.views import VIEWS
from projections.views.consents import CONSENTS_VIEW
from projections.views.profiles import PROFILES_VIEW
from tests.projections.proof import erased_rows
from tests.projections.test_rebuilding import rebuilt
from tests.projections.world import PEOPLE, Step, World

EVERYBODY = range(PEOPLE)
SEALED_AND_OPEN = pytest.mark.parametrize("view", [PROFILES_VIEW, CONSENTS_VIEW])


@pytest.fixture
def peopled(world: World) -> World:
    world.happen([Step("open"), *(Step("register", who) for who in EVERYBODY)])
    world.happen([Step(kind, who) for kind in ("sign_up", "consent", "email") for who in EVERYBODY])
    world.follow()
    return world


def erasing(world: World) -> Callable[[int], None]:
    """Erase whoever lives and is in a slice, destroy the key, and have the follower learn of it."""
    one_at_a_time = Lock()

    def erase(number: int) -> None:
        with one_at_a_time:
            hit = [who for who, person in world.people.items() if person.profile_id.bytes[0] == number]
            if hit:
                world.happen([Step("erase", who) for who in hit])
                world.follow()

    return erase


def expect_nobody(world: World, view: View) -> None:
    assert len(world.erased) == PEOPLE
    assert not world.people
    assert erased_rows(world, VIEWS) == []
    assert verify(world.sources, view).equal


@SEALED_AND_OPEN
def test_between_the_folding_of_a_slice_and_its_writing(
    peopled: World, executor: Executor, monkeypatch: pytest.MonkeyPatch, view: View
) -> None:
    """The rows hold opened values of someone whose key is gone by now."""
    erase = erasing(peopled)

    def folded_then_erased(sources: Sources, view: View, span: range, *args: Any) -> Folded:
        folded = fold_span(sources, view, span, *args)
        for number in range(span.start // SPANNED, span.stop // SPANNED):
            erase(number)
        return folded

    monkeypatch.setattr(building, "fold_span", folded_then_erased)
    assert rebuilt(peopled, view, executor)[-1].state == RebuildState.SWAPPED
    expect_nobody(peopled, view)


@SEALED_AND_OPEN
def test_between_the_reading_of_a_slice_and_its_comparing(
    peopled: World, executor: Executor, monkeypatch: pytest.MonkeyPatch, view: View
) -> None:
    """Both sides were read while the key was there."""
    erase, compare = erasing(peopled), Comparer.compare_rows

    def erased_then_compared(
        comparer: Comparer, table: Any, actual: Any, expected: Any, **options: Any
    ) -> None:
        for number in {row[0].bytes[0] for row in actual}:
            erase(number)
        compare(comparer, table, actual, expected, **options)

    monkeypatch.setattr(Comparer, "compare_rows", erased_then_compared)
    steps = rebuilt(peopled, view, executor)
    assert (steps[-1].state, steps[-1].differing) == (RebuildState.SWAPPED, ())
    monkeypatch.undo()
    expect_nobody(peopled, view)


@SEALED_AND_OPEN
def test_between_the_opening_of_facts_and_their_applying(
    peopled: World, executor: Executor, monkeypatch: pytest.MonkeyPatch, view: View
) -> None:
    """Of those that the new generation has still to catch up with."""
    opened, late = Projector.open, [Step("email", who, 1) for who in EVERYBODY]

    def opened_then_destroyed(projector: Projector, stored: Any) -> Any:
        batch = opened(projector, stored)
        peopled.destroy_keys()
        return batch

    steps = rebuild(peopled.sources, view, executor, partial(find_view, VIEWS))
    next(step for step in steps if step.phase == RebuildPhase.REBUILD_PHASE_INDEX)
    peopled.happen([*late, *(Step("erase", who) for who in EVERYBODY)], keys_stay=True)
    monkeypatch.setattr(Projector, "open", opened_then_destroyed)
    peopled.follow()
    assert list(steps)[-1].state == RebuildState.SWAPPED
    assert not peopled.with_keys
    expect_nobody(peopled, view)
