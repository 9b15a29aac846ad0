"""What a person had decided, by walking the whole log from its start; simple, slow, and of another mind."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from profile_service.domain import registry
from profile_service.log.reader import LogReader
from profile_service.v1.events_pb2 import EventHeader, Record


class Answer(NamedTuple):
    """`decision` is a word; the rest is None as long as there is none."""

    decision: str
    position: int | None
    time: int | None
    version: str | None
    text: bytes | None
    channel: int | None
    actor: str | None
    erased_at: int | None


def replayed(log: LogReader, profile_id: UUID, purpose: str, upto: int) -> Answer:
    """The answer at a position."""
    decision, made, shown, erased_at = "nothing", None, None, None
    for stored in log.facts_after(0, 100_000, upto=upto):
        record = Record.FromString(stored.record)
        header = EventHeader.FromString(record.header)
        if header.profile_id != profile_id.bytes:
            continue
        name, fact = _read(header.type, record.open)
        about = getattr(fact, "purpose", None)
        if name == "ProfileErased":
            erased_at = stored.time
        elif name == "ConsentGiven" and about == purpose:
            decision, made, shown = "given", (stored, header), fact
        elif name == "ConsentWithdrawn" and about == purpose:
            decision, made, shown = "withdrawn", (stored, header), fact
        elif name == "ContactSuppressed" and decision == "given":
            decision, made = "suppressed", (stored, header)
        elif name == "MarketingObjected" and about in (purpose, ""):
            decision, made = "objected", (stored, header)
    if made is None:
        return Answer(decision, None, None, None, None, None, None, erased_at)
    by, head = made
    version, text = (shown.policy_version, shown.text_hash) if shown else (None, None)
    return Answer(decision, by.position, by.time, version, text, head.channel, head.actor, erased_at)


def _read(name: str, body: bytes) -> tuple[str, Any]:
    return name.rpartition(".")[2], registry.FACT_TYPES[name].FromString(body)
