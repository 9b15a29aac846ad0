"""Rectifying values by right (GDPR Art. 16): what they rest on, and what they were before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from google.protobuf.message import Message

from profile_service.domain.profile import ProfileState, require_active
from profile_service.domain.update import UpdateFact
from profile_service.domain.verified import VERIFYING, changed_fields
from profile_service.v1.events_pb2 import ProfileRectified
from profile_service.v1.profile_pb2 import Profile
from profile_service.v1.rights_pb2 import RectificationBasis

RectifyFact: TypeAlias = UpdateFact | ProfileRectified


def rectify(
    state: ProfileState,
    updates: Sequence[UpdateFact],
    mask: Iterable[str],
    basis: RectificationBasis,
    rights_request_id: bytes,
) -> list[RectifyFact]:
    """Return `updates`, which `update` decided on for `mask`, and what makes a rectification of them.

    A value that is as it was is verified too, if `basis` verifies; if nothing changes, nothing is said.
    Raises `ProfileNotFoundError` and `ProfileErasedError`.
    """
    profile = require_active(state).profile
    changed = {name for fact in updates for name in changed_fields(fact)}
    fields = changed | (set(mask) if basis in VERIFYING else set())
    if not changed and fields <= set(profile.verified_fields):
        return []
    previous = Profile()
    for name in sorted(changed):
        _copy(profile, previous, name)
    return [
        *updates,
        ProfileRectified(
            rights_request_id=rights_request_id, basis=basis, fields=sorted(fields), previous=previous
        ),
    ]


def _copy(profile: Profile, into: Profile, name: str) -> None:
    value = getattr(profile, name)
    if not isinstance(value, Message):
        setattr(into, name, value)
    elif profile.HasField(name):
        getattr(into, name).CopyFrom(value)
