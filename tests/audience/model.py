"""What audiences and counts must say, worked out from the log alone; and the reads that say it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from time import monotonic
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from profile_service.api.audience_reads import AudiencePage, AudienceReads, AudienceWanted
from profile_service.api.freshness import Freshness
from profile_service.api.living_counts import LivingCounter, LivingCounts
from profile_service.api.restricted_reads import RestrictedReads
from profile_service.commands.policies import PublishedPolicies
from profile_service.domain.ages import COUNTED_BANDS, AgeBand
from profile_service.domain.restrictions import DEFAULT_PURPOSES
from profile_service.domain.selection import Selection
from profile_service.log.facts import open_fact
from profile_service.v1.events_pb2 import (
    ConsentGiven,
    ConsentWithdrawn,
    ContactSuppressed,
    MarketingObjected,
    ProfileErased,
    ProfileRegistered,
    ProfileUpdated,
)
from profile_service.v1.profile_pb2 import Position
from projections.waiting import ViewPositions
from tests.projections.world import PURPOSES, Step, World, steps

TODAY = date(2026, 6, 15)
NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
WITHIN = 20.0

# Few values each, of those that the world gives, so that selections meet people.
SELECTIONS = st.builds(
    Selection,
    post_codes=st.frozensets(st.sampled_from(["2000", "2018", "2060"]), max_size=2),
    age_bands=st.lists(
        st.sampled_from([AgeBand(0, 24), AgeBand(25, 46), AgeBand(46, 46), AgeBand(47, None)]), max_size=2
    ).map(tuple),
    languages=st.lists(st.sampled_from(["nl", "fr", "nl-BE"]), max_size=1).map(tuple),
    topics=st.frozensets(st.sampled_from(["culture", "sports"]), max_size=2),
)


def crowds(people: int, limit: int = 40) -> st.SearchStrategy[list[Step]]:
    """Histories of more people than other tests have."""
    beginning = [Step("open"), *(Step("register", who) for who in range(people))]
    spread = st.builds(lambda step, who: Step(step.kind, who, step.what), steps(), st.integers(0, people - 1))
    return st.lists(spread, max_size=limit).map(lambda later: beginning + later)


@dataclass
class Known:
    """What the log says of a living person."""

    born: tuple[int, int, int] = (0, 0, 0)
    post_code: str = ""
    language: str = ""
    topics: set[str] = field(default_factory=set)
    consents: set[str] = field(default_factory=set)
    # Those of the consents that a guardian gave.
    guarded: set[str] = field(default_factory=set)

    def take(self, message: Any) -> None:
        match message:
            case ProfileRegistered() | ProfileUpdated():
                if message.HasField("date_of_birth"):
                    birth = message.date_of_birth
                    self.born = (birth.year, birth.month, birth.day)
                self.post_code = message.post_code or self.post_code
                self.language = message.language or self.language
                if isinstance(message, ProfileUpdated):
                    self.topics = set(message.interests.topics) or self.topics
                    if "interests" in message.cleared:
                        self.topics = set()
            case ConsentGiven():
                self.consents.add(message.purpose)
                self.guarded.discard(message.purpose)
                if message.by_guardian:
                    self.guarded.add(message.purpose)
            case ConsentWithdrawn():
                self.consents.discard(message.purpose)
            case ContactSuppressed():
                self.consents.clear()
            case MarketingObjected():
                objected_to = {message.purpose} if message.HasField("purpose") else set(self.consents)
                self.consents -= objected_to

    def age(self, day: date) -> int:
        year, month, of_month = self.born
        return day.year - year - ((month, of_month) > (day.month, day.day))

    def is_wanted(self, purpose: str, asked: Selection, day: date) -> bool:
        return (
            purpose in self.consents
            and (purpose not in self.guarded or self.age(day) < 18)
            and (not asked.post_codes or self.post_code in asked.post_codes)
            and (not asked.topics or bool(self.topics & asked.topics))
            and (
                not asked.languages
                or self.language in asked.languages
                or self.language.split("-")[0] in asked.languages
            )
            and (
                not asked.age_bands
                or any(
                    self.age(day) in range(band.first, 200 if band.last is None else band.last + 1)
                    for band in asked.age_bands
                )
            )
        )


def living_people(world: World) -> dict[UUID, Known]:
    """Everybody who lives, by the log; only their facts are opened."""
    facts = world.log.facts_after(0, 100_000)
    erased = {fact.profile_id for fact in facts if fact.type == ProfileErased.DESCRIPTOR.full_name}
    people: dict[UUID, Known] = defaultdict(Known)
    for stored in facts:
        if stored.profile_id and stored.profile_id not in erased:
            cipher = world.keys.ciphers([stored.profile_id])[stored.profile_id]
            people[stored.profile_id].take(open_fact(stored, cipher).message)
    return people


def audience_of(world: World, purpose: str, asked: Selection, day: date = TODAY) -> list[UUID]:
    """Who may be contacted and fits, by the log."""
    people = living_people(world)
    return sorted(one for one, known in people.items() if known.is_wanted(purpose, asked, day))


def table_of(world: World, day: date = TODAY) -> dict[str, list[int]]:
    """How many live where, by age, by the log."""
    table: dict[str, list[int]] = defaultdict(lambda: [0] * len(COUNTED_BANDS))
    for known in living_people(world).values():
        ages = [known.age(day) in range(band.first, 1 + (band.last or 200)) for band in COUNTED_BANDS]
        table[known.post_code][ages.index(True)] += 1
    return table


@dataclass
class Desk:
    """The reads of the service on a world; small pages, so that few people make many."""

    world: World
    reads: AudienceReads
    counter: LivingCounter
    today: list[date]

    def pages(
        self,
        purpose: str = PURPOSES[0],
        selection: Selection | None = None,
        within: float = WITHIN,
        **how: Any,
    ) -> AsyncIterator[AudiencePage]:
        wanted = AudienceWanted(purpose, "news", selection or Selection(), self.today[0], **how)
        return self.reads.select(wanted, monotonic() + within)

    def everybody(
        self, purpose: str = PURPOSES[0], selection: Selection | None = None, **how: Any
    ) -> list[UUID]:
        """The ids of all pages, in the order they came."""

        async def collect() -> list[UUID]:
            pages = self.pages(purpose, selection, **how)
            return [profile_id async for page in pages for profile_id, _ in page.members]

        return asyncio.run(collect())

    async def count(self, at_least: int = 0) -> LivingCounts:
        return await self.counter.count(Position(value=at_least), monotonic() + WITHIN)


def utc_now() -> datetime:
    """Noon of the day that ages are counted on."""
    return NOON


@contextmanager
def desk(
    world: World,
    reads: type[AudienceReads] = AudienceReads,
    page: int = 2,
    looked_at: int = 3,
    now: Callable[[], datetime] = utc_now,
) -> Iterator[Desk]:
    freshness = Freshness(world.log, ViewPositions(world.sources.views), PublishedPolicies(world.log))
    reader, keys, today = world.reader(), world.keys, [TODAY]
    sizes: dict[str, Any] = {"page": page, "looked_at": looked_at, "now": now}
    restricted = RestrictedReads(world.log, DEFAULT_PURPOSES)
    audience = reads(reader=reader, keys=keys, freshness=freshness, restricted=restricted, **sizes)
    counter = LivingCounter(
        reader=reader, keys=keys, freshness=freshness, today=lambda: today[0], opened=looked_at
    )
    try:
        yield Desk(world, audience, counter, today)
    finally:
        restricted.close()
        freshness.close()
