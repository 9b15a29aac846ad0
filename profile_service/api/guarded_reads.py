"""For whom it counts what a guardian gave: never behind the log. No date of birth but theirs is opened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from profile_service.api.freshness import Freshness
from profile_service.clock import day_of
from profile_service.domain.errors import PositionNotReachedError
from profile_service.domain.guardianship import AgeLimits
from profile_service.keys.store import KeyStore
from projections.reading import ViewReader
from projections.views.audience import AUDIENCE_VIEW, births


@dataclass(frozen=True, slots=True)
class GuardedReads:
    """Reads dates of birth. `now` is a point in time with UTC."""

    reader: ViewReader
    keys: KeyStore
    freshness: Freshness
    limits: AgeLimits
    now: Callable[[], datetime]

    async def counted(self, profile_ids: Collection[UUID], deadline: float) -> frozenset[UUID]:
        """Return for whom of these people it counts now; for nobody of whom nothing true can be said.

        Raises `PositionNotReachedError` and `KeysUnavailableError`.
        """
        if not profile_ids:
            return frozenset()
        caught_up = await self.freshness.catch_up(deadline, AUDIENCE_VIEW)
        counts = self.limits.guarded_counts(day_of(self.now()))
        found = await asyncio.to_thread(births, self.reader, self.keys, profile_ids)
        if found.position < caught_up.position:  # another generation went live meanwhile, and is not as far
            raise PositionNotReachedError
        return frozenset(one for one, birth in found.born.items() if counts(birth))
