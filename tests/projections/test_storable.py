"""Rows that a table can't hold are refused where a view makes them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from profile_service.v1.profile_pb2 import Profile
from projections.rows import Rows
from projections.storable import UnstorableRowError
from projections.view import CountTable, RowTable


class Row(NamedTuple):
    """One column of each kind."""

    profile_id: UUID
    number: int
    text: str
    digest: bytes
    day: date
    profile: Profile | None


class CountRow(NamedTuple):
    """Counts by a word."""

    word: str
    times: int


ROWS, COUNTS = RowTable("rows", Row), CountTable("counts", CountRow)
SUBJECT, OTHER = UUID(int=1), UUID(int=2)
GOOD = Row(SUBJECT, 1, "één", b"\0", date(2000, 1, 1), Profile())


@pytest.mark.parametrize(
    "row", [GOOD, GOOD._replace(profile=None), GOOD._replace(number=-(1 << 63), text="", day=date.min)]
)
def test_what_a_table_holds_is_taken(row: Row):
    rows = Rows(SUBJECT)
    rows.put(ROWS, row)
    assert rows.get(ROWS) == row


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("profile_id", OTHER),
        ("profile_id", str(SUBJECT)),
        ("number", 1 << 63),
        ("number", None),
        ("number", True),
        ("text", "news\0letter"),
        ("text", "\ud800"),
        ("digest", "text"),
        ("day", datetime(2000, 1, 1)),  # noqa: DTZ001 - a time is no day
        ("profile", b"sealed by nobody"),
    ],
    ids=range(10),
)
def test_what_a_table_can_not_hold_is_refused(column: str, value: Any):
    rows, replaced = Rows(SUBJECT), {**GOOD._asdict(), column: value}
    with pytest.raises(UnstorableRowError):
        rows.put(ROWS, Row(**replaced))
    assert not rows.changed


@pytest.mark.parametrize(("key", "by"), [(("\0",), (1,)), (("a",), (1 << 63,)), (("a",), ()), ((), (1,))])
def test_what_can_not_be_counted_is_refused(key: Any, by: Any):
    rows = Rows(SUBJECT)
    with pytest.raises(UnstorableRowError):
        rows.add(COUNTS, key, *by)
    assert not rows.counts
