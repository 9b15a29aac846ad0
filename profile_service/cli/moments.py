"""Points in time, days, and points of the log, as they are written on the command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import typer
from google.type.date_pb2 import Date


def moment(text: str) -> datetime:
    """ISO 8601; UTC if it names no zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("must be ISO 8601, such as 2026-01-31 or 2026-01-31T12:00:00Z") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def day(text: str) -> date:
    """A calendar day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("must be a day, such as 2026-01-31") from None


def day_text(value: Date) -> str:
    return date(value.year, value.month, value.day).isoformat()


@dataclass(frozen=True)
class Point:
    """A point of the log: a position, or a time."""

    position: int | None
    time: datetime | None


def point(text: str) -> Point:
    """A number is a position; everything else a point in time."""
    if text.isascii() and text.isdigit():
        return Point(int(text), None)
    return Point(None, moment(text))
