"""Building a run of slices of a shadow generation: the task that a worker is given.

It is one transaction that also marks the slices done: killed at any moment, no fact counts twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import Connection, insert, update
from sqlalchemy.exc import IntegrityError

from profile_service.log.streams import span_of
from projections import catalogue
from projections.catalogue import BUILDING, Generation, write_transaction
from projections.folding import Totals, add_totals
from projections.projecting import park_subject
from projections.schema import slices
from projections.sealing import ciphers_of, seal_rows
from projections.skips import skipped_in_span
from projections.slices import Folded, fold_span, parts_of, rows_of
from projections.sources import OpenSources, Sources
from projections.storage import storage_of
from projections.view import View

# Rows whose ciphers are held at once.
ROWS = 1_000

FindView = Callable[[str], View]


class RebuildCancelledError(Exception):
    """The shadow generation is not there any more."""


class SlicesMissingError(Exception):
    """Every slice was answered to be done, but not all are."""

    def __init__(self, view: str, missing: int) -> None:
        super().__init__(f"{missing} slices of {view} are missing")


class DoneMeanwhileError(Exception):
    """Another worker has marked a slice of the run done."""


@dataclass(frozen=True, slots=True)
class SliceTask:
    """What a worker is given: where things are, never keys or rows. Picklable if its callables are.

    `log_id` and `fingerprint` are of the log and the view that are meant: a worker may be set up otherwise.
    """

    open_sources: OpenSources
    find_view: FindView
    view: str
    generation: int
    upto: int
    log_id: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class RunDone:
    """What a worker answers. `again`: another one had done it."""

    slices: int
    events: int
    rows: int
    again: bool = False


def build_run(task: SliceTask, run: range) -> RunDone:
    """Fold a run of slices into the shadow generation, in one transaction.

    Raises `RebuildCancelledError`, `UnknownFactTypeInLogError`, `KeysUnavailableError`.
    """
    sources, view = task.open_sources(), task.find_view(task.view)
    parts = _folded(sources, view, run, task.upto)
    first = next(parts)
    rows = events = 0
    counts: Totals = {}
    try:
        with write_transaction(sources.views).begin() as connection:
            shadow = _shadow(connection, view, task.generation)
            _mark(connection, shadow, run)
            for folded in chain([first], parts):
                events += folded.events
                rows += _fill(connection, sources, shadow, view, folded)
                add_totals(counts, folded.counts)
            # Once and in one order: see `in_key_order`.
            for table, by_key in counts.items():
                storage_of(sources.views).add(connection, table, shadow.number, by_key)
            _note(connection, shadow, run, events, rows)
    except DoneMeanwhileError:
        return RunDone(len(run), 0, 0, again=True)
    return RunDone(len(run), events, rows)


def _folded(sources: Sources, view: View, run: range, upto: int) -> Iterator[Folded]:
    # On SQLite nobody else writes during a transaction: there all is folded before it.
    at_once = sources.views.dialect.name == "sqlite"
    for span in [span_of(run)] if at_once else parts_of(run, upto):
        yield fold_span(sources, view, span, upto, skipped_in_span(sources.log, view, span, upto))


def _mark(connection: Connection, shadow: Generation, run: range) -> None:
    """Mark slices done, before their rows: of two workers with the same slice, one waits here and gives up.

    Raises `DoneMeanwhileError`.
    """
    this = {"view": shadow.view, "generation": shadow.number}
    try:
        connection.execute(insert(slices), [this | {"slice": one, "events": 0, "rows": 0} for one in run])
    except IntegrityError:
        raise DoneMeanwhileError from None


def _note(connection: Connection, shadow: Generation, run: range, events: int, rows: int) -> None:
    """Note at its first slice what a run holds."""
    this = (slices.c.view == shadow.view, slices.c.generation == shadow.number, slices.c.slice == run[0])
    connection.execute(update(slices).where(*this).values(events=events, rows=rows))


def _fill(connection: Connection, sources: Sources, shadow: Generation, view: View, folded: Folded) -> int:
    """Store the rows of a part, and who is parked; return how many rows these are."""
    storage, by_table = storage_of(sources.views), rows_of(folded, view)
    for table, rows in by_table.items():
        for start in range(0, len(rows), ROWS):
            some = rows[start : start + ROWS]
            people = {row[0].int: row[0] for row in some} if table.sealed else {}
            sealed = seal_rows(view, table, some, ciphers_of(sources.keys, people.values()))
            storage.fill(connection, table, shadow.number, sealed)
    for failed in folded.parked.values():
        park_subject(connection, shadow, failed)
    return sum(len(rows) for rows in by_table.values())


def _shadow(connection: Connection, view: View, generation: int) -> Generation:
    for found in catalogue.read_generations(connection, view.name, [BUILDING]):
        if found.number == generation and found.fingerprint == view.fingerprint:
            return found
    raise RebuildCancelledError(view.name)
