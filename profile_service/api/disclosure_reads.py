"""Reads of recipients, disclosures and obligations for the servicer: fresh enough, and off the loop."""

from __future__ import annotations

import asyncio
from uuid import UUID

from profile_service.api.freshness import Freshness
from profile_service.domain.disclosure_errors import RecipientNotFoundError
from profile_service.domain.errors import ProfileErasedError, ProfileNotFoundError, ProfileParkedError
from profile_service.keys.store import KeyStore
from profile_service.log.reader import LogReader, Standing
from profile_service.v1.profile_pb2 import Position
from profile_service.v1.recipient_pb2 import Recipient
from projections.notices import Attempts, Notices
from projections.reading import ViewReader
from projections.views import disclosures as disclosure_view
from projections.views import obligations as obligation_view


class DisclosureReads:
    """Every method may raise `PositionNotReachedError` and `PositionOfAnotherLogError`."""

    def __init__(
        self, *, reader: ViewReader, keys: KeyStore, log: LogReader, freshness: Freshness, notices: Notices
    ) -> None:
        self._reader = reader
        self._keys = keys
        self._log = log
        self._freshness = freshness
        self._notices = notices

    async def recipient(
        self, recipient_id: UUID, at_least: Position, deadline: float
    ) -> tuple[int, Recipient]:
        """Raises `RecipientNotFoundError`."""
        await self._freshness.reach(at_least, deadline, disclosure_view.DISCLOSURES_VIEW)
        position, found = await asyncio.to_thread(disclosure_view.recipient, self._reader, recipient_id)
        if found is None:
            raise RecipientNotFoundError
        return position, found

    async def recipients(
        self, profile_id: UUID | None, after: int, limit: int, at_least: Position, deadline: float
    ) -> disclosure_view.RecipientsFound:
        """Return all, or those who had data of a person.

        Raises `ProfileNotFoundError`, `ProfileErasedError` and `ProfileParkedError`.
        """
        await self._freshness.reach(at_least, deadline, disclosure_view.DISCLOSURES_VIEW)
        if profile_id is None:
            return await asyncio.to_thread(disclosure_view.recipients, self._reader, after, limit)
        await asyncio.to_thread(self._check, profile_id)
        found = await asyncio.to_thread(disclosure_view.recipients_of, self._reader, profile_id, after, limit)
        if found.parked:
            raise ProfileParkedError
        return found

    async def disclosures(
        self, profile_id: UUID, after: int, limit: int, at_least: Position, deadline: float
    ) -> disclosure_view.DisclosuresFound:
        """Raises `ProfileNotFoundError`, `ProfileErasedError` and `ProfileParkedError`."""
        await self._freshness.reach(at_least, deadline, disclosure_view.DISCLOSURES_VIEW)
        await asyncio.to_thread(self._check, profile_id)
        found = await asyncio.to_thread(
            disclosure_view.disclosures_of, self._reader, self._keys, profile_id, after, limit
        )
        if found.parked:
            raise ProfileParkedError
        return found

    async def obligations(
        self,
        narrowed: obligation_view.Narrowed,
        after: int,
        limit: int,
        at_least: Position,
        deadline: float,
    ) -> tuple[obligation_view.ObligationsFound, dict[UUID, Attempts]]:
        """Return obligations, and how often recipients were called in vain for those that are open."""
        await self._freshness.reach(at_least, deadline, obligation_view.OBLIGATIONS_VIEW)
        found = await asyncio.to_thread(obligation_view.obligations, self._reader, narrowed, after, limit)
        still_open = [row.obligation_id for row in found.rows if row.state == obligation_view.OPEN]
        return found, await asyncio.to_thread(self._notices.attempts, still_open)

    def _check(self, profile_id: UUID) -> None:
        standing = self._log.standing([profile_id])[profile_id]
        if standing is Standing.UNKNOWN:
            raise ProfileNotFoundError
        if standing is Standing.ERASED:
            raise ProfileErasedError
