"""Messages as plain values: what JSON holds, and what a page shows. One way only; nothing is read back.

Days and points in time are ISO 8601, 16 bytes a UUID and others hexadecimal, enums the names of their values.
What is not set is left out.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any
from uuid import UUID

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class EnumName(str):
    """The name of an enum's value: unlike the same letters in a text of a person it may be translated."""

    __slots__ = ()


def plain(message: Message) -> Any:
    """Return a message as a dict, in the order of its fields; a day or a point in time as a text."""
    if isinstance(message, Timestamp):
        return time_text(message.ToMicroseconds())
    if message.DESCRIPTOR.full_name == Date.DESCRIPTOR.full_name:
        return f"{message.year:04}-{message.month:02}-{message.day:02}"  # type: ignore[attr-defined]  # a Date
    return {field.name: field_value(field, value) for field, value in message.ListFields()}


def field_value(field: FieldDescriptor, value: Any) -> Any:
    """Return the value of one field of a message as a plain value."""
    if field.is_repeated:
        return [_single(field, one) for one in value]
    return _single(field, value)


def enum_name(enum: Any, number: int) -> EnumName:
    """Return the name of a value of a generated enum."""
    return EnumName(enum.Name(number))


def bytes_text(value: bytes) -> str:
    """A UUID if there are 16 of them, else hexadecimal."""
    return str(UUID(bytes=value)) if len(value) == 16 else value.hex()


def time_text(microseconds: int) -> str:
    """ISO 8601 with microseconds, UTC, of a point in time in microseconds since 1970 UTC."""
    at = _EPOCH + timedelta(microseconds=microseconds)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _single(field: FieldDescriptor, value: Any) -> Any:
    if field.message_type:
        return plain(value)
    if field.enum_type:
        known = field.enum_type.values_by_number.get(value)
        return EnumName(known.name) if known else value
    if field.type == FieldDescriptor.TYPE_BYTES:
        return bytes_text(value)
    if isinstance(value, float) and not isfinite(value):
        return str(value)  # JSON has no such numbers
    return value
