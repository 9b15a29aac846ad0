"""What other sources gave of living people who were not told yet (GDPR Art. 14), with the last day for it.

From open data only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

from profile_service.log.facts import Fact
from profile_service.v1.events_pb2 import ProfileErased, ProfileSupplemented, SourceNoticeGiven
from projections.reading import ViewReader
from projections.rows import Rows
from projections.view import RowTable, View

# Bits of a place that are for the position of the fact; the day is above them.
POSITION_BITS: Final = 40


class NoticeDueRow(NamedTuple):
    """`due_place`: by last day, and then by position, as one number; the days are in the City."""

    profile_id: UUID
    supplement_id: UUID
    source: str
    received_on: date
    due_on: date
    due_place: int


NOTICES_DUE = RowTable("notices_due", NoticeDueRow, key=2, indexes=(("due_place",),))


def _supplemented(rows: Rows, fact: Fact) -> None:
    supplemented = fact.message
    assert isinstance(supplemented, ProfileSupplemented)
    received, due = supplemented.receive_date, supplemented.notice_due_date
    due_on = date(due.year, due.month, due.day)
    rows.put(
        NOTICES_DUE,
        NoticeDueRow(
            rows.subject,
            UUID(bytes=supplemented.supplement_id),
            supplemented.source,
            date(received.year, received.month, received.day),
            due_on,
            before(due_on) + fact.position,
        ),
    )


def _told(rows: Rows, fact: Fact) -> None:
    assert isinstance(fact.message, SourceNoticeGiven)
    rows.remove(NOTICES_DUE, UUID(bytes=fact.message.supplement_id))


def _erased(rows: Rows, _fact: Fact) -> None:
    rows.clear()


NOTICES_DUE_VIEW = View(
    name="notices_due",
    tables=(NOTICES_DUE,),
    apply={ProfileSupplemented: _supplemented, SourceNoticeGiven: _told, ProfileErased: _erased},
    source=Path(__file__),
)


def before(day: date) -> int:
    """Return the place before everything that is due on a day."""
    return day.toordinal() << POSITION_BITS


@dataclass(frozen=True, slots=True)
class NoticesFound:
    """A page, the oldest last day first; all of it true at `position`. `last` as in `SignUpsFound`."""

    position: int
    rows: list[NoticeDueRow]
    last: int | None


def notices_due(reader: ViewReader, after: int, limit: int, until: date | None = None) -> NoticesFound:
    """Return at most `limit` supplements after a place, if `until` is given due before that day. Blocks."""
    found = reader.page(NOTICES_DUE_VIEW, NOTICES_DUE, {}, after, limit, by="due_place")
    every = [NoticeDueRow(*row) for row in found.rows]
    rows = [row for row in every if until is None or row.due_on < until]
    more = len(rows) == limit
    return NoticesFound(found.position, rows, rows[-1].due_place if more else None)
