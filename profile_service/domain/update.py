"""Completing and correcting a profile: the fields that a mask names (AIP-134, AIP-161)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Final, TypeAlias

from google.protobuf.message import Message

from profile_service.domain.email import canonical_address, same_address
from profile_service.domain.errors import EtagMismatchError, InvalidRequestError, Violation
from profile_service.domain.profile import CLEARABLE, Active, ProfileState, require_active
from profile_service.domain.values import (
    address_faults,
    date_of_birth_fault,
    normal_address,
    normal_text,
    post_code_fault,
    text_fault,
)
from profile_service.v1.events_pb2 import EmailChanged, ProfileSupplemented, ProfileUpdated, UpdateReason
from profile_service.v1.profile_pb2 import Interests, Profile

CHANGEABLE: Final = (
    "email",
    "given_name",
    "family_name",
    "date_of_birth",
    "gender",
    "post_code",
    "language",
    "phone",
    "address",
    "interests",
    "preferred_channel",
)

UpdateFact: TypeAlias = ProfileUpdated | EmailChanged


def update(
    state: ProfileState,
    changes: Profile,
    mask: Iterable[str],
    reason: UpdateReason,
    *,
    today: date,
    etag: str = "",
) -> list[UpdateFact]:
    """Decide on new values for the fields in `mask`, each a whole field of `CHANGEABLE`.

    A named field that is empty in `changes` is cleared, if it is in `CLEARABLE`. What is
    set in `changes` and not named is ignored. `*` is refused: a client that does not know
    a newer field would clear it unawares. Values as the person stated them already, an equal
    address in another spelling included, change nothing; what nobody stated yet is said, even if
    it is empty or as others supplied it. An empty `etag` is not compared.

    Raises `InvalidRequestError`, `EtagMismatchError`, `ProfileNotFoundError` and `ProfileErasedError`.
    """
    active = require_active(state)
    if etag and etag != active.etag:
        raise EtagMismatchError
    paths = _checked_mask(mask)
    violations = [violation for path in paths for violation in _violations(changes, path, today)]
    if violations:
        raise InvalidRequestError(violations)
    facts: list[UpdateFact] = []
    updated = _updated(active, changes, paths)
    if updated.ByteSize():
        updated.reason = reason
        facts.append(updated)
    if "email" in paths and not same_address(changes.email, active.profile.email):
        facts.append(EmailChanged(email=changes.email, reason=reason))
    return facts


def _checked_mask(mask: Iterable[str]) -> list[str]:
    paths = list(dict.fromkeys(mask))
    if not paths:
        raise InvalidRequestError([Violation("update_mask", "names no field")])
    if not set(paths) <= set(CHANGEABLE):
        raise InvalidRequestError(
            [Violation("update_mask", f"may name only these, each as a whole: {', '.join(CHANGEABLE)}")]
        )
    return paths


def _violations(changes: Profile, path: str, today: date) -> Iterator[Violation]:
    if is_empty(changes, path):
        if path not in CLEARABLE:
            yield Violation(f"profile.{path}", "cannot be cleared")
        return
    if path == "email":
        try:
            canonical_address(changes.email, "profile.email")
        except InvalidRequestError as error:
            yield from error.violations
        return
    for field, fault in value_faults(changes, path, today):
        yield Violation(f"profile.{field}", fault)


def value_faults(changes: Profile, path: str, today: date) -> Iterator[tuple[str, str]]:
    """Yield the path of each faulty part of a value, but an e-mail address, and what is wrong with it."""
    fault = None
    match path:
        case "given_name" | "family_name":
            fault = text_fault(getattr(changes, path))
        case "date_of_birth":
            fault = date_of_birth_fault(changes.date_of_birth, today)
        case "post_code":
            fault = post_code_fault(changes.post_code)
        case "address":
            yield from ((f"address.{field}", fault) for field, fault in address_faults(changes.address))
    if fault:
        yield path, fault


def copy_value(changes: Profile, fact: ProfileUpdated | ProfileSupplemented, path: str) -> None:
    """Say the value of one field in a fact, in its normal form."""
    value = _normal(changes, path)
    if isinstance(value, Message):
        getattr(fact, path).CopyFrom(value)
    else:
        setattr(fact, path, value)


def _updated(active: Active, changes: Profile, paths: Iterable[str]) -> ProfileUpdated:
    updated = ProfileUpdated()
    for path in paths:
        if path == "email":
            continue
        if path in active.stated and _is_as_it_was(active.profile, changes, path):
            continue
        if is_empty(changes, path):
            updated.cleared.append(path)
        else:
            copy_value(changes, updated, path)
    return updated


def _is_as_it_was(profile: Profile, changes: Profile, path: str) -> bool:
    if is_empty(changes, path):
        return is_empty(profile, path)
    return bool(_normal(changes, path) == getattr(profile, path))


def is_empty(profile: Profile, path: str) -> bool:
    """Whether a field of a profile has no value."""
    if path == "interests":
        return not profile.interests.topics
    value = getattr(profile, path)
    if isinstance(value, Message):
        return not profile.HasField(path)
    return not value


def _normal(changes: Profile, path: str) -> Any:
    match path:
        case "given_name" | "family_name":
            return normal_text(getattr(changes, path))
        case "address":
            return normal_address(changes.address)
        case "interests":
            return Interests(topics=sorted(changes.interests.topics))
    return getattr(changes, path)
