"""Who may have data of people, and what was disclosed of each. The reference of an order is sealed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from profile_service.keys.store import KeyStore
from profile_service.log.facts import Fact
from profile_service.v1.events_pb2 import (
    DisclosureMade,
    ProfileErased,
    RecipientEnded,
    RecipientRegistered,
    RecipientUpdated,
)
from profile_service.v1.recipient_pb2 import Recipient
from projections.opening import is_erased
from projections.reading import ViewReader
from projections.rows import Rows
from projections.sealing import open_column
from projections.view import RowTable, View


class RecipientRow(NamedTuple):
    """`position` is that of the registration; `recipient` a serialized `Recipient`, as it is known now."""

    recipient_id: UUID
    position: int
    ended: int
    recipient: bytes


class DisclosureRow(NamedTuple):
    """`fields` are names, with commas between; `legal` is the fact with only its reference."""

    profile_id: UUID
    position: int
    recipient_id: UUID
    fields: str
    purpose: str
    legal_basis: int
    time: int
    legal: DisclosureMade | None


class DisclosedToRow(NamedTuple):
    """That a recipient had data of a person; `position` is that of the last time."""

    profile_id: UUID
    recipient_id: UUID
    position: int


RECIPIENTS = RowTable("recipients", RecipientRow, indexes=(("position",),))
DISCLOSURES = RowTable("disclosures", DisclosureRow, key=2)
DISCLOSED_TO = RowTable("disclosed_to", DisclosedToRow, key=2)


def _registered(rows: Rows, fact: Fact) -> None:
    assert isinstance(fact.message, RecipientRegistered)
    recipient = fact.message.recipient.SerializeToString(deterministic=True)
    rows.put(RECIPIENTS, RecipientRow(rows.subject, fact.position, 0, recipient))


def _updated(rows: Rows, fact: Fact) -> None:
    assert isinstance(fact.message, RecipientUpdated)
    recipient = fact.message.recipient.SerializeToString(deterministic=True)
    rows.put(RECIPIENTS, _known(rows)._replace(recipient=recipient))


def _ended(rows: Rows, _fact: Fact) -> None:
    rows.put(RECIPIENTS, _known(rows)._replace(ended=1))


def _known(rows: Rows) -> RecipientRow:
    row = rows.get(RECIPIENTS)
    if row is None:
        raise LookupError("a fact of a recipient before its registration")
    return row


def _disclosed(rows: Rows, fact: Fact) -> None:
    made = fact.message
    assert isinstance(made, DisclosureMade)
    recipient_id = UUID(bytes=made.recipient_id)
    legal = None if is_erased(fact) else DisclosureMade(legal_reference=made.legal_reference)
    what = (",".join(made.fields), made.purpose, int(made.legal_basis))
    rows.put(DISCLOSURES, DisclosureRow(rows.subject, fact.position, recipient_id, *what, fact.time, legal))
    rows.put(DISCLOSED_TO, DisclosedToRow(rows.subject, recipient_id, fact.position))


def _erased(rows: Rows, _fact: Fact) -> None:
    rows.clear()


DISCLOSURES_VIEW = View(
    name="disclosures",
    tables=(RECIPIENTS, DISCLOSURES, DISCLOSED_TO),
    apply={
        RecipientRegistered: _registered,
        RecipientUpdated: _updated,
        RecipientEnded: _ended,
        DisclosureMade: _disclosed,
        ProfileErased: _erased,
    },
    reads=frozenset({RecipientUpdated, RecipientEnded}),
    source=Path(__file__),
)


@dataclass(frozen=True, slots=True)
class RecipientsFound:
    """A page of recipients, with their output-only fields set. `last` is where the next one begins after.

    `parked`: nothing true can be said of the person who was asked for.
    """

    position: int
    recipients: list[Recipient]
    last: int | None
    parked: bool = False


@dataclass(frozen=True, slots=True)
class DisclosuresFound:
    """A page, oldest first; each beside its reference. `parked`: nothing true can be said of the person."""

    position: int
    disclosures: list[tuple[DisclosureRow, str]]
    parked: bool


def recipient(reader: ViewReader, recipient_id: UUID) -> tuple[int, Recipient | None]:
    """Return the view's position and a recipient. Blocks."""
    found = reader.rows_of_subjects(DISCLOSURES_VIEW, RECIPIENTS, [recipient_id])
    made = _recipients(found.rows)
    return found.position, made.get(recipient_id)


def recipients(reader: ViewReader, after: int, limit: int) -> RecipientsFound:
    """Return at most `limit` recipients registered after a position, oldest first. Blocks."""
    found = reader.page(DISCLOSURES_VIEW, RECIPIENTS, {}, after, limit)
    last = found.rows[-1][1] if len(found.rows) == limit else None
    return RecipientsFound(found.position, list(_recipients(found.rows).values()), last)


def recipients_of(reader: ViewReader, profile_id: UUID, after: int, limit: int) -> RecipientsFound:
    """Return who had data of a person, in the order of when they had it last. Blocks."""
    found = reader.page_of_subject(DISCLOSURES_VIEW, DISCLOSED_TO, profile_id, after, limit)
    ids: Collection[UUID] = [row[1] for row in found.rows]
    known = _recipients(reader.rows_of_subjects(DISCLOSURES_VIEW, RECIPIENTS, ids).rows) if ids else {}
    last = found.rows[-1][2] if len(found.rows) == limit else None
    made = [known[one] for one in ids if one in known]
    return RecipientsFound(found.position, made, last, profile_id in found.parked)


def disclosures_of(
    reader: ViewReader, keys: KeyStore, profile_id: UUID, after: int, limit: int
) -> DisclosuresFound:
    """Return at most `limit` disclosures of a person after a position, oldest first.

    Blocks. Raises `KeysUnavailableError`.
    """
    found = reader.page_of_subject(DISCLOSURES_VIEW, DISCLOSURES, profile_id, after, limit)
    cipher = keys.ciphers([profile_id]).get(profile_id)
    made = []
    for values in found.rows:
        row = DisclosureRow(*values)
        plaintext = open_column(DISCLOSURES_VIEW, "legal", profile_id, values[-1], cipher)
        if plaintext is not None:
            made.append((row, DisclosureMade.FromString(plaintext).legal_reference))
    return DisclosuresFound(found.position, made, profile_id in found.parked)


def _recipients(rows: Iterable[tuple[Any, ...]]) -> dict[UUID, Recipient]:
    made = {}
    for values in rows:
        row = RecipientRow(*values)
        message = Recipient.FromString(row.recipient)
        message.recipient_id = str(row.recipient_id)
        message.ended = bool(row.ended)
        made[row.recipient_id] = message
    return made
