"""The generation that a rebuild fills: the one that an earlier run left, or a new one."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, func, select

from profile_service.domain.operator_errors import RebuildUnderWayError
from profile_service.log.reader import LogReader
from projections import catalogue, status
from projections.catalogue import BUILDING, FOLLOWING, Generation
from projections.catching_up import live_one
from projections.schema import slices
from projections.sources import now
from projections.status import WAITING, RebuildStatus
from projections.view import View


def find_or_make_shadow(
    connection: Connection, log: LogReader, view: View, wanted: RebuildStatus, *, take_over: bool
) -> RebuildStatus:
    """Return `wanted` with a shadow and how far that is; the caller holds the view's lease.

    Shadows of another projector or another log are dropped. Raises `RebuildUnderWayError` if the last
    rebuild left one that waits for an operator, unless `take_over`.
    """
    known = catalogue.read_generations(connection, view.name, lock=True)
    shadows = [one for one in known if one.state in (BUILDING, FOLLOWING)]
    usable = [one for one in shadows if (one.fingerprint, one.log_id) == (view.fingerprint, log.log_id)]
    before = status.read_status(connection, view.name)
    if usable and before is not None and before.state in WAITING and not take_over:
        raise RebuildUnderWayError
    for shadow in shadows:
        if shadow not in usable[:1]:
            catalogue.drop(connection, view.name, shadow.number)
    if not usable:
        return _new(connection, log, view, wanted, live_one(view, log.log_id, known))
    found = _found(connection, wanted, usable[0])
    goes_on = before is not None and before.generation == found.generation
    return replace(found, begin_time=before.begin_time if before and goes_on else now())


def _new(
    connection: Connection, log: LogReader, view: View, wanted: RebuildStatus, live: Generation | None
) -> RebuildStatus:
    # Frozen where the live generation stands, so that it is never ahead of it; without one to compare
    # with, at the head of the log.
    upto = live.position if live else log.head()
    number = catalogue.next_number(connection, view)
    catalogue.add(connection, view, number, state=BUILDING, position=upto, log_id=log.log_id)
    return replace(wanted, generation=number, position=upto, begin_time=now())


def _found(connection: Connection, wanted: RebuildStatus, shadow: Generation) -> RebuildStatus:
    this = (slices.c.view == shadow.view, slices.c.generation == shadow.number)
    done = select(func.count(), func.sum(slices.c.events), func.sum(slices.c.rows)).where(*this)
    count, events, rows = connection.execute(done).one()
    return replace(
        wanted,
        generation=shadow.number,
        position=shadow.position,
        slices_done=count,
        events=int(events or 0),
        rows=int(rows or 0),
    )
