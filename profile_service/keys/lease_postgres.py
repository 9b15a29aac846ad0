"""Leases on PostgreSQL: each step one statement, in the driver, because an erasure waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from profile_service.keys.lease_table import LeaseWatch, Tombstone
from profile_service.postgres import PostgresSession
from profile_service.presence import share_session

# Woken by `destroy_key` (of the migrations) with the tombstone; a hint only.
CHANNEL = "profile_keys_destroyed"

# A cut network must not hold the keeper longer than a lease lasts.
_OPTIONS: dict[str, Any] = {
    "connect_timeout": 2,
    "tcp_user_timeout": 2000,
    "keepalives_idle": 1,
    "keepalives_interval": 1,
    "keepalives_count": 2,
    "options": "-c statement_timeout=2000",
}
_POLL = 0.25

_LAST = "SELECT coalesce(max(sequence), 0) FROM tombstones"
# Counting from the time on: after a lease that was over, others must not take the new one for it.
_JOIN = """
INSERT INTO leases (process, renewals, renewed_at, acknowledged)
    SELECT %b, at, at, %b FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8) now(at)
    ON CONFLICT (process) DO UPDATE SET renewals = excluded.renewals, renewed_at = excluded.renewed_at,
        acknowledged = excluded.acknowledged, epoch = 0
    RETURNING process
"""
# What does not wait for the disk may be lost by a crash of the database: what was acknowledged is said again
# with the next renewal, and the counter comes from the clock, so that it never stands where it stood before.
_WITHOUT_DISK = "set_config('synchronous_commit', 'off', true)"
_RENEW = f"""
UPDATE leases SET renewals = greatest(renewals + 1, at), renewed_at = at, acknowledged = %b
    FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8) now(at)
    WHERE process = %b RETURNING {_WITHOUT_DISK}
"""
_ACKNOWLEDGE = f"UPDATE leases SET acknowledged = %b WHERE process = %b RETURNING {_WITHOUT_DISK}"
_LEAVE = "DELETE FROM leases WHERE process = %b RETURNING process"
_DESTROYED = "SELECT sequence, profile_id FROM tombstones WHERE sequence > %b ORDER BY sequence"
_OTHERS = "SELECT process, renewals FROM leases WHERE process <> %b"
_REMOVE = "DELETE FROM leases WHERE process = %b AND renewals = %b RETURNING process"


class PostgresLeaseTable:
    """See `LeaseTable`."""

    def __init__(self, engine: Engine, process: UUID) -> None:
        # Whoever holds keys is one of those who use the database: a restore waits for them to end.
        self._session = PostgresSession(engine, options=_OPTIONS, begin=share_session, channel=CHANNEL)
        self._process = process

    def join(self) -> int:
        # Read first: a tombstone that comes between is met again, never missed.
        last = int(self._session.fetch(_LAST, ())[0][0])
        self._session.fetch(_JOIN, (self._process, last))
        return last

    def renew(self, acknowledged: int) -> bool:
        return bool(self._session.fetch(_RENEW, (acknowledged, self._process)))

    def acknowledge(self, sequence: int) -> None:
        self._session.fetch(_ACKNOWLEDGE, (sequence, self._process))

    def leave(self) -> None:
        self._session.fetch(_LEAVE, (self._process,))

    def destroyed_after(self, sequence: int) -> Sequence[Tombstone]:
        return [Tombstone(*row) for row in self._session.fetch(_DESTROYED, (sequence,))]

    def remove_over(self, watch: LeaseWatch) -> None:
        for row in watch.over(self._session.fetch(_OTHERS, (self._process,))):
            self._session.fetch(_REMOVE, row)

    def wait(self) -> Sequence[Tombstone]:
        return [_tombstone(payload) for payload in self._session.heard(_POLL)]

    def close(self) -> None:
        self._session.close()


def _tombstone(payload: str) -> Tombstone:
    sequence, profile_id = payload.split()
    return Tombstone(int(sequence), UUID(profile_id))
