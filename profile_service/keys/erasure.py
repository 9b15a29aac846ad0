"""Destroying keys: the rows, the marks for the close of the epoch, and the tombstone, in one transaction.

On PostgreSQL that is the server-side function `destroy_key`, of the migrations.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from profile_service.keys.reservations import Held, as_time
from profile_service.keys.schema import epochs, key_buckets, profile_keys, tag_buckets, tags, tombstones
from profile_service.keys.transactions import available, database_time, is_postgres, writing
from profile_service.postgres import PostgresSession

_DESTROY = "SELECT sequence, destroyed_at, epoch FROM destroy_key({})"
_ALONE = _DESTROY.format("%b")
_AMONG_OTHERS = text(_DESTROY.format(":profile_id"))


@dataclass(frozen=True, slots=True)
class Destroyed:
    """A tombstone: the key of this person is gone from the database.

    Sequences are gapless and become visible in order.
    """

    sequence: int
    profile_id: UUID
    destroyed_at: datetime
    epoch: int


class KeyDestroyer:
    """Destroys keys, each in a transaction of its own: on PostgreSQL in one round trip."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._session = PostgresSession(engine) if is_postgres(engine) else None

    def destroy(self, profile_id: UUID) -> Destroyed:
        """As `destroy_key`; durable when it returns. Raises `KeysUnavailableError`."""
        if self._session is None:
            with writing(self._engine) as connection:
                return destroy_key(connection, profile_id)
        with available():
            ((sequence, destroyed_at, epoch),) = self._session.fetch_repeatable(_ALONE, (profile_id,))
        return Destroyed(sequence, profile_id, as_time(destroyed_at), epoch)


def destroy_key(connection: Connection, profile_id: UUID) -> Destroyed:
    """Delete the key and the tags of a person, in a transaction of `writing`.

    The second time it returns the first time's tombstone. A person never heard of gets one too.
    """
    if connection.dialect.name == "postgresql":
        row = connection.execute(_AMONG_OTHERS, {"profile_id": profile_id}).one()
        return Destroyed(row.sequence, profile_id, as_time(row.destroyed_at), row.epoch)
    if (existing := _tombstone(connection, profile_id)) is not None:
        return existing
    keys = connection.execute(
        delete(profile_keys).where(profile_keys.c.profile_id == profile_id).returning(profile_keys.c.bucket)
    )
    mark_dirty(connection, key_buckets, [row.bucket for row in keys])
    reserved = connection.execute(
        delete(tags).where(tags.c.profile_id == profile_id).returning(tags.c.bucket)
    )
    mark_dirty(connection, tag_buckets, [row.bucket for row in reserved])
    return _bury(connection, profile_id)


def release_tag(connection: Connection, held: Held) -> bool:
    """Delete a tag row if it still is that request's, in a transaction of `writing`."""
    rows = connection.execute(
        delete(tags).where(tags.c.profile_id == held.profile_id, _is_row(held)).returning(tags.c.bucket)
    )
    buckets = [row.bucket for row in rows]
    mark_dirty(connection, tag_buckets, buckets)
    return bool(buckets)


def is_bare_registration(connection: Connection, held: Held) -> bool:
    """Whether all that is stored of the person is this reservation, made together with the key."""
    mine = _is_row(held) & tags.c.registration
    rows = connection.execute(select(mine.label("mine")).where(tags.c.profile_id == held.profile_id)).all()
    return [row.mine for row in rows] == [True]


def _is_row(held: Held) -> ColumnElement[bool]:
    """The row that was read; its tag may have been made anew since, then its time tells."""
    at = round(held.reserved_at.timestamp() * 1e6)
    return (tags.c.request_key == held.request_key) & or_(tags.c.tag == held.tag, tags.c.reserved_at == at)


def mark_dirty(connection: Connection, table: Table, buckets: list[int]) -> None:
    """Say that something was destroyed in these buckets: the close of the epoch gives them new keys."""
    if buckets:
        connection.execute(
            update(table)
            .where(table.c.bucket.in_(sorted(set(buckets))), table.c.current, ~table.c.dirty)
            .values(dirty=True)
        )


def destroyed_from(row: Any) -> Destroyed:
    return Destroyed(row.sequence, row.profile_id, as_time(row.destroyed_at), row.epoch)


def _tombstone(connection: Connection, profile_id: UUID) -> Destroyed | None:
    row = connection.execute(select(tombstones).where(tombstones.c.profile_id == profile_id)).first()
    return None if row is None else destroyed_from(row)


def _bury(connection: Connection, profile_id: UUID) -> Destroyed:
    last = connection.execute(select(func.coalesce(func.max(tombstones.c.sequence), 0))).scalar_one()
    epoch = connection.execute(select(func.max(epochs.c.epoch))).scalar_one()
    row = {
        "sequence": last + 1,
        "profile_id": profile_id,
        "destroyed_at": database_time(connection),
        "epoch": epoch,
    }
    connection.execute(insert(tombstones).values(row))
    return Destroyed(row["sequence"], profile_id, as_time(row["destroyed_at"]), epoch)
