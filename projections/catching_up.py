"""Bringing a generation that stands still to where the live one is, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from projections import catalogue
from projections.building import RebuildCancelledError
from projections.catalogue import BUILDING, FOLLOWING, LIVE, PREVIOUS, Generation, write_transaction
from projections.opening import Batch
from projections.projecting import Projector
from projections.sources import Sources
from projections.view import View

# Facts a transaction.
BATCH = 1_000

# What happens to a generation in the transaction in which it arrives: nobody moves the live one meanwhile.
# Raises `RebuildCancelledError` where it is not what it was when the task was given out.
Arrive = Callable[[Connection, View, Generation], None]


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """Where the generation stands now, after so many facts; `arrived`: where the live one stands."""

    position: int
    events: int
    arrived: bool


def live_one(view: View, log_id: str, known: Sequence[Generation]) -> Generation | None:
    """Return the live generation, if it has the tables of `view` and was made from this log."""
    for one in known:
        if one.state == LIVE and one.layout == view.layout and one.log_id == log_id:
            return one
    return None


def follow_from_now_on(connection: Connection, view: View, shadow: Generation) -> None:
    """Have the follower move this generation together with the live one; it may do so already.

    Raises `RebuildCancelledError`.
    """
    if shadow.state not in (BUILDING, FOLLOWING):
        raise RebuildCancelledError(view.name)
    catalogue.set_state(connection, view.name, shadow.number, FOLLOWING)


def take_its_place(connection: Connection, view: View, earlier: Generation) -> None:
    """Make this generation live; it may be so already. Raises `RebuildCancelledError`."""
    if earlier.state not in (PREVIOUS, LIVE):
        raise RebuildCancelledError(view.name)
    catalogue.swap(connection, view, earlier.number)


def catch_up(sources: Sources, view: View, number: int, arrive: Arrive, batches: int) -> CaughtUp:
    """Apply at most so many batches to a generation, and let it arrive once nothing is missing.

    Raises `RebuildCancelledError`, `UnknownFactTypeInLogError`, `KeysUnavailableError`.
    """
    projector = Projector(sources, [view])
    events = 0
    for _ in range(batches):
        done = _one_batch(projector, view, number, arrive)
        events += done.events
        if done.arrived:
            break
    return CaughtUp(done.position, events, done.arrived)


def _one_batch(projector: Projector, view: View, number: int, arrive: Arrive) -> CaughtUp:
    sources = projector.sources
    with sources.views.connect() as connection:
        before = catalogue.read_generations(connection, view.name)
    # Far behind, facts are opened before the lock is taken, which the follower waits for.
    early = _next(projector, view, number, before)
    with write_transaction(sources.views).begin() as connection:
        known = catalogue.read_generations(connection, view.name, lock=True)
        target = _target(known, view, number)
        far_behind = early is not None and len(early.facts) == BATCH and early.end > target.position
        batch = early if far_behind else _next(projector, view, number, known)
        if batch is not None:
            projector.project(connection, [target], batch)
        if not far_behind and (batch is None or len(batch.facts) < BATCH):
            arrive(connection, view, target)
            return _caught_up(target, batch, arrived=True)
        return _caught_up(target, batch, arrived=False)


def _caught_up(target: Generation, batch: Batch | None, *, arrived: bool) -> CaughtUp:
    if batch is None:
        return CaughtUp(target.position, 0, arrived)
    return CaughtUp(batch.end, len(batch.facts), arrived)


def _next(projector: Projector, view: View, number: int, known: Sequence[Generation]) -> Batch | None:
    """Open the next facts that the live generation has and this one has not; None: there are none."""
    log = projector.sources.log
    live = live_one(view, log.log_id, known)
    # Without a live generation to stand beside, the head of the log is as good.
    goal = live.position if live else log.head()
    stored = log.facts_after(_target(known, view, number).position, BATCH, upto=goal)
    if not stored:
        return None
    batch = projector.open(stored)
    if batch.unknown:
        raise batch.unknown
    return batch


def _target(known: Sequence[Generation], view: View, number: int) -> Generation:
    for one in known:
        if one.number == number:
            return one
    raise RebuildCancelledError(view.name)
