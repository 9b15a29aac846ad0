"""What becomes of a shadow generation: it is swapped in, or given up. The caller holds the view's lease."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from profile_service.log.reader import LogReader
from profile_service.v1.operations_service_pb2 import RebuildPhase
from projections import catalogue, status
from projections.building import RebuildCancelledError
from projections.catalogue import BUILDING, FOLLOWING
from projections.crew import NoWorkersError
from projections.opening import UnknownFactTypeInLogError
from projections.parked_limit import TooManyParkedError, summarize
from projections.status import RebuildState, RebuildStatus
from projections.tasks import WorkerFailedError
from projections.view import View


def lease_name(view: str) -> str:
    """Return the name of the lease of whoever rebuilds a view, or moves its pointer."""
    return f"rebuild/{view}"


def swap_in(
    connection: Connection, log: LogReader, view: View, ready: RebuildStatus, parked_margin: int
) -> RebuildStatus:
    """Let readers read the generation of a rebuild from the commit on.

    Raises `RebuildCancelledError`, and `TooManyParkedError` if it parks more than it may.
    """
    known = catalogue.read_generations(connection, view.name, lock=True)
    if FOLLOWING not in [one.state for one in known if one.number == ready.generation]:
        raise RebuildCancelledError(view.name)
    summary = summarize(connection, log, view, ready.generation, parked_margin)
    if summary.too_many:
        raise TooManyParkedError(view.name, ready.generation, summary)
    catalogue.swap(connection, view, ready.generation)
    phase = RebuildPhase.REBUILD_PHASE_SWAPPED
    swapped = replace(
        ready,
        state=RebuildState.SWAPPED,
        phase=phase,
        seconds_left=None,
        lag=0,
        parked=summary.count,
        parked_summary=summary,
    )
    status.save(connection, swapped)
    return swapped


def give_up(connection: Connection, current: RebuildStatus, state: RebuildState) -> RebuildStatus:
    """Drop the generation of a rebuild; what is known of it stays."""
    # The lock: the follower must not be moving it meanwhile.
    known = catalogue.read_generations(connection, current.view, [BUILDING, FOLLOWING], lock=True)
    if current.generation in [one.number for one in known]:
        catalogue.drop(connection, current.view, current.generation)
    dropped = replace(current, state=state, seconds_left=None, lag=0)
    status.save(connection, dropped)
    return dropped


def described(error: Exception) -> str:
    """Return what an operator is told: text of ours that quotes no value, or the name of the class."""
    if isinstance(error, UnknownFactTypeInLogError | NoWorkersError):
        return str(error)
    if isinstance(error, WorkerFailedError):
        return f"a worker failed: {error}"
    return type(error).__name__
