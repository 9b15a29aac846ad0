"""What recipients have to be told (GDPR Art. 19), as facts: opened from the log, acknowledged once.

Who calls the recipients, and when, is not known here. Nothing is lost if this is stopped anywhere, or done
twice: the id of an obligation follows from the fact it came from, and the log takes each only once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

import structlog
from google.protobuf.message import Message

from profile_service.commands.refusing import as_refusals
from profile_service.commands.requests import WriteRequest
from profile_service.commands.writing import prepare
from profile_service.domain import disclosures, recipients
from profile_service.domain.errors import RequestIdReusedError
from profile_service.keys.errors import KeyDestroyedError, SealBrokenError
from profile_service.keys.store import KeyStore
from profile_service.log.append import EventLog, VersionConflictError
from profile_service.log.facts import StoredFact, open_fact
from profile_service.log.reader import LogReader
from profile_service.log.streams import DISCLOSURES, OBLIGATIONS, RECIPIENT, stream_name
from profile_service.v1.audit_service_pb2 import PersonalHalf
from profile_service.v1.events_pb2 import DisclosureMade, ObligationKind, ObligationOpened
from profile_service.v1.profile_pb2 import Channel
from profile_service.v1.recipient_pb2 import Recipient

log = structlog.get_logger()

# Who opens and acknowledges, as the header of the facts has it.
ACTOR = "aprofile"
# Facts looked at together.
PAGE = 500

_CAUSES = {message.DESCRIPTOR.full_name: kind for message, kind in disclosures.CAUSES.items()}
_ERASURE = ObligationKind.OBLIGATION_KIND_ERASURE
_ERASED_HALF = PersonalHalf.PERSONAL_HALF_ERASED


@dataclass(frozen=True, slots=True)
class Owed:
    """An obligation that is open. `position`: where it was opened, 0 if it is still to be."""

    obligation_id: UUID
    opened: ObligationOpened
    position: int = 0

    @property
    def recipient_id(self) -> UUID:
        return UUID(bytes=self.opened.recipient_id)


def obligation_id(cause: bytes, recipient_id: bytes) -> UUID:
    """The id of what one recipient is to be told of a fact, by the fact's stored bytes.

    They hold a random request id, so no other fact has them, not even one at the same position of a log
    that was restored; and they are the same whenever the obligation is computed anew.
    """
    return UUID(
        bytes=sha256(b"obligation\0" + sha256(cause).digest() + recipient_id).digest()[:16], version=4
    )


@dataclass(frozen=True, slots=True)
class Obligations:
    """Every method blocks, and may raise `ServerBusyError`, `ServiceUnavailableError` and what the databases
    raise."""

    keys: KeyStore
    reader: LogReader
    log: EventLog

    def open_after(self, position: int) -> int:
        """Open what the next facts after a position lead to; return the position up to which that is done."""
        head = self.reader.head()
        found = self.reader.facts_of_types(_CAUSES.keys(), position, head, PAGE)
        had = self._disclosed({profile_id for _, profile_id in found})
        for at, profile_id in found:
            before = [one for one in had[profile_id] if one.position < at]
            if before:
                self._open(at, profile_id, before)
        return found[-1][0] if len(found) == PAGE else head

    def owed(self, ids: Collection[UUID]) -> list[Owed]:
        """Return those of the obligations that are open, as the log has them."""
        facts = self._facts(ids)
        return [
            Owed(one, opened, position)
            for one in ids
            for position, opened in facts[one][:1]
            if isinstance(opened, ObligationOpened)
            and disclosures.is_open(message for _, message in facts[one])
        ]

    def owed_after_erasure(self, profile_id: UUID) -> list[Owed]:
        """Return what is still to be told of an erasure, opened already or not; empty if nobody is erased."""
        position = self.reader.closed_at(profile_id)
        if position is None:
            return []
        computed = self._computed(position, profile_id, self._disclosed([profile_id])[profile_id])
        facts = self._facts([one.obligation_id for one in computed])
        known = {one: [message for _, message in facts[one]] for one in facts}
        return [
            one
            for one in computed
            if not known[one.obligation_id] or disclosures.is_open(known[one.obligation_id])
        ]

    def recipient(self, recipient_id: UUID) -> Recipient:
        """Raises `RecipientNotFoundError`."""
        stored = self.reader.stream(stream_name(RECIPIENT, recipient_id))
        return recipients.require(recipients.fold(open_fact(fact, None).message for fact in stored))

    def acknowledge(self, owed: Owed, attempts: int) -> None:
        """Note that the recipient knows. Doing it twice, here or in another process, is doing it once."""
        facts = [message for _, message in self._facts([owed.obligation_id])[owed.obligation_id]]
        decided = disclosures.acknowledge(facts, attempts)
        if decided:
            stream = stream_name(OBLIGATIONS, owed.obligation_id)
            self._append(
                "AcknowledgeObligation", owed.obligation_id, {stream: decided}, {stream: len(facts)}, 0
            )

    def _open(self, position: int, profile_id: UUID, before: Sequence[disclosures.Disclosed]) -> None:
        computed = self._computed(position, profile_id, before)
        known = self._facts([one.obligation_id for one in computed])
        new = [one for one in computed if not known[one.obligation_id]]
        if new:
            decided = {stream_name(OBLIGATIONS, one.obligation_id): [one.opened] for one in new}
            # One request for all that a fact leads to: either the log has them all, or none.
            self._append(
                "OpenObligations", new[0].obligation_id, decided, dict.fromkeys(decided, 0), position
            )

    def _computed(
        self, position: int, profile_id: UUID, before: Sequence[disclosures.Disclosed]
    ) -> list[Owed]:
        stored = self.reader.fact_at(position)
        assert stored is not None, "the log has no gap"
        kind = _CAUSES[stored.type]
        cause, is_moot = (None, False) if kind == _ERASURE else self._opened(stored, profile_id)
        if is_moot:
            return []
        result = []
        for opened in disclosures.obligations(cause, kind, before):
            opened.profile_id = profile_id.bytes
            result.append(Owed(obligation_id(stored.record, opened.recipient_id), opened))
        return result

    def _opened(self, stored: StoredFact, profile_id: UUID) -> tuple[Message | None, bool]:
        """Return a fact, None if it is damaged; and whether its person is erased: then that is told."""
        cipher = self.keys.ciphers([profile_id]).get(profile_id)
        try:
            fact = open_fact(stored, cipher)
        except KeyDestroyedError:
            return None, True
        except SealBrokenError:
            log.error("a damaged fact is told as one about everything", position=stored.position)
            return None, False
        return fact.message, fact.personal_half == _ERASED_HALF

    def _disclosed(self, people: Collection[UUID]) -> Mapping[UUID, list[disclosures.Disclosed]]:
        names = {stream_name(DISCLOSURES, profile_id): profile_id for profile_id in people}
        stored = self.reader.streams(names) if names else {}
        return {profile_id: list(_disclosed(stored[name])) for name, profile_id in names.items()}

    def _facts(self, ids: Collection[UUID]) -> dict[UUID, list[tuple[int, Message]]]:
        names = {stream_name(OBLIGATIONS, one): one for one in ids}
        stored = self.reader.streams(names) if names else {}
        return {
            one: [(fact.position, open_fact(fact, None).message) for fact in stored[name]]
            for name, one in names.items()
        }

    def _append(
        self,
        method: str,
        subject: UUID,
        decided: Mapping[str, Sequence[Message]],
        heads: Mapping[str, int],
        causation: int,
    ) -> None:
        body = b"".join(
            fact.SerializeToString(deterministic=True) for facts in decided.values() for fact in facts
        )
        request = WriteRequest(ACTOR, method, subject, Channel.CHANNEL_SERVICE, body, causation)
        cipher = self.keys.service_cipher
        append = prepare(request, decided, heads, subject=subject, profile_id=None, cipher=cipher)
        try:
            with as_refusals():
                self.log.append_and_wait(append)
        except (VersionConflictError, RequestIdReusedError):
            # Another process did the same meanwhile; what it left undone is seen at the next look.
            log.info("obligations were written by another process", method=method)


def _disclosed(stored: Iterable[StoredFact]) -> Iterable[disclosures.Disclosed]:
    for fact in stored:
        try:
            made = open_fact(fact, None).message
        except SealBrokenError:
            # Nobody can say any more for whom that was; the others are told nevertheless.
            log.error("a damaged disclosure leads to no obligation", position=fact.position)
            continue
        if isinstance(made, DisclosureMade):
            yield disclosures.Disclosed(fact.position, made.recipient_id, frozenset(made.fields))
