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
from projections.skips import skipped_in_slice
from projections.slices import fold_slice, rows_of
from projections.sources import Sources
from projections.storage import Storage, storage_of
from projections.storage.interface import StoredRow
from projections.view import View

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
        self._parked: Parking = {}
        self._skipped_meanwhile = False
        with snapshot(sources.views) as connection:
            live = self._live(connection)
            self._number, self.position = live.number, live.position
            self._parked_live = catalogue.parked_subjects(connection, view.name, live.number)
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
            parked = catalogue.parked_subjects(connection, view.name, live.number)
            stored = {
                table: self._storage.load_slice(connection, table, live.number, number)
                for table in view.row_tables
            }
        log = self._sources.log
        skipped = skipped_in_slice(log, view, number, live.position)
        if live.position > self.position:
            self._skipped_meanwhile |= skipped != skipped_in_slice(log, view, number, self.position)
        folded = fold_slice(self._sources, view, number, live.position, skipped, count_upto=self.position)
        parked_anew = {subject: one.position for subject, one in folded.parked.items()}
        for table, rows in rows_of(folded, view).items():
            self.comparer.compare_rows(
                table,
                stored[table],
                rows,
                expected_is_stored=False,
                leave_out=parked_elsewhere(parked, parked_anew),
            )
        self._parked |= parked_anew
        for counts, by_key in folded.counts.items():
            totals = self._totals[counts]
            for key, values in by_key.items():
                before = totals.get(key, [0] * len(values))
                totals[key] = [a + b for a, b in zip(before, values, strict=True)]

    def check_counts(self) -> None:
        if self._parked != self._parked_live or self._skipped_meanwhile:
            return  # some facts are counted on one side only
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
    """Compare a slice of two generations that stand at one position.

    The follower moves both in one transaction, so they stand at one position in every snapshot.
    Whoever waits at another fact in the other is left out.
    """
    storage = storage_of(sources.views)
    with snapshot(sources.views) as connection:
        left_out = parked_elsewhere(*_waiting(connection, view, (live, shadow)))
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
