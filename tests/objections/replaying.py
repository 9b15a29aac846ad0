"""What a person had decided, by walking the whole log from its start; simple, slow, and of another mind.

Whoever lives when it is asked is told by their date of birth whether what a guardian gave counted then.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from profile_service.domain import registry
from profile_service.keys.store import KeyStore
from profile_service.log.facts import open_fact
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


def replayed(log: LogReader, keys: KeyStore, profile_id: UUID, purpose: str, upto: int) -> Answer:
    """The answer at a position."""
    decision, made, erased_at = "nothing", None, None
    shown: Any = None
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
    if decision == "given" and shown.by_guardian and _is_over(log, keys, profile_id, upto):
        decision = "unconfirmed"
    version, text = (shown.policy_version, shown.text_hash) if shown else (None, None)
    return Answer(decision, by.position, by.time, version, text, head.channel, head.actor, erased_at)


def _is_over(log: LogReader, keys: KeyStore, profile_id: UUID, upto: int) -> bool:
    """Whether a living person was of majority at a position."""
    cipher = keys.ciphers([profile_id]).get(profile_id)
    born, time = None, 0
    for stored in log.facts_after(0, 100_000, upto=upto):
        time = stored.time
        if cipher is not None and stored.stream == f"profile/{profile_id}":
            values: Any = open_fact(stored, cipher).message
            if "date_of_birth" in values.DESCRIPTOR.fields_by_name and values.HasField("date_of_birth"):
                born = values.date_of_birth
    return born is not None and not _is_minor(born, time)


def _is_minor(born: Any, time: int) -> bool:
    """By the years that are over, in the City: "0229" comes before "0301", as it must."""
    day = datetime.fromtimestamp(time / 1e6, ZoneInfo("Europe/Brussels"))
    had_birthday = day.strftime("%m%d") >= f"{born.month:02}{born.day:02}"
    return day.year - born.year - (not had_birthday) < 18


def _read(name: str, body: bytes) -> tuple[str, Any]:
    return name.rpartition(".")[2], registry.FACT_TYPES[name].FromString(body)
