"""Folding facts into rows, subject by subject. No I/O; the same for live, rebuild and verify."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from profile_service.v1.events_pb2 import ProfileErased
from projections.opening import OpenedFact
from projections.rows import Count, RowKey, Rows
from projections.view import CountTable, RowTable, View

ERASED = ProfileErased.DESCRIPTOR.full_name

Totals = dict[CountTable[Any], dict[RowKey, list[int]]]


@dataclass(frozen=True, slots=True)
class Parked:
    """The first fact of a subject that could not be applied, and the class of the error."""

    subject: UUID
    position: int
    error: str


@dataclass(slots=True)
class Changes:
    """What a batch changes in one view."""

    put: dict[RowTable[Any], list[tuple[Any, ...]]] = field(default_factory=dict)
    removed: dict[RowTable[Any], list[RowKey]] = field(default_factory=dict)
    cleared: list[UUID] = field(default_factory=list)
    counts: Totals = field(default_factory=dict)

    def take(self, rows: Rows) -> None:
        """Add what a subject's facts changed."""
        if rows.cleared:
            self.cleared.append(rows.subject)
        for (table, key), row in rows.changed.items():
            if row is None:
                self.removed.setdefault(table, []).append((rows.subject, *key))
            else:
                self.put.setdefault(table, []).append(row)
        add_counts(self.counts, rows.counts)


def relevant(view: View, facts: Iterable[OpenedFact], skipped: Collection[int] = ()) -> list[OpenedFact]:
    """Return the facts that a view applies, without those an operator skipped."""
    functions = view.functions
    wanted = [fact for fact in facts if fact.type in functions]
    return [fact for fact in wanted if fact.position not in skipped] if skipped else wanted


def by_subject(facts: Iterable[OpenedFact]) -> dict[int, list[OpenedFact]]:
    """Return facts by the number of their subject, in order. (A UUID is hashed and compared in Python.)"""
    found: dict[int, list[OpenedFact]] = defaultdict(list)
    for fact in facts:
        found[fact.subject.int].append(fact)
    return found


def fold(view: View, rows: Rows, facts: Sequence[OpenedFact]) -> Parked | None:
    """Apply facts in order. The first one that fails, and all after it, change nothing."""
    mark = rows.mark()
    for number, fact in enumerate(facts):
        try:
            _apply(view, rows, fact)
        except Exception as error:  # noqa: BLE001 - whatever it is, it parks this subject only
            rows.back_to(mark)
            for earlier in facts[:number]:
                _apply(view, rows, earlier)
            return Parked(rows.subject, fact.position, type(error).__name__)
    return None


def fold_to_the_end(view: View, rows: Rows, facts: Sequence[OpenedFact]) -> Parked | None:
    """Apply facts in order, as `fold` does; but nobody who is erased at the end stays parked.

    Then what fails is passed over instead, so that the erasure arrives.
    """
    failed = fold(view, rows, facts)
    if failed is None or facts[-1].type != ERASED:
        return failed
    fold_to_erasure(view, rows, [fact for fact in facts if fact.position >= failed.position])
    return None


def fold_to_erasure(view: View, rows: Rows, facts: Sequence[OpenedFact]) -> None:
    """Apply facts that end with an erasure, passing over those that fail.

    The erasure itself is what the log says it is, even if its record is damaged: no row is left.
    """
    failed = None
    for fact in facts:
        failed = fold(view, rows, [fact])
    if failed:
        rows.clear()


def add_counts(totals: Totals, counts: Iterable[Count]) -> None:
    """Add up what facts add to counts."""
    for table, key, by in counts:
        total = totals.setdefault(table, {}).setdefault(key, [0] * len(by))
        for place, value in enumerate(by):
            total[place] += value


def add_totals(totals: Totals, more: Totals) -> None:
    """Add up what is added up already."""
    for table, by_key in more.items():
        add_counts(totals, ((table, key, tuple(by)) for key, by in by_key.items()))


def _apply(view: View, rows: Rows, opened: OpenedFact) -> None:
    # A view without seals works on the open half, whatever became of the other.
    if opened.fact is None or (opened.error is not None and view.opens_seals):
        raise opened.error or ValueError("the fact can't be read")
    view.functions[opened.type](rows, opened.fact)
