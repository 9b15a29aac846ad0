"""What an operator does about parked subjects: see them, try again, or skip the fact that failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, insert, select

from projections import catalogue
from projections.catalogue import LIVE, Generation, write_transaction
from projections.projecting import Projector
from projections.schema import parked, skipped
from projections.sources import Sources, now
from projections.view import View


class NotParkedError(Exception):
    """The subject does not wait in this view."""


@dataclass(frozen=True, slots=True)
class ParkedSubject:
    """A subject that waits at `position`; `time` in microseconds since 1970 UTC."""

    subject: UUID
    position: int
    error: str
    time: int


def list_parked(
    sources: Sources, view: View, after: UUID | None = None, limit: int = 100
) -> list[ParkedSubject]:
    """Return subjects parked in the live generation, by id, after one of them."""
    with sources.views.connect() as connection:
        live = _live(connection, view)
        statement = select(parked.c.subject, parked.c.position, parked.c.error, parked.c.time).where(
            parked.c.view == view.name, parked.c.generation == live.number
        )
        if after is not None:
            statement = statement.where(parked.c.subject > after)
        rows = connection.execute(statement.order_by(parked.c.subject).limit(limit))
        return [ParkedSubject(row.subject, row.position, row.error, row.time) for row in rows]


def retry(sources: Sources, view: View, subject: UUID) -> bool:
    """Apply the facts of a parked subject again, in every generation where it waits.

    Says whether it went through in the live one. Raises `NotParkedError`, `KeysUnavailableError`.
    """
    return _again(sources, view, subject, skip=False)


def skip(sources: Sources, view: View, subject: UUID) -> bool:
    """Pass over the fact that failed, for ever and in every generation, and apply those behind it.

    Says whether they went through in the live one; another one may fail. Raises as `retry` does.
    """
    return _again(sources, view, subject, skip=True)


def _again(sources: Sources, view: View, subject: UUID, *, skip: bool) -> bool:
    projector = Projector(sources, [view])
    with write_transaction(sources.views).begin() as connection:
        # The lock keeps the follower from moving while the queue is applied up to its position.
        known = catalogue.read_generations(connection, view.name, lock=True)
        waiting = _where_it_waits(connection, known, subject)
        live = next((one for one in known if one.state == LIVE), None)
        if live is None or live.number not in waiting:
            raise NotParkedError(view.name)
        if skip:
            _mark_skipped(connection, live, subject)
        went_through = {
            one.number: projector.apply_queue(connection, one, subject, waiting[one.number])
            for one in known
            if one.number in waiting and one.layout == view.layout
        }
        return went_through[live.number]


def _where_it_waits(connection: Connection, known: Sequence[Generation], subject: UUID) -> dict[int, int]:
    found = {}
    for one in known:
        position = catalogue.parked_subjects(connection, one.view, one.number, [subject]).get(subject)
        if position is not None:
            found[one.number] = position
    return found


def _mark_skipped(connection: Connection, live: Generation, subject: UUID) -> None:
    waits = select(parked.c.view, parked.c.position, parked.c.subject, parked.c.error).where(
        parked.c.view == live.view, parked.c.generation == live.number, parked.c.subject == subject
    )
    row = connection.execute(waits).one()
    connection.execute(
        insert(skipped).values(
            view=row.view, position=row.position, subject=row.subject, error=row.error, time=now()
        )
    )


def _live(connection: Connection, view: View) -> Generation:
    found = catalogue.read_generations(connection, view.name, [LIVE])
    if not found:
        raise catalogue.ViewNotReadyError(view.name)
    return found[0]
