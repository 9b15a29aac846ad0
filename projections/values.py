"""Giving a profile the values that a fact has."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from profile_service.v1.profile_pb2 import Profile


def with_values(profile: Profile, fact: Message, names: Collection[str]) -> Profile:
    """Change the fields `names` of a profile, in place, to the values that a fact has for them; return it."""
    for field, value in fact.ListFields():
        name, is_message = _described(field)
        if name not in names:
            continue
        if is_message:
            getattr(profile, name).CopyFrom(value)
        else:
            setattr(profile, name, value)
    return profile


@cache
def _described(field: FieldDescriptor) -> tuple[str, bool]:
    # A descriptor makes its name anew each time it is asked.
    return field.name, field.message_type is not None
