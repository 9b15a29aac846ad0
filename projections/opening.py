"""Facts of a batch, opened once for all views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from profile_service.domain.registry import FACT_TYPES
from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.errors import KeyDestroyedError, KeysUnavailableError
from profile_service.keys.store import KeyStore
from profile_service.log.facts import Fact, StoredFact, open_fact
from profile_service.log.streams import subject_of
from profile_service.v1.audit_service_pb2 import PersonalHalf
from projections.sealing import Ciphers, ciphers_of

_ERASED = PersonalHalf.PERSONAL_HALF_ERASED


class UnknownFactTypeInLogError(Exception):
    """The log has a fact that this version does not know; nothing after it may be applied."""

    def __init__(self, position: int, type_name: str) -> None:
        super().__init__(f"position {position} of the log has a fact of the unknown type {type_name}")
        self.position = position
        self.type_name = type_name


@dataclass(slots=True)
class OpenedFact:
    """A fact with its subject. `fact` is None, or its open half only, when `error` says why."""

    position: int
    subject: UUID
    type: str
    fact: Fact | None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Facts in order. Everything up to `end` is in it; `unknown` is what follows then."""

    facts: Sequence[OpenedFact]
    ciphers: Ciphers
    end: int
    unknown: UnknownFactTypeInLogError | None


def is_erased(fact: Fact) -> bool:
    """Whether the personal half can't be read any more, because the key is destroyed."""
    return fact.personal_half == _ERASED


def open_batch(stored: Sequence[StoredFact], keys: KeyStore, sealed_types: frozenset[str]) -> Batch:
    """Open facts with one look at the keys. `sealed_types` are those that a sealing view applies.

    A fact that can't be opened is in the batch with its error. Raises `KeysUnavailableError`.
    """
    known, unknown = _known(stored)
    people = {
        fact.profile_id.int: fact.profile_id
        for fact in known
        if fact.profile_id and fact.type in sealed_types
    }
    ciphers = ciphers_of(keys, people.values())
    opened = [_opened(fact, ciphers) for fact in known]
    end = unknown.position - 1 if unknown else stored[-1].position
    return Batch(opened, ciphers, end, unknown)


def subject_of_fact(stored: StoredFact) -> UUID:
    """A fact without a person is about the record that its stream is named after."""
    return stored.profile_id or subject_of(stored.stream)


def _known(stored: Sequence[StoredFact]) -> tuple[Sequence[StoredFact], UnknownFactTypeInLogError | None]:
    for number, fact in enumerate(stored):
        if fact.type not in FACT_TYPES:
            return stored[:number], UnknownFactTypeInLogError(fact.position, fact.type)
    return stored, None


def _opened(stored: StoredFact, ciphers: Ciphers) -> OpenedFact:
    subject = subject_of_fact(stored)
    return open_one(stored, subject, ciphers.get(subject.int))


def open_one(stored: StoredFact, subject: UUID, cipher: ProfileCipher | None) -> OpenedFact:
    """Open one fact; one that can't be opened has its error. Raises `KeysUnavailableError`."""
    try:
        return OpenedFact(stored.position, subject, stored.type, open_fact(stored, cipher))
    except KeysUnavailableError:
        raise
    except KeyDestroyedError:
        return open_one(stored, subject, None)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one fact concerns one subject
        return OpenedFact(stored.position, subject, stored.type, _open_half(stored), error)


def _open_half(stored: StoredFact) -> Fact | None:
    try:
        return open_fact(stored, None)
    except Exception:  # noqa: BLE001 - then not even that can be read
        return None
