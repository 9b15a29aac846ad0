"""What a person agreed to: one decision per purpose, each with the text that was shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from types import MappingProxyType
from typing import TypeAlias

from google.protobuf.message import Message

from profile_service.domain.errors import InvalidRequestError, MarketingObjectedError, Violation
from profile_service.domain.suppression import is_from_person, refuse_other_sources
from profile_service.v1.consent_service_pb2 import ConsentDecision
from profile_service.v1.events_pb2 import (
    ConsentGiven,
    ConsentWithdrawn,
    ContactSuppressed,
    MarketingObjected,
    SuppressionReason,
)
from profile_service.v1.profile_pb2 import Channel, LegalBasis

ConsentFact: TypeAlias = ConsentGiven | ConsentWithdrawn


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided last for one purpose. `text_hash`: SHA-256, 32 bytes.

    What was given `by_guardian` counts for a while only, see `guardianship`.
    """

    decision: ConsentDecision
    policy_version: str
    text_hash: bytes
    by_guardian: bool = False


@dataclass(frozen=True, slots=True)
class Consents:
    """The decisions of one person, by purpose. `version` is that of the stream.

    `suppressed`: contacted no more; no consent from before counts, and none was given since.
    `objections`: by purpose, whether the objection still holds; None: of every purpose that is not there.
    """

    version: int = 0
    decided: Mapping[str, Decided] = field(default_factory=lambda: MappingProxyType({}))
    suppressed: bool = False
    objections: Mapping[str | None, bool] = field(default_factory=lambda: MappingProxyType({}))

    def objected_to(self, purpose: str | None) -> bool:
        """Say whether the person objected to a purpose, or to all of them, and consented to none since."""
        if purpose is None:
            return None in self.objections and all(self.objections.values())
        return self.objections.get(purpose, self.objections.get(None, False))


def evolve(consents: Consents, fact: Message) -> Consents:
    """Return the decisions after one more fact of the stream. Total."""
    decided, suppressed = dict(consents.decided), consents.suppressed
    objections = dict(consents.objections)
    match fact:
        case ConsentGiven():
            decided[fact.purpose] = _decided(ConsentDecision.CONSENT_DECISION_GIVEN, fact)
            suppressed = False
            if consents.objected_to(fact.purpose):
                objections[fact.purpose] = False
        case ConsentWithdrawn():
            decided[fact.purpose] = _decided(ConsentDecision.CONSENT_DECISION_WITHDRAWN, fact)
        case ContactSuppressed():
            given = ConsentDecision.CONSENT_DECISION_GIVEN
            decided = {purpose: one for purpose, one in decided.items() if one.decision != given}
            suppressed = True
        case MarketingObjected() if fact.HasField("purpose"):
            decided.pop(fact.purpose, None)
            objections[fact.purpose] = True
        case MarketingObjected():
            decided, objections = {}, {None: True}
    return Consents(consents.version + 1, MappingProxyType(decided), suppressed, MappingProxyType(objections))


def fold(facts: Iterable[Message]) -> Consents:
    """Return the decisions after the facts of a stream, from its first one on."""
    return reduce(evolve, facts, Consents())


def is_given(consents: Consents, purpose: str, counts: Callable[[str], bool], *, guarded: bool) -> bool:
    """Say whether consent to a purpose is given; `counts` tells whether one to a policy version does, and
    `guarded` whether one that a guardian gave does, see `guardianship`."""
    one = consents.decided.get(purpose)
    if one is None or one.decision != ConsentDecision.CONSENT_DECISION_GIVEN:
        return False
    return counts(one.policy_version) and (guarded or not one.by_guardian)


# The last of these in a stream says whether contact is suppressed: nothing before it needs to be read.
DECIDING_CONTACT = (ConsentGiven, ContactSuppressed)


def suppressed_by(last: Message | None) -> bool:
    """Say whether contact is suppressed; `last` is the last fact of the stream that is `DECIDING_CONTACT`."""
    return isinstance(last, ContactSuppressed)


def _decided(decision: ConsentDecision, fact: ConsentFact) -> Decided:
    by_guardian = isinstance(fact, ConsentGiven) and fact.by_guardian
    return Decided(decision, fact.policy_version, fact.text_hash, by_guardian)


def set_consent(
    consents: Consents,
    purpose: str,
    decision: ConsentDecision,
    policy_version: str,
    text_hash: bytes,
    channel: Channel = Channel.CHANNEL_UNSPECIFIED,
    *,
    by_guardian: bool = False,
) -> list[ConsentFact]:
    """Give or withdraw consent for a purpose. The same decision on the same text again changes nothing,
    unless the person gives what a guardian gave before, and so confirms it.

    Withdrawing what was never given is a fact too: an explicit refusal, which a later
    question must not be asked without knowing. Raises `InvalidRequestError` if nothing is decided,
    `ContactSuppressedError` or `MarketingObjectedError` if it would lift a suppression or an objection
    and does not come from the person.
    """
    if decision == ConsentDecision.CONSENT_DECISION_GIVEN:
        refuse_other_sources(channel, suppressed=consents.suppressed)
        if consents.objected_to(purpose) and not is_from_person(channel):
            raise MarketingObjectedError
    known = consents.decided.get(purpose)
    # Whoever gave it for themselves has done so whatever a guardian adds.
    if known is not None and (by_guardian or not known.by_guardian):
        same = (known.decision, known.policy_version, known.text_hash)
        if same == (decision, policy_version, text_hash):
            return []
    match decision:
        case ConsentDecision.CONSENT_DECISION_GIVEN:
            fact: ConsentFact = ConsentGiven(
                purpose=purpose,
                policy_version=policy_version,
                text_hash=text_hash,
                by_guardian=by_guardian or None,
            )
        case ConsentDecision.CONSENT_DECISION_WITHDRAWN:
            fact = ConsentWithdrawn(purpose=purpose, policy_version=policy_version, text_hash=text_hash)
        case _:
            raise InvalidRequestError([Violation("decision", "is neither given nor withdrawn")])
    return [fact]


def suppress(
    consents: Consents, reason: SuppressionReason, legal_basis: LegalBasis | None = None
) -> list[ContactSuppressed]:
    """Contact the person no more, for whatever purpose. Doing it twice is doing it once."""
    if consents.suppressed:
        return []
    return [ContactSuppressed(legal_basis=legal_basis, reason=reason)]


def object_to_marketing(
    consents: Consents, purpose: str | None, *, by_link: bool = False
) -> list[MarketingObjected]:
    """Object to a purpose, or to every one if there is none. Doing it twice is doing it once."""
    if consents.objected_to(purpose):
        return []
    return [MarketingObjected(purpose=purpose, by_link=by_link or None)]
