"""Applying a batch of facts to generations: load the rows of its subjects, fold, write back.

Everything happens in the caller's transaction, the position included: that is what makes
each fact count exactly once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, insert

from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.errors import SealBrokenError
from profile_service.log.reader import Filter, LogReader
from profile_service.log.streams import CAMPAIGN, stream_name
from projections import catalogue
from projections.catalogue import Generation
from projections.folding import (
    ERASED,
    Changes,
    Parked,
    by_subject,
    fold_to_the_end,
    fold_what_can_be,
    relevant,
)
from projections.opening import Batch, OpenedFact, open_batch
from projections.rows import Rows
from projections.schema import parked
from projections.sealing import open_row, seal_rows
from projections.sources import Sources, now
from projections.storage import Storage, storage_of
from projections.view import View

# Facts of one subject read at once when its queue is folded.
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
        """Apply only the erasures of a batch, to a generation that stands still.

        A view of counts alone has nobody to erase: it counts an erasure when it gets to that position.
        """
        view = self.views[target.view]
        erasures = by_subject(fact for fact in batch.facts if fact.type == ERASED)
        if erasures and view.row_tables and ERASED in view.functions:
            changes = self._fold_subjects(connection, target, erasures, batch.ciphers, park=False)
            self._write(connection, target, changes, batch.ciphers)

    def _fold(self, connection: Connection, target: Generation, batch: Batch) -> Changes:
        view = self.views[target.view]
        skipped: Collection[int] = ()
        if target.skipped:
            skipped = catalogue.skipped_positions(connection, view.name, target.position, batch.end)
        wanted = relevant(view, batch.facts, skipped)
        if wanted and wanted[0].position <= target.position:
            wanted = [fact for fact in wanted if fact.position > target.position]
        subjects = by_subject(wanted)
        if target.parked:
            self._queue_behind_parked(connection, target, batch, subjects)
        return self._fold_subjects(connection, target, subjects, batch.ciphers)

    def _fold_subjects(
        self,
        connection: Connection,
        target: Generation,
        subjects: Mapping[UUID, list[OpenedFact]],
        ciphers: Mapping[UUID, ProfileCipher],
        *,
        park: bool = True,
    ) -> Changes:
        view = self.views[target.view]
        reading = [s for s, facts in subjects.items() if any(f.type in view.reading_types for f in facts)]
        loaded, broken = self.load(connection, view, target.number, reading, ciphers)
        changes = Changes()
        for subject, facts in subjects.items():
            if subject in broken and facts[-1].type != ERASED:
                failed: Parked | None = Parked(subject, facts[0].position, broken[subject])
            else:
                rows = Rows(subject, loaded.get(subject))
                failed = fold_to_the_end(view, rows, facts)
                changes.take(rows)
            if failed and park:
                park_subject(connection, target, failed)
        return changes

    def load(
        self,
        connection: Connection,
        view: View,
        number: int,
        subjects: Collection[UUID],
        ciphers: Mapping[UUID, ProfileCipher],
    ) -> tuple[dict[UUID, dict[Any, tuple[Any, ...]]], dict[UUID, str]]:
        """Return the opened rows of subjects by place, and whose rows are damaged, with the error's class."""
        loaded: dict[UUID, dict[Any, tuple[Any, ...]]] = {}
        broken: dict[UUID, str] = {}
        for table in view.row_tables:
            for stored in self._storage.load(connection, table, number, subjects):
                try:
                    row = open_row(view, table, stored, ciphers)
                except SealBrokenError as error:
                    broken[stored[0]] = type(error).__name__
                    row = open_row(view, table, stored, {})
                loaded.setdefault(stored[0], {})[table, row[1 : table.key]] = row
        return loaded, broken

    def _write(
        self,
        connection: Connection,
        target: Generation,
        changes: Changes,
        ciphers: Mapping[UUID, ProfileCipher],
    ) -> None:
        view, number = self.views[target.view], target.number
        for table in view.row_tables:
            self._storage.clear(connection, table, number, changes.cleared)
            self._storage.remove(connection, table, number, changes.removed.get(table, []))
            rows = seal_rows(view, table, changes.put.get(table, []), ciphers)
            self._storage.put(connection, table, number, rows)
        for counts in view.count_tables:
            self._storage.add(connection, counts, number, changes.counts.get(counts, {}))

    def _queue_behind_parked(
        self,
        connection: Connection,
        target: Generation,
        batch: Batch,
        subjects: dict[UUID, list[OpenedFact]],
    ) -> None:
        """Take facts of parked subjects out of `subjects`, unless the last one erases the person."""
        for subject, position in catalogue.parked_subjects(
            connection, target.view, target.number, subjects.keys()
        ).items():
            facts = subjects.pop(subject)
            if facts[-1].type == ERASED:
                self._erase_parked(connection, target, batch, subject, position)

    def _erase_parked(
        self, connection: Connection, target: Generation, batch: Batch, subject: UUID, position: int
    ) -> None:
        # What queued is folded as far as it goes, so that statistics count what a rebuild counts.
        rows, queue, ciphers = self._queue(connection, target, subject, position, batch.end)
        fold_what_can_be(self.views[target.view], rows, queue)
        changes = Changes()
        changes.take(rows)
        self._write(connection, target, changes, ciphers)
        unpark(connection, target, subject)

    def apply_queue(self, connection: Connection, target: Generation, subject: UUID, position: int) -> bool:
        """Apply what waits of a parked subject, up to where the locked generation stands.

        Says whether all of it went through; if not, the subject is parked at what fails now.
        """
        rows, queue, ciphers = self._queue(connection, target, subject, position, target.position)
        failed = fold_to_the_end(self.views[target.view], rows, queue)
        changes = Changes()
        changes.take(rows)
        self._write(connection, target, changes, ciphers)
        if failed:
            park_subject(connection, target, failed)
        else:
            unpark(connection, target, subject)
        return failed is None

    def _queue(
        self, connection: Connection, target: Generation, subject: UUID, position: int, upto: int
    ) -> tuple[Rows, list[OpenedFact], Mapping[UUID, ProfileCipher]]:
        """Return the rows of a parked subject, what waits in the log, and its cipher if it lives."""
        view = self.views[target.view]
        skipped = catalogue.skipped_positions(connection, view.name, position - 1, upto)
        ciphers = self.sources.keys.ciphers([subject]) if view.opens_seals else {}
        queue = [
            fact
            for page in facts_of(self.sources.log, subject, position - 1, upto)
            for fact in self.open(page).facts
        ]
        loaded, _ = self.load(connection, view, target.number, [subject], ciphers)
        return Rows(subject, loaded.get(subject)), relevant(view, queue, skipped), ciphers


def facts_of(log: LogReader, subject: UUID, after: int, upto: int) -> Iterable[list[Any]]:
    """Yield the facts of a person or a campaign in a range of positions, in order, in pages."""
    campaign = [f for f in log.stream(stream_name(CAMPAIGN, subject)) if after < f.position <= upto]
    if campaign:
        yield campaign
        return
    while page := log.facts_after(after, PAGE, upto=upto, only=Filter(profile_ids=[subject])):
        yield page
        after = page[-1].position


def park_subject(connection: Connection, target: Generation, failed: Parked) -> None:
    """Write down that a subject waits; its earlier row, if any, is replaced."""
    unpark(connection, target, failed.subject)
    connection.execute(
        insert(parked).values(
            view=target.view,
            generation=target.number,
            subject=failed.subject,
            position=failed.position,
            error=failed.error,
            time=now(),
        )
    )


def unpark(connection: Connection, target: Generation, subject: UUID) -> None:
    connection.execute(
        delete(parked).where(
            parked.c.view == target.view,
            parked.c.generation == target.number,
            parked.c.subject == subject,
        )
    )
