"""Spans of the log, folded from nothing: some slices, each a 256th of all subjects, or part of one.

The longer the log, the smaller the spans, so that memory does not grow with it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any
from uuid import UUID

from profile_service.domain.registry import FACT_TYPES
from profile_service.log.facts import StoredFact
from profile_service.log.reader import LogReader
from profile_service.log.streams import SLICES, SPANNED, one_slice, span_of
from projections.folding import (
    ERASED,
    Parked,
    Totals,
    add_counts,
    fold_to_erasure,
    fold_to_the_end,
)
from projections.opening import OpenedFact, UnknownFactTypeInLogError, open_one, subject_of_fact
from projections.rows import Rows
from projections.sealing import ciphers_of
from projections.sources import Sources
from projections.view import RowTable, View

# In one transaction: slices with about so many facts, and not more than so many, so that workers have some
# each. A slice with more than `MOST` facts is worked on in parts.
FACTS = 2_000
AT_ONCE = 64
MOST = 10_000


@dataclass(slots=True)
class Folded:
    """The rows by subject, the counts, and who is parked."""

    rows: dict[UUID, Rows] = field(default_factory=dict)
    counts: Totals = field(default_factory=dict)
    parked: dict[UUID, Parked] = field(default_factory=dict)
    events: int = 0


def fold_span(
    sources: Sources,
    view: View,
    span: range,
    upto: int,
    skipped: frozenset[int] = frozenset(),
    *,
    count_upto: int | None = None,
) -> Folded:
    """Fold a span up to a position; the counts only up to `count_upto`, if that is earlier.

    Raises `UnknownFactTypeInLogError`, `KeysUnavailableError`.
    """
    folded = Folded()
    queues: dict[UUID, list[OpenedFact]] = {}
    last_counted = upto if count_upto is None else count_upto
    for page in _pages(sources.log, span, upto, last_counted):
        folded.events += len(page)
        wanted = _by_subject(view, page, skipped)
        ciphers = ciphers_of(sources.keys, [who for who, _ in wanted] if view.opens_seals else [])
        counting = page[-1].position <= last_counted
        for subject, stored in wanted:
            cipher = ciphers.get(subject.int)
            facts = [open_one(fact, subject, cipher) for fact in stored]
            rows = _fold_subject(view, folded, queues, subject, facts)
            if counting:
                add_counts(folded.counts, rows.counts)
            rows.counts.clear()
    return folded


def _by_subject(
    view: View, page: Sequence[StoredFact], skipped: frozenset[int]
) -> Collection[tuple[UUID, list[StoredFact]]]:
    """Return the facts of a page that the view applies. Raises `UnknownFactTypeInLogError`."""
    functions = view.functions
    # By number: a UUID is hashed and compared in Python.
    found: dict[int, tuple[UUID, list[StoredFact]]] = {}
    for fact in page:
        if fact.type in functions:
            if fact.position not in skipped:
                subject = subject_of_fact(fact)
                known = found.get(subject.int)
                if known is None:
                    known = found[subject.int] = (subject, [])
                known[1].append(fact)
        elif fact.type not in FACT_TYPES:
            raise UnknownFactTypeInLogError(fact.position, fact.type)
    return found.values()


def _pages(log: LogReader, span: range, upto: int, cut: int) -> Iterator[Sequence[StoredFact]]:
    """Yield pages of the facts; none goes across `cut`."""
    for page in log.span_facts(span, upto):
        before = bisect_right(page, cut, key=attrgetter("position"))
        for part in (page[:before], page[before:]):
            if part:
                yield part


def _fold_subject(
    view: View,
    folded: Folded,
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


def runs(facts: int) -> list[range]:
    """Return all slices in runs of as many as are worth a transaction, in a log of so many facts."""
    length = AT_ONCE
    while length > 1 and facts * length > FACTS * SLICES:
        length //= 2
    return [range(first, first + length) for first in range(0, SLICES, length)]


def runs_left(facts: int, done: Collection[int]) -> Iterator[range]:
    """Yield what is left of the runs: whole ones, and slices alone of those that were cut otherwise once."""
    for run in runs(facts):
        left = [number for number in run if number not in done]
        if len(left) == len(run):
            yield run
        else:
            yield from map(one_slice, left)


def parts_of(run: range, facts: int) -> list[range]:
    """Return the spans that a run of slices is worked on in, in a log of so many facts."""
    parts = 1
    while parts < SPANNED and facts > MOST * SLICES * parts:
        parts *= 2
    whole = span_of(run)
    length = len(whole) // parts
    return [range(first, first + length) for first in range(whole.start, whole.stop, length)]


def spans(facts: int) -> list[range]:
    """Return everybody in spans that are small enough to be held in memory."""
    return [span for run in runs(facts) for span in parts_of(run, facts)]


def rows_of(folded: Folded, view: View) -> dict[RowTable[Any], list[tuple[Any, ...]]]:
    """Return the rows of every subject by table."""
    found: dict[RowTable[Any], list[tuple[Any, ...]]] = {table: [] for table in view.row_tables}
    for rows in folded.rows.values():
        for (table, _), row in rows.changed.items():
            if row is not None:
                found[table].append(row)
    return found
