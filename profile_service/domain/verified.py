"""Which values of a profile were verified, and which are as the person asserts them."""

from __future__ import annotations

from typing import Final

from google.protobuf.message import Message

from profile_service.v1.events_pb2 import (
    EmailChanged,
    ProfileRectified,
    ProfileSupplemented,
    ProfileUpdated,
)
from profile_service.v1.profile_pb2 import Profile
from profile_service.v1.rights_pb2 import RectificationBasis

VERIFYING: Final = frozenset(
    {RectificationBasis.RECTIFICATION_BASIS_DOCUMENT, RectificationBasis.RECTIFICATION_BASIS_REGISTER}
)
# What a fact may give a value; its other fields say how, and why.
PROFILE_FIELDS: Final = frozenset(Profile.DESCRIPTOR.fields_by_name)


def note_verified(profile: Profile, fact: Message) -> None:
    """Change `verified_fields` of `profile`, in place, by what a fact says.

    A value that changes is asserted again, until the fact that rectified it says otherwise.
    """
    if not profile.verified_fields and not isinstance(fact, ProfileRectified):
        return  # nothing is verified, and nothing becomes so
    before = set(profile.verified_fields)
    after = before - changed_fields(fact)
    if isinstance(fact, ProfileRectified) and fact.basis in VERIFYING:
        after |= set(fact.fields)
    if after != before:
        profile.verified_fields[:] = sorted(after)


def changed_fields(fact: Message) -> set[str]:
    """Return the names of the fields of a profile that a fact gives a new value, or empties."""
    match fact:
        case ProfileUpdated():
            return _values_of(fact) | set(fact.cleared)
        case EmailChanged() | ProfileSupplemented():
            return _values_of(fact)
    return set()


def _values_of(fact: Message) -> set[str]:
    return {field.name for field, _ in fact.ListFields()} & PROFILE_FIELDS
