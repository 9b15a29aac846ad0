"""Golden files: one a fact type and schema version, as it was written then. Each must still read.

`NAME.vN.binpb` has the bytes, `NAME.vN.txtpb` what they say, in words. A file that
exists is history and is never written again: a changed fact gets a new version in
`profile_service.domain.registry`, and a new pair of files beside the old.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from google.protobuf import text_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from profile_service.domain import registry

DIRECTORY = Path(__file__).parent
PACKAGE = "profile_service.v1"


class Golden(NamedTuple):
    """One fact as it was written with one version of its schema."""

    name: str
    version: int

    @property
    def binary(self) -> Path:
        return DIRECTORY / f"{self.name}.v{self.version}.binpb"

    @property
    def text(self) -> Path:
        return DIRECTORY / f"{self.name}.v{self.version}.txtpb"

    @property
    def message(self) -> type[Message]:
        return registry.fact_type(f"{PACKAGE}.{self.name}").message


def current() -> Iterator[Golden]:
    """Yield what there must be now: every fact in the version it is written with."""
    for message in registry.FACT_TYPES.values():
        name = message.DESCRIPTOR.name
        yield Golden(name, registry.fact_type(f"{PACKAGE}.{name}").schema)


def kept() -> Iterator[Golden]:
    """Yield every golden file there is."""
    for path in sorted(DIRECTORY.glob("*.binpb")):
        name, version = path.stem.split(".v")
        yield Golden(name, int(version))


def full(message: type[Message]) -> Message:
    """Return a message with every field set, and every member of a oneof where it repeats."""
    built = message()
    for field in message.DESCRIPTOR.fields:
        values = _values(field)
        if field.is_repeated:
            getattr(built, field.name).extend(values)
        elif isinstance(values[0], Message):
            getattr(built, field.name).CopyFrom(values[0])
        else:
            setattr(built, field.name, values[0])
    return built


def _values(field: Any) -> list[Any]:
    if field.message_type:
        nested: type[Message] = GetMessageClass(field.message_type)
        return _variants(full(nested))
    if field.enum_type:
        return [field.enum_type.values[1].number]
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_STRING if field.type == FieldDescriptor.TYPE_BYTES:
            return [field.name.encode()]
        case FieldDescriptor.CPPTYPE_STRING:
            return [field.name]
        case FieldDescriptor.CPPTYPE_BOOL:
            return [True]
    return [field.number]


def _variants(message: Message) -> list[Message]:
    """Return one message for each member of its oneof; the message itself if it has none."""
    members = [field for oneof in message.DESCRIPTOR.oneofs for field in oneof.fields]
    variants = []
    for member in members:
        variant = type(message)()
        variant.CopyFrom(message)
        value = _values(member)[0]
        if isinstance(value, Message):
            getattr(variant, member.name).CopyFrom(value)
        else:
            setattr(variant, member.name, value)
        variants.append(variant)
    return variants or [message]


def write_missing() -> list[Golden]:
    """Write the golden files that there must be and are not. Returns them."""
    missing = [golden for golden in current() if not golden.binary.exists()]
    for golden in missing:
        fact = full(golden.message)
        golden.binary.write_bytes(fact.SerializeToString(deterministic=True))
        golden.text.write_text(text_format.MessageToString(fact, as_utf8=True))
    return missing


def faults(golden: Golden) -> Iterator[str]:
    """Yield what is wrong with one golden file, or with how it is read now."""
    if not golden.binary.exists():
        yield "is missing: write it, and keep the earlier ones"
        return
    written = golden.binary.read_bytes()
    fact = golden.message.FromString(written)
    if registry.has_unknown_fields(fact):
        yield "has fields that are no longer known"
        return
    if fact != text_format.Parse(golden.text.read_text(), golden.message()):
        yield "says something else than it did when it was written"
    if registry.merge(fact.DESCRIPTOR.full_name, *registry.split(fact)) != fact:
        yield "is more than its two halves"
    newest = registry.fact_type(fact.DESCRIPTOR.full_name).schema
    if golden.version == newest and written != full(golden.message).SerializeToString(deterministic=True):
        yield "does not have all that the fact can say: its schema changed and needs a new version"
    if golden.version > newest:
        yield "is of a later version than facts are written with"
