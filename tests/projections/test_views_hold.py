"""Every view that is registered, whichever that is: rebuilt is live, in all histories; defects are found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from profile_service.v1.events_pb2 import ConsentGiven, ProfileErased, ProfileRegistered
from projections.rows import Rows
from projections.view import View
from projections.views import VIEWS
from projections.views.consents import CONSENTS_VIEW
from projections.views.registrations_per_day import REGISTRATIONS_PER_DAY_VIEW
from tests.projections import proof
from tests.projections.proof import Part, courses
from tests.projections.world import PEOPLE, Step, World

# One world, whose log is emptied for each course: a new one each time would take most of the time.
COURSES: Any = {
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    # Explaining a failure traces every line of every example.
    "phases": [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
}


def registered() -> Sequence[View]:
    return VIEWS


# Nine views, each rebuilt after each part of a course.
@pytest.mark.timeout(600)
@settings(max_examples=3, **COURSES)
@given(course=courses(40))
def test_a_rebuilt_view_is_the_live_one(world: World, executor: Executor, course: list[Part]) -> None:
    """Erasures, corrections, restarts, damaged facts, skips and older schemas wherever; before the keys of
    the erased are destroyed, and after."""
    proof.run(world, course, registered)
    proof.expect_rebuilt_is_live(world, registered, executor)
    world.destroy_keys()
    proof.expect_live_is_the_log(world, registered)


@settings(max_examples=12, **COURSES)
@given(course=courses(), keys_stay=st.booleans())
def test_a_followed_view_is_the_log(world: World, course: list[Part], keys_stay: bool) -> None:
    """The same, in more histories, folded anew instead of rebuilt."""
    proof.run(world, course, registered)
    if not keys_stay:
        world.destroy_keys()
    proof.expect_live_is_the_log(world, registered)


def course(*parts: list[Step]) -> list[Part]:
    """Nothing but steps; the follower starts for each part."""
    return [Part(steps, keys_stay=False, damaged=[], batch=50, operator="") for steps in parts]


def counts_twice_on_restart() -> View:
    """It counts people, and remembers whom it counted in memory."""
    real, seen = REGISTRATIONS_PER_DAY_VIEW.apply[ProfileRegistered], set()

    def count(rows: Rows, fact: Any) -> None:
        if rows.subject not in seen:
            real(rows, fact)
        seen.add(rows.subject)

    apply = {ProfileRegistered: count, ConsentGiven: count}
    return replace(REGISTRATIONS_PER_DAY_VIEW, apply=apply)


def keeps_an_erased_row() -> View:
    return replace(CONSENTS_VIEW, apply={**CONSENTS_VIEW.apply, ProfileErased: lambda rows, fact: None})


def keeps_what_an_earlier_run_put() -> View:
    """It removes what it put there itself, since it was started."""
    put: set[Any] = set()

    def give(rows: Rows, fact: Any) -> None:
        put.add(rows.subject)
        CONSENTS_VIEW.apply[ConsentGiven](rows, fact)

    def erase(rows: Rows, fact: Any) -> None:
        if rows.subject in put:
            rows.clear()

    return replace(CONSENTS_VIEW, apply={**CONSENTS_VIEW.apply, ConsentGiven: give, ProfileErased: erase})


EVERYONE = [Step("register", who) for who in range(PEOPLE)]
CONSENTS = [Step("consent", who) for who in range(PEOPLE)]
ERASURES = [Step("erase", who, who) for who in range(3)]


@pytest.mark.parametrize(
    ("defect", "parts"),
    [
        (counts_twice_on_restart, course(EVERYONE, CONSENTS)),
        (keeps_an_erased_row, course([*EVERYONE, *CONSENTS, *ERASURES])),
        (keeps_what_an_earlier_run_put, course([*EVERYONE, *CONSENTS], ERASURES)),
    ],
    ids=["counts twice on restart", "keeps an erased row", "keeps what an earlier run put"],
)
def test_a_planted_defect_is_found(
    world: World, executor: Executor, defect: Callable[[], View], parts: list[Part]
) -> None:
    def with_defect() -> Sequence[View]:
        return [defect()]

    proof.run(world, parts, with_defect)
    with pytest.raises(AssertionError):
        proof.expect_live_is_the_log(world, with_defect)
    with pytest.raises(AssertionError):
        proof.expect_rebuilt_is_live(world, with_defect, executor)
