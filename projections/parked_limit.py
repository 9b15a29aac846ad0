"""How many a rebuild may park and still be swapped in: no more than wait now, and so many as are allowed.

A view that parks more than the one it replaces is worse than it, whatever it shows of the others.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from profile_service.log.reader import LogReader
from projections import catalogue
from projections.building import RebuildCancelledError
from projections.catalogue import LIVE
from projections.parking import ParkedSubject, parked_in
from projections.view import View

NO_LIMIT = -1


@dataclass(frozen=True, slots=True)
class ParkedSummary:
    """Whom a generation parks: how many, how many it may, and the first of them by position."""

    count: int
    limit: int
    subjects: list[ParkedSubject]

    @property
    def too_many(self) -> bool:
        return self.limit != NO_LIMIT and self.count > self.limit


class TooManyParkedError(Exception):
    """The rebuilt view parks more than it may. Nothing was swapped.

    The shadow stays, to be looked at, and goes on following: an erasure reaches it, and so does a skip.
    """

    def __init__(self, view: str, generation: int, summary: ParkedSummary) -> None:
        first = " ".join(f"{one.subject}@{one.position}" for one in summary.subjects[:10])
        super().__init__(
            f"generation {generation} of {view} parks {summary.count}, {summary.limit} are allowed: {first}"
        )
        self.summary = summary


def summarize(connection: Connection, log: LogReader, view: View, number: int, margin: int) -> ParkedSummary:
    """Return whom a shadow parks, which may be `margin` more than wait in the live generation.

    Without a live generation nobody is read, so there is nothing to lose: no limit.
    Raises `RebuildCancelledError`.
    """
    known = {one.number: one for one in catalogue.read_generations(connection, view.name)}
    if number not in known:
        raise RebuildCancelledError(view.name)
    live = [one.parked for one in known.values() if one.state == LIVE]
    limit = live[0] + margin if live else NO_LIMIT
    return ParkedSummary(known[number].parked, limit, parked_in(connection, log, known[number]))
