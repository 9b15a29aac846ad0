"""Living people are counted from what can be opened now: the erased are in no count, live or rebuilt."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings

from profile_service.api import living_counts
from profile_service.domain.ages import COUNTED_BANDS
from profile_service.domain.small_cells import SMALL, WITHHELD, Cell, protected
from profile_service.v1 import events_pb2 as events
from profile_service.v1.profile_pb2 import Profile
from projections.people import NOBODY
from projections.views.audience import AUDIENCE_VIEW, TRAITS, living
from tests.audience.model import Desk, crowds, desk, living_people, table_of
from tests.audience.test_selecting import damage, with_defect
from tests.projections.test_parking import poisoned, with_poisoned
from tests.projections.test_rebuilding import rebuilt
from tests.projections.world import Step, World

PEOPLE = 14
CROWD = [Step("register", who) for who in range(PEOPLE)]
# All were born on 29 February 1980, and live in 2000: forty-six, and forty-five until 1 March.
FORTY_FIVE = next(place for place, band in enumerate(COUNTED_BANDS) if band.first == 45)


def counted(reading: Desk, at_least: int = 0) -> dict[str, list[Cell]]:
    return dict(asyncio.run(reading.count(at_least)).rows)


def opened(world: World) -> Iterator[Profile]:
    """What is counted, before small numbers are hidden."""
    after: Any = NOBODY
    while after is not None:
        page = living(world.reader(), world.keys, after, 3)
        yield from page.traits
        after = page.last


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=crowds(PEOPLE))
def test_counts_are_what_the_log_says(world: World, history: list[Step]) -> None:
    """For any history, with erasures: who is opened, and every number that is shown or hidden."""
    world.people.clear()
    world.campaigns.clear()
    world.happen(history)
    world.follow()
    alive = Counter((known.post_code, known.born) for known in living_people(world).values())
    assert alive == Counter(
        (one.post_code, (one.date_of_birth.year, one.date_of_birth.month, one.date_of_birth.day))
        for one in opened(world)
    )
    with desk(world, looked_at=4) as reading:
        assert counted(reading) == protected(table_of(world))


def alone(count: int) -> list[Cell]:
    """A row with people of forty-five and over only."""
    return [WITHHELD if place == FORTY_FIVE and count >= 5 else SMALL for place in range(len(COUNTED_BANDS))]


def test_an_erased_person_is_in_no_count_live_or_rebuilt(world: World, executor: Any) -> None:
    world.happen([*CROWD, *(Step("update", who, 5) for who in range(6))])
    world.follow()
    moved = {"2018": 3, "2060": 3}
    with desk(world) as reading:
        # Three in each of two post codes: too few to be named, enough to be counted together.
        assert counted(reading) == {"": alone(6), "2000": alone(8)}
        assert table_of(world)["2018"][FORTY_FIVE] == moved["2018"]
        world.happen([Step("erase", 0), Step("erase", 1)])
        # The keys are destroyed; the view has not heard of it.
        assert counted(reading) == {"2000": alone(8)}
        world.follow()
        assert counted(reading) == {"2000": alone(8)}
        world.happen([Step("erase", 13)])
        world.follow()
        before = counted(reading)
    rebuilt(world, AUDIENCE_VIEW, executor)
    with desk(world) as reading:
        assert counted(reading) == before == protected(table_of(world))


def test_a_result_is_kept_until_somebody_is_erased_the_day_ends_or_more_is_asked_for(
    small_world: World,
) -> None:
    small_world.happen(CROWD)
    small_world.follow()

    async def story() -> None:
        with desk(small_world) as reading:
            first = await reading.count()
            small_world.happen([Step("update", 0, 5)])
            small_world.follow()
            assert await reading.count() is first
            second = await reading.count(at_least=small_world.log.head())
            assert second.position == small_world.log.head() > first.position
            assert await reading.count(at_least=first.position) is second
            small_world.happen([Step("erase", 0)])
            third = await reading.count()
            assert third is not second
            reading.today[0] = date(2027, 2, 28)
            younger = await reading.count()
            assert (younger.day, younger.position) == (date(2027, 2, 28), third.position)

    asyncio.run(story())


def test_a_result_is_not_kept_for_long(small_world: World) -> None:
    small_world.happen(CROWD)
    small_world.follow()

    async def story() -> None:
        with desk(small_world) as reading:
            first = await reading.count()
            # As if it had been made a minute earlier.
            reading.counter._last = living_counts.LivingCounts(
                first.position, first.day, first.rows, first.destroyed, first.counted_at - living_counts.KEPT
            )
            assert await reading.count() != first

    asyncio.run(story())


def test_who_asks_while_others_wait_shares_their_result(small_world: World) -> None:
    small_world.happen(CROWD)
    small_world.follow()

    async def story() -> None:
        with desk(small_world) as reading:
            first, *others = await asyncio.gather(*(reading.count() for _ in range(5)))
            assert all(other is first for other in others)

    asyncio.run(story())


def test_ages_are_those_of_the_calendar_day(small_world: World) -> None:
    small_world.happen(CROWD)
    small_world.follow()
    with desk(small_world) as reading:
        for day, band in ((date(2025, 2, 28), 44), (date(2025, 3, 1), 45), (date(2028, 2, 29), 48)):
            reading.today[0] = day
            assert counted(reading) == protected(table_of(small_world, day))
            place = next(place for place, one in enumerate(COUNTED_BANDS) if one.first <= band <= one.last)  # type: ignore[operator]  # the last band is not met
            assert table_of(small_world, day)["2000"][place] == PEOPLE


def test_who_is_parked_or_damaged_is_not_counted(small_world: World) -> None:
    small_world.happen(CROWD)
    small_world.follow()
    small_world.happen([Step("update", 0, 5)])
    small_world.follow(with_poisoned(poisoned(AUDIENCE_VIEW, events.ProfileUpdated, small_world.people[0])))
    damage(small_world, TRAITS, "traits", 1)
    assert len(list(opened(small_world))) == PEOPLE - 2


def test_a_view_that_forgets_something_is_noticed(small_world: World) -> None:
    small_world.happen([*CROWD, *(Step("update", who, 5) for who in range(PEOPLE))])
    small_world.follow(with_defect(events.ProfileUpdated, lambda rows, fact: None))
    with desk(small_world) as reading:
        assert counted(reading) != protected(table_of(small_world))
