"""Between messages of the API and what commands and views speak."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any
from uuid import UUID

from google.protobuf.descriptor import Descriptor
from google.protobuf.timestamp_pb2 import Timestamp

from profile_service.api.pipeline import Call
from profile_service.commands.requests import WriteRequest
from profile_service.domain.errors import InvalidRequestError, Violation
from profile_service.v1.profile_pb2 import Channel, Position


def write_request(request: Any, call: Call, channel: Channel | None = None) -> WriteRequest:
    """Return who asks for a write; `request` has a `request_id` and, unless given, a `channel`."""
    # The same id in capitals is no other body.
    for name in _ids(request.DESCRIPTOR):
        if value := getattr(request, name):  # setting one that is empty would choose it in a oneof
            setattr(request, name, value.lower())
    return WriteRequest(
        call.caller,
        call.method,
        UUID(request.request_id),
        request.channel if channel is None else channel,
        request.SerializeToString(deterministic=True),
    )


@cache
def _ids(request: Descriptor) -> tuple[str, ...]:
    """Return the names of the fields that are UUIDs."""
    return tuple(name for name in request.fields_by_name if name.endswith("_id"))


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
