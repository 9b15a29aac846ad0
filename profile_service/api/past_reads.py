"""Reads of the past for the servicers: a point of the log is found, and one person folded up to it.

Views have no part in it: they know the present only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from profile_service.api.translate import microseconds
from profile_service.domain.errors import (
    InvalidRequestError,
    PositionOfAnotherLogError,
    ProfileErasedError,
    ProfileNotFoundError,
    ProfileParkedError,
    Violation,
)
from profile_service.log.reader import Standing
from profile_service.log.reader import microseconds as in_microseconds
from profile_service.v1.profile_pb2 import Position, Profile
from profile_service.v1.profile_service_pb2 import GetProfileAsOfRequest
from projections.sources import Sources
from projections.views.profiles import profile_as_of


class PastReads:
    """What the log said at a point of it."""

    def __init__(self, sources: Sources, now: Callable[[], datetime]) -> None:
        self._sources = sources
        self._now = now

    async def profile(self, request: GetProfileAsOfRequest) -> tuple[Profile, int]:
        """Return a profile as it was, and the position that was asked for or found.

        Raises `InvalidRequestError`, `PositionOfAnotherLogError`, `ProfileNotFoundError`,
        `ProfileErasedError` and `ProfileParkedError`.
        """
        return await asyncio.to_thread(self._profile, request)

    def _profile(self, request: GetProfileAsOfRequest) -> tuple[Profile, int]:
        if request.HasField("time"):
            position = self._position_at(microseconds(request.time, "time"))
        else:
            position = self._checked(request.position)
        profile_id = UUID(request.profile_id)
        standing = self._sources.log.standing([profile_id])[profile_id]
        if standing is Standing.ERASED:
            raise ProfileErasedError
        found = profile_as_of(self._sources, profile_id, position)
        if profile_id in found.unreadable:
            raise ProfileErasedError
        if profile_id in found.parked:
            raise ProfileParkedError
        if profile_id not in found.profiles:
            raise ProfileNotFoundError
        return found.profiles[profile_id], position

    def _checked(self, at: Position) -> int:
        log = self._sources.log
        if (at.log_id and at.log_id != log.log_id) or at.value > log.head():
            raise PositionOfAnotherLogError
        return at.value

    def _position_at(self, time: int) -> int:
        """Return the last position at or before a time that the log or the clock has passed."""
        head = self._sources.log.head()
        position = self._sources.log.position_before(time + 1)
        if position >= head and time > in_microseconds(self._now()):
            raise InvalidRequestError([Violation("time", "is in the future")])
        return position
