"""Who has to confirm what a guardian consented to for them: page by page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from profile_service.api.freshness import Freshness
from profile_service.api.restricted_reads import RestrictedReads
from profile_service.domain.guardianship import AgeLimits
from profile_service.keys.store import KeyStore
from profile_service.v1.profile_pb2 import Position
from projections.reading import ViewReader
from projections.views.audience import AUDIENCE_VIEW, births
from projections.views.consents import CONSENTS_VIEW, GuardedPage, given_by_guardians

# Consents looked at for one page; far more than one person has.
PAGE = 1_000
# What is read for it while a person's data is restricted: nothing.
NO_PURPOSE = ""


@dataclass(frozen=True, slots=True)
class GuardianReads:
    """Reads views for the servicer."""

    reader: ViewReader
    keys: KeyStore
    freshness: Freshness
    restricted: RestrictedReads
    limits: AgeLimits
    page: int = PAGE

    async def confirmations_due(
        self, day: date, after: UUID, at_least: Position, deadline: float
    ) -> AsyncIterator[GuardedPage]:
        """Yield for whom what a guardian gave counts no more on a day, with its purposes; nobody restricted.

        Raises `PositionNotReachedError`, `PositionOfAnotherLogError` and `KeysUnavailableError`.
        """
        await self.freshness.reach(at_least, deadline, CONSENTS_VIEW, AUDIENCE_VIEW)
        place: UUID | None = after
        while place is not None:
            page = await asyncio.to_thread(self._look, day, place)
            if page.purposes:
                yield page
            place = page.last

    def _look(self, day: date, after: UUID) -> GuardedPage:
        page = given_by_guardians(self.reader, after, self.page)
        if not page.purposes:
            return page
        counts = self.limits.guarded_counts(day)
        born = births(self.reader, self.keys, page.purposes).born
        due = {who for who, birth in born.items() if not counts(birth)}
        # Asked last: what was acknowledged before is never missed.
        due -= self.restricted.among_now(due, NO_PURPOSE)
        wanted = {who: purposes for who, purposes in page.purposes.items() if who in due}
        return GuardedPage(page.position, wanted, page.last)
