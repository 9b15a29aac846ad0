"""Between messages of the API and what commands and views speak."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from profile_service.api.pipeline import Call
from profile_service.commands.requests import WriteRequest
from profile_service.domain.errors import InvalidRequestError, Violation
from profile_service.v1.profile_pb2 import Channel, Position


def write_request(request: Any, call: Call, channel: Channel | None = None) -> WriteRequest:
    """Return who asks for a write; `request` has a `request_id` and, unless given, a `channel`."""
    request_id = UUID(request.request_id)
    # The same id in capitals is no other body.
    request.request_id = str(request_id)
    if "profile_id" in request.DESCRIPTOR.fields_by_name and request.profile_id:
        request.profile_id = request.profile_id.lower()
    return WriteRequest(
        call.caller,
        call.method,
        request_id,
        request.channel if channel is None else channel,
        request.SerializeToString(deterministic=True),
    )


def timestamp(microseconds: int) -> Timestamp:
    """Return a point in time of the log."""
    result = Timestamp()
    result.FromMicroseconds(microseconds)
    return result


def microseconds(value: Timestamp, field: str) -> int:
    """Return a point in time as the log counts it. Raises `InvalidRequestError` for an impossible one."""
    if not 0 <= value.nanos < 1_000_000_000 or abs(value.seconds) > 1 << 40:
        raise InvalidRequestError([Violation(field, "is no point in time")])
    return value.seconds * 1_000_000 + value.nanos // 1000


PositionMaker = Callable[[int], Position]
