"""Proving a live view: the log is folded anew, slice by slice, and compared row by row.

Each slice is compared at one position in a short transaction, so nothing stands still
meanwhile; counts, which all slices add to, at the position where verifying began.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, Engine

from profile_service.log.streams import SLICES
from projections import catalogue
from projections.catalogue import LIVE, Generation, ViewNotReadyError
from projections.comparing import Comparer
from projections.folding import Totals
from projections.slices import fold_slice, rows_of
from projections.sources import Sources
from projections.storage import Storage, storage_of
from projections.storage.interface import StoredRow
from projections.view import View


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
    run = Verification(sources, view)
    for number in range(SLICES):
        run.check_slice(number)
    run.check_counts()
    result = run.comparer.result
    return Verified(result.equal, run.position, result.actual_rows, result.expected_rows, result.named)


class Verification:
    """The steps of `verify`: every slice once, in any order, and then the counts."""

    def __init__(self, sources: Sources, view: View) -> None:
        self._sources = sources
        self._view = view
        self._storage: Storage = storage_of(sources.views)
        self.comparer = Comparer(view, sources.keys)
        self._totals: Totals = {table: {} for table in view.count_tables}
        self._parked: set[UUID] = set()
        with snapshot(sources.views) as connection:
            live = self._live(connection)
            self._number, self.position = live.number, live.position
            self._parked_live = catalogue.parked_subjects(connection, view.name, live.number).keys()
            self._counts: dict[str, list[StoredRow]] = {
                table.name: self._storage.load_counts(connection, table, live.number)
                for table in view.count_tables
            }

    def check_slice(self, number: int) -> None:
        view = self._view
        with snapshot(self._sources.views) as connection:
            live = self._live(connection)
            if live.number != self._number:
                raise SwappedMeanwhileError(view.name)
            parked = frozenset(catalogue.parked_subjects(connection, view.name, live.number))
            skipped = catalogue.skipped_positions(connection, view.name, 0, live.position)
            stored = {
                table: self._storage.load_slice(connection, table, live.number, number)
                for table in view.row_tables
            }
        folded = fold_slice(self._sources, view, number, live.position, skipped, count_upto=self.position)
        for table, rows in rows_of(folded, view).items():
            self.comparer.compare_rows(table, stored[table], rows, expected_is_stored=False, leave_out=parked)
        self._parked |= folded.parked.keys()
        for counts, by_key in folded.counts.items():
            totals = self._totals[counts]
            for key, values in by_key.items():
                before = totals.get(key, [0] * len(values))
                totals[key] = [a + b for a, b in zip(before, values, strict=True)]

    def check_counts(self) -> None:
        if self._parked != self._parked_live:
            return  # the facts of whoever waits are counted on one side only
        for table, totals in self._totals.items():
            expected = [(*key, *values) for key, values in totals.items()]
            self.comparer.compare_counts(table, self._counts[table.name], expected)

    def _live(self, connection: Connection) -> Generation:
        found = catalogue.read_generations(connection, self._view.name, [LIVE])
        log_id = self._sources.log.log_id
        if not found or found[0].layout != self._view.layout or found[0].log_id != log_id:
            raise ViewNotReadyError(self._view.name)
        return found[0]


def compare_slice(
    sources: Sources, view: View, comparer: Comparer, live: int, shadow: int, number: int
) -> None:
    """Compare a slice of two generations that stand at one position; who is parked in either is left out.

    The follower moves both in one transaction, so they stand at one position in every snapshot.
    """
    storage = storage_of(sources.views)
    with snapshot(sources.views) as connection:
        left_out = frozenset().union(*_waiting(connection, view, (live, shadow)))
        parts = [
            (
                table,
                storage.load_slice(connection, table, live, number),
                storage.load_slice(connection, table, shadow, number),
            )
            for table in view.row_tables
        ]
    for table, actual, expected in parts:
        comparer.compare_rows(table, actual, expected, expected_is_stored=True, leave_out=left_out)


def compare_counts(sources: Sources, view: View, comparer: Comparer, live: int, shadow: int) -> None:
    """Compare the counts of two generations, if the same people are parked in both."""
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


def _waiting(connection: Connection, view: View, generations: tuple[int, int]) -> list[set[UUID]]:
    return [set(catalogue.parked_subjects(connection, view.name, one)) for one in generations]
