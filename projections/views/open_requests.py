"""The requests by right that wait for an answer, with their last day. From open data only.

What became of those that were answered is in the log, where all requests of a person stand together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from profile_service.log.facts import Fact
from profile_service.v1.events_pb2 import (
    ProfileErased,
    RightsRequestExtended,
    RightsRequestFulfilled,
    RightsRequestOpened,
    RightsRequestRefused,
)
from projections.reading import ViewReader
from projections.rows import Rows
from projections.view import RowTable, View

# Open requests read at once.
PAGE = 500


class OpenRequestRow(NamedTuple):
    """`right_asked` is the number of a `Right`; the days are in the City; `position` is the opening."""

    profile_id: UUID
    rights_request_id: UUID
    right_asked: int
    received_on: date
    due_on: date
    position: int


OPEN_REQUESTS = RowTable("open_requests", OpenRequestRow, key=2, indexes=(("position",),))


def _opened(rows: Rows, fact: Fact) -> None:
    opened = fact.message
    assert isinstance(opened, RightsRequestOpened)
    received, due = opened.receive_date, opened.due_date
    rows.put(
        OPEN_REQUESTS,
        OpenRequestRow(
            rows.subject,
            UUID(bytes=opened.rights_request_id),
            opened.right,
            date(received.year, received.month, received.day),
            date(due.year, due.month, due.day),
            fact.position,
        ),
    )


def _extended(rows: Rows, fact: Fact) -> None:
    extended = fact.message
    assert isinstance(extended, RightsRequestExtended)
    row = rows.get(OPEN_REQUESTS, UUID(bytes=extended.rights_request_id))
    if row is None:
        raise LookupError("a request was extended that is not open")
    due = extended.due_date
    rows.put(OPEN_REQUESTS, row._replace(due_on=date(due.year, due.month, due.day)))


def _answered(rows: Rows, fact: Fact) -> None:
    assert isinstance(fact.message, RightsRequestRefused | RightsRequestFulfilled)
    rows.remove(OPEN_REQUESTS, UUID(bytes=fact.message.rights_request_id))


def _erased(rows: Rows, _fact: Fact) -> None:
    rows.clear()


OPEN_REQUESTS_VIEW = View(
    name="open_requests",
    tables=(OPEN_REQUESTS,),
    apply={
        RightsRequestOpened: _opened,
        RightsRequestExtended: _extended,
        RightsRequestRefused: _answered,
        RightsRequestFulfilled: _answered,
        ProfileErased: _erased,
    },
    source=Path(__file__),
    reads=frozenset({RightsRequestExtended}),
)


@dataclass(frozen=True, slots=True)
class OverdueFound:
    """A page, in the order of opening; all of it true at `position`. `last` as in `SignUpsFound`."""

    position: int
    rows: list[OpenRequestRow]
    last: int | None


def overdue(reader: ViewReader, at: date, after: int, limit: int) -> OverdueFound:
    """Return at most `limit` open requests that were opened after a position and due before a day. Blocks.

    Reads all that are open: that is no more than a month of them.
    """
    rows: list[OpenRequestRow] = []
    while True:
        found = reader.page(OPEN_REQUESTS_VIEW, OPEN_REQUESTS, {}, after, PAGE)
        for row in (OpenRequestRow(*row) for row in found.rows):
            after = row.position
            if row.due_on < at:
                rows.append(row)
            if len(rows) == limit:
                return OverdueFound(found.position, rows, after)
        if len(found.rows) < PAGE:
            return OverdueFound(found.position, rows, None)
