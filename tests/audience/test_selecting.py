"""An audience is who may be contacted and fits, by everything acknowledged before each page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profile_service.api.audience_reads import AudiencePage, AudienceReads, AudienceWanted
from profile_service.domain.ages import AgeBand
from profile_service.domain.errors import PositionNotReachedError
from profile_service.domain.selection import Selection
from profile_service.keys.store import KeyStore
from profile_service.v1 import events_pb2 as events
from projections.catalogue import write_transaction
from projections.schema import generation_table
from projections.view import View
from projections.views import VIEWS
from projections.views.audience import AUDIENCE_VIEW, TRAITS
from projections.views.profiles import PROFILES, PROFILES_VIEW
from tests.audience.model import SELECTIONS, audience_of, desk
from tests.projections.test_parking import poisoned, with_poisoned
from tests.projections.test_rebuilding import rebuilt
from tests.projections.world import PURPOSES, Step, World, histories

EVERYBODY = [Step("register", who) for who in range(5)]
CONSENTING = [*EVERYBODY, *(Step("consent", who) for who in range(5))]
# Somebody moved, somebody withdrew, somebody is suppressed, somebody likes something, and two object: one of
# them to another purpose.
MIXED = [*CONSENTING, Step("update", 0, 5), Step("withdraw", 1), Step("suppress", 2), Step("update", 3, 2)]
MIXED += [Step("object", 3, 1), Step("register", 5), Step("consent", 5), Step("object", 5)]
ADULTS = Selection(age_bands=(AgeBand(18, None),))


def ids(world: World, *who: int) -> list[UUID]:
    return sorted(world.people[one].profile_id for one in who)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    history=histories(40),
    purpose=st.sampled_from(PURPOSES),
    asked=st.lists(SELECTIONS, min_size=1, max_size=5),
    page=st.integers(1, 4),
    looked_at=st.integers(1, 6),
)
def test_an_audience_is_what_the_log_says(
    world: World, history: list[Step], purpose: str, asked: list[Selection], page: int, looked_at: int
) -> None:
    """For any history, with erasures, and any sizes of pages: everybody once, by id, and nobody else."""
    world.people.clear()
    world.campaigns.clear()
    world.happen(history)
    world.follow()
    with desk(world, page=page, looked_at=looked_at) as reading:
        for selection in [Selection(), *asked]:
            assert reading.everybody(purpose, selection) == audience_of(world, purpose, selection)


def with_defect(message: Any, function: Callable[..., None]) -> list[View]:
    broken = replace(AUDIENCE_VIEW, apply={**AUDIENCE_VIEW.apply, message: function})
    return [broken if view.name == broken.name else view for view in VIEWS]


@pytest.mark.parametrize(
    ("message", "selection"),
    [
        (events.ConsentWithdrawn, Selection()),
        (events.ContactSuppressed, Selection()),
        (events.MarketingObjected, Selection()),
        (events.ProfileUpdated, Selection(post_codes=frozenset(["2018"]))),
        (events.ProfileUpdated, Selection(topics=frozenset(["culture"]))),
        (events.ProfileErased, Selection()),
    ],
)
def test_a_view_that_forgets_something_is_noticed(
    small_world: World, message: Any, selection: Selection
) -> None:
    small_world.happen([*MIXED, Step("erase", 4)])
    small_world.follow(with_defect(message, lambda rows, fact: None))
    with desk(small_world) as reading:
        assert reading.everybody(selection=selection) != audience_of(small_world, PURPOSES[0], selection)


def test_the_same_history_is_read_right_without_a_defect(small_world: World) -> None:
    small_world.happen([*MIXED, Step("erase", 4)])
    small_world.follow()
    with desk(small_world) as reading:
        assert reading.everybody() == ids(small_world, 0, 3)
        assert reading.everybody(selection=Selection(post_codes=frozenset(["2018"]))) == ids(small_world, 0)
        assert reading.everybody(selection=Selection(topics=frozenset(["culture"]))) == ids(small_world, 3)
        assert reading.everybody(selection=ADULTS) == ids(small_world, 0, 3)
        assert reading.everybody(PURPOSES[1]) == []


def test_pages_hold_so_many_and_a_stream_goes_on_after_anybody(small_world: World) -> None:
    small_world.happen(CONSENTING)
    small_world.follow()
    everybody = ids(small_world, *range(5))
    with desk(small_world, page=2, looked_at=3) as reading:
        pages = asyncio.run(all_of(reading.pages()))
        assert [len(page.members) for page in pages] == [2, 2, 1]
        assert all(one.position <= other.position for one, other in pairwise(pages))
        assert pages[-1].position == small_world.log.head()
        for number, profile_id in enumerate(everybody, 1):
            assert reading.everybody(after=profile_id) == everybody[number:]


async def all_of(pages: Any) -> list[AudiencePage]:
    return [page async for page in pages]


LEAVING = [Step("withdraw", 0), Step("suppress", 1), Step("erase", 2), Step("object", 3)]


async def people_after_somebody_leaves(world: World, reads: type[AudienceReads]) -> set[UUID]:
    """Who comes in the pages after the first, when four of five leave once that has come."""
    # All five were looked at by then: what is older than the check is as old as can be.
    with desk(world, reads, page=1, looked_at=100) as reading:
        pages = reading.pages()
        await anext(pages)
        await asyncio.to_thread(world.happen, LEAVING)
        await asyncio.to_thread(world.follow)
        return {profile_id async for page in pages for profile_id, _ in page.members}


def leaving(world: World) -> set[UUID]:
    return {world.people[who].profile_id for who in range(4)}


def test_who_leaves_while_the_stream_runs_is_in_no_later_page(world: World) -> None:
    world.happen(CONSENTING)
    world.follow()
    gone, everybody = leaving(world), ids(world, *range(5))
    assert asyncio.run(people_after_somebody_leaves(world, AudienceReads)) == set(everybody[1:]) - gone


class CheckedOnce(AudienceReads):
    """As it would be without the check of each page."""

    async def _checked(self, wanted: AudienceWanted, profile_ids: Any, deadline: float) -> AudiencePage:
        return AudiencePage(0, [(profile_id, None) for profile_id in profile_ids])


def test_pages_that_are_not_checked_are_noticed(small_world: World) -> None:
    small_world.happen(CONSENTING)
    small_world.follow()
    gone, first = leaving(small_world), ids(small_world, *range(5))[0]
    assert asyncio.run(people_after_somebody_leaves(small_world, CheckedOnce)) >= gone - {first}


def test_a_stream_never_says_who_may_be_contacted_behind_the_log(small_world: World) -> None:
    """Neither at its beginning nor in a later page: it waits for the view, and ends at the deadline."""
    small_world.happen(CONSENTING)
    small_world.follow()

    async def lagging() -> None:
        with desk(small_world, page=1) as reading:
            pages = reading.pages(within=2.0)
            await anext(pages)
            await asyncio.to_thread(small_world.happen, [Step("withdraw", 0)])
            with pytest.raises(PositionNotReachedError):
                await anext(pages)
            with pytest.raises(PositionNotReachedError):
                await anext(reading.pages(within=0.2))

    asyncio.run(lagging())


@pytest.mark.parametrize(
    ("message", "last"),
    [
        (events.ConsentWithdrawn, Step("withdraw", 0)),
        (events.ProfileUpdated, Step("update", 0, 5)),
    ],
)
@pytest.mark.parametrize("selection", [Selection(), ADULTS])
def test_who_is_parked_is_in_no_audience(
    world: World, message: Any, last: Step, selection: Selection
) -> None:
    world.happen(CONSENTING)
    world.follow()
    sick = world.people[0]
    with desk(world) as reading:
        assert reading.everybody(selection=selection) == ids(world, *range(5))
        world.happen([last])
        world.follow(with_poisoned(poisoned(AUDIENCE_VIEW, message, sick)))
        assert reading.everybody(selection=selection) == ids(world, 1, 2, 3, 4)


def damage(world: World, table: Any, column: str, who: int) -> None:
    described = generation_table(table, 1)
    one = described.c.profile_id == world.people[who].profile_id
    with write_transaction(world.sources.views).begin() as connection:
        sealed = connection.execute(described.select().where(one)).one()._mapping[column]
        connection.execute(described.update().where(one).values({column: b"\0" + sealed[1:]}))


def test_a_damaged_row_costs_one_person_and_nobody_else(small_world: World) -> None:
    small_world.happen(CONSENTING)
    small_world.follow()
    damage(small_world, TRAITS, "traits", 0)
    damage(small_world, PROFILES, "profile", 1)
    with desk(small_world) as reading:
        assert reading.everybody(selection=ADULTS) == ids(small_world, 1, 2, 3, 4)
        assert reading.everybody(with_profiles=True) == ids(small_world, 0, 2, 3, 4)


def test_profiles_come_with_the_people_and_not_of_who_is_parked_there(small_world: World) -> None:
    small_world.happen(CONSENTING)
    small_world.happen([Step("email", 0)])
    small_world.follow(with_poisoned(poisoned(PROFILES_VIEW, events.EmailChanged, small_world.people[0])))
    with desk(small_world) as reading:
        pages = asyncio.run(all_of(reading.pages(with_profiles=True)))
    found = {profile_id: profile for page in pages for profile_id, profile in page.members}
    assert found.keys() == set(ids(small_world, 1, 2, 3, 4))
    for who in range(1, 5):
        person = small_world.people[who]
        profile = found[person.profile_id]
        assert profile is not None
        assert profile.email == f"{person.mark}@example.be"


def test_a_rebuild_and_a_swap_change_no_audience(world: World, executor: Any) -> None:
    world.happen(MIXED)
    world.follow()
    with desk(world) as reading:
        before = [reading.everybody(), reading.everybody(selection=ADULTS)]
        rebuilt(world, AUDIENCE_VIEW, executor)
        assert [reading.everybody(), reading.everybody(selection=ADULTS)] == before


def test_looking_at_everybody_keeps_nobodys_key(small_world: World) -> None:
    """The keys of whoever is read often stay at hand, and memory does not grow with the audience."""
    small_world.happen(CONSENTING)
    small_world.follow()
    small_world.keys._cache.evict(ids(small_world, *range(5)))
    kept = small_world.keys.ciphers(ids(small_world, 0))
    with desk(small_world) as reading:
        assert reading.everybody(selection=ADULTS) == ids(small_world, *range(5))
    assert len(small_world.keys._cache) == len(kept)
    assert [one for one in range(5) if at_hand(small_world.keys, small_world, one)] == [0]


def at_hand(keys: KeyStore, world: World, who: int) -> bool:
    return keys.cached_cipher(world.people[who].profile_id) is not None
