"""Whose data is not read, because its processing is restricted (GDPR Art. 18), and what it still is read for.

Read from the log itself: what was acknowledged before a read is never missed, whatever the views know.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from uuid import UUID

from profile_service.batching import Batcher
from profile_service.domain import restrictions
from profile_service.domain.rights_errors import ProcessingRestrictedError
from profile_service.log.facts import open_fact
from profile_service.log.reader import LogReader, Standing
from profile_service.log.streams import RIGHTS, stream_name


class RestrictedReads:
    """Says whom a read leaves out. `purposes`: of reads that are allowed whatever is restricted."""

    def __init__(self, log: LogReader, purposes: Collection[str]) -> None:
        self._log = log
        self._purposes = frozenset(purposes)
        self._checks: Batcher[UUID, bool] = Batcher(self._are_restricted, name="restrictions", limit=256)

    def close(self) -> None:
        self._checks.stop()

    async def check(self, profile_id: UUID, purpose: str) -> None:
        """Raises `ProcessingRestrictedError` if a person's data is not read for this purpose now."""
        if purpose not in self._purposes and await self._checks.submit(profile_id):
            raise ProcessingRestrictedError

    async def among(self, profile_ids: Collection[UUID], purpose: str) -> frozenset[UUID]:
        """Return whose data is not read for this purpose now."""
        return await asyncio.to_thread(self.among_now, profile_ids, purpose)

    def among_now(self, profile_ids: Collection[UUID], purpose: str) -> frozenset[UUID]:
        """Return the same. Blocks."""
        return frozenset() if purpose in self._purposes else self._restricted(profile_ids)

    def _are_restricted(self, batch: Sequence[UUID]) -> list[bool]:
        restricted = self._restricted(set(batch))
        return [profile_id in restricted for profile_id in batch]

    def _restricted(self, profile_ids: Collection[UUID]) -> frozenset[UUID]:
        of_stream = {stream_name(RIGHTS, profile_id): profile_id for profile_id in profile_ids}
        found = {
            of_stream[name]
            for name, stored in self._log.streams(of_stream).items()
            if restrictions.fold(open_fact(fact, None).message for fact in stored)
        }
        # Nothing is read of the erased: who asks is told that they are.
        standing = self._log.standing(found) if found else {}
        return frozenset(one for one in found if standing[one] is not Standing.ERASED)
