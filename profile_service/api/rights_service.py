"""RightsService: translate, delegate, translate back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from profile_service.api.pipeline import Call
from profile_service.api.translate import PositionMaker, write_request
from profile_service.commands.erasure import Eraser
from profile_service.commands.finality import finality
from profile_service.v1.rights_service_pb2 import EraseProfileRequest, EraseProfileResponse


class RightsServicer:
    """See `rights_service.proto`."""

    def __init__(self, eraser: Eraser, position: PositionMaker) -> None:
        self._eraser = eraser
        self._position = position

    async def EraseProfile(self, request: EraseProfileRequest, call: Call) -> EraseProfileResponse:
        erased = await self._eraser.erase(write_request(request, call), UUID(request.profile_id), request)
        erasure = await asyncio.to_thread(self._eraser.keys.erasure_of, UUID(request.profile_id))
        assert erasure is not None, "an erased person has a tombstone"
        return EraseProfileResponse(
            erased_live=True,
            finality=finality(erasure, datetime.now(UTC)),
            final_by=erasure.final_by,
            position=self._position(erased),
        )
