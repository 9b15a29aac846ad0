"""How many living people there are by post code and age: counted when asked, and kept in memory for a moment.

Nothing of it is stored. Whoever asks while others wait shares their result.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from time import monotonic
from typing import TypeAlias
from uuid import UUID

from profile_service.api.freshness import Freshness
from profile_service.domain.ages import COUNTED_BANDS, age_on, counted_band
from profile_service.domain.small_cells import Cell, protected
from profile_service.keys.store import KeyStore
from profile_service.v1.profile_pb2 import Position, Profile
from projections.people import NOBODY
from projections.reading import ViewReader
from projections.views.audience import AUDIENCE_VIEW, living

# People opened at once.
OPENED = 1_000
# Seconds that a result is answered with again.
KEPT = 60.0

# How many people by post code, in the order of `COUNTED_BANDS`.
Table: TypeAlias = defaultdict[str, list[int]]


@dataclass(frozen=True, slots=True)
class LivingCounts:
    """Cells by post code, in the order of `COUNTED_BANDS`, on a day of the City; "" is what has no name.

    `position`: everything up to there is counted. `destroyed` is the last key that was destroyed before.
    """

    position: int
    day: date
    rows: Mapping[str, list[Cell]]
    destroyed: int
    counted_at: float


class LivingCounter:
    """Counts, one at a time. `count` may raise `PositionNotReachedError` and `PositionOfAnotherLogError`."""

    def __init__(
        self,
        *,
        reader: ViewReader,
        keys: KeyStore,
        freshness: Freshness,
        today: Callable[[], date],
        opened: int = OPENED,
    ) -> None:
        self._reader = reader
        self._keys = keys
        self._freshness = freshness
        self._today = today
        self._opened = opened
        self._counting = asyncio.Lock()
        self._last: LivingCounts | None = None

    async def count(self, at_least: Position, deadline: float) -> LivingCounts:
        """Return counts of no more than `KEPT` seconds ago, of today, and without anybody erased since."""
        await self._freshness.reach(at_least, deadline, AUDIENCE_VIEW)
        async with self._counting:
            destroyed = await asyncio.to_thread(self._keys.last_destroyed)
            if not self._is_good(self._last, at_least.value, destroyed):
                self._last = await self._count(destroyed)
            assert self._last is not None
            return self._last

    def _is_good(self, last: LivingCounts | None, position: int, destroyed: int) -> bool:
        return (
            last is not None
            and last.destroyed == destroyed
            and last.position >= position
            and last.day == self._today()
            and monotonic() - last.counted_at < KEPT
        )

    async def _count(self, destroyed: int) -> LivingCounts:
        day, counted_at = self._today(), monotonic()
        table: Table = defaultdict(lambda: [0] * len(COUNTED_BANDS))
        # The position of the first page: what came later may be in those behind it, or not.
        position, after = await asyncio.to_thread(self._add_page, table, day, NOBODY)
        while after is not None:
            _, after = await asyncio.to_thread(self._add_page, table, day, after)
        return LivingCounts(position, day, protected(table), destroyed, counted_at)

    def _add_page(self, table: Table, day: date, after: UUID) -> tuple[int, UUID | None]:
        page = living(self._reader, self._keys, after, self._opened)
        for traits in page.traits:
            if (band := _band(traits, day)) is not None:
                table[traits.post_code][band] += 1
        return page.position, page.last


def _band(traits: Profile, day: date) -> int | None:
    return counted_band(age_on(traits.date_of_birth, day)) if traits.HasField("date_of_birth") else None
