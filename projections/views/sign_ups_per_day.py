"""How many people signed up for each campaign, and withdrew, on each day in Belgium.

From open data only: no erasure changes it.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from profile_service.log.facts import Fact
from profile_service.v1.events_pb2 import SignedUp, SignUpWithdrawn
from projections.calendar import EVERY_DAY, Days, day_in_brussels
from projections.reading import ViewReader
from projections.rows import Rows
from projections.view import CountTable, View


class SignUpsPerDayRow(NamedTuple):
    """`day` as in Europe/Brussels."""

    day: date
    campaign_id: UUID
    signed_up: int
    withdrawn: int


SIGN_UPS_PER_DAY = CountTable("sign_ups_per_day", SignUpsPerDayRow, key=2)


def _signed_up(rows: Rows, fact: Fact) -> None:
    _count(rows, fact, 1, 0)


def _withdrawn(rows: Rows, fact: Fact) -> None:
    _count(rows, fact, 0, 1)


def _count(rows: Rows, fact: Fact, signed_up: int, withdrawn: int) -> None:
    message: Any = fact.message  # the two facts have the same field
    key = (day_in_brussels(fact.time), UUID(bytes=message.campaign_id))
    rows.add(SIGN_UPS_PER_DAY, key, signed_up, withdrawn)


SIGN_UPS_PER_DAY_VIEW = View(
    name="sign_ups_per_day",
    tables=(SIGN_UPS_PER_DAY,),
    apply={SignedUp: _signed_up, SignUpWithdrawn: _withdrawn},
    source=Path(__file__),
)


def sign_ups_per_day(reader: ViewReader, days: Days = EVERY_DAY) -> list[SignUpsPerDayRow]:
    """Return every day and campaign on which something happened, oldest first. Blocks."""
    rows = reader.between(SIGN_UPS_PER_DAY_VIEW, SIGN_UPS_PER_DAY, *days)
    return sorted(SignUpsPerDayRow(*row) for row in rows)
