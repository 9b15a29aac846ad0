"""One slice of the log, folded from nothing: a 256th of all subjects.

Its memory is that of the subjects in the slice, whatever the length of the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from profile_service.domain.registry import FACT_TYPES
from profile_service.log.facts import StoredFact
from profile_service.log.reader import LogReader
from projections.folding import (
    ERASED,
    Parked,
    Totals,
    add_counts,
    by_subject,
    fold_to_erasure,
    fold_to_the_end,
    relevant,
)
from projections.opening import OpenedFact, open_batch
from projections.rows import Rows
from projections.sources import Sources
from projections.view import RowTable, View


@dataclass(slots=True)
class FoldedSlice:
    """The rows by subject, the counts, and who is parked."""

    number: int
    rows: dict[UUID, Rows] = field(default_factory=dict)
    counts: Totals = field(default_factory=dict)
    parked: dict[UUID, Parked] = field(default_factory=dict)
    events: int = 0


def fold_slice(
    sources: Sources,
    view: View,
    number: int,
    upto: int,
    skipped: frozenset[int] = frozenset(),
    *,
    count_upto: int | None = None,
) -> FoldedSlice:
    """Fold slice 0 to 255 up to a position; the counts only up to `count_upto`, if that is earlier.

    Raises `UnknownFactTypeInLogError`, `KeysUnavailableError`.
    """
    folded = FoldedSlice(number)
    queues: dict[UUID, list[OpenedFact]] = {}
    sealed = frozenset(view.functions) if view.opens_seals else frozenset[str]()
    last_counted = upto if count_upto is None else count_upto
    for page in _pages(sources.log, number, upto, last_counted):
        folded.events += len(page)
        wanted = [fact for fact in page if fact.type in view.functions or fact.type not in FACT_TYPES]
        if not wanted:
            continue
        batch = open_batch(wanted, sources.keys, sealed)
        if batch.unknown:
            raise batch.unknown
        for subject, facts in by_subject(relevant(view, batch.facts, skipped)).items():
            rows = _fold_subject(view, folded, queues, subject, facts)
            if batch.end <= last_counted:
                add_counts(folded.counts, rows.counts)
            rows.counts.clear()
    return folded


def _pages(log: LogReader, number: int, upto: int, cut: int) -> Iterator[list[StoredFact]]:
    """Yield pages of a slice; none goes across `cut`."""
    for page in log.slice_facts(number, upto):
        before = [fact for fact in page if fact.position <= cut]
        for part in (before, page[len(before) :]):
            if part:
                yield part


def _fold_subject(
    view: View,
    folded: FoldedSlice,
    queues: dict[UUID, list[OpenedFact]],
    subject: UUID,
    facts: list[OpenedFact],
) -> Rows:
    rows = folded.rows.get(subject)
    if rows is None:
        rows = folded.rows[subject] = Rows(subject)
    if subject not in queues:
        failed = fold_to_the_end(view, rows, facts)
        if failed:
            folded.parked[subject] = failed
            queues[subject] = [fact for fact in facts if fact.position >= failed.position]
        return rows
    queues[subject] += facts
    if facts[-1].type == ERASED:
        fold_to_erasure(view, rows, queues.pop(subject))
        del folded.parked[subject]
    return rows


def rows_of(folded: FoldedSlice, view: View) -> dict[RowTable[Any], list[tuple[Any, ...]]]:
    """Return the rows of every subject by table."""
    found: dict[RowTable[Any], list[tuple[Any, ...]]] = {table: [] for table in view.row_tables}
    for rows in folded.rows.values():
        for (table, _), row in rows.changed.items():
            if row is not None:
                found[table].append(row)
    return found
