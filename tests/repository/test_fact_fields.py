"""What the field registry can't say of the proto files; what it says is tested with the domain."""

from __future__ import annotations

import pytest
from google.protobuf.descriptor import FileDescriptor

from profile_service.domain.registry import declaration, declarations
from profile_service.v1 import campaign_pb2, events_pb2, profile_pb2
from profile_service.v1.annotations_pb2 import OpenData


@pytest.mark.parametrize(
    "file", [campaign_pb2.DESCRIPTOR, profile_pb2.DESCRIPTOR], ids=["campaign", "profile"]
)
def test_only_the_fields_of_facts_themselves_are_declared(file: FileDescriptor):
    messages = file.message_types_by_name.values()
    assert [field.full_name for message in messages for field in message.fields if declaration(field)] == []


def test_an_erasure_says_nothing_that_a_person_could_have_written():
    """It outlives the key, so it holds enums and a yes or no: no text, no bytes."""
    erased = events_pb2.ProfileErased.DESCRIPTOR
    assert {type(declared) for declared in declarations(erased.full_name).values()} == {OpenData}
    assert all(field.enum_type or field.type == field.TYPE_BOOL for field in erased.fields)


def test_a_skip_says_nothing_that_somebody_could_have_typed():
    """Its one text is the name of a view, which the service knows."""
    skipped = events_pb2.ProjectionFactSkipped.DESCRIPTOR
    assert {type(declared) for declared in declarations(skipped.full_name).values()} == {OpenData}
    typed = [field.name for field in skipped.fields if field.type in (field.TYPE_STRING, field.TYPE_BYTES)]
    assert typed == ["view"]
