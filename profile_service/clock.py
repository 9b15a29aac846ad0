"""What time it is, and which day in the City. Whatever needs it is given one of these functions."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

CITY = ZoneInfo("Europe/Brussels")


def now() -> datetime:
    """Return the point in time, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the date in the City."""
    return day_of(now())


def day_of(at: datetime) -> date:
    """Return the date in the City at a point in time."""
    return at.astimezone(CITY).date()
