"""Values that somebody else than the person gave (GDPR Art. 14): who may give them, and telling the person.

Whether a consent is given is an argument: who decides on it checks it as everybody does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from types import MappingProxyType
from typing import Final, TypeAlias

from google.protobuf.message import Message

from profile_service.domain.deadlines import FIRST_MONTHS, due_on, months_later
from profile_service.domain.disclosure_errors import ConsentNotGivenError
from profile_service.domain.errors import EtagMismatchError, InvalidRequestError, Violation
from profile_service.domain.profile import CLEARABLE, ProfileState, require_active
from profile_service.domain.supplement_errors import (
    SourceNotAllowedError,
    StatedByPersonError,
    SupplementNotFoundError,
)
from profile_service.domain.update import CHANGEABLE, copy_value, is_empty, value_faults
from profile_service.domain.values import date_message, full_date, normal_text, text_fault
from profile_service.domain.verified import changed_fields
from profile_service.v1.events_pb2 import ProfileSupplemented, SourceNoticeGiven
from profile_service.v1.profile_pb2 import LegalBasis, Profile

# What a profile may lack. Everything else it has from its registration on, as the person said it.
SUPPLEMENTABLE: Final = CLEARABLE


@dataclass(frozen=True, slots=True)
class Source:
    """Somebody who may supply values of these fields; `name` is what people are told."""

    name: str
    fields: frozenset[str]


Sources: TypeAlias = Mapping[str, Source]


@dataclass(frozen=True, slots=True)
class Supplied:
    """What a source gave, and on what ground. `supplement_id`: 16 bytes; `received`: the day it came."""

    supplement_id: bytes
    source: str
    values: Profile
    collection_reference: str
    legal_basis: LegalBasis
    consent_purpose: str
    received: date


@dataclass(frozen=True, slots=True)
class Told:
    """One supplement: when it was received, and whether the person was told of it."""

    received: date
    told: bool = False


@dataclass(frozen=True, slots=True)
class Supplements:
    """The supplements of one person by id, and the last one that gave each field a value."""

    by_id: Mapping[bytes, Told] = field(default_factory=lambda: MappingProxyType({}))
    latest: Mapping[str, ProfileSupplemented] = field(default_factory=lambda: MappingProxyType({}))


def evolve(supplements: Supplements, fact: Message) -> Supplements:
    """Return what was supplied after one more fact of the profile. Total."""
    by_id, latest = dict(supplements.by_id), dict(supplements.latest)
    match fact:
        case ProfileSupplemented():
            by_id[fact.supplement_id] = Told(full_date(fact.receive_date) or date.min)
            latest |= dict.fromkeys(changed_fields(fact), fact)
        case SourceNoticeGiven() if fact.supplement_id in by_id:
            by_id[fact.supplement_id] = Told(by_id[fact.supplement_id].received, told=True)
        case _:
            return supplements
    return Supplements(MappingProxyType(by_id), MappingProxyType(latest))


def fold(facts: Iterable[Message]) -> Supplements:
    """Return what was supplied after the facts of a profile, from its first one on."""
    return reduce(evolve, facts, Supplements())


def supplement(
    state: ProfileState,
    supplements: Supplements,
    supplied: Supplied,
    sources: Sources,
    *,
    today: date,
    consented: bool,
    etag: str = "",
) -> list[ProfileSupplemented]:
    """Add what a source gave, all of it or nothing. The same again changes nothing.

    `consented`: whether the consent to `consent_purpose` is given. An empty `etag` is not compared. Raises
    `InvalidRequestError`, `SourceNotAllowedError`, `EtagMismatchError`, `ConsentNotGivenError`,
    `StatedByPersonError`, `ProfileNotFoundError` and `ProfileErasedError`.
    """
    active = require_active(state)
    names = [one.name for one, _ in supplied.values.ListFields()]
    violations = list(_violations(supplied, names, today))
    if violations:
        raise InvalidRequestError(violations)
    source = _allowed(sources, supplied.source, names)
    if etag and etag != active.etag:
        raise EtagMismatchError
    if supplied.legal_basis == LegalBasis.LEGAL_BASIS_CONSENT and not consented:
        raise ConsentNotGivenError
    stated = [name for name in names if name in active.stated]
    if stated:
        raise StatedByPersonError([Violation(f"values.{name}", "is what the person said") for name in stated])
    fact = _supplemented(supplied, source, names)
    if all(_says_the_same(fact, supplements.latest.get(name), name) for name in names):
        return []
    return [fact]


def give_notice(
    supplements: Supplements, supplement_id: bytes, informed: date, *, today: date
) -> list[SourceNoticeGiven]:
    """Record that the person was told of a supplement; twice is once.

    Raises `SupplementNotFoundError`, and `InvalidRequestError` for a day to come or before there was anything
    to tell.
    """
    known = supplements.by_id.get(supplement_id)
    if known is None:
        raise SupplementNotFoundError
    if known.told:
        return []
    if not known.received <= informed <= today:
        raise InvalidRequestError(
            [Violation("inform_date", "is still to come, or before the values were received")]
        )
    return [SourceNoticeGiven(supplement_id=supplement_id, inform_date=date_message(informed))]


def _violations(supplied: Supplied, names: list[str], today: date) -> Iterator[Violation]:
    fault = text_fault(supplied.collection_reference)
    if fault:
        yield Violation("collection_reference", fault)
    if (supplied.legal_basis == LegalBasis.LEGAL_BASIS_CONSENT) != bool(supplied.consent_purpose):
        yield Violation("consent_purpose", "goes with consent as the legal basis, and with no other")
    if not names:
        yield Violation("values", "names no value")
    for name in names:
        if name not in CHANGEABLE:
            yield Violation(f"values.{name}", "is no value that can be supplied")
        elif is_empty(supplied.values, name):
            yield Violation(f"values.{name}", "is empty")
        else:
            for path, wrong in value_faults(supplied.values, name, today):
                yield Violation(f"values.{path}", wrong)
    if not months_later(today, -12) <= supplied.received <= today:
        yield Violation("receive_date", "is no day of the year before today")


def _allowed(sources: Sources, source_id: str, names: list[str]) -> Source:
    source = sources.get(source_id)
    if source is None:
        raise SourceNotAllowedError([Violation("source", "is none that the policy names")])
    others = [name for name in names if name not in source.fields]
    if others:
        raise SourceNotAllowedError(
            [Violation(f"values.{name}", "is not for this source to supply") for name in others]
        )
    return source


def _supplemented(supplied: Supplied, source: Source, names: list[str]) -> ProfileSupplemented:
    fact = ProfileSupplemented(
        supplement_id=supplied.supplement_id,
        source=supplied.source,
        source_name=source.name,
        legal_basis=supplied.legal_basis,
        consent_purpose=supplied.consent_purpose or None,
        collection_reference=normal_text(supplied.collection_reference),
        receive_date=date_message(supplied.received),
        notice_due_date=date_message(due_on(supplied.received, FIRST_MONTHS)),
    )
    for name in names:
        copy_value(supplied.values, fact, name)
    return fact


def _says_the_same(fact: ProfileSupplemented, before: ProfileSupplemented | None, name: str) -> bool:
    """Whether `before` gave the value of a field, from the same source and on the same ground."""
    same = (name, "source", "legal_basis", "consent_purpose", "collection_reference")
    return before is not None and all(getattr(fact, one) == getattr(before, one) for one in same)
