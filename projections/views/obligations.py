"""What recipients have to be told, and whether they know. An erasure takes nothing from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from profile_service.log.facts import Fact
from profile_service.v1.disclosure_service_pb2 import ObligationState
from profile_service.v1.events_pb2 import ObligationAcknowledged, ObligationOpened
from projections.reading import ViewReader
from projections.rows import Rows
from projections.view import RowTable, View

OPEN = int(ObligationState.OBLIGATION_STATE_OPEN)
ACKNOWLEDGED = int(ObligationState.OBLIGATION_STATE_ACKNOWLEDGED)


class ObligationRow(NamedTuple):
    """`kind` and `state` are numbers of their enums; times in microseconds since 1970 UTC, 0 for none.

    `position` is that of the opening, `cause` of the fact that it came from. `fields` are names, with commas
    between.
    """

    obligation_id: UUID
    profile_id: UUID
    recipient_id: UUID
    state: int
    position: int
    cause: int
    kind: int
    fields: str
    open_time: int
    acknowledge_time: int
    attempts: int


OBLIGATIONS = RowTable(
    "obligations",
    ObligationRow,
    indexes=(("position",), ("state", "position"), ("profile_id", "position"), ("recipient_id", "position")),
)


def _opened(rows: Rows, fact: Fact) -> None:
    opened = fact.message
    assert isinstance(opened, ObligationOpened)
    rows.put(
        OBLIGATIONS,
        ObligationRow(
            obligation_id=rows.subject,
            profile_id=UUID(bytes=opened.profile_id),
            recipient_id=UUID(bytes=opened.recipient_id),
            state=OPEN,
            position=fact.position,
            cause=fact.header.causation,
            kind=int(opened.kind),
            fields=",".join(opened.fields),
            open_time=fact.time,
            acknowledge_time=0,
            attempts=0,
        ),
    )


def _acknowledged(rows: Rows, fact: Fact) -> None:
    assert isinstance(fact.message, ObligationAcknowledged)
    row = rows.get(OBLIGATIONS)
    if row is None:
        raise LookupError("an obligation was acknowledged before it was opened")
    attempts = fact.message.attempts
    rows.put(OBLIGATIONS, row._replace(state=ACKNOWLEDGED, acknowledge_time=fact.time, attempts=attempts))


OBLIGATIONS_VIEW = View(
    name="obligations",
    tables=(OBLIGATIONS,),
    apply={ObligationOpened: _opened, ObligationAcknowledged: _acknowledged},
    reads=frozenset({ObligationAcknowledged}),
    source=Path(__file__),
)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which obligations are wanted; what is None does not narrow."""

    profile_id: UUID | None = None
    recipient_id: UUID | None = None
    state: int | None = None

    @property
    def equal(self) -> dict[str, UUID | int]:
        named = {"profile_id": self.profile_id, "recipient_id": self.recipient_id, "state": self.state}
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True)
class ObligationsFound:
    """A page, in the order of their opening."""

    position: int
    rows: list[ObligationRow]


def obligations(reader: ViewReader, narrowed: Narrowed, after: int, limit: int) -> ObligationsFound:
    """Return at most `limit` obligations that were opened after a position. Blocks."""
    found = reader.page(OBLIGATIONS_VIEW, OBLIGATIONS, narrowed.equal, after, limit)
    return ObligationsFound(found.position, [ObligationRow(*row) for row in found.rows])
