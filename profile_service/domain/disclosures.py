"""What may leave for a recipient, and what whoever had it has to be told afterwards (GDPR Art. 19).

Whether a consent is given is an argument: who decides on it checks it as everybody does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from google.protobuf.message import Message

from profile_service.domain import registry
from profile_service.domain.disclosure_errors import (
    ConsentNotGivenError,
    DisclosureGroundNotAllowedError,
    FieldNotAllowedError,
    PurposeNotAllowedError,
    RecipientNotCurrentError,
)
from profile_service.domain.errors import CallerNotAllowedError, InvalidRequestError, Violation
from profile_service.domain.recipients import DISCLOSABLE
from profile_service.v1.events_pb2 import (
    DisclosureMade,
    EmailChanged,
    ObligationAcknowledged,
    ObligationKind,
    ObligationOpened,
    ProcessingRestricted,
    ProfileErased,
    ProfileSupplemented,
    ProfileUpdated,
)
from profile_service.v1.profile_pb2 import LegalBasis, Profile
from profile_service.v1.recipient_pb2 import Recipient, RecipientKind

_CONSENT: Final = LegalBasis.LEGAL_BASIS_CONSENT
_DUTY: Final = LegalBasis.LEGAL_BASIS_LEGAL_OBLIGATION
_TASK: Final = LegalBasis.LEGAL_BASIS_PUBLIC_TASK

# On what ground something may leave for whom; on any other nothing does.
GROUNDS: Final[Mapping[RecipientKind, frozenset[LegalBasis]]] = MappingProxyType(
    {
        RecipientKind.RECIPIENT_KIND_SUPPLIER: frozenset((_CONSENT, _DUTY, _TASK)),
        RecipientKind.RECIPIENT_KIND_AUTHORITY: frozenset((_CONSENT, _DUTY, _TASK)),
        RecipientKind.RECIPIENT_KIND_THIRD_PARTY: frozenset((_CONSENT, _DUTY)),
    }
)

# What whoever had data of a person has to hear of, and as what.
CAUSES: Final[Mapping[type[Message], ObligationKind]] = MappingProxyType(
    {
        ProfileUpdated: ObligationKind.OBLIGATION_KIND_RECTIFICATION,
        ProfileSupplemented: ObligationKind.OBLIGATION_KIND_RECTIFICATION,
        EmailChanged: ObligationKind.OBLIGATION_KIND_RECTIFICATION,
        ProcessingRestricted: ObligationKind.OBLIGATION_KIND_RESTRICTION,
        ProfileErased: ObligationKind.OBLIGATION_KIND_ERASURE,
    }
)
# Those that are about some fields, and not about everything.
_RECTIFYING: Final = (ProfileUpdated, ProfileSupplemented, EmailChanged)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to leave, and why. `caller` asks for it."""

    fields: Collection[str]
    purpose: str
    legal_basis: LegalBasis
    legal_reference: str
    caller: str


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What left for whom. `position` is that of `DisclosureMade`."""

    position: int
    recipient_id: bytes
    fields: frozenset[str]


def disclose(
    recipient: Recipient, recipient_id: bytes, wanted: Wanted, now: datetime, *, consented: bool
) -> DisclosureMade:
    """Decide that values leave. Raises the refusals of `disclosure_errors`, `CallerNotAllowedError`
    and `InvalidRequestError`."""
    if recipient.caller and recipient.caller != wanted.caller:
        raise CallerNotAllowedError
    _check_period(recipient, now)
    if wanted.purpose not in recipient.purposes:
        raise PurposeNotAllowedError([Violation("reason.purpose", "is none of the recipient's")])
    _check_fields(recipient, wanted.fields)
    if wanted.legal_basis not in GROUNDS.get(recipient.kind, frozenset()):
        raise DisclosureGroundNotAllowedError
    made = DisclosureMade(
        recipient_id=recipient_id,
        fields=sorted(set(wanted.fields)),
        purpose=wanted.purpose,
        legal_basis=wanted.legal_basis,
    )
    if wanted.legal_basis == _CONSENT:
        if wanted.legal_reference:
            raise InvalidRequestError([Violation("legal_reference", "does not go with a consent")])
        if not consented:
            raise ConsentNotGivenError
        return made
    if not wanted.legal_reference:
        raise InvalidRequestError([Violation("legal_reference", "is needed without a consent")])
    made.legal_reference = wanted.legal_reference
    return made


def values(profile: Profile, fields: Iterable[str]) -> Profile:
    """Return a profile of these fields only."""
    result = Profile()
    result.CopyFrom(profile)
    for field in Profile.DESCRIPTOR.fields:
        if field.name not in fields:
            result.ClearField(field.name)
    return result


def obligations(
    cause: Message | None, kind: ObligationKind, before: Iterable[Disclosed]
) -> list[ObligationOpened]:
    """Return what each recipient has to be told of a fact, of what left `before` it.

    `cause` is None if what it says can't be read: then everything that left counts as touched.
    """
    touched = _touched(cause)
    last: dict[bytes, Disclosed] = {}
    for one in before:
        had = last[one.recipient_id].fields if one.recipient_id in last else frozenset()
        last[one.recipient_id] = Disclosed(one.position, one.recipient_id, had | one.fields)
    return [
        ObligationOpened(
            recipient_id=one.recipient_id,
            kind=kind,
            fields=sorted(one.fields & touched),
            disclosure_position=one.position,
        )
        for one in last.values()
        if one.fields & touched
    ]


def acknowledge(facts: Iterable[Message], attempts: int) -> list[ObligationAcknowledged]:
    """Note that the recipient knows; once for an obligation, whose `facts` are those of its stream."""
    if is_open(facts):
        return [ObligationAcknowledged(attempts=attempts)]
    return []


def is_open(facts: Iterable[Message]) -> bool:
    """Say whether the recipient is still to be told."""
    known = {type(fact) for fact in facts}
    return ObligationOpened in known and ObligationAcknowledged not in known


def _touched(cause: Message | None) -> frozenset[str]:
    if not isinstance(cause, _RECTIFYING):
        return DISCLOSABLE
    personal = set(registry.fact_type(cause.DESCRIPTOR.full_name).personal)
    present = {field.name for field, _ in cause.ListFields() if field.name in personal}
    cleared = cause.cleared if isinstance(cause, ProfileUpdated) else ()
    return DISCLOSABLE & present.union(cleared)


def _check_period(recipient: Recipient, now: datetime) -> None:
    begun = recipient.start_time.ToDatetime(tzinfo=UTC) <= now
    over = recipient.HasField("end_time") and recipient.end_time.ToDatetime(tzinfo=UTC) <= now
    if recipient.ended or over or not begun:
        raise RecipientNotCurrentError


def _check_fields(recipient: Recipient, fields: Collection[str]) -> None:
    if not fields:
        raise InvalidRequestError([Violation("fields", "names nothing")])
    if not DISCLOSABLE.issuperset(fields):
        raise InvalidRequestError([Violation("fields", "names a field that can't be disclosed")])
    refused = sorted(set(fields) - set(recipient.fields))
    if refused:
        raise FieldNotAllowedError(
            [Violation(f"fields.{name}", "is not for this recipient") for name in refused]
        )
