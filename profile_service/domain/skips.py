"""Facts that a view passes over for ever, because an operator decided so: one stream a subject.

Whether a fact waits is known to the views alone; here it is an argument.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Final

from google.protobuf.message import Message

from profile_service.domain.operator_errors import FactNotSkippableError, NotParkedError, ParkedElsewhereError
from profile_service.v1.events_pb2 import (
    CampaignClosed,
    CampaignOpened,
    ConsentGiven,
    EmailChanged,
    EmailVerificationStarted,
    EmailVerified,
    PolicyShown,
    ProfileRegistered,
    ProfileUpdated,
    ProjectionFactSkipped,
    SignedUp,
    SkipReason,
)

# Whatever is not here takes something back (or nobody thought of it yet): passed over, it would leave
# a consent given that was withdrawn. Then the person waits until the view is repaired.
SKIPPABLE: Final = frozenset(
    message.DESCRIPTOR.full_name
    for message in (
        CampaignClosed,
        CampaignOpened,
        ConsentGiven,
        EmailChanged,
        EmailVerificationStarted,
        EmailVerified,
        PolicyShown,
        ProfileRegistered,
        ProfileUpdated,
        SignedUp,
    )
)


@dataclass(frozen=True, slots=True)
class Skips:
    """What was decided about one subject: view and position. `version` is that of the stream."""

    version: int = 0
    skipped: frozenset[tuple[str, int]] = frozenset()


def evolve(state: Skips, fact: Message) -> Skips:
    """Return the decisions after one more fact of the stream. Total."""
    skipped = state.skipped
    if isinstance(fact, ProjectionFactSkipped):
        skipped |= {(fact.view, fact.position)}
    return Skips(state.version + 1, skipped)


def fold(facts: Iterable[Message]) -> Skips:
    """Return the decisions after the facts of a stream, from its first one on."""
    return reduce(evolve, facts, Skips())


def skip(
    state: Skips, view: str, position: int, type_name: str, reason: SkipReason, *, waits_at: int | None
) -> list[ProjectionFactSkipped]:
    """Decide that `view` passes over the fact at `position`, where the subject must wait.

    Raises `FactNotSkippableError`, `NotParkedError`, `ParkedElsewhereError`.
    """
    if (view, position) in state.skipped:
        return []
    if waits_at is None:
        raise NotParkedError
    if waits_at != position:
        raise ParkedElsewhereError
    if type_name not in SKIPPABLE:
        raise FactNotSkippableError
    return [ProjectionFactSkipped(view=view, position=position, reason=reason)]
