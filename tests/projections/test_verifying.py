"""A verification takes some slices at a time: it can be stopped, and begins anew if there was a swap."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from typing import Any

import pytest

from profile_service.domain.errors import ServiceUnavailableError
from projections import tasks
from projections.catalogue import find_view
from projections.crew import Workforce
from projections.operations import Operations
from projections.slices import spans
from projections.views import VIEWS
from projections.views.profiles import PROFILES_VIEW
from tests.projections.test_control import EVERYBODY, ON_SQLITE
from tests.projections.test_rebuilding import rebuilt
from tests.projections.world import World

pytestmark = ON_SQLITE


@pytest.fixture
def peopled(world: World) -> World:
    world.happen(EVERYBODY)
    world.follow()
    return world


def operations(world: World, executor: Executor, run: Callable[..., Any]) -> Operations:
    find = partial(find_view, VIEWS)
    workforce = Workforce(lambda: nullcontext(executor), lambda: world.sources, find, run)
    return Operations(world.sources, VIEWS, lambda *_: workforce)


def test_whoever_verifies_is_told_to_stop(peopled: World, executor: Executor, short_runs: None) -> None:
    """What is not begun is not done: a server that stops need not wait for the whole log."""
    every_span = spans(len(EVERYBODY))
    begun: list[range] = []

    def run(task: Callable[..., Any], *arguments: Any) -> Any:
        begun.append(arguments[-1])
        return task(*arguments)

    with pytest.raises(ServiceUnavailableError):
        operations(peopled, executor, run).verify("profiles", stopping=lambda: len(begun) >= 3)
    assert len(begun) < len(every_span) / 2
    begun.clear()
    assert operations(peopled, executor, run).verify("profiles").equal
    assert sorted(begun, key=min) == every_span


def test_a_swap_meanwhile_has_it_begin_anew(peopled: World, executor: Executor) -> None:
    """And what was found of the generation before does not count."""
    swapped: list[int] = []
    last_span = spans(len(EVERYBODY))[-1]

    def run(task: Callable[..., Any], *arguments: Any) -> Any:
        if task is tasks.verify_live and arguments[-1] == last_span and not swapped:
            swapped.append(1)
            with ThreadPoolExecutor(1) as another:
                rebuilt(peopled, PROFILES_VIEW, another)
        return task(*arguments)

    verified = operations(peopled, executor, run).verify("profiles")
    assert swapped
    assert (verified.equal, verified.rows, verified.expected_rows) == (True, len(EVERYBODY), len(EVERYBODY))
