"""Building a run of slices of a shadow generation: the task that a worker is given.

It is one transaction that also marks the slices done: killed at any moment, no fact counts twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from projections import catalogue
from projections.catalogue import BUILDING, Generation, write_transaction
from projections.projecting import park_subject
from projections.schema import slices
from projections.sealing import ciphers_of, seal_rows
from projections.skips import skipped_in_slices
from projections.slices import Folded, fold_slices, rows_of
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
    skipped = skipped_in_slices(sources.log, view, run, task.upto)
    folded = fold_slices(sources, view, run, task.upto, skipped)
    try:
        with write_transaction(sources.views).begin() as connection:
            shadow = _shadow(connection, view, task.generation)
            rows = _fill(connection, sources, shadow, view, run, folded)
    except DoneMeanwhileError:
        return RunDone(len(run), 0, 0, again=True)
    return RunDone(len(run), folded.events, rows)


def _fill(
    connection: Connection, sources: Sources, shadow: Generation, view: View, run: range, folded: Folded
) -> int:
    generation, by_table = shadow.number, rows_of(folded, view)
    count = sum(len(rows) for rows in by_table.values())
    # The marks come first: of two workers with the same slice, one waits here and then gives up.
    # What the run holds is noted at its first slice.
    marks = [
        {"view": view.name, "generation": generation, "slice": number, "events": 0, "rows": 0}
        for number in run
    ]
    marks[0] |= {"events": folded.events, "rows": count}
    try:
        connection.execute(insert(slices), marks)
    except IntegrityError:
        raise DoneMeanwhileError from None
    storage = storage_of(sources.views)
    for table, rows in by_table.items():
        for start in range(0, len(rows), ROWS):
            part = rows[start : start + ROWS]
            people = {row[0].int: row[0] for row in part} if table.sealed else {}
            sealed = seal_rows(view, table, part, ciphers_of(sources.keys, people.values()))
            storage.fill(connection, table, generation, sealed)
    for failed in folded.parked.values():
        park_subject(connection, shadow, failed)
    for counts, totals in folded.counts.items():
        storage.add(connection, counts, generation, totals)
    return count


def _shadow(connection: Connection, view: View, generation: int) -> Generation:
    for found in catalogue.read_generations(connection, view.name, [BUILDING]):
        if found.number == generation and found.fingerprint == view.fingerprint:
            return found
    raise RebuildCancelledError(view.name)
