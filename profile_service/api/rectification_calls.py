"""The call of RightsService that rectifies values of a profile."""

from __future__ import annotations

from uuid import UUID

from profile_service.api.pipeline import Call
from profile_service.api.translate import PositionMaker, write_request
from profile_service.commands.profiles import ProfileEditor
from profile_service.v1.rectification_pb2 import RectifyProfileRequest, RectifyProfileResponse


class RectificationCalls:
    """See `rectification.proto`."""

    def __init__(self, *, editor: ProfileEditor, position: PositionMaker) -> None:
        self._editor = editor
        self._position = position

    async def RectifyProfile(self, request: RectifyProfileRequest, call: Call) -> RectifyProfileResponse:
        appended = await self._editor.rectify(
            write_request(request, call), UUID(request.profile_id), request, call.deadline
        )
        return RectifyProfileResponse(position=self._position(appended.position), etag=str(appended.version))
