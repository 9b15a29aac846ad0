"""Which fact decided on a purpose: what a consent, or that there is none, is proved with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from google.protobuf.message import Message

from profile_service.domain.consents import ConsentFact
from profile_service.v1.consent_service_pb2 import ConsentDecision
from profile_service.v1.events_pb2 import (
    ConsentGiven,
    ConsentWithdrawn,
    ContactSuppressed,
    MarketingObjected,
)


@dataclass(frozen=True, slots=True)
class Decisive:
    """The decision that holds, and the number of the fact that made it, from 0 on.

    `shown` is the last consent fact for the purpose: it has the text that the person was shown.
    `was_given`: by this fact or an earlier one. Whether what a guardian gave counts is not said here.
    """

    decision: ConsentDecision
    number: int
    shown: ConsentFact | None = None
    was_given: bool = False

    @property
    def by_guardian(self) -> bool:
        """Whether a guardian gave it, and nothing was decided since."""
        given = self.decision == ConsentDecision.CONSENT_DECISION_GIVEN
        return given and isinstance(self.shown, ConsentGiven) and self.shown.by_guardian


def unconfirmed(made: Decisive) -> Decisive:
    """Return how a decision stands when what a guardian gave counts no more."""
    return replace(made, decision=ConsentDecision.CONSENT_DECISION_UNCONFIRMED)


def decisive(facts: Iterable[Message], purpose: str) -> Decisive | None:
    """Return what decided on a purpose, if anything did; `facts` are of a stream, from its first one on."""
    found: Decisive | None = None
    for number, fact in enumerate(facts):
        found = _after(found, number, fact, purpose)
    return found


def _after(found: Decisive | None, number: int, fact: Message, purpose: str) -> Decisive | None:
    match fact:
        case ConsentGiven() if fact.purpose == purpose:
            return Decisive(ConsentDecision.CONSENT_DECISION_GIVEN, number, fact, was_given=True)
        case ConsentWithdrawn() if fact.purpose == purpose:
            given = found is not None and found.was_given
            return Decisive(ConsentDecision.CONSENT_DECISION_WITHDRAWN, number, fact, was_given=given)
        case ContactSuppressed() if found and found.decision == ConsentDecision.CONSENT_DECISION_GIVEN:
            return replace(found, decision=ConsentDecision.CONSENT_DECISION_SUPPRESSED, number=number)
        case MarketingObjected() if not fact.HasField("purpose") or fact.purpose == purpose:
            objected = ConsentDecision.CONSENT_DECISION_OBJECTED
            return replace(found, decision=objected, number=number) if found else Decisive(objected, number)
    return found
