"""Reads of views for the servicers: fresh enough, coalesced, and off the loop.

Point reads that arrive together share one query. `at_least_position` is waited for up to
the deadline; a consent check always waits for the head of the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from profile_service.api.freshness import Freshness
from profile_service.api.guarded_reads import GuardedReads
from profile_service.batching import Batcher
from profile_service.domain.errors import (
    CampaignNotFoundError,
    PositionNotReachedError,
    ProfileErasedError,
    ProfileNotFoundError,
    ProfileParkedError,
)
from profile_service.domain.guardianship import DEFAULT_LIMITS, AgeLimits
from profile_service.keys.errors import SealBrokenError
from profile_service.keys.store import KeyStore
from profile_service.log.reader import LogReader, Standing
from profile_service.v1.campaign_pb2 import Campaign, CampaignState
from profile_service.v1.profile_pb2 import Position, Profile
from projections.reading import ViewReader
from projections.views import consents as consent_view
from projections.views import notices_due as notice_view
from projections.views import open_requests as open_request_view
from projections.views import profiles as profile_view
from projections.views import sign_ups as sign_up_view


@dataclass(frozen=True, slots=True)
class ConsentsOfPerson:
    """Current consents, a page of history, and the position both are true at."""

    position: int
    current: list[consent_view.ConsentRow]
    history: list[consent_view.ConsentHistoryRow]


class _NotThereYetError(Exception):
    """The log knows the person, the view does not yet."""


class ViewReads:
    """What the servicers read. Every method may raise `PositionNotReachedError` and
    `PositionOfAnotherLogError`."""

    def __init__(
        self,
        *,
        reader: ViewReader,
        keys: KeyStore,
        log: LogReader,
        freshness: Freshness,
        now: Callable[[], datetime],
        limits: AgeLimits = DEFAULT_LIMITS,
    ) -> None:
        self._reader = reader
        self._guarded = GuardedReads(reader, keys, freshness, limits, now)
        self._keys = keys
        self._log = log
        self._freshness = freshness
        self._now = now
        self._profiles: Batcher[UUID, tuple[Profile, int]] = Batcher(
            self._get_profiles, name="profile-reader", limit=256
        )

    def close(self) -> None:
        self._profiles.stop()

    async def profile(self, profile_id: UUID, at_least: Position, deadline: float) -> tuple[Profile, int]:
        """Return a profile and the view's position.

        Somebody whom the log knows is waited for, also without a position. Raises `ProfileNotFoundError`,
        `ProfileErasedError` and `ProfileParkedError`.
        """
        view = profile_view.PROFILES_VIEW
        await self._freshness.reach(at_least, deadline, view)
        try:
            return await self._profiles.submit(profile_id)
        except _NotThereYetError:
            await self._freshness.catch_up(deadline, view)
        try:
            return await self._profiles.submit(profile_id)
        except _NotThereYetError:  # an operator had the view pass over the registration
            raise ProfileNotFoundError from None

    async def consents(
        self,
        profile_id: UUID,
        at_least: Position,
        deadline: float,
        *,
        history_after: int,
        history_limit: int,
    ) -> ConsentsOfPerson:
        """Raises `ProfileNotFoundError`, `ProfileErasedError` and `ProfileParkedError`."""
        await self._freshness.reach(at_least, deadline, consent_view.CONSENTS_VIEW)
        found = await asyncio.to_thread(self._consents, profile_id, history_after, history_limit)
        guarded = {row.profile_id for row in found.current if consent_view.is_guarded(row)}
        if guarded == await self._guarded.counted(guarded, deadline):
            return found
        return replace(found, current=[consent_view.unconfirmed(row) for row in found.current])

    async def check_consents(
        self, purpose: str, profile_ids: Collection[UUID], deadline: float
    ) -> consent_view.ConsentsChecked:
        """Return who has given consent, by a view that has seen everything acknowledged before."""
        caught_up = await self._freshness.catch_up(deadline, consent_view.CONSENTS_VIEW)
        counts = caught_up.policies.counting(purpose, self._now()).takes
        checked = await asyncio.to_thread(
            consent_view.check_consents, self._reader, purpose, counts, profile_ids
        )
        if checked.position < caught_up.position:  # another generation went live meanwhile, and is not as far
            raise PositionNotReachedError
        counted = await self._guarded.counted(checked.guarded, deadline)
        return consent_view.ConsentsChecked(checked.position, checked.given | counted)

    async def campaign(self, campaign_id: UUID, at_least: Position, deadline: float) -> tuple[Campaign, int]:
        """Raises `CampaignNotFoundError`."""
        await self._freshness.reach(at_least, deadline, sign_up_view.SIGN_UPS_VIEW)
        position, campaign = await asyncio.to_thread(sign_up_view.campaign, self._reader, campaign_id)
        if campaign is None:
            raise CampaignNotFoundError
        return campaign, position

    async def campaigns(
        self, after: int, limit: int, state: CampaignState | None, at_least: Position, deadline: float
    ) -> sign_up_view.CampaignsFound:
        await self._freshness.reach(at_least, deadline, sign_up_view.SIGN_UPS_VIEW)
        return await asyncio.to_thread(sign_up_view.campaigns, self._reader, after, limit, state)

    async def sign_ups(
        self, campaign_id: UUID, after: int, limit: int, at_least: Position, deadline: float
    ) -> sign_up_view.SignUpsFound:
        """Raises `CampaignNotFoundError`."""
        await self.campaign(campaign_id, at_least, deadline)
        return await asyncio.to_thread(
            sign_up_view.sign_ups, self._reader, self._keys, campaign_id, after, limit
        )

    async def overdue(
        self, at: date, after: int, limit: int, at_least: Position, deadline: float
    ) -> open_request_view.OverdueFound:
        """Return open requests by right that were due before a day."""
        await self._freshness.reach(at_least, deadline, open_request_view.OPEN_REQUESTS_VIEW)
        return await asyncio.to_thread(open_request_view.overdue, self._reader, at, after, limit)

    async def notices_due(
        self, after: int, limit: int, until: date | None, at_least: Position, deadline: float
    ) -> notice_view.NoticesFound:
        """Return what people were not told of yet, if a day is given only what was due before it."""
        await self._freshness.reach(at_least, deadline, notice_view.NOTICES_DUE_VIEW)
        return await asyncio.to_thread(notice_view.notices_due, self._reader, after, limit, until)

    def _get_profiles(self, batch: Sequence[UUID]) -> list[tuple[Profile, int] | BaseException]:
        try:
            return self._get_together(batch)
        except SealBrokenError as error:
            if len(batch) == 1:
                return [error]
            # The damaged row of one person must not fail the reads of those who came with them.
            return [self._get_profiles([profile_id])[0] for profile_id in batch]

    def _get_together(self, batch: Sequence[UUID]) -> list[tuple[Profile, int] | BaseException]:
        """Raises `SealBrokenError` if any row is damaged."""
        found = profile_view.get_profiles(self._reader, self._keys, set(batch))
        missing = set(batch) - found.profiles.keys() - found.parked
        standing = self._log.standing(missing) if missing else {}
        return [self._profile(profile_id, found, standing) for profile_id in batch]

    def _profile(
        self, profile_id: UUID, found: profile_view.ProfilesFound, standing: dict[UUID, Standing]
    ) -> tuple[Profile, int] | BaseException:
        if profile_id in found.profiles:
            return found.profiles[profile_id], found.position
        if profile_id in found.parked:
            return ProfileParkedError()
        if standing[profile_id] is Standing.ERASED or profile_id in found.unreadable:
            return ProfileErasedError()
        return _NotThereYetError() if standing[profile_id] is Standing.REGISTERED else ProfileNotFoundError()

    def _consents(self, profile_id: UUID, after: int, limit: int) -> ConsentsOfPerson:
        standing = self._log.standing([profile_id])[profile_id]
        if standing is Standing.UNKNOWN:
            raise ProfileNotFoundError
        if standing is Standing.ERASED:
            raise ProfileErasedError
        current = consent_view.consents_of(self._reader, profile_id)
        if current.parked:
            raise ProfileParkedError
        history: list[consent_view.ConsentHistoryRow] = []
        if limit:
            history = consent_view.consent_history(self._reader, profile_id, after, limit).rows
        return ConsentsOfPerson(current.position, current.rows, history)
