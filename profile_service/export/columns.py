"""The columns of an exported fact: its header, and one struct for the open fields of each type.

A personal field has no column, so none can be written, whatever a service answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, cast
from uuid import UUID

import pyarrow as pa
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError, Message

from profile_service.domain.registry import (
    FACT_TYPES,
    FactType,
    declarations,
    fact_type,
    has_unknown_fields,
)
from profile_service.export.errors import ExportError
from profile_service.v1.annotations_pb2 import OpenData, OpenGround
from profile_service.v1.audit_service_pb2 import PersonalHalf, ReplayedEvent
from profile_service.v1.profile_pb2 import Channel

PACKAGE = "profile_service.v1."
NEWER = "a newer aprofile is needed"
TIME = pa.timestamp("us", "UTC")
NUMBERS = {
    FieldDescriptor.TYPE_BOOL: pa.bool_(),
    FieldDescriptor.TYPE_DOUBLE: pa.float64(),
    FieldDescriptor.TYPE_INT32: pa.int32(),
    FieldDescriptor.TYPE_INT64: pa.int64(),
    FieldDescriptor.TYPE_STRING: pa.string(),
}


class Column(NamedTuple):
    """The Arrow type of a field, and what makes a value of it."""

    name: str
    kind: pa.DataType
    read: Callable[[Any], Any]


HEADER = (
    pa.field("position", pa.int64(), nullable=False, metadata={"is": "place in the log, without gaps"}),
    pa.field("time", TIME, nullable=False, metadata={"is": "never decreases"}),
    pa.field("type", pa.string(), nullable=False, metadata={"is": "which of the structs has values"}),
    pa.field("stream", pa.string(), nullable=False),
    pa.field("version", pa.int64(), nullable=False, metadata={"is": "place in the stream"}),
    pa.field("profile_id", pa.string(), metadata={"is": "a pseudonym; null for facts about no person"}),
    pa.field("actor", pa.string(), metadata={"is": "the calling service"}),
    pa.field("channel", pa.string()),
    pa.field("request_id", pa.string()),
    pa.field("causation", pa.int64(), metadata={"is": "position of the fact that led to this one"}),
    pa.field("schema", pa.int32(), nullable=False),
    pa.field("has_personal_half", pa.bool_(), nullable=False, metadata={"is": "which is not exported"}),
)


def facts_schema() -> pa.Schema:
    """Every column. That an open field may stay readable for ever has a ground, which is beside it."""
    return pa.schema([*HEADER, *(_struct(name) for name in FACT_TYPES if COLUMNS[name])])


def row_of(event: ReplayedEvent) -> dict[str, Any]:
    """The values of one fact.

    Raises `ExportError` for what this version does not know, and for a personal half.
    """
    header = event.header
    known = _known(event)
    fact = _open_half(event, known)
    row = {
        "position": event.position,
        "time": event.time.ToMicroseconds(),
        "type": known.name.removeprefix(PACKAGE),
        "stream": header.stream,
        "version": header.version,
        "profile_id": _id(header.profile_id),
        "actor": header.actor or None,
        "channel": Channel.Name(header.channel) if header.channel else None,
        "request_id": _id(header.request_id),
        "causation": header.causation or None,
        "schema": header.schema,
        "has_personal_half": event.personal_half != PersonalHalf.PERSONAL_HALF_NONE,
    }
    if COLUMNS[known.name]:
        row[struct_name(known.name)] = _values(fact, COLUMNS[known.name])
    return row


def struct_name(name: str) -> str:
    """The column of a fact type: `consent_given` of `profile_service.v1.ConsentGiven`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.removeprefix(PACKAGE)).lower()


def _known(event: ReplayedEvent) -> FactType:
    name = event.header.type
    if name not in FACT_TYPES:
        raise ExportError(f"position {event.position} has the unknown type {name}: {NEWER}")
    return fact_type(name)


def _open_half(event: ReplayedEvent, known: FactType) -> Message:
    try:
        fact = known.message.FromString(event.fact)
    except DecodeError:
        raise ExportError(f"position {event.position} can't be read") from None
    if any(field.name in known.personal for field, _ in fact.ListFields()):
        raise ExportError(f"position {event.position} came with its personal half: nothing of it is written")
    if has_unknown_fields(fact):
        raise ExportError(f"position {event.position} has fields of a newer version: {NEWER}")
    return fact


def _values(message: Message, columns: Sequence[Column]) -> dict[str, Any]:
    values = {}
    for column in columns:
        field = message.DESCRIPTOR.fields_by_name[column.name]
        if not field.has_presence or message.HasField(column.name):
            values[column.name] = column.read(getattr(message, column.name))
    return values


def _struct(name: str) -> pa.Field:
    declared = declarations(name)
    grounds = {
        field: OpenGround.Name(found.ground).removeprefix("OPEN_GROUND_").lower()
        for field, found in declared.items()
        if isinstance(found, OpenData)
    }
    fields = [
        pa.field(column.name, column.kind, metadata={"open because of": grounds[column.name]})
        for column in COLUMNS[name]
    ]
    return pa.field(struct_name(name), pa.struct(fields), metadata={"is": f"the open fields of {name}"})


def _column(field: FieldDescriptor) -> Column:
    one = _single(field)
    if not field.is_repeated:
        return one
    return Column(field.name, pa.list_(one.kind), lambda values: [one.read(value) for value in values])


def _single(field: FieldDescriptor) -> Column:
    if field.message_type is not None:
        return _message(field.name, field.message_type)
    if field.enum_type:
        names = field.enum_type.values_by_number
        # Unspecified is nothing; a number of a newer version stays a number.
        return Column(
            field.name,
            pa.string(),
            lambda number: (names[number].name if number in names else str(number)) if number else None,
        )
    if field.type == FieldDescriptor.TYPE_BYTES:
        return Column(field.name, pa.string(), _id)
    return Column(field.name, NUMBERS[field.type], lambda value: value)


def _message(name: str, descriptor: Descriptor) -> Column:
    if descriptor.full_name == "google.protobuf.Timestamp":
        return Column(name, TIME, lambda value: value.ToMicroseconds())
    columns = [_column(inner) for inner in _fields(descriptor)]
    kind = pa.struct([(column.name, column.kind) for column in columns])
    return Column(name, kind, lambda value: _values(value, columns))


def _id(value: bytes) -> str | None:
    """Ids of 16 bytes as UUIDs, digests in hexadecimal."""
    if not value:
        return None
    return str(UUID(bytes=value)) if len(value) == 16 else value.hex()


# Two implementations of descriptors have one interface, but the stubs no common type.
def _fields(descriptor: Any) -> Sequence[FieldDescriptor]:
    return cast("Sequence[FieldDescriptor]", descriptor.fields)


def _columns_of(name: str) -> list[Column]:
    known = fact_type(name)
    return [_column(field) for field in _fields(known.message.DESCRIPTOR) if field.name in known.open]


COLUMNS: Mapping[str, list[Column]] = {name: _columns_of(name) for name in FACT_TYPES}
