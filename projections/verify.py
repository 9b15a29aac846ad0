"""Proving a live view: the log is folded anew, a span at a time, and compared row by row.

They are compared at one position in a short transaction, so nothing stands still
meanwhile; counts, which all spans add to, at the position where verifying began.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine

from projections import catalogue
from projections.catalogue import LIVE, Generation, ViewNotReadyError
from projections.comparing import Comparer, Comparison
from projections.rows import RowKey
from projections.skips import skipped_in_span
from projections.slices import fold_span, rows_of, spans
from projections.sources import Sources
from projections.storage import Storage, storage_of
from projections.storage.interface import StoredRow
from projections.view import CountTable, View

# Where each parked subject waits.
Parking = dict[UUID, int]


class SwappedMeanwhileError(Exception):
    """Another generation became live while this one was looked at: begin anew."""


@dataclass(frozen=True, slots=True)
class Verified:
    """`differing` names at most 20 differences: people by profile id, counts by their key."""

    equal: bool
    position: int
    rows: int
    expected_rows: int
    differing: list[str]


@dataclass(frozen=True, slots=True)
class SpanVerified:
    """How the rows of a span compare, what its facts add to counts (by table), and who waits in them.

    `skipped_meanwhile`: a decision to pass over one of these facts came since verifying began.
    """

    comparison: Comparison
    counts: Mapping[str, Mapping[RowKey, Sequence[int]]]
    parked: Parking
    skipped_meanwhile: bool


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Open a transaction whose every statement sees the same state."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.begin() as connection:
        yield connection


def verify(sources: Sources, view: View) -> Verified:
    """Fold the log anew and compare it with the live generation.

    Blocks. Raises `SwappedMeanwhileError`, `ViewNotReadyError`, `UnknownFactTypeInLogError`,
    `KeysUnavailableError`.
    """
    verification = Verification(sources, view)
    generation, position = verification.generation, verification.position
    for span in spans(position):
        verification.take(verify_span(sources, view, generation, position, span))
    return verification.result()


class Verification:
    """A verification from its first look on: `take` every span once, in any order, and then the `result`."""

    def __init__(self, sources: Sources, view: View) -> None:
        """Raises `ViewNotReadyError`."""
        self._comparer = Comparer(view, sources.keys)
        self._counts: dict[CountTable[Any], list[StoredRow]] = {}
        self._totals: dict[str, dict[RowKey, Sequence[int]]] = {table.name: {} for table in view.count_tables}
        self._parked: Parking = {}
        self._skipped_meanwhile = False
        with snapshot(sources.views) as connection:
            live = _live(connection, sources, view)
            self.generation, self.position = live.number, live.position
            self._parked_live = catalogue.parked_subjects(connection, view.name, live.number)
            for table in view.count_tables:
                self._counts[table] = storage_of(sources.views).load_counts(connection, table, live.number)

    def take(self, verified: SpanVerified) -> None:
        self._comparer.result.take(verified.comparison)
        self._parked |= verified.parked
        self._skipped_meanwhile |= verified.skipped_meanwhile
        for name, by_key in verified.counts.items():
            totals = self._totals[name]
            for key, values in by_key.items():
                before = totals.get(key, [0] * len(values))
                totals[key] = [a + b for a, b in zip(before, values, strict=True)]

    def result(self) -> Verified:
        # Else some facts are counted on one side only.
        if self._parked == self._parked_live and not self._skipped_meanwhile:
            for table, stored in self._counts.items():
                expected = [(*key, *values) for key, values in self._totals[table.name].items()]
                self._comparer.compare_counts(table, stored, expected)
        found = self._comparer.result
        return Verified(found.equal, self.position, found.actual_rows, found.expected_rows, found.named)


def verify_span(sources: Sources, view: View, generation: int, count_upto: int, span: range) -> SpanVerified:
    """Fold a span anew and compare it with the generation that was live when verifying began.

    Raises `SwappedMeanwhileError`, `ViewNotReadyError`, `UnknownFactTypeInLogError`, `KeysUnavailableError`.
    """
    storage: Storage = storage_of(sources.views)
    with snapshot(sources.views) as connection:
        live = _live(connection, sources, view)
        if live.number != generation:
            raise SwappedMeanwhileError(view.name)
        parked = catalogue.parked_subjects(connection, view.name, live.number)
        stored = {table: storage.load_span(connection, table, live.number, span) for table in view.row_tables}
    log = sources.log
    skipped = skipped_in_span(log, view, span, live.position)
    skipped_meanwhile = live.position > count_upto and skipped != skipped_in_span(log, view, span, count_upto)
    folded = fold_span(sources, view, span, live.position, skipped, count_upto=count_upto)
    parked_anew = {subject: one.position for subject, one in folded.parked.items()}
    comparer = Comparer(view, sources.keys)
    for table, rows in rows_of(folded, view).items():
        comparer.compare_rows(
            table,
            stored[table],
            rows,
            expected_is_stored=False,
            leave_out=parked_elsewhere(parked, parked_anew),
        )
    counts = {table.name: by_key for table, by_key in folded.counts.items()}
    return SpanVerified(comparer.result, counts, parked_anew, skipped_meanwhile)


def _live(connection: Connection, sources: Sources, view: View) -> Generation:
    found = catalogue.read_generations(connection, view.name, [LIVE])
    if not found or found[0].layout != view.layout or found[0].log_id != sources.log.log_id:
        raise ViewNotReadyError(view.name)
    return found[0]


def compare_span(
    sources: Sources, view: View, comparer: Comparer, live: int, shadow: int, span: range
) -> None:
    """Compare a span of two generations that stand at one position.

    The follower moves both in one transaction, so they stand at one position in every snapshot.
    Whoever waits at another fact in the other is left out.
    """
    storage = storage_of(sources.views)
    with snapshot(sources.views) as connection:
        left_out = parked_elsewhere(*_waiting(connection, view, (live, shadow)))
        parts = [
            (
                table,
                storage.load_span(connection, table, live, span),
                storage.load_span(connection, table, shadow, span),
            )
            for table in view.row_tables
        ]
    for table, actual, expected in parts:
        comparer.compare_rows(table, actual, expected, expected_is_stored=True, leave_out=left_out)


def compare_counts(sources: Sources, view: View, comparer: Comparer, live: int, shadow: int) -> None:
    """Compare the counts of two generations, if nobody waits at another fact in the other."""
    storage = storage_of(sources.views)
    with snapshot(sources.views) as connection:
        in_live, in_shadow = _waiting(connection, view, (live, shadow))
        counts = [
            (
                table,
                storage.load_counts(connection, table, live),
                storage.load_counts(connection, table, shadow),
            )
            for table in view.count_tables
        ]
    if in_live == in_shadow:
        for counted, actual, expected in counts:
            comparer.compare_counts(counted, actual, expected)


def _waiting(connection: Connection, view: View, generations: tuple[int, int]) -> list[Parking]:
    return [catalogue.parked_subjects(connection, view.name, one) for one in generations]


def parked_elsewhere(one: Parking, other: Parking) -> frozenset[UUID]:
    """Return who waits on one side only, or at another fact."""
    return frozenset(who for who in one.keys() | other.keys() if one.get(who) != other.get(who))
