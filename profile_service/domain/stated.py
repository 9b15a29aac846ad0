"""Which values of a profile the person stated, and which others supplied.

What a supplement is decided on is in `supplements`.
"""

from __future__ import annotations

from google.protobuf.message import Message

from profile_service.domain.verified import changed_fields
from profile_service.v1.events_pb2 import ProfileRectified, ProfileRegistered, ProfileSupplemented
from profile_service.v1.profile_pb2 import Profile, SupplementedField


def stated_fields(fact: Message) -> set[str]:
    """Return the fields that the person gives a value with a fact, says to have none for, or confirms."""
    match fact:
        case ProfileRegistered():
            return {field.name for field, _ in fact.ListFields()}
        case ProfileRectified():
            return set(fact.fields)
        case ProfileSupplemented():
            return set()
    return changed_fields(fact)


def note_supplemented(profile: Profile, fact: Message) -> None:
    """Change `supplemented_fields` of `profile`, in place, by what a fact says.

    What is stated is supplemented no more.
    """
    if not profile.supplemented_fields and not isinstance(fact, ProfileSupplemented):
        return  # nothing is supplemented, and nothing becomes so
    supplied = changed_fields(fact) if isinstance(fact, ProfileSupplemented) else set()
    gone = stated_fields(fact) | supplied
    after = [one for one in profile.supplemented_fields if one.field not in gone]
    if isinstance(fact, ProfileSupplemented):
        after += [
            SupplementedField(field=name, source=fact.source, source_name=fact.source_name)
            for name in supplied
        ]
        after.sort(key=lambda one: one.field)
    if after != list(profile.supplemented_fields):
        del profile.supplemented_fields[:]
        profile.supplemented_fields.extend(after)
