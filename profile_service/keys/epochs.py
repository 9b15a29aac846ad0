"""Epochs as the key database has them: how far the close of each is, and what that means for an erasure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select

from profile_service.frequent_reads import FrequentReads
from profile_service.keys.reservations import as_time
from profile_service.keys.schema import epochs, tombstones
from profile_service.keys.transactions import database_time

# What a close may take from when it is due, waiting for a provider or a backup included.
CLOSE_ALLOWANCE = timedelta(hours=1)


class EpochState(StrEnum):
    """How far the close of an epoch is. Every epoch but the last has switched."""

    OPEN = "OPEN"  # in use
    PREPARED = "PREPARED"  # in use; the root key of the next one is made, dirty buckets get new keys
    SWITCHED = "SWITCHED"  # nothing current is under its key any more
    BACKED_UP = "BACKED_UP"  # the next one's backup was restored, and every key in it opened
    DESTROYED = "DESTROYED"  # its root key is gone, which was proved
    CLOSED = "CLOSED"  # and the log says so


@dataclass(frozen=True, slots=True)
class Epoch:
    """One row. Times are of the database's clock; `backup_digest` is SHA-256, 32 bytes."""

    epoch: int
    state: EpochState
    root_provider: str
    root_id: str
    root_place: str | None
    opened_at: datetime
    closer: UUID | None
    next_root_id: str | None
    next_root_place: str | None
    switched_at: datetime | None
    backed_up_at: datetime | None
    backup_digest: bytes | None
    root_destroyed_at: datetime | None
    root_final_at: datetime | None
    closed_at: datetime | None
    closed_position: int | None


@dataclass(frozen=True, slots=True)
class Erasure:
    """A destroyed key, and how final that is.

    `final_by`: from when no backup of any database opens what the key sealed, or until when that is
    promised; None without a promise. `final_at`: from when no copy of the root key that the provider
    keeps does either; None before the close, and if the provider can't tell.
    """

    profile_id: UUID
    destroyed_at: datetime
    epoch: int
    state: EpochState
    final_by: datetime | None
    final_at: datetime | None
    closed_position: int | None

    @property
    def root_destroyed(self) -> bool:
        """Whether the root key over everything that ever sealed it is gone, and that was proved."""
        return self.state in (EpochState.DESTROYED, EpochState.CLOSED)


@dataclass(frozen=True, slots=True)
class EpochStatus:
    """How the closes stand: of the epoch in use, or of the one before while that is not closed.

    `close_due` is None without a schedule. `overdue`: a promised `final_by` has passed.
    """

    state: EpochState
    opened_at: datetime
    close_due: datetime | None
    overdue: bool
    erasures_waiting: int
    verified_backup_at: datetime | None
    verified_backup_digest: bytes | None


_ERASURE = (
    select(tombstones.c.profile_id, tombstones.c.destroyed_at, epochs)
    .join(epochs, epochs.c.epoch == tombstones.c.epoch)
    .where(tombstones.c.profile_id == bindparam("profile_id"))
)


def read_status(connection: Connection, every: timedelta | None) -> EpochStatus:
    first = read_epochs(connection, epochs.c.state != EpochState.CLOSED)[0]
    current = current_epoch(connection)
    backed_up = read_epochs(connection, epochs.c.backed_up_at.is_not(None))
    undestroyed = select(epochs.c.epoch).where(epochs.c.root_destroyed_at.is_(None))
    waiting = select(func.count()).where(tombstones.c.epoch.in_(undestroyed))
    now = as_time(database_time(connection))
    return EpochStatus(
        state=first.state,
        opened_at=current.opened_at,
        close_due=None if every is None else current.opened_at + every,
        overdue=every is not None and now > promised_end(first.opened_at, every),
        erasures_waiting=connection.execute(waiting).scalar_one(),
        verified_backup_at=backed_up[-1].backed_up_at if backed_up else None,
        verified_backup_digest=backed_up[-1].backup_digest if backed_up else None,
    )


def read_epochs(connection: Connection, *conditions: Any) -> list[Epoch]:
    """Epochs in order; all of them without conditions."""
    rows = connection.execute(select(epochs).where(*conditions).order_by(epochs.c.epoch))
    return [_epoch(row) for row in rows]


def current_epoch(connection: Connection) -> Epoch:
    """The epoch in use."""
    row = connection.execute(select(epochs).order_by(epochs.c.epoch.desc()).limit(1)).one()
    return _epoch(row)


def count_erasures(connection: Connection, epoch: int) -> int:
    """How many keys of people were destroyed in an epoch."""
    count = select(func.count()).where(tombstones.c.epoch == epoch)
    return int(connection.execute(count).scalar_one())


def promised_end(opened_at: datetime, every: timedelta) -> datetime:
    """When an epoch is closed at the latest, if all goes well."""
    return opened_at + every + CLOSE_ALLOWANCE


def erasure_from(tombstone: Any, epoch: Epoch, every: timedelta | None) -> Erasure:
    """`every`: how often epochs are closed; None without a schedule."""
    final_by = epoch.root_destroyed_at
    if final_by is None and every is not None:
        final_by = promised_end(epoch.opened_at, every)
    return Erasure(
        profile_id=tombstone.profile_id,
        destroyed_at=as_time(tombstone.destroyed_at),
        epoch=epoch.epoch,
        state=epoch.state,
        final_by=final_by,
        final_at=epoch.root_final_at,
        closed_position=epoch.closed_position,
    )


def read_erasure(reads: FrequentReads, profile_id: UUID, every: timedelta | None) -> Erasure | None:
    """The erasure of one person; None if there is no tombstone."""
    for row in reads.rows(_ERASURE, {"profile_id": profile_id}):
        return erasure_from(row, _epoch(row), every)
    return None


def waiting_erasures(connection: Connection, every: timedelta | None, limit: int) -> list[Erasure]:
    """Erasures whose root key is not destroyed yet, oldest first."""
    open_epochs = {one.epoch: one for one in read_epochs(connection, epochs.c.root_destroyed_at.is_(None))}
    rows = connection.execute(
        select(tombstones)
        .where(tombstones.c.epoch.in_(list(open_epochs)))
        .order_by(tombstones.c.sequence)
        .limit(limit)
    )
    return [erasure_from(row, open_epochs[row.epoch], every) for row in rows]


def _time(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else as_time(microseconds)


def _epoch(row: Any) -> Epoch:
    return Epoch(
        epoch=row.epoch,
        state=EpochState(row.state),
        root_provider=row.root_provider,
        root_id=row.root_id,
        root_place=row.root_place,
        opened_at=as_time(row.opened_at),
        closer=row.closer,
        next_root_id=row.next_root_id,
        next_root_place=row.next_root_place,
        switched_at=_time(row.switched_at),
        backed_up_at=_time(row.backed_up_at),
        backup_digest=row.backup_digest,
        root_destroyed_at=_time(row.root_destroyed_at),
        root_final_at=_time(row.root_final_at),
        closed_at=_time(row.closed_at),
        closed_position=row.closed_position,
    )
