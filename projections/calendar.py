"""Days as the City counts them: the day on which a fact happened, and ranges of days."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")
QUARTER = 15 * 60 * 1_000_000


class Days(NamedTuple):
    """The days from `first` to `last`, both included."""

    first: date
    last: date


EVERY_DAY = Days(date.min, date.max)


def day_in_brussels(time: int) -> date:
    """Return the day in Belgium of a time in microseconds since 1970 UTC."""
    # Days begin, and clocks change, on a quarter of an hour of UTC.
    return _day_of_quarter(time // QUARTER)


@lru_cache(maxsize=4096)
def _day_of_quarter(quarter: int) -> date:
    return datetime.fromtimestamp(quarter * QUARTER // 1_000_000, UTC).astimezone(BRUSSELS).date()
