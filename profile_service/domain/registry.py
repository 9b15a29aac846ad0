"""The field registry: what each field of each fact is declared to be, and the two halves that follow.

A fact is one message; its open half is the message without its personal fields, its
personal half the same message with only them. Sealing is not done here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, cast

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from profile_service.v1 import annotations_pb2, events_pb2
from profile_service.v1.annotations_pb2 import OpenData, PersonalData

# Messages of events.proto that carry facts but are none.
_ENVELOPES = frozenset({"Record", "EventHeader"})

# The schema of a fact is 1 until a field is added to it; then its new version stands here,
# and its golden file of that version beside those of the earlier ones.
_LATER_SCHEMAS: Mapping[str, int] = {
    "profile_service.v1.ProfileErased": 2,
    "profile_service.v1.ConsentGiven": 2,
    "profile_service.v1.ProfileRectified": 2,
}


class UnknownFactTypeError(Exception):
    """No fact has this type name."""


class UnknownFieldsInFactError(Exception):
    """A fact to be written has fields that its schema does not know: they could land in either half."""


@dataclass(frozen=True, slots=True)
class FactType:
    """One message of `events.proto`: its schema's version now, and its fields on either side of the seal.

    `nests_openly` says that an open field is itself a message.
    """

    name: str
    message: type[Message]
    schema: int
    personal: tuple[str, ...]
    open: tuple[str, ...]
    nests_openly: bool


# The stubs of protobuf do not know extensions.
_PERSONAL: Any = annotations_pb2.personal
_OPEN: Any = annotations_pb2.open


def declaration(field: FieldDescriptor) -> PersonalData | OpenData | None:
    """Return how `field` is declared; None if it is not, or both ways, or incompletely."""
    options = field.GetOptions()
    if options.HasExtension(_PERSONAL) == options.HasExtension(_OPEN):
        return None
    if options.HasExtension(_OPEN):
        open_data: OpenData = options.Extensions[_OPEN]
        return open_data if open_data.ground else None
    personal: PersonalData = options.Extensions[_PERSONAL]
    complete = personal.category and personal.purposes and personal.retention and personal.source
    return personal if complete else None


def _fields(message: type[Message]) -> Sequence[FieldDescriptor]:
    # Two implementations of descriptors have one interface, but the stubs no common type.
    return cast("Sequence[FieldDescriptor]", message.DESCRIPTOR.fields)


def _described(message: type[Message]) -> FactType:
    name = message.DESCRIPTOR.full_name
    fields = _fields(message)
    # What is not declared open is sealed, also if it is not declared at all.
    open_ = [field for field in fields if isinstance(declaration(field), OpenData)]
    personal = [field for field in fields if field not in open_]
    return FactType(
        name=name,
        message=message,
        schema=_LATER_SCHEMAS.get(name, 1),
        personal=tuple(field.name for field in personal),
        open=tuple(field.name for field in open_),
        nests_openly=any(field.message_type for field in open_),
    )


# Every fact by the full name of its message, which is the type name that is stored.
FACT_TYPES: Mapping[str, type[Message]] = {
    descriptor.full_name: getattr(events_pb2, name)
    for name, descriptor in events_pb2.DESCRIPTOR.message_types_by_name.items()
    if name not in _ENVELOPES
}

_BY_CLASS: Mapping[type[Message], FactType] = {
    message: _described(message) for message in FACT_TYPES.values()
}


def fact_type(name: str) -> FactType:
    """Return what is known of a fact type, by its full name. Raises `UnknownFactTypeError`."""
    try:
        return _BY_CLASS[FACT_TYPES[name]]
    except KeyError:
        raise UnknownFactTypeError(name) from None


def declarations(name: str) -> dict[str, PersonalData | OpenData]:
    """Return what every field of a fact type is declared to be, by field name."""
    declared = ((field.name, declaration(field)) for field in _fields(fact_type(name).message))
    return {field: found for field, found in declared if found is not None}


def undeclared_fields(facts: Iterable[type[Message]] | None = None) -> list[str]:
    """Return the full names of fields of facts that are not declared exactly once and completely.

    Such a field is sealed, but nobody said why it is kept: a service with one must not be built.
    """
    fields = chain.from_iterable(_fields(fact) for fact in facts or FACT_TYPES.values())
    return [field.full_name for field in fields if declaration(field) is None]


def has_personal_fields(name: str) -> bool:
    """Say whether facts of this type have a personal half at all."""
    return bool(fact_type(name).personal)


def split(fact: Message) -> tuple[bytes, bytes]:
    """Return the open and the personal half of a fact, each serialized deterministically.

    The personal half is empty if no personal field is set. Raises `UnknownFactTypeError`,
    and `UnknownFieldsInFactError` when anything that the schema does not know would be
    in the open half.
    """
    known = _BY_CLASS.get(type(fact))
    if known is None:
        raise UnknownFactTypeError(fact.DESCRIPTOR.full_name)
    open_half, personal_half = _half(fact, known.personal), _half(fact, known.open)
    # Unknown fields survive in either copy, so with them the halves are more than the whole.
    # Deeper ones stay where they are, which matters if that is a message in the open half.
    if len(open_half) + len(personal_half) != fact.ByteSize() or (
        known.nests_openly and has_unknown_fields(fact)
    ):
        raise UnknownFieldsInFactError(known.name)
    return open_half, personal_half


def _half(fact: Message, without: Iterable[str]) -> bytes:
    half = type(fact)()
    half.CopyFrom(fact)
    for name in without:
        half.ClearField(name)
    return half.SerializeToString(deterministic=True)


def merge(name: str, open_half: bytes, personal_half: bytes | None) -> Message:
    """Return the fact that was split; without its personal half, what of it stays readable.

    Raises `UnknownFactTypeError`, and `google.protobuf.message.DecodeError` for damaged bytes.
    """
    message = FACT_TYPES.get(name)
    if message is None:
        raise UnknownFactTypeError(name)
    fact = message.FromString(open_half)
    if personal_half:
        fact.MergeFromString(personal_half)
    return fact


def has_unknown_fields(message: Message) -> bool:
    """Say whether a message, or any message inside it, has fields that its schema does not know."""
    # Unknown fields are bytes that a copy without them lacks; this is done in C, at any depth.
    known = type(message)()
    known.CopyFrom(message)
    known.DiscardUnknownFields()
    return known.ByteSize() != message.ByteSize()
