"""How the rebuild of each view stands: a row a view, so that every process sees it and may ask for a stop.

Whether a process is still at work on it is not here, but in its lease.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, delete, insert, select, update

from profile_service.log.streams import SLICES
from profile_service.v1.operations_service_pb2 import RebuildPhase
from projections.parked_limit import ParkedSummary, summary_of, summary_values
from projections.schema import rebuilds
from projections.sources import now


class RebuildState(StrEnum):
    """As in `operations_service.proto`. INTERRUPTED is never stored: whoever it happens to can't."""

    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    INTERRUPTED = "INTERRUPTED"
    FAILED = "FAILED"
    DIFFERS = "DIFFERS"
    READY = "READY"
    SWAPPED = "SWAPPED"
    CHECKED = "CHECKED"
    CANCELLED = "CANCELLED"
    PARKS_TOO_MANY = "PARKS_TOO_MANY"


# There is nothing left of these to go on with.
OVER = frozenset({RebuildState.SWAPPED, RebuildState.CHECKED, RebuildState.CANCELLED})
# These wait for an operator, with a generation that is finished and kept up to date.
FINISHED = frozenset({RebuildState.READY, RebuildState.DIFFERS, RebuildState.PARKS_TOO_MANY})
# These wait for an operator, with a generation that is finished, or nearly.
WAITING = FINISHED | {RebuildState.PAUSED}


class StoppedError(Exception):
    """This process stops, or lost its lease or its row to another one, which may go on."""


class Ending(StrEnum):
    """What becomes of the new generation: it is swapped in, held ready, or only checked and dropped."""

    SWAP = "swap"
    HOLD = "hold"
    CHECK = "check"


class Wanted(StrEnum):
    """What an operator asks of the process that works on a rebuild."""

    NOTHING = ""
    PAUSE = "pause"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Order:
    """How a rebuild is to be done. No workers and no executor: as the process is set that does it."""

    ending: Ending = Ending.SWAP
    workers: int = 0
    executor: str = ""


@dataclass(frozen=True, slots=True)
class RebuildStatus:
    """A row of `rebuilds`; times in microseconds since 1970 UTC. `lag` is not stored: the log moves.

    `run` is of whoever works on it, from the beginning or from where another one ended.
    """

    view: str
    generation: int
    fingerprint: str
    order: Order
    state: RebuildState = RebuildState.RUNNING
    phase: RebuildPhase = RebuildPhase.REBUILD_PHASE_SLICES
    slices_done: int = 0
    slices: int = SLICES
    events: int = 0
    events_per_second: float = 0.0
    rows: int = 0
    seconds_left: float | None = None
    position: int = 0
    lag: int = 0
    parked: int = 0
    parked_summary: ParkedSummary | None = None
    live_rows: int = 0
    differing_rows: int = 0
    differing: tuple[str, ...] = ()
    error: str = ""
    begin_time: int = 0
    update_time: int = 0
    run: str = ""


# What the row has in another form, or not at all.
_OTHERWISE = {"order", "state", "phase", "slices", "lag", "differing", "parked_summary", "update_time"}
# What it has under the same name and of the same type.
_SAME = [field.name for field in fields(RebuildStatus) if field.name not in _OTHERWISE]


def read_status(connection: Connection, view: str) -> RebuildStatus | None:
    """Return how the last rebuild of a view stands, as its process last wrote."""
    row = connection.execute(select(rebuilds).where(rebuilds.c.view == view)).mappings().one_or_none()
    if row is None:
        return None
    return RebuildStatus(
        **{name: row[name] for name in _SAME},
        order=Order(Ending(row["ending"]), row["workers"], row["executor"]),
        state=RebuildState(row["state"]),
        phase=RebuildPhase.Value(row["phase"]),  # type: ignore[arg-type]  # the stubs say only that it is a number
        differing=tuple(row["differing"].splitlines()),
        parked_summary=summary_of(dict(row)),
        update_time=row["update_time"],
    )


def begin(connection: Connection, status: RebuildStatus) -> None:
    """Write the row of a rebuild that begins or goes on; whatever was asked before is forgotten."""
    connection.execute(delete(rebuilds).where(rebuilds.c.view == status.view))
    connection.execute(insert(rebuilds).values(wanted=Wanted.NOTHING, **_values(status)))


def save(connection: Connection, status: RebuildStatus) -> Wanted:
    """Write how far a rebuild is; return what an operator wants of it.

    Raises `StoppedError` if another run has begun, or gave the rebuild up: whatever else the
    transaction did is not to be.
    """
    wanted = connection.execute(
        update(rebuilds)
        .where(rebuilds.c.view == status.view, rebuilds.c.run == status.run)
        .values(**_values(status))
        .returning(rebuilds.c.wanted)
    ).scalar()
    if wanted is None:
        raise StoppedError
    return Wanted(wanted)


def take_over(connection: Connection, status: RebuildStatus) -> RebuildStatus:
    """Have nobody else write about this rebuild, who may only have stalled; the caller holds its lease.

    Raises `StoppedError` if another one was first.
    """
    taken = replace(status, run=new_run())
    this = (rebuilds.c.view == status.view, rebuilds.c.run == status.run)
    changed = connection.execute(update(rebuilds).where(*this).values(run=taken.run, wanted=Wanted.NOTHING))
    if not changed.rowcount:
        raise StoppedError
    return taken


def new_run() -> str:
    """Return a name for a run that no other one has."""
    return uuid4().hex


def ask(connection: Connection, view: str, wanted: Wanted) -> None:
    """Ask the process that works on a rebuild for something; it looks within half a second."""
    connection.execute(update(rebuilds).where(rebuilds.c.view == view).values(wanted=wanted))


def _values(status: RebuildStatus) -> dict[str, Any]:
    return {
        **{name: getattr(status, name) for name in _SAME},
        "ending": status.order.ending,
        "workers": status.order.workers,
        "executor": status.order.executor,
        "state": status.state,
        "phase": RebuildPhase.Name(status.phase),
        "differing": "\n".join(status.differing),
        **summary_values(status.parked_summary),
        "update_time": now(),
    }
