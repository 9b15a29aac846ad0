"""The life of a profile: its facts, their fold, and what is decided without a new value.

Registering, updating and supplementing, which check values, are in modules of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final, TypeAlias

from google.protobuf.message import Message

from profile_service.domain.errors import (
    ProfileErasedError,
    ProfileNotFoundError,
    TokenExpiredError,
    TokenInvalidError,
    TokenUsedError,
)
from profile_service.domain.stated import note_supplemented, stated_fields
from profile_service.domain.verified import note_verified
from profile_service.v1.events_pb2 import (
    EmailChanged,
    EmailVerificationStarted,
    EmailVerified,
    ErasureReason,
    ErasureRequester,
    ProfileErased,
    ProfileRectified,
    ProfileRegistered,
    ProfileSupplemented,
    ProfileUpdated,
    SourceNoticeGiven,
)
from profile_service.v1.profile_pb2 import LegalBasis, Profile

VERIFICATION_LIFETIME: Final = timedelta(hours=24)
# Of the tokens made for one address only so many count; an older one is no longer known.
KEPT_VERIFICATIONS: Final = 10

CLEARABLE: Final = frozenset({"phone", "address", "interests", "preferred_channel", "gender"})
_PLAIN_VALUES: Final = (
    "given_name",
    "family_name",
    "gender",
    "post_code",
    "language",
    "phone",
    "preferred_channel",
)
_REGISTERED_VALUES: Final = ("given_name", "family_name", "gender", "post_code", "language")
_NESTED_VALUES: Final = ("date_of_birth", "address", "interests")


@dataclass(frozen=True, slots=True)
class Verification:
    """A token that was made for the current address."""

    expire_time: datetime
    used: bool = False


@dataclass(frozen=True, slots=True)
class Unregistered:
    """Nothing is known of a person."""


@dataclass(frozen=True, slots=True)
class Active:
    """A person has a profile. `profile` holds its values, without id, etag and times; treat it as read-only.

    `version` is that of the stream; `verifications` has the latest tokens by verification id; `stated` the
    fields of which the person said what they are, or that there is none.
    """

    version: int
    profile: Profile
    verifications: Mapping[bytes, Verification] = field(default_factory=lambda: MappingProxyType({}))
    stated: frozenset[str] = frozenset()

    @property
    def etag(self) -> str:
        """What an update may be conditional on (AIP-154)."""
        return str(self.version)


@dataclass(frozen=True, slots=True)
class Erased:
    """The person was erased; nothing follows."""


ProfileState: TypeAlias = Unregistered | Active | Erased
ProfileFact: TypeAlias = (
    ProfileRegistered
    | ProfileUpdated
    | EmailChanged
    | EmailVerificationStarted
    | EmailVerified
    | ProfileRectified
    | ProfileSupplemented
    | SourceNoticeGiven
    | ProfileErased
)


def evolve(state: ProfileState, fact: Message) -> ProfileState:
    """Return the situation after one more fact of the stream. Total: whatever the history, it never fails."""
    if isinstance(state, Erased) or isinstance(fact, ProfileErased):
        return Erased()
    if isinstance(state, Unregistered):
        state = Active(version=0, profile=Profile())
    profile = Profile()
    profile.CopyFrom(state.profile)
    apply(profile, fact)
    stated = state.stated | stated_fields(fact)
    return Active(state.version + 1, profile, _verifications(state.verifications, fact), stated)


def fold(facts: Iterable[Message]) -> ProfileState:
    """Return the situation after the facts of a stream, from its first one on."""
    state: ProfileState = Unregistered()
    for fact in facts:
        state = evolve(state, fact)
    return state


def apply(profile: Profile, fact: Message) -> None:
    """Write into `profile`, in place, what `fact` says of its values."""
    match fact:
        case ProfileRegistered():
            profile.email = fact.email
            profile.policy_version = fact.policy_version
            _copy(fact, profile, _REGISTERED_VALUES, ("date_of_birth",))
        case ProfileUpdated():
            _copy(fact, profile, _PLAIN_VALUES, _NESTED_VALUES)
            for name in CLEARABLE.intersection(fact.cleared):
                profile.ClearField(name)
        case ProfileSupplemented():
            _copy(fact, profile, ("gender", "phone", "preferred_channel"), ("address", "interests"))
        case EmailChanged():
            profile.email = fact.email
            profile.email_verified = False
        case EmailVerified():
            profile.email_verified = True
    note_verified(profile, fact)
    note_supplemented(profile, fact)


def _copy(fact: Message, profile: Profile, plain: Iterable[str], nested: Iterable[str]) -> None:
    for name in plain:
        if fact.HasField(name):
            setattr(profile, name, getattr(fact, name))
    for name in nested:
        if fact.HasField(name):
            getattr(profile, name).CopyFrom(getattr(fact, name))


def _verifications(known: Mapping[bytes, Verification], fact: Message) -> Mapping[bytes, Verification]:
    match fact:
        case EmailChanged():
            return MappingProxyType({})
        case EmailVerificationStarted():
            started = Verification(fact.expire_time.ToDatetime(tzinfo=UTC))
            latest = [*known.items(), (fact.verification_id, started)][-KEPT_VERIFICATIONS:]
            return MappingProxyType(dict(latest))
        case EmailVerified() if fact.verification_id in known:
            used = replace(known[fact.verification_id], used=True)
            return MappingProxyType({**known, fact.verification_id: used})
    return known


def require_active(state: ProfileState) -> Active:
    """Return `state` if a person has a profile. Raises `ProfileNotFoundError` and `ProfileErasedError`."""
    match state:
        case Active():
            return state
        case Erased():
            raise ProfileErasedError
        case Unregistered():
            raise ProfileNotFoundError


def start_verification(
    state: ProfileState, verification_id: bytes, now: datetime
) -> list[EmailVerificationStarted]:
    """Make a token for the current address; the same one again changes nothing.

    `verification_id`: 16 bytes. Raises `ProfileNotFoundError` and `ProfileErasedError`.
    """
    if verification_id in require_active(state).verifications:
        return []
    started = EmailVerificationStarted(verification_id=verification_id)
    started.expire_time.FromDatetime(now + VERIFICATION_LIFETIME)
    return [started]


def verify_email(state: ProfileState, verification_id: bytes, now: datetime) -> list[EmailVerified]:
    """Take a token back: once, in time, and for the address it was made for.

    Raises `TokenInvalidError`, `TokenUsedError`, `TokenExpiredError`, `ProfileNotFoundError`
    and `ProfileErasedError`.
    """
    verification = require_active(state).verifications.get(verification_id)
    if verification is None:
        raise TokenInvalidError
    if verification.used:
        raise TokenUsedError
    if now >= verification.expire_time:
        raise TokenExpiredError
    return [EmailVerified(verification_id=verification_id)]


def erase(
    state: ProfileState,
    legal_basis: LegalBasis,
    requested_by: ErasureRequester,
    reason: ErasureReason,
    *,
    never_contact_again: bool = False,
) -> list[ProfileErased]:
    """End a profile; erasing twice is erasing once. Raises `ProfileNotFoundError`.

    The last fact of a stream is enough to decide on: `erase(evolve(Unregistered(), last), …)`.
    """
    match state:
        case Active():
            erased = ProfileErased(legal_basis=legal_basis, requested_by=requested_by, reason=reason)
            if never_contact_again:
                erased.never_contact_again = True
            return [erased]
        case Erased():
            return []
        case Unregistered():
            raise ProfileNotFoundError
