"""How many people registered on each day in Belgium. From open data only: no erasure changes it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NamedTuple

from profile_service.log.facts import Fact
from profile_service.v1.events_pb2 import ProfileRegistered
from projections.calendar import EVERY_DAY, Days, day_in_brussels
from projections.reading import ViewReader
from projections.rows import Rows
from projections.view import CountTable, View


class RegistrationsPerDayRow(NamedTuple):
    """`day` as in Europe/Brussels."""

    day: date
    registrations: int


REGISTRATIONS_PER_DAY = CountTable("registrations_per_day", RegistrationsPerDayRow)


def _registered(rows: Rows, fact: Fact) -> None:
    rows.add(REGISTRATIONS_PER_DAY, (day_in_brussels(fact.time),), 1)


REGISTRATIONS_PER_DAY_VIEW = View(
    name="registrations_per_day",
    tables=(REGISTRATIONS_PER_DAY,),
    apply={ProfileRegistered: _registered},
    source=Path(__file__),
)


def registrations_per_day(reader: ViewReader, days: Days = EVERY_DAY) -> list[RegistrationsPerDayRow]:
    """Return every day on which someone registered, oldest first. Blocks."""
    rows = reader.between(REGISTRATIONS_PER_DAY_VIEW, REGISTRATIONS_PER_DAY, *days)
    return sorted(RegistrationsPerDayRow(*row) for row in rows)
