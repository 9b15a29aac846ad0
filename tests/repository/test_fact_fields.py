"""Every field of every fact is declared, once and completely; a field that is not is noticed."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message

from profile_service.domain.registry import FACT_TYPES, declaration, declarations, undeclared_fields
from profile_service.v1 import annotations_pb2, campaign_pb2, events_pb2, profile_pb2
from profile_service.v1.annotations_pb2 import OpenData, PersonalData

FILE = descriptor_pb2.FieldDescriptorProto
COMPLETE = PersonalData(
    category=annotations_pb2.DATA_CATEGORY_CONTACT,
    purposes=["profile"],
    retention=annotations_pb2.RETENTION_LIFE_OF_PROFILE,
    source=annotations_pb2.DATA_SOURCE_PERSON,
)
FACTS = pytest.mark.parametrize("fact", FACT_TYPES.values(), ids=lambda fact: fact.DESCRIPTOR.name)


def fact_with(options: descriptor_pb2.FieldOptions) -> type[Message]:
    """A fact with one field that has these options."""
    file = descriptor_pb2.FileDescriptorProto(name="planted.proto", package="planted")
    file.dependency.append("profile_service/v1/annotations.proto")
    field = file.message_type.add(name="Planted").field.add(name="note", number=1)
    field.type, field.label = FILE.TYPE_STRING, FILE.LABEL_OPTIONAL
    field.options.CopyFrom(options)
    pool = descriptor_pool.DescriptorPool()
    for module in (descriptor_pb2, annotations_pb2):
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("planted.Planted"))


def options(
    *, personal: PersonalData | None = None, open_: OpenData | None = None
) -> descriptor_pb2.FieldOptions:
    made: Any = descriptor_pb2.FieldOptions()  # its type stubs know no extensions
    if personal is not None:
        made.Extensions[annotations_pb2.personal].CopyFrom(personal)
    if open_ is not None:
        made.Extensions[annotations_pb2.open].CopyFrom(open_)
    return made


def test_every_field_of_every_fact_is_declared():
    assert undeclared_fields() == []


def test_every_message_of_the_events_file_is_a_fact_or_its_envelope():
    messages = set(events_pb2.DESCRIPTOR.message_types_by_name)
    assert {fact.DESCRIPTOR.name for fact in FACT_TYPES.values()} == messages - {"Record", "EventHeader"}


@pytest.mark.parametrize(
    "planted",
    [
        options(),
        options(personal=COMPLETE, open_=OpenData(ground=annotations_pb2.OPEN_GROUND_PUBLIC)),
        options(open_=OpenData()),
        options(personal=PersonalData(category=annotations_pb2.DATA_CATEGORY_CONTACT)),
    ],
    ids=["not at all", "both ways", "without a ground", "incompletely"],
)
def test_a_field_that_is_not_declared_is_noticed(planted: descriptor_pb2.FieldOptions):
    assert undeclared_fields([fact_with(planted)]) == ["planted.Planted.note"]


def test_a_field_that_is_declared_is_none_of_them():
    assert undeclared_fields([fact_with(options(personal=COMPLETE))]) == []


@FACTS
def test_a_value_that_is_empty_differs_from_one_that_was_not_given(fact: type[Message]):
    assert [
        field.name for field in fact.DESCRIPTOR.fields if not field.is_repeated and not field.has_presence
    ] == []


@pytest.mark.parametrize("module", [campaign_pb2, profile_pb2], ids=["campaign", "profile"])
def test_only_the_fields_of_facts_themselves_are_declared(module: object):
    messages = module.DESCRIPTOR.message_types_by_name.values()  # type: ignore[attr-defined]  # every module has it
    assert [field.full_name for message in messages for field in message.fields if declaration(field)] == []


def test_an_erasure_says_nothing_that_a_person_could_have_written():
    """It outlives the key, so it holds enums alone: no text, no bytes."""
    erased = events_pb2.ProfileErased.DESCRIPTOR
    assert {type(declared) for declared in declarations(erased.full_name).values()} == {OpenData}
    assert all(field.enum_type for field in erased.fields)
