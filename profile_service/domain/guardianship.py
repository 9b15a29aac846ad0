"""Who consents for somebody who is not of age, and until when such a consent counts.

What day it is in the City, when a person was born and whether a guardian lives are arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from google.protobuf.message import Message
from google.type.date_pb2 import Date

from profile_service.domain.ages import age_on
from profile_service.domain.guardian_errors import GuardianRequiredError, NotAGuardianError, OfAgeError
from profile_service.domain.profile import Active, ProfileState
from profile_service.v1.events_pb2 import GuardianLinked, GuardianshipEnded
from profile_service.v1.guardian_pb2 import GuardianRelation
from profile_service.v1.profile_pb2 import Profile
from profile_service.v1.rights_pb2 import Identification

# Says whether a consent that a guardian gave counts for a person born then; None: it is not known when.
GuardedCounts: TypeAlias = Callable[[Date | None], bool]


@dataclass(frozen=True, slots=True)
class AgeLimits:
    """The ages of the policy, in whole years. Without a known date of birth nobody is a child or a minor."""

    consent_age: int = 13
    majority: int = 18

    def is_child(self, born: Date | None, day: date) -> bool:
        """Say whether a person consents through a guardian only."""
        return born is not None and age_on(born, day) < self.consent_age

    def is_minor(self, born: Date | None, day: date) -> bool:
        """Say whether a guardian may act for a person."""
        return born is not None and age_on(born, day) < self.majority

    def is_of_majority(self, born: Date | None, day: date) -> bool:
        """Say whether a person may be a guardian: known to be old enough."""
        return born is not None and not self.is_minor(born, day)

    def guarded_counts(self, day: date) -> GuardedCounts:
        """Return what decides on a day whether a consent counts that a guardian gave.

        THE RULE: while the person is known to be a minor. Whatever says that a consent is given asks it.
        """
        return lambda born: self.is_minor(born, day)


DEFAULT_LIMITS: Final = AgeLimits()
# Nowhere is anybody a minor for longer.
OLDEST_MAJORITY: Final = 30


class Validity(NamedTuple):
    """Which consents for a purpose count: to which versions, and from guardians for whom."""

    takes: Callable[[str], bool]
    guarded: GuardedCounts


def born(state: ProfileState) -> Date | None:
    """Return when somebody was born, if their profile says so."""
    return birth_of(state.profile) if isinstance(state, Active) else None


def birth_of(profile: Profile) -> Date | None:
    """Return the date of birth of a profile, if it has one."""
    return profile.date_of_birth if profile.HasField("date_of_birth") else None


@dataclass(frozen=True, slots=True)
class Guardianship:
    """What makes somebody a guardian, and how they proved it."""

    relation: GuardianRelation
    identification: Identification


@dataclass(frozen=True, slots=True)
class Guardians:
    """The guardians of one person, by their profile ids (16 bytes). `version` is that of the stream.

    `linked` has those whose guardianship was not ended: some may be erased since. `ended` has the others.
    """

    version: int = 0
    linked: Mapping[bytes, Guardianship] = field(default_factory=lambda: MappingProxyType({}))
    ended: frozenset[bytes] = frozenset()


def evolve(guardians: Guardians, fact: Message) -> Guardians:
    """Return who is guardian after one more fact of the stream. Total."""
    linked, ended = dict(guardians.linked), guardians.ended
    match fact:
        case GuardianLinked():
            # Those linked last stand last.
            linked.pop(fact.guardian_id, None)
            identification = Identification(method=fact.method, level=fact.level)
            linked[fact.guardian_id] = Guardianship(fact.relation, identification)
            ended -= {fact.guardian_id}
        case GuardianshipEnded():
            linked.pop(fact.guardian_id, None)
            ended |= {fact.guardian_id}
    return Guardians(guardians.version + 1, MappingProxyType(linked), ended)


def fold(facts: Iterable[Message]) -> Guardians:
    """Return who is guardian after the facts of a stream, from its first one on."""
    return reduce(evolve, facts, Guardians())


def link(
    guardians: Guardians,
    guardian_id: bytes,
    wanted: Guardianship,
    *,
    is_minor: bool,
    may_be_guardian: bool,
) -> list[GuardianLinked]:
    """Make somebody the guardian of a person; the same again changes nothing.

    Raises `OfAgeError` if the person is not known to be a minor, and `NotAGuardianError` if the other may
    not be one: does not live, or is not known to be of majority. So nobody is their own guardian.
    """
    if not is_minor:
        raise OfAgeError
    if not may_be_guardian:
        raise NotAGuardianError
    if guardians.linked.get(guardian_id) == wanted:
        return []
    identified = wanted.identification
    return [
        GuardianLinked(
            guardian_id=guardian_id,
            relation=wanted.relation,
            method=identified.method,
            level=identified.level,
        )
    ]


def end(guardians: Guardians, guardian_id: bytes) -> list[GuardianshipEnded]:
    """End a guardianship; ending it twice is ending it once. Raises `NotAGuardianError` for a stranger."""
    if guardian_id in guardians.linked:
        return [GuardianshipEnded(guardian_id=guardian_id)]
    if guardian_id not in guardians.ended:
        raise NotAGuardianError
    return []


def check_giver(
    limits: AgeLimits,
    birth: Date | None,
    day: date,
    guardians: Guardians,
    guardian_id: bytes | None,
    *,
    guardian_lives: bool,
) -> None:
    """Refuse a consent that whoever gives it does not give at that age; without a guardian the person does.

    Raises `GuardianRequiredError`, `OfAgeError`, `NotAGuardianError`.
    """
    if guardian_id is None:
        if limits.is_child(birth, day):
            raise GuardianRequiredError
        return
    if not limits.is_minor(birth, day):
        raise OfAgeError
    if not guardian_lives or guardian_id not in guardians.linked:
        raise NotAGuardianError
