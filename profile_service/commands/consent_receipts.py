"""Consent receipts: what the log proves of a decision, signed for the person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from profile_service.certificates.receipt import ConsentReceipt, ConsentStatus, Office, Terms
from profile_service.certificates.signing import Signer
from profile_service.commands.consent_proofs import ConsentProver, Proof
from profile_service.commands.policies import PublishedPolicies
from profile_service.domain.errors import NothingDecidedError, ProfileErasedError
from profile_service.keys.store import KeyStore
from profile_service.log.reader import LogReader
from profile_service.v1.consent_service_pb2 import ConsentDecision
from profile_service.v1.events_pb2 import ContactSuppressed, SuppressionReason
from profile_service.v1.policy_pb2 import PolicyContact, RetentionStart
from profile_service.v1.profile_pb2 import Channel

SUBJECT = b"consent-receipt"

# What the person asked for; the other reasons are somebody else's.
OWN_REASONS = (
    SuppressionReason.SUPPRESSION_REASON_REQUEST,
    SuppressionReason.SUPPRESSION_REASON_OBJECTION,
)


@dataclass(frozen=True, slots=True)
class ReceiptIssuer:
    """Signs receipts. `now` is a point in time with UTC."""

    keys: KeyStore
    reader: LogReader
    prover: ConsentProver
    published: PublishedPolicies
    signer: Signer
    now: Callable[[], datetime]

    def issue(self, profile_id: UUID, purpose: str, upto: int, at: int | None) -> str:
        """Return a signed receipt for what held at position `upto`; `at`: the time, if one was asked for.

        Blocks. Raises `ProfileNotFoundError`, `ProfileErasedError` (nobody could tell whose it is), and
        `NothingDecidedError`.
        """
        proved = self.prover.prove(profile_id, purpose, upto, at)
        cipher = self.keys.ciphers([profile_id]).get(profile_id)
        if proved.is_erased_now or cipher is None:
            raise ProfileErasedError
        if proved.proof is None:
            raise NothingDecidedError
        subject = UUID(bytes=cipher.digest(SUBJECT, b"")[:16], version=4)
        time = self.prover.time(upto, at)
        return self.signer.sign(self._receipt(proved.proof, purpose, subject, time))

    def _receipt(self, proof: Proof, purpose: str, subject: UUID, at: datetime) -> ConsentReceipt:
        shown, fact = proof.made.shown, proof.fact
        decision = ConsentDecision.Name(proof.made.decision).removeprefix("CONSENT_DECISION_")
        return ConsentReceipt(
            receipt_id=uuid4(),
            issued_at=self.now(),
            at=at,
            subject=subject,
            purpose=purpose,
            status=_status(proof),
            decision=decision.lower(),
            decided_at=_datetime(fact.time),
            method=Channel.Name(fact.header.channel).removeprefix("CHANNEL_").lower(),
            log_id=self.reader.log_id,
            position=fact.position,
            policy_version=None if shown is None else shown.policy_version,
            text_hash=None if shown is None else shown.text_hash,
            by_guardian=proof.by_guardian,
            terms=None if shown is None else self._terms(shown.policy_version, purpose),
        )

    def _terms(self, version: str, purpose: str) -> Terms | None:
        policies = self.published.read()
        if version not in policies.places:
            return None
        policy = policies.named(version).policy
        for one in policy.purposes:
            if one.purpose == purpose:
                start = RetentionStart.Name(one.retention.start).removeprefix("RETENTION_START_")
                return Terms(
                    controller=_office(policy.controller),
                    data_protection=_office(policy.data_protection_contact),
                    kept_from=start.lower(),
                    months=one.retention.months,
                )
        return None


def _office(contact: PolicyContact) -> Office:
    return Office(contact.office, contact.email)


def _status(proof: Proof) -> ConsentStatus:
    if proof.made.decision == ConsentDecision.CONSENT_DECISION_GIVEN:
        return ConsentStatus.GIVEN
    if proof.made.decision == ConsentDecision.CONSENT_DECISION_UNCONFIRMED:
        return ConsentStatus.EXPIRED
    if not proof.made.was_given:
        return ConsentStatus.REFUSED
    message = proof.fact.message
    if isinstance(message, ContactSuppressed) and message.reason not in OWN_REASONS:
        return ConsentStatus.REVOKED
    return ConsentStatus.WITHDRAWN


def _datetime(time: int) -> datetime:
    return datetime.fromtimestamp(time / 1e6, UTC)
