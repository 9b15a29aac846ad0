"""Selecting an audience: whoever fits is looked for first, and whether they may be contacted is checked last.

The first takes long and may be a moment old; the second is one query just before a page is
answered. Held in memory are one page of opened rows and the ids that wait for their check.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from profile_service.api.freshness import Freshness
from profile_service.api.restricted_reads import RestrictedReads
from profile_service.clock import day_of
from profile_service.domain.guardianship import DEFAULT_LIMITS, AgeLimits, Validity
from profile_service.domain.policies import Policies
from profile_service.domain.selection import Selection
from profile_service.keys.errors import SealBrokenError
from profile_service.keys.store import KeyStore
from profile_service.v1.profile_pb2 import Profile
from projections.people import NOBODY
from projections.reading import ViewReader
from projections.views import audience as audience_view
from projections.views import profiles as profile_view
from projections.views.audience import AUDIENCE_VIEW
from projections.views.profiles import PROFILES_VIEW

# People opened at once, and people answered at once.
LOOKED_AT = 1_000
PAGE = 200


@dataclass(frozen=True, slots=True)
class AudienceWanted:
    """What is asked for, with a consent for `purpose`; `read_for` is what the caller needs it for.

    Ages are those on `day`; `with_profiles`: profiles are wanted too.
    """

    purpose: str
    read_for: str
    selection: Selection
    day: date
    with_profiles: bool = False
    after: UUID = NOBODY


@dataclass(frozen=True, slots=True)
class AudiencePage:
    """People who may be contacted at `position`, in the order of their ids; with their profiles if wanted."""

    position: int
    members: list[tuple[UUID, Profile | None]]


class AudienceReads:
    """Reads the audience view for its servicer. `select` may raise `PositionNotReachedError`."""

    def __init__(
        self,
        *,
        reader: ViewReader,
        keys: KeyStore,
        freshness: Freshness,
        restricted: RestrictedReads,
        now: Callable[[], datetime],
        limits: AgeLimits = DEFAULT_LIMITS,
        page: int = PAGE,
        looked_at: int = LOOKED_AT,
    ) -> None:
        self._reader = reader
        self._keys = keys
        self._freshness = freshness
        self._restricted = restricted
        self._now = now
        self._limits = limits
        self._page = page
        self._looked_at = looked_at

    async def select(self, wanted: AudienceWanted, deadline: float) -> AsyncIterator[AudiencePage]:
        """Yield pages of people, each checked against everything acknowledged before it."""
        policies = (await self._freshness.catch_up(deadline, AUDIENCE_VIEW)).policies
        validity = self._validity(wanted, policies)
        fitting: list[UUID] = []
        after: UUID | None = wanted.after
        while after is not None:
            found = await asyncio.to_thread(self._look, wanted, validity, after)
            fitting += found.profile_ids
            after = found.last
            while len(fitting) >= self._page or (after is None and fitting):
                page = await self._checked(wanted, fitting[: self._page], deadline)
                del fitting[: self._page]
                if page.members:
                    yield page

    def _validity(self, wanted: AudienceWanted, policies: Policies) -> Validity:
        now = self._now()
        takes = policies.counting(wanted.purpose, now).takes
        return Validity(takes, self._limits.guarded_counts(day_of(now)))

    def _look(self, wanted: AudienceWanted, validity: Validity, after: UUID) -> audience_view.Candidates:
        selection, day = wanted.selection, wanted.day
        fits = None if selection.takes_everybody else lambda traits: selection.fits(traits, day)
        return audience_view.candidates(
            self._reader, self._keys, wanted.purpose, validity, fits, after, self._looked_at
        )

    async def _checked(
        self, wanted: AudienceWanted, profile_ids: Sequence[UUID], deadline: float
    ) -> AudiencePage:
        views = (AUDIENCE_VIEW, PROFILES_VIEW) if wanted.with_profiles else (AUDIENCE_VIEW,)
        policies = (await self._freshness.catch_up(deadline, *views)).policies
        return await asyncio.to_thread(self._check, wanted, policies, profile_ids)

    def _check(self, wanted: AudienceWanted, policies: Policies, profile_ids: Sequence[UUID]) -> AudiencePage:
        # Profiles before the check: then nothing that takes time comes after it.
        profiles = self._profiles(profile_ids) if wanted.with_profiles else dict.fromkeys(profile_ids)
        validity = self._validity(wanted, policies)
        position, may = audience_view.still_contactable(
            self._reader, self._keys, wanted.purpose, validity, profile_ids
        )
        may -= self._restricted.among_now(may, wanted.read_for)
        members = [(one, profiles[one]) for one in profile_ids if one in may and one in profiles]
        return AudiencePage(position, members)

    def _profiles(self, profile_ids: Collection[UUID]) -> dict[UUID, Profile | None]:
        try:
            return {**profile_view.get_profiles(self._reader, self._keys, profile_ids).profiles}
        except SealBrokenError:
            if len(profile_ids) == 1:
                return {}
            # The damaged row of one person costs the others nothing.
            return {who: profile for one in profile_ids for who, profile in self._profiles([one]).items()}
