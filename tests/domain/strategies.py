"""Any message of a type, as Hypothesis strategies made from its descriptor."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import strategies as st

_INTEGERS = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}
# Text that UTF-8 can carry.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def messages(message: type[Message]) -> st.SearchStrategy[Message]:
    """Any message of the type: every field set or not, every member of a oneof."""
    if message is Timestamp:
        return st.builds(
            Timestamp, seconds=st.integers(-62135596800, 253402300799), nanos=st.integers(0, 999_999_999)
        )
    fields = {field.name: _values(field) for field in message.DESCRIPTOR.fields}
    return st.fixed_dictionaries({}, optional=fields).map(lambda values: _built(message, values))


def _built(message: type[Message], values: dict[str, Any]) -> Message:
    built = message()
    for name, value in values.items():
        if isinstance(value, Message):
            getattr(built, name).CopyFrom(value)
        elif isinstance(value, list):
            getattr(built, name).extend(value)
        else:
            setattr(built, name, value)
    return built


def _values(field: Any) -> st.SearchStrategy[Any]:
    single = _single_values(field)
    return st.lists(single, max_size=3) if field.is_repeated else single


def _single_values(field: Any) -> st.SearchStrategy[Any]:
    if field.message_type:
        nested: type[Message] = GetMessageClass(field.message_type)
        return st.deferred(lambda: messages(nested))
    if field.enum_type:
        return st.sampled_from([value.number for value in field.enum_type.values])
    if field.cpp_type in _INTEGERS:
        return st.integers(*_INTEGERS[field.cpp_type])
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return st.booleans()
    if field.cpp_type == FieldDescriptor.CPPTYPE_DOUBLE:
        return st.floats(allow_nan=False)
    return st.binary(max_size=12) if field.type == FieldDescriptor.TYPE_BYTES else TEXT
