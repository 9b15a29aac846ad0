"""Applying a batch of facts to generations: load the rows of its subjects, fold, write back.

Everything happens in the caller's transaction, the position included: that is what makes
each fact count exactly once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from profile_service.keys.errors import KeyDestroyedError, SealBrokenError
from profile_service.log.facts import StoredFact
from profile_service.log.reader import Filter, LogReader
from profile_service.log.streams import IMPERSONAL_KINDS, stream_name
from projections import catalogue
from projections.catalogue import Generation
from projections.folding import (
    ERASED,
    Changes,
    Parked,
    by_subject,
    fold,
    fold_to_the_end,
    relevant,
)
from projections.opening import Batch, OpenedFact, open_batch
from projections.rows import UNREAD, Place, Rows
from projections.schema import parked
from projections.sealing import Ciphers, ciphers_of, open_row, seal_rows
from projections.skips import decided_on, skipped_of
from projections.sources import Sources, now
from projections.storage import Storage, storage_of
from projections.view import View

# Facts of one subject read at once when its rows are made anew.
PAGE = 1_000


def _sealed_types(views: Iterable[View]) -> frozenset[str]:
    """Return the types of facts for which some view needs the person's key."""
    return frozenset(name for view in views if view.opens_seals for name in view.functions)


class Projector:
    """Applies batches to generations of `views` in one database."""

    def __init__(self, sources: Sources, views: Sequence[View]) -> None:
        self.sources = sources
        self.views = {view.name: view for view in views}
        self._sealed_types = _sealed_types(views)
        self._storage: Storage = storage_of(sources.views)

    def open(self, stored: Sequence[Any]) -> Batch:
        """Open facts of the log. Raises `KeysUnavailableError`."""
        return open_batch(stored, self.sources.keys, self._sealed_types)

    def project(self, connection: Connection, targets: Sequence[Generation], batch: Batch) -> None:
        """Apply a batch to generations that were locked and stand where it begins or later."""
        ready = [(target, self._fold(connection, target, batch)) for target in targets]
        with self._storage.together(connection):
            for target, changes in ready:
                self._write(connection, target, changes, batch.ciphers)
        catalogue.move(connection, targets, batch.end)

    def erase(self, connection: Connection, target: Generation, batch: Batch) -> None:
        """Remove the rows of whoever a batch erases, from a generation that stands still.

        What it counted of them stays. Should it ever move on, they wait until it meets their erasure in
        its place, and are made anew from the log then.
        """
        view = self.views[target.view]
        if ERASED not in view.functions or not view.row_tables:
            return
        ahead = (fact for fact in batch.facts if fact.position > target.position)
        erased = [fact.subject for fact in ahead if fact.type == ERASED]
        if not erased:
            return
        self._write(connection, target, Changes(cleared=erased), batch.ciphers)
        waiting = catalogue.parked_subjects(connection, target.view, target.number, erased)
        for subject in set(erased) - waiting.keys():
            park_subject(connection, target, Parked(subject, target.position + 1, KeyDestroyedError.__name__))

    def _fold(self, connection: Connection, target: Generation, batch: Batch) -> Changes:
        view = self.views[target.view]
        wanted = relevant(view, batch.facts)
        if wanted and wanted[0].position <= target.position:
            wanted = [fact for fact in wanted if fact.position > target.position]
        subjects = by_subject(wanted)
        decided = decided_on(view, batch.facts, target.position)
        if target.parked or decided:
            self._refold_who_waits(connection, target, batch.end, subjects, decided)
        return self._fold_subjects(connection, target, subjects.values(), batch.ciphers)

    def _fold_subjects(
        self,
        connection: Connection,
        target: Generation,
        subjects: Collection[list[OpenedFact]],
        ciphers: Ciphers,
    ) -> Changes:
        view = self.views[target.view]
        types = view.reading_types
        reading = [facts[0].subject for facts in subjects if any(fact.type in types for fact in facts)]
        loaded, broken = self._load(connection, view, target.number, reading, ciphers)
        changes = Changes()
        for facts in subjects:
            subject = facts[0].subject
            damage = broken.get(subject.int)
            if damage is not None and facts[-1].type != ERASED:
                failed: Parked | None = Parked(subject, facts[0].position, damage)
            else:
                rows = Rows(subject, loaded.get(subject.int, UNREAD))
                failed = fold_to_the_end(view, rows, facts)
                changes.take(rows)
            if failed:
                park_subject(connection, target, failed)
        return changes

    def _load(
        self,
        connection: Connection,
        view: View,
        number: int,
        subjects: Collection[UUID],
        ciphers: Ciphers,
    ) -> tuple[dict[int, dict[Place, tuple[Any, ...]]], dict[int, str]]:
        """Return the opened rows of each subject by place, and the error's class of whose are damaged.

        Both by the numbers of the subjects.
        """
        loaded: dict[int, dict[Place, tuple[Any, ...]]] = {subject.int: {} for subject in subjects}
        broken: dict[int, str] = {}
        for table in view.row_tables:
            for stored in self._storage.load(connection, table, number, subjects):
                subject: UUID = stored[0]
                try:
                    row = open_row(view, table, stored, ciphers)
                except SealBrokenError as error:
                    broken[subject.int] = type(error).__name__
                    row = open_row(view, table, stored, {})
                loaded[subject.int][table, row[1 : table.key]] = row
        return loaded, broken

    def _write(
        self,
        connection: Connection,
        target: Generation,
        changes: Changes,
        ciphers: Ciphers,
    ) -> None:
        view, number = self.views[target.view], target.number
        for table in view.row_tables:
            self._storage.clear(connection, table, number, changes.cleared)
            self._storage.remove(connection, table, number, changes.removed.get(table, []))
            rows = seal_rows(view, table, changes.put.get(table, []), ciphers)
            self._storage.put(connection, table, number, rows)
        for counts in view.count_tables:
            self._storage.add(connection, counts, number, changes.counts.get(counts, {}))

    def _refold_who_waits(
        self,
        connection: Connection,
        target: Generation,
        upto: int,
        subjects: dict[int, list[OpenedFact]],
        decided: AbstractSet[UUID],
    ) -> None:
        """Take parked subjects out of `subjects`: their facts wait, unless one is skipped now, or the
        last one erases the person."""
        known = {facts[0].subject for facts in subjects.values()}
        waiting = catalogue.parked_subjects(connection, target.view, target.number, known | decided)
        for subject in waiting.keys() | decided:
            facts = subjects.pop(subject.int, [])
            if subject in decided or facts[-1].type == ERASED:
                self.refold(connection, target, subject, upto, waiting.get(subject))

    def refold(
        self, connection: Connection, target: Generation, subject: UUID, upto: int, waits_at: int | None
    ) -> bool:
        """Make the rows of a subject anew from the log up to a position, in a locked generation.

        `waits_at` is where it is parked, if it is. Says whether all of it went through; if not,
        the subject is parked at what fails now.
        """
        view, log = self.views[target.view], self.sources.log
        facts = [
            fact for page in facts_of(log, subject, upto) for fact in relevant(view, self.open(page).facts)
        ]
        # What is counted already: everything before the fact it waits at.
        counted_upto = target.position if waits_at is None else waits_at - 1
        before, after = (skipped_of(log, view, subject, end) for end in (target.position, upto))
        counted, rows = Rows(subject), Rows(subject)
        fold(view, counted, [f for f in facts if f.position <= counted_upto and f.position not in before])
        rows.clear()
        failed = fold_to_the_end(view, rows, [f for f in facts if f.position not in after])
        rows.take_back(counted.counts)
        changes = Changes()
        changes.take(rows)
        ciphers = ciphers_of(self.sources.keys, [subject]) if view.opens_seals else {}
        self._write(connection, target, changes, ciphers)
        if failed:
            park_subject(connection, target, failed)
        else:
            unpark(connection, target, subject)
        return failed is None


