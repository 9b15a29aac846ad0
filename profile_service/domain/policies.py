"""The versions of the privacy policy: one after another, never changed; and what they say of consents.

What a version must be to be published is in `policy_faults`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import reduce
from types import MappingProxyType
from typing import Final, NamedTuple

from google.protobuf.message import Message

from profile_service.domain.errors import InvalidRequestError, Violation
from profile_service.domain.policy_errors import (
    ConsentTextUnknownError,
    NoPolicyInEffectError,
    PolicyOutOfOrderError,
    PolicyVersionTakenError,
    PolicyVersionUnknownError,
)
from profile_service.domain.policy_faults import faults
from profile_service.domain.values import normal_text
from profile_service.v1.events_pb2 import PolicyPublished
from profile_service.v1.policy_pb2 import Policy

START: Final = datetime(1970, 1, 1, tzinfo=UTC)
SECOND: Final = timedelta(seconds=1)
# The place of a version that nobody published: before every one that somebody did.
UNPUBLISHED: Final = -1


class Version(NamedTuple):
    """One published version. `policy` is to be treated as read-only.

    `effective`: seconds since 1970 UTC. `texts`: the hashes of what people consent to, by purpose that
    asks consent. `anew`: the purposes that it requires consent for anew.
    """

    policy: Policy
    effective: int
    texts: Mapping[str, frozenset[bytes]]
    anew: frozenset[str]


@dataclass(frozen=True, slots=True)
class Counting:
    """Which consents for one purpose count: those to versions from place `since` on."""

    places: Mapping[str, int]
    since: int

    def takes(self, version: str) -> bool:
        """Say whether a consent to `version` counts."""
        return self.places.get(version, UNPUBLISHED) >= self.since


@dataclass(frozen=True, slots=True)
class Policies:
    """Every version, the first one first, and the place of each. `version` is that of the stream."""

    version: int = 0
    published: tuple[Version, ...] = ()
    places: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def named(self, version: str) -> Version:
        """Raises `PolicyVersionUnknownError`."""
        if version not in self.places:
            raise PolicyVersionUnknownError
        return self.published[self.places[version]]

    def in_effect(self, at: datetime) -> Version:
        """Return the version that is the policy at some time. Raises `NoPolicyInEffectError`."""
        reached = self._reached(at)
        if not reached:
            raise NoPolicyInEffectError
        return reached[-1]

    def counting(self, purpose: str, at: datetime) -> Counting:
        """Say which consents for a purpose count at some time."""
        return Counting(self.places, _since(purpose, self._reached(at), len(self.published)))

    def requires_anew(self, version: str, purpose: str) -> bool:
        """Say whether a version takes no consent to an earlier one. Raises `PolicyVersionUnknownError`."""
        self.named(version)
        place = self.places[version]
        return _since(purpose, self.published[: place + 1], len(self.published)) == place

    def from_version_on(self, version: str) -> Counting:
        """Say which versions are that one or a later one. Raises `PolicyVersionUnknownError`."""
        self.named(version)
        return Counting(self.places, self.places[version])

    def check_consent(self, version: str, purpose: str, text_hash: bytes) -> None:
        """Raises `PolicyVersionUnknownError`, and `ConsentTextUnknownError` for a text that is not there."""
        if text_hash not in self.named(version).texts.get(purpose, ()):
            raise ConsentTextUnknownError

    def _reached(self, at: datetime) -> Sequence[Version]:
        now = (at - START) // SECOND
        return [version for version in self.published if version.effective <= now]


def evolve(policies: Policies, fact: Message) -> Policies:
    """Return the versions after one more fact of the stream. Total."""
    if not isinstance(fact, PolicyPublished):
        return Policies(policies.version + 1, policies.published, policies.places)
    policy = fact.policy
    asking = [one for one in policy.purposes if one.asks_consent]
    version = Version(
        policy,
        policy.effective_time.seconds,
        {one.purpose: frozenset(text.text_hash for text in one.consent_texts) for one in asking},
        frozenset(one.purpose for one in asking if one.requires_reconsent),
    )
    places = {**policies.places, policy.version: len(policies.published)}
    return Policies(policies.version + 1, (*policies.published, version), MappingProxyType(places))


def fold(facts: Iterable[Message]) -> Policies:
    """Return the versions after the facts of a stream, from its first one on."""
    return reduce(evolve, facts, Policies())


def publish(policies: Policies, policy: Policy) -> list[PolicyPublished]:
    """Publish a version that follows the rules of its proto file; the same one again changes nothing.

    Output-only fields are ignored (AIP-203). Raises `InvalidRequestError` with paths below "policy",
    `PolicyVersionTakenError`, `PolicyOutOfOrderError`.
    """
    wanted = _normal(policy)
    if wanted.version in policies.places:
        if _content(policies.named(wanted.version).policy) != wanted:
            raise PolicyVersionTakenError
        return []
    before = policies.published[-1] if policies.published else None
    violations = [
        Violation(f"policy.{path}", fault) for path, fault in faults(wanted, before and before.policy)
    ]
    if violations:
        raise InvalidRequestError(violations)
    if before is not None and wanted.effective_time.seconds <= before.effective:
        raise PolicyOutOfOrderError
    return [PolicyPublished(policy=wanted)]


def _since(purpose: str, versions: Sequence[Version], nowhere: int) -> int:
    """Return the place of the first version to which a consent counts when the last of `versions` is in
    effect; `nowhere` if that one asks for no consent for this purpose."""
    since = UNPUBLISHED
    for place, version in enumerate(versions):
        if purpose not in version.texts:
            since = nowhere
        elif purpose in version.anew or since == nowhere:
            since = place
    return since


def _normal(policy: Policy) -> Policy:
    normal = _content(policy)
    words = [*normal.changes, *(title for purpose in normal.purposes for title in purpose.titles)]
    for one in words:
        one.text = normal_text(one.text)
    for contact in (normal.controller, normal.data_protection_contact):
        contact.office = normal_text(contact.office)
    return normal


def _content(policy: Policy) -> Policy:
    """Return what was published, without what is output only."""
    content = Policy()
    content.CopyFrom(policy)
    content.ClearField("publish_time")
    return content
