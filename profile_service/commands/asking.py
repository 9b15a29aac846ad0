"""Who asks for what is done at once by right, as a request of the API says it."""

from __future__ import annotations

from typing import TypeAlias
from uuid import UUID

from profile_service.commands.requests import WriteRequest
from profile_service.domain.carrying_out import Asked
from profile_service.v1.rectification_pb2 import RectifyProfileRequest
from profile_service.v1.restriction_pb2 import RestrictProcessingRequest
from profile_service.v1.rights_service_pb2 import EraseProfileRequest

ByRight: TypeAlias = EraseProfileRequest | RectifyProfileRequest | RestrictProcessingRequest


def asked_by(request: WriteRequest, wanted: ByRight) -> Asked:
    """Return who asks, by which request, and how they proved who they are."""
    return Asked(
        wanted.requested_by,
        request.new_id.bytes,
        UUID(wanted.rights_request_id).bytes if wanted.rights_request_id else None,
        wanted.identification if wanted.HasField("identification") else None,
    )
