"""Who was not told of a version of the privacy policy, and whose consent it requires anew: page by page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from uuid import UUID

from profile_service.api.freshness import Freshness
from profile_service.api.restricted_reads import RestrictedReads
from profile_service.commands.policies import PublishedPolicies
from profile_service.v1.profile_pb2 import Position
from projections.people import PeoplePage
from projections.reading import ViewReader
from projections.views.consents import CONSENTS_VIEW, given_to_others
from projections.views.informed import INFORMED_VIEW, not_informed

# People looked at for one page.
PAGE = 1_000


@dataclass(frozen=True, slots=True)
class PolicyReads:
    """Reads views for the servicer. Both may raise `PolicyVersionUnknownError`, `PositionNotReachedError`
    and `PositionOfAnotherLogError`."""

    reader: ViewReader
    freshness: Freshness
    published: PublishedPolicies
    restricted: RestrictedReads
    page: int = PAGE

    async def not_informed(
        self, version: str, after: UUID, at_least: Position, deadline: float
    ) -> AsyncIterator[PeoplePage]:
        """Yield who was told neither of a version nor of a later one."""
        suffices = (await self.published.current()).from_version_on(version).takes
        await self.freshness.reach(at_least, deadline, INFORMED_VIEW)

        def look(after: UUID) -> PeoplePage:
            return not_informed(self.reader, suffices, after, self.page)

        async for page in _pages(look, after):
            yield page

    async def reconsent_due(
        self, version: str, purpose: str, after: UUID, at_least: Position, deadline: float, read_for: str
    ) -> AsyncIterator[PeoplePage]:
        """Yield whose consent for a purpose a version requires anew, and was given to an earlier one.

        Not whose processing is restricted, unless what this is `read_for` is allowed then.
        """
        published = await self.published.current()
        suffices = published.from_version_on(version).takes
        await self.freshness.reach(at_least, deadline, CONSENTS_VIEW)
        if not published.requires_anew(version, purpose):
            return

        def look(after: UUID) -> PeoplePage:
            page = given_to_others(self.reader, purpose, suffices, after, self.page)
            hidden = self.restricted.among_now(page.profile_ids, read_for)
            return replace(page, profile_ids=[one for one in page.profile_ids if one not in hidden])

        async for page in _pages(look, after):
            yield page


async def _pages(look: Callable[[UUID], PeoplePage], first: UUID) -> AsyncIterator[PeoplePage]:
    after: UUID | None = first
    while after is not None:
        page = await asyncio.to_thread(look, after)
        if page.profile_ids:
            yield page
        after = page.last
