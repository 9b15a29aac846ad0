"""Which versions of the privacy policy a person was shown: one stream a person.

The version that a person registered with is a fact of the profile, and not here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from google.protobuf.message import Message

from profile_service.domain.errors import InvalidRequestError, Violation
from profile_service.domain.policies import Policies
from profile_service.v1.events_pb2 import PolicyShown


@dataclass(frozen=True, slots=True)
class Shown:
    """What one person was shown: version and language. `version` is that of the stream."""

    version: int = 0
    seen: frozenset[tuple[str, str]] = frozenset()


def evolve(shown: Shown, fact: Message) -> Shown:
    """Return what was shown after one more fact of the stream. Total."""
    seen = shown.seen
    if isinstance(fact, PolicyShown):
        seen |= {(fact.policy_version, fact.language)}
    return Shown(shown.version + 1, seen)


def fold(facts: Iterable[Message]) -> Shown:
    """Return what was shown after the facts of a stream, from its first one on."""
    return reduce(evolve, facts, Shown())


def show(shown: Shown, policies: Policies, version: str, language: str) -> list[PolicyShown]:
    """Tell a person of a version, in one of its languages; twice is once.

    Raises `PolicyVersionUnknownError`, and `InvalidRequestError` for another language.
    """
    policy = policies.named(version).policy
    if all(text.language != language for text in policy.texts):
        raise InvalidRequestError([Violation("language", "is not a language of this version")])
    if (version, language) in shown.seen:
        return []
    return [PolicyShown(policy_version=version, language=language)]