def facts_of(log: LogReader, subject: UUID, upto: int, after: int = 0) -> Iterable[list[StoredFact]]:
    """Yield the facts of a person, or of whatever else, in a range of positions: in order, in pages."""
    found = log.streams([stream_name(kind, subject) for kind in IMPERSONAL_KINDS]).values()
    if impersonal := sorted(chain.from_iterable(found), key=attrgetter("position")):
        yield [fact for fact in impersonal if after < fact.position <= upto]
        return
    while page := log.facts_after(after, PAGE, upto=upto, only=Filter(profile_ids=[subject])):
        yield page
        after = page[-1].position


def park_subject(connection: Connection, target: Generation, failed: Parked) -> None:
    """Write down that a subject waits; since when, if it was at the same fact, stays."""
    since = connection.execute(
        select(parked.c.time).where(*_parked(target, failed.subject), parked.c.position == failed.position)
    ).scalar()
    unpark(connection, target, failed.subject)
    connection.execute(
        insert(parked).values(
            view=target.view,
            generation=target.number,
            subject=failed.subject,
            position=failed.position,
            error=failed.error,
            time=since or now(),
        )
    )


def unpark(connection: Connection, target: Generation, subject: UUID) -> None:
    connection.execute(delete(parked).where(*_parked(target, subject)))


def _parked(target: Generation, subject: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        parked.c.view == target.view,
        parked.c.generation == target.number,
        parked.c.subject == subject,
    )
