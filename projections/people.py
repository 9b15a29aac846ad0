"""A page of people whom a view was looked through for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from projections.reading import Found

# Before the first person: no random id is so small.
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """People at a position, by id. `last` is where to go on after; None at the end."""

    position: int
    profile_ids: list[UUID]
    last: UUID | None


def page_of(found: Found, limit: int, wanted: Callable[[tuple[Any, ...]], bool]) -> PeoplePage:
    """Return whose row is wanted, of rows by subject of which at most `limit` were asked for."""
    last = found.rows[-1][0] if len(found.rows) == limit else None
    return PeoplePage(found.position, [row[0] for row in found.rows if wanted(row)], last)
