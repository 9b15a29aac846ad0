"""Rebuilding: equal to the live view, resumable, and right through erasures."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from profile_service.domain.operator_errors import DifferentGenerationError, RebuildUnderWayError
from profile_service.log.streams import one_slice, span_of
from profile_service.v1.events_pb2 import ProfileUpdated, SignedUp
from profile_service.v1.operations_service_pb2 import RebuildPhase
from projections import building, catalogue
from projections.building import SliceTask, build_run
from projections.catalogue import BUILDING, FOLLOWING, LIVE, PREVIOUS, find_view
from projections.comparing import RebuildDiffersError
from projections.control import RebuildControl
from projections.crew import in_this_process
from projections.lease import Lease
from projections.rebuild import rebuild
from projections.schema import generation_table
from projections.status import RebuildState, RebuildStatus
from projections.verify import verify
from projections.view import View
from projections.views import VIEWS
from projections.views.consents_per_day import CONSENTS_PER_DAY_VIEW
from projections.views.erasures_per_day import ERASURES_PER_DAY, ERASURES_PER_DAY_VIEW
from projections.views.profiles import PROFILES, PROFILES_VIEW, get_profiles
from projections.views.sign_ups import SIGN_UPS_VIEW, campaign
from tests.projections.proof import erased_rows
from tests.projections.world import PEOPLE, Step, World


def rebuilt(
    world: World, view: View, executor: Executor, views: Sequence[View] = VIEWS, **options: Any
) -> list[RebuildStatus]:
    return list(rebuild(world.sources, view, executor, partial(find_view, views), **options))


def control_of(world: World, views: Sequence[View] = VIEWS, **options: Any) -> RebuildControl:
    staff = in_this_process(world.sources, partial(find_view, views))
    return RebuildControl(world.sources, views, staff, **options)


def generations(world: World, view: View) -> dict[int, str]:
    with world.sources.views.connect() as connection:
        return {one.number: one.state for one in catalogue.read_generations(connection, view.name)}


def test_progress_goes_through_the_phases(world: World, executor: Executor) -> None:
    world.happen([Step("register", who) for who in range(PEOPLE)])
    world.follow()
    steps = rebuilt(world, PROFILES_VIEW, executor)
    phases = list(dict.fromkeys(step.phase for step in steps))
    assert phases == [
        RebuildPhase.REBUILD_PHASE_SLICES,
        RebuildPhase.REBUILD_PHASE_INDEX,
        RebuildPhase.REBUILD_PHASE_CATCH_UP,
        RebuildPhase.REBUILD_PHASE_COMPARE,
        RebuildPhase.REBUILD_PHASE_SWAPPED,
    ]
    last = steps[-1]
    assert (last.slices_done, last.slices, last.events, last.rows, last.generation) == (
        256,
        256,
        PEOPLE,
        PEOPLE,
        2,
    )


def test_the_generation_before_is_kept_and_the_one_before_that_dropped(
    world: World, executor: Executor
) -> None:
    world.happen([Step("register")])
    world.follow()
    for _ in range(2):
        rebuilt(world, PROFILES_VIEW, executor)
    assert generations(world, PROFILES_VIEW) == {2: PREVIOUS, 3: LIVE}
    # A reader that remembers the first generation finds the third.
    reader = world.reader()
    reader._live[PROFILES_VIEW.name] = 1
    profile_id = world.people[0].profile_id
    assert get_profiles(reader, world.keys, [profile_id]).profiles
    reader._live[PROFILES_VIEW.name] = 2
    assert get_profiles(reader, world.keys, [profile_id]).profiles
    assert reader._live[PROFILES_VIEW.name] == 3


def test_a_shadow_follows_the_log_until_it_is_swapped_in(world: World, executor: Executor) -> None:
    """Facts and erasures that come during a rebuild are in it; the erased are in no generation."""
    world.happen([Step("open"), *(Step("register", who) for who in range(PEOPLE))])
    world.happen([Step("sign_up", who) for who in range(PEOPLE)])
    world.follow()
    for view in (PROFILES_VIEW, SIGN_UPS_VIEW):
        steps = rebuild(world.sources, view, executor, partial(find_view, VIEWS))
        seen = set()
        for step in steps:
            if step.phase not in seen and step.phase != RebuildPhase.REBUILD_PHASE_SWAPPED:
                who = len(world.erased)
                world.happen([Step("erase", who), Step("update", who + 1), Step("sign_off", who + 1)])
                world.follow()
            seen.add(step.phase)
        assert verify(world.sources, view).equal
        world.happen([Step("register", who) for who in range(PEOPLE)])
        world.happen([Step("sign_up", who) for who in range(PEOPLE)])
        world.follow()
        assert verify(world.sources, view).equal
    count = campaign(world.reader(), world.campaigns[0])[1]
    assert count is not None
    assert count.sign_up_count == PEOPLE
    assert world.erased
    assert not erased_rows(world, VIEWS)


def test_an_erasure_is_counted_once_also_in_a_generation_that_stands_still(
    world: World, executor: Executor
) -> None:
    """The generation before is reached by erasures; counts alone have nobody in them, and wait."""
    world.happen([Step("register", 0), Step("register", 1), Step("erase", 0)])
    world.follow()
    rebuilt(world, ERASURES_PER_DAY_VIEW, executor)
    world.happen([Step("erase", 1)])
    world.follow()
    tables = [generation_table(ERASURES_PER_DAY, number) for number in (1, 2)]
    with world.sources.views.connect() as connection:
        assert [connection.execute(select(table.c.erasures)).scalar() for table in tables] == [1, 2]


def test_a_rebuild_that_was_killed_goes_on_where_it_was(
    world: World, executor: Executor, short_runs: None
) -> None:
    world.happen([Step("register", who) for who in range(PEOPLE)])
    world.follow()
    first = rebuild(world.sources, PROFILES_VIEW, executor, partial(find_view, VIEWS))
    for step in first:
        if step.slices_done >= 100:
            break
    first.close()
    assert generations(world, PROFILES_VIEW) == {1: LIVE, 2: BUILDING}
    world.happen([Step("erase", 0), Step("update", 1)])
    world.follow()
    steps = rebuilt(world, PROFILES_VIEW, executor)
    assert steps[0].slices_done >= 100
    assert steps[-1].slices_done == 256
    assert generations(world, PROFILES_VIEW) == {1: PREVIOUS, 2: LIVE}
    assert verify(world.sources, PROFILES_VIEW).equal


def test_two_workers_with_the_same_slice_fill_it_once(world: World, executor: Executor) -> None:
    world.happen([Step("register", who) for who in range(PEOPLE)])
    world.follow()
    steps = rebuild(world.sources, PROFILES_VIEW, executor, partial(find_view, VIEWS))
    shadow = next(steps).generation
    alone = one_slice(world.people[0].profile_id.bytes[0])
    task = SliceTask(lambda: world.sources, partial(find_view, VIEWS), "profiles", shadow, world.log.head())
    build_run(task, alone)
    assert build_run(task, alone).again
    list(steps)
    assert verify(world.sources, PROFILES_VIEW).equal


@pytest.mark.parametrize(
    "view", [PROFILES_VIEW, SIGN_UPS_VIEW, CONSENTS_PER_DAY_VIEW], ids=lambda view: view.name
)
def test_a_slice_of_a_large_log_is_built_in_parts(
    world: World, executor: Executor, monkeypatch: pytest.MonkeyPatch, view: View
) -> None:
    """And what is counted in its parts is counted once. (On SQLite a slice is always built whole.)"""
    world.happen([Step("open"), *(Step("register", who) for who in range(PEOPLE))])
    world.happen([Step(kind, who) for who in range(PEOPLE) for kind in ("sign_up", "consent")])
    world.follow()
    built: list[range] = []

    def in_parts(run: range, _facts: int) -> list[range]:
        whole = span_of(run)
        parts = [whole[first : first + len(whole) // 16] for first in range(0, len(whole), len(whole) // 16)]
        built.extend(parts)
        return parts

    monkeypatch.setattr(building, "parts_of", in_parts)
    last = rebuilt(world, view, executor)[-1]
    assert (last.state, last.slices_done, last.differing_rows) == (RebuildState.SWAPPED, 256, 0)
    assert verify(world.sources, view).equal
    assert bool(built) is (world.sources.views.dialect.name == "postgresql")


def test_a_changed_projector_starts_anew(world: World, executor: Executor, tmp_path: Any) -> None:
    world.happen([Step("register", who) for who in range(PEOPLE)])
    world.follow()
    first = rebuild(world.sources, PROFILES_VIEW, executor, partial(find_view, VIEWS))
    for step in first:
        if step.slices_done == 256:
            break
    first.close()
    source = tmp_path / "changed.py"
    source.write_text("# another projector")
    changed = replace(PROFILES_VIEW, source=source)
    steps = rebuilt(world, changed, executor, [changed])
    assert steps[0].slices_done == 0
    assert steps[-1].phase == RebuildPhase.REBUILD_PHASE_SWAPPED


def test_a_view_is_rebuilt_once_at_a_time(world: World, executor: Executor) -> None:
    with Lease(world.sources.views, "rebuild/profiles").kept(), pytest.raises(RebuildUnderWayError):
        rebuilt(world, PROFILES_VIEW, executor)


def _defective(view: View, message: Any, function: Any) -> View:
    return replace(view, apply={**view.apply, message: function})


def test_a_defect_in_a_view_is_found_by_verify_and_by_the_comparison(
    world: World, executor: Executor
) -> None:
    """A live projector that forgets updates: both ways of looking name the person."""
    forgetful = _defective(PROFILES_VIEW, ProfileUpdated, lambda rows, fact: None)
    world.happen([Step("register", who) for who in range(PEOPLE)])
    world.happen([Step("update", 2)])
    world.follow([forgetful])
    named = [str(world.people[2].profile_id)]

    found = verify(world.sources, PROFILES_VIEW)
    assert not found.equal
    assert found.differing == named
    with pytest.raises(RebuildDiffersError) as refusal:
        rebuilt(world, PROFILES_VIEW, executor)
    assert refusal.value.differing == named
    assert generations(world, PROFILES_VIEW) == {1: LIVE, 2: FOLLOWING}
    # Someone looked, and wants the new one.
    control = control_of(world)
    with pytest.raises(DifferentGenerationError):
        control.swap("profiles", accept_differences=False)
    assert control.swap("profiles", accept_differences=True).differing == tuple(named)
    assert verify(world.sources, PROFILES_VIEW).equal


def test_a_wrong_count_is_found(world: World, executor: Executor) -> None:
    def twice(rows: Any, fact: Any) -> None:
        for _ in range(2):
            SIGN_UPS_VIEW.apply[SignedUp](rows, fact)
        rows.counts.append(rows.counts[-1])

    world.happen([Step("open"), Step("register"), Step("sign_up")])
    world.follow([_defective(SIGN_UPS_VIEW, SignedUp, twice)])
    found = verify(world.sources, SIGN_UPS_VIEW)
    assert found.differing == [str(world.campaigns[0])]


def test_a_row_that_was_tampered_with_or_removed_or_added_is_found(world: World) -> None:
    world.happen([Step("register", who) for who in range(PEOPLE)])
    world.follow()
    table = generation_table(PROFILES, 1)
    ids = [world.people[who].profile_id for who in range(PEOPLE)]
    stranger = UUID(int=1)
    with catalogue.write_transaction(world.sources.views).begin() as connection:
        rows = {row.profile_id: row for row in connection.execute(table.select())}
        connection.execute(table.delete().where(table.c.profile_id == ids[0]))
        connection.execute(
            table.update().where(table.c.profile_id == ids[1]).values(profile=rows[ids[2]].profile)
        )
        connection.execute(table.insert().values(**{**rows[ids[3]]._mapping, "profile_id": stranger}))
    found = verify(world.sources, PROFILES_VIEW)
    assert set(found.differing) == {str(ids[0]), str(ids[1]), str(stranger)}
    assert (found.rows, found.expected_rows) == (PEOPLE, PEOPLE)


def test_a_view_of_another_log_is_named_and_rebuilt(world: World, executor: Executor) -> None:
    """After a restore the log has another id: a view of rows or of counts is not read on, but made anew."""
    world.happen([Step("register")])
    world.follow()
    with catalogue.write_transaction(world.sources.views).begin() as connection:
        connection.exec_driver_sql("UPDATE generations SET log_id = 'a log that is gone', position = 999")
    outdated = catalogue.prepare(world.sources.views, VIEWS, world.log.log_id)
    assert set(outdated) == {view.name for view in VIEWS}
    for view in (PROFILES_VIEW, ERASURES_PER_DAY_VIEW):
        assert rebuilt(world, view, executor)[-1].phase == RebuildPhase.REBUILD_PHASE_SWAPPED
        assert verify(world.sources, view).equal
        assert PREVIOUS not in generations(world, view).values()
    world.happen([Step("update")])
    world.follow()
    assert verify(world.sources, PROFILES_VIEW).position == world.log.head()
