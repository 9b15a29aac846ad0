"""How many people were erased on each day in Belgium. From open data only."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NamedTuple

from profile_service.log.facts import Fact
from profile_service.v1.events_pb2 import ProfileErased
from projections.calendar import EVERY_DAY, Days, day_in_brussels
from projections.reading import ViewReader
from projections.rows import Rows
from projections.view import CountTable, View


class ErasuresPerDayRow(NamedTuple):
    """`day` as in Europe/Brussels."""

    day: date
    erasures: int


ERASURES_PER_DAY = CountTable("erasures_per_day", ErasuresPerDayRow)


def _erased(rows: Rows, fact: Fact) -> None:
    rows.add(ERASURES_PER_DAY, (day_in_brussels(fact.time),), 1)


ERASURES_PER_DAY_VIEW = View(
    name="erasures_per_day",
    tables=(ERASURES_PER_DAY,),
    apply={ProfileErased: _erased},
    source=Path(__file__),
)


def erasures_per_day(reader: ViewReader, days: Days = EVERY_DAY) -> list[ErasuresPerDayRow]:
    """Return every day on which someone was erased, oldest first. Blocks."""
    rows = reader.between(ERASURES_PER_DAY_VIEW, ERASURES_PER_DAY, *days)
    return sorted(ErasuresPerDayRow(*row) for row in rows)
