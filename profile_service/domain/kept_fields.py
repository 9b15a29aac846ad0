"""What is kept of people, field by field: what an export gives, what an erasure reaches, what stays and why.

All of it is read from the declarations in the proto files. Whether an export really gives every field is
tested on its documents, not said here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, cast

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from profile_service.domain.registry import FACT_TYPES, declaration
from profile_service.v1 import annotations_pb2, events_pb2
from profile_service.v1.annotations_pb2 import DataSource, ExportExclusion, OpenData, OpenGround, PersonalData
from profile_service.v1.annotations_pb2 import Purpose as PurposeDeclared
from profile_service.v1.events_pb2 import EventHeader
from profile_service.v1.profile_pb2 import LegalBasis

# The stubs of protobuf do not know extensions.
_EXCLUSION: Any = annotations_pb2.export_exclusion
_PURPOSE: Any = annotations_pb2.purpose


class PersonalField(NamedTuple):
    """A field that an erasure reaches. `fact` is the short name of its message."""

    fact: str
    name: str
    declared: PersonalData


class OpenField(NamedTuple):
    """A field of a fact, or of the header that every fact has, that stays readable."""

    fact: str
    name: str
    declared: OpenData


KeptField: TypeAlias = PersonalField | OpenField


@dataclass(frozen=True, slots=True)
class Purpose:
    """What data is processed for. `is_evidence`: what the open fields of a person are kept for."""

    id: str
    legal_basis: LegalBasis
    is_evidence: bool


def exclusion(message: type[Message]) -> ExportExclusion:
    """Return why no export has facts of a type; UNSPECIFIED if exports have them."""
    excluded: ExportExclusion = message.DESCRIPTOR.GetOptions().Extensions[_EXCLUSION]
    return excluded


# What may stand in a stream of a person, and so in an export; the header first.
ABOUT_PEOPLE: tuple[type[Message], ...] = (
    EventHeader,
    *(message for message in FACT_TYPES.values() if not exclusion(message)),
)


def kept_fields(messages: Iterable[type[Message]] = ABOUT_PEOPLE) -> Iterator[KeptField]:
    """Yield the declared fields of these messages, in the order of the proto file."""
    for message in messages:
        for field in _fields(message):
            match declaration(field):
                case PersonalData() as personal:
                    yield PersonalField(message.DESCRIPTOR.name, field.name, personal)
                case OpenData() as open_data:
                    yield OpenField(message.DESCRIPTOR.name, field.name, open_data)


def erased_fields(messages: Iterable[type[Message]] = ABOUT_PEOPLE) -> list[PersonalField]:
    """Return what nobody can read any more when the key of a person is destroyed."""
    return [field for field in kept_fields(messages) if isinstance(field, PersonalField)]


def retained_fields(messages: Iterable[type[Message]] = ABOUT_PEOPLE) -> list[OpenField]:
    """Return what stays readable after an erasure, each with its ground."""
    return [field for field in kept_fields(messages) if isinstance(field, OpenField)]


def declared_purposes() -> Mapping[str, Purpose]:
    """Return the purposes that the proto file of facts declares, by id and in its order."""
    declared: Iterable[PurposeDeclared] = events_pb2.DESCRIPTOR.GetOptions().Extensions[_PURPOSE]
    return {one.id: Purpose(one.id, one.legal_basis, one.evidence) for one in declared}


def provided_by_person(fact: Message) -> Message | None:
    """Return what the person provided in a fact, with the references it has; None if that is nothing.

    References stay because an answer can't be read without its campaign.
    """
    provided = type(fact)()
    provided.CopyFrom(fact)
    is_any = False
    for field, _ in fact.ListFields():
        declared = declaration(field)
        if is_provided(declared):
            is_any = True
        elif not _is_reference(declared):
            provided.ClearField(field.name)
    return provided if is_any else None


def provided_names() -> frozenset[str]:
    """Return the names of fields that `provided_by_person` may leave in some fact that it returns."""
    declared = [{field.name: field.declared for field in kept_fields([message])} for message in ABOUT_PEOPLE]
    return frozenset(
        name
        for fields in declared
        if any(is_provided(one) for one in fields.values())
        for name, one in fields.items()
        if is_provided(one) or _is_reference(one)
    )


def is_provided(declared: PersonalData | OpenData | None) -> bool:
    """Say whether a field is one that the person provided (GDPR Art. 20)."""
    return isinstance(declared, PersonalData) and declared.source == DataSource.DATA_SOURCE_PERSON


def _is_reference(declared: PersonalData | OpenData | None) -> bool:
    return isinstance(declared, OpenData) and declared.ground == OpenGround.OPEN_GROUND_REFERENCE


def _fields(message: type[Message]) -> Iterable[FieldDescriptor]:
    # Two implementations of descriptors have one interface, but the stubs no common type.
    return cast("Iterable[FieldDescriptor]", message.DESCRIPTOR.fields)
