"""What must hold for every view, whatever happens: rebuilt, live and the log say the same, of nobody erased.

A course is a history in parts. Between them facts are damaged, the follower starts anew or does
not run at all, operators skip and retry, and keys of the erased are still there or not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from sqlalchemy import select

from profile_service.log.streams import SLICES, span_of
from projections import catalogue
from projections.catalogue import FOLLOWING, LIVE, PREVIOUS, find_view
from projections.comparing import Comparer, RebuildDiffersError
from projections.parking import NothingParkedError, list_parked, retry
from projections.rebuild import rebuild
from projections.schema import generation_table, parked
from projections.storage import storage_of
from projections.verify import Verification, verify_span
from projections.view import View
from tests.projections.world import Step, World, histories

# Everybody, as one span.
WHOLE = span_of(range(SLICES))

# A process that starts makes its own views: what one keeps in memory is lost with it.
MakeViews = Callable[[], Sequence[View]]

FINISHED = (LIVE, FOLLOWING, PREVIOUS)


@dataclass(frozen=True)
class Part:
    """Some steps, and what becomes of them.

    `damaged`: facts among them, by their place, and whether nothing is left of each. `batch`: a
    follower starts and follows in batches of so many; 0: none runs. `operator` looks afterwards.
    """

    steps: list[Step]
    keys_stay: bool
    damaged: list[tuple[int, bool]]
    batch: int
    operator: str


def courses(limit: int = 20) -> st.SearchStrategy[list[Part]]:
    """Generate courses of up to three parts."""
    part = st.builds(
        Part,
        histories(limit),
        st.booleans(),
        st.lists(st.tuples(st.integers(0, 99), st.booleans()), max_size=2),
        st.sampled_from([0, 1, 3, 13, 50]),
        st.sampled_from(["", "retry", "skip"]),
    )
    return st.lists(part, min_size=1, max_size=3)


def run(world: World, course: Sequence[Part], views: MakeViews) -> None:
    """Let a course happen in an empty log, and bring the views to its end. Keys that stay are still there."""
    world.begin_anew()
    for part in course:
        before = world.log.head()
        world.happen(part.steps, keys_stay=part.keys_stay)
        new = range(before + 1, world.log.head() + 1)
        for place, wholly in part.damaged if new else ():
            world.damage(new[place % len(new)], wholly=wholly)
        if part.batch:
            follow(world, views(), part.batch)
        if part.operator:
            operate(world, part.operator, views())
    follow(world, views(), batch=1_000)


def follow(world: World, views: Sequence[View], batch: int) -> None:
    """Start a follower, bring the views to the head of the log, and end it."""
    follower = world.follower(views, batch=batch)
    follower.catch_up()
    follower._let_go()


def operate(world: World, what: str, views: Sequence[View]) -> None:
    """Skip, or retry, the first who waits in each view; of the erased the log accepts no decision."""
    for view in views:
        for one in list_parked(world.sources, view, limit=1):
            if what == "skip":
                if world.log.closed_at(one.subject) is None:
                    world.skip(view, one.subject, one.position)
            else:
                try_again(world, view, one.subject)


def try_again(world: World, view: View, subject: UUID) -> None:
    try:
        retry(world.sources, view, subject)
    except NothingParkedError:
        return


def expect_live_is_the_log(world: World, views: MakeViews) -> None:
    """Each live view is what the log says, and nobody who is erased is in any generation."""
    assert {view.name: differing(world, view) for view in views()} == {view.name: [] for view in views()}
    assert erased_rows(world, views()) == []


def expect_rebuilt_is_live(world: World, views: MakeViews, executor: Executor) -> None:
    """Rebuild every view; each row, each count and everyone parked is as before, and so is the checksum."""
    for view in views():
        steps = rebuild(world.sources, view, executor, partial(find_view, views()), parked_margin=1_000_000)
        try:
            list(steps)
        except RebuildDiffersError as error:
            raise AssertionError(f"{view.name}: {error.differing}") from None
        with world.sources.views.connect() as connection:
            known = {one.state: one for one in catalogue.read_generations(connection, view.name)}
        expect_equal(world, view, known[PREVIOUS].number, known[LIVE].number)
    assert erased_rows(world, views()) == []


def expect_equal(world: World, view: View, one: int, other: int) -> None:
    """Two generations are equal: with those who wait, and without regard to any order."""
    storage, comparer = storage_of(world.sources.views), Comparer(view, world.keys)
    with world.sources.views.connect() as connection:
        for table in view.row_tables:
            rows = [storage.load_span(connection, table, each, WHOLE) for each in (one, other)]
            comparer.compare_rows(table, *rows, expected_is_stored=True)
        for counts in view.count_tables:
            comparer.compare_counts(
                counts, *(storage.load_counts(connection, counts, each) for each in (one, other))
            )
        columns = (parked.c.subject, parked.c.position, parked.c.error)
        waiting = [
            connection.execute(
                select(*columns)
                .where(parked.c.view == view.name, parked.c.generation == each)
                .order_by(parked.c.position)
            ).all()
            for each in (one, other)
        ]
    result = comparer.result
    assert (view.name, result.named) == (view.name, [])
    assert result.actual_rows == result.expected_rows
    assert result.actual_sum == result.expected_sum
    assert waiting[0] == waiting[1]


def differing(world: World, view: View) -> list[str]:
    """What `verify` finds, looking at everybody at once."""
    run = Verification(world.sources, view)
    assert run.position == world.log.head()
    run.take(verify_span(world.sources, view, run.generation, run.position, WHOLE))
    return run.result().differing


def erased_rows(world: World, views: Sequence[View]) -> list[str]:
    """The tables that have a row of someone who is erased: of any generation but one that is half built,
    which meets the erasure when it catches up."""
    erased = [person.profile_id for person in world.erased]
    found = []
    with world.sources.views.connect() as connection:
        for view in views:
            for one in catalogue.read_generations(connection, view.name, FINISHED):
                for table in view.row_tables:
                    found += rows_of(connection, generation_table(table, one.number), erased)
    return found


def rows_of(connection: Any, table: Any, subjects: Sequence[UUID]) -> list[str]:
    subject = next(iter(table.c))
    return [
        table.name
        for start in range(0, len(subjects), 500)
        if connection.execute(select(subject).where(subject.in_(subjects[start : start + 500]))).first()
    ]
