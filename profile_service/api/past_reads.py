"""Reads of the past for the servicers: one person, folded up to a point of the log.

Views have no part in it: they know the present only.
"""

from __future__ import annotations

import asyncio
from uuid import UUID

from profile_service.api.log_points import LogPoints
from profile_service.domain.errors import ProfileErasedError, ProfileNotFoundError, ProfileParkedError
from profile_service.log.reader import Standing
from profile_service.v1.profile_pb2 import Profile
from profile_service.v1.profile_service_pb2 import GetProfileAsOfRequest
from projections.sources import Sources
from projections.views.profiles import profile_as_of


class PastReads:
    """What the log said at a point of it."""

    def __init__(self, sources: Sources, points: LogPoints) -> None:
        self._sources = sources
        self._points = points

    async def profile(self, request: GetProfileAsOfRequest) -> tuple[Profile, int]:
        """Return a profile as it was, and the position that was asked for or found.

        Raises `InvalidRequestError`, `PositionOfAnotherLogError`, `ProfileNotFoundError`,
        `ProfileErasedError` and `ProfileParkedError`.
        """
        return await asyncio.to_thread(self._profile, request)

    def _profile(self, request: GetProfileAsOfRequest) -> tuple[Profile, int]:
        position = self._points.asked_for(request)
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
