"""How many consents were given, withdrawn and objected to on each day in Belgium, by purpose.

From open data only: no erasure changes it.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from profile_service.log.facts import Fact
from profile_service.v1.events_pb2 import ConsentGiven, ConsentWithdrawn, MarketingObjected
from projections.calendar import EVERY_DAY, Days, day_in_brussels
from projections.reading import ViewReader
from projections.rows import Rows
from projections.view import CountTable, View


class ConsentsPerDayRow(NamedTuple):
    """`day` as in Europe/Brussels. Objections to every purpose are counted under an empty one."""

    day: date
    purpose: str
    given: int
    withdrawn: int
    objected: int


CONSENTS_PER_DAY = CountTable("consents_per_day", ConsentsPerDayRow, key=2)


def _given(rows: Rows, fact: Fact) -> None:
    _count(rows, fact, 1, 0, 0)


def _withdrawn(rows: Rows, fact: Fact) -> None:
    _count(rows, fact, 0, 1, 0)


def _objected(rows: Rows, fact: Fact) -> None:
    _count(rows, fact, 0, 0, 1)


def _count(rows: Rows, fact: Fact, *counts: int) -> None:
    message: Any = fact.message  # each of the facts has a purpose
    rows.add(CONSENTS_PER_DAY, (day_in_brussels(fact.time), message.purpose), *counts)


CONSENTS_PER_DAY_VIEW = View(
    name="consents_per_day",
    tables=(CONSENTS_PER_DAY,),
    apply={ConsentGiven: _given, ConsentWithdrawn: _withdrawn, MarketingObjected: _objected},
    source=Path(__file__),
)


def consents_per_day(reader: ViewReader, days: Days = EVERY_DAY) -> list[ConsentsPerDayRow]:
    """Return every day and purpose with a decision, oldest first. Blocks."""
    rows = reader.between(CONSENTS_PER_DAY_VIEW, CONSENTS_PER_DAY, *days)
    return sorted(ConsentsPerDayRow(*row) for row in rows)
