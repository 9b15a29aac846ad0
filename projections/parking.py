"""What an operator sees of parked subjects, and trying again. Skipping is a fact of the log: see `skips`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, select

from profile_service.log.reader import LogReader
from projections import catalogue
from projections.catalogue import BUILDING, LIVE, Generation, write_transaction
from projections.projecting import Projector, facts_of
from projections.schema import parked
from projections.sources import Sources
from projections.view import View

# So many facts that wait are named; the rest is only counted.
NAMED = 100


class NothingParkedError(Exception):
    """The subject does not wait in this view."""


class GenerationNotFoundError(Exception):
    """The view has no generation with this number."""


@dataclass(frozen=True, slots=True)
class ParkedSubject:
    """A subject that waits at the fact at `position`; `time` in microseconds since 1970 UTC."""

    subject: UUID
    position: int
    type: str
    error: str
    time: int


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits of a subject: the first `NAMED` positions with their types, and how many there are."""

    parked: ParkedSubject
    waiting: list[tuple[int, str]]
    count: int


def list_parked(
    sources: Sources, view: View, *, generation: int = 0, after: int = 0, limit: int = NAMED
) -> list[ParkedSubject]:
    """Return who waits at a fact after a position, by position; in the live generation unless one is named.

    Raises `GenerationNotFoundError`, and `ViewNotReadyError` if none is live.
    """
    with sources.views.connect() as connection:
        one = _generation(connection, view, generation)
        return parked_in(connection, sources.log, one, after, limit)


def parked_in(
    connection: Connection, log: LogReader, one: Generation, after: int = 0, limit: int = NAMED
) -> list[ParkedSubject]:
    """Return who waits in a generation at a fact after a position, by position."""
    later = _parked(one).where(parked.c.position > after).order_by(parked.c.position).limit(limit)
    return _described(log, connection.execute(later).all())


def queue_of(sources: Sources, view: View, subject: UUID, *, generation: int = 0) -> Queue:
    """Return what waits of a subject. Raises `NothingParkedError`, and what `list_parked` raises."""
    with sources.views.connect() as connection:
        one = _generation(connection, view, generation)
        found = connection.execute(_parked(one).where(parked.c.subject == subject)).all()
    if not found:
        raise NothingParkedError(view.name)
    (described,) = _described(sources.log, found)
    waiting: list[tuple[int, str]] = []
    count = 0
    for fact in _waiting(sources.log, view, described, one.position):
        count += 1
        if count <= NAMED:
            waiting.append(fact)
    return Queue(described, waiting, count)


def waits_at(sources: Sources, view: View, subject: UUID) -> int | None:
    """Return where a subject waits in the live generation; None if it does not."""
    with sources.views.connect() as connection:
        live = _generation(connection, view, 0)
        return catalogue.parked_subjects(connection, view.name, live.number, [subject]).get(subject)


def retry(sources: Sources, view: View, subject: UUID) -> bool:
    """Make a parked subject's rows anew from the log, in every finished generation where it waits.

    Says whether it went through in the live one. Raises `NothingParkedError`, `KeysUnavailableError`.
    """
    projector = Projector(sources, [view])
    with write_transaction(sources.views).begin() as connection:
        # The lock keeps the follower from moving meanwhile.
        known = catalogue.read_generations(connection, view.name, lock=True)
        waiting = {
            one: at
            for one in known
            if one.layout == view.layout and one.state != BUILDING
            for at in catalogue.parked_subjects(connection, view.name, one.number, [subject]).values()
        }
        if not any(one.state == LIVE for one in waiting):
            raise NothingParkedError(view.name)
        went_through = {
            one.state: projector.refold(connection, one, subject, one.position, at)
            for one, at in waiting.items()
        }
        return went_through[LIVE]


def _generation(connection: Connection, view: View, number: int) -> Generation:
    for one in catalogue.read_generations(connection, view.name):
        if one.number == number or (number == 0 and one.state == LIVE):
            return one
    if number:
        raise GenerationNotFoundError(view.name)
    raise catalogue.ViewNotReadyError(view.name)


def _parked(one: Generation) -> Select[Any]:
    return select(parked.c.subject, parked.c.position, parked.c.error, parked.c.time).where(
        parked.c.view == one.view, parked.c.generation == one.number
    )


def _described(log: LogReader, rows: Sequence[Any]) -> list[ParkedSubject]:
    types = log.types_at([row.position for row in rows])
    return [
        ParkedSubject(row.subject, row.position, types.get(row.position, ""), row.error, row.time)
        for row in rows
    ]


def _waiting(log: LogReader, view: View, at: ParkedSubject, upto: int) -> Iterator[tuple[int, str]]:
    for page in facts_of(log, at.subject, upto, after=at.position - 1):
        for fact in page:
            if fact.type in view.functions:
                yield fact.position, fact.type
