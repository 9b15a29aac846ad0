"""The rows of leases and tombstones as one leased process reads and writes them.

Whether another lease is over is seen by its counter standing still, so no wall clock is trusted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, create_engine, delete, event, func, insert, select, update

from profile_service.database import open_engine
from profile_service.keys.erasure import CHANNEL, Destroyed, destroyed_from
from profile_service.keys.lease import LEASE_SECONDS, MARGIN_SECONDS, now
from profile_service.keys.schema import leases, tombstones
from profile_service.keys.transactions import database_time, is_postgres
from profile_service.presence import share

# A cut network must not hold the keeper longer than a lease lasts.
_POSTGRES_TIMEOUTS: dict[str, Any] = {
    "connect_timeout": 2,
    "tcp_user_timeout": 2000,
    "keepalives_idle": 1,
    "keepalives_interval": 1,
    "keepalives_count": 2,
    "options": "-c statement_timeout=2000",
}
_POSTGRES_POLL = 0.25
_SQLITE_POLL = 0.05


def lease_engine(engine: Engine) -> Engine:
    """An engine of one connection to the same database, for the thread that keeps the lease.

    Whoever holds keys is one of those who use the database: a restore waits for them to end.
    """
    own = _postgres_engine(engine) if is_postgres(engine) else _sqlite_engine(engine)
    share(own)
    return own


def _sqlite_engine(engine: Engine) -> Engine:
    return open_engine(engine.url.render_as_string(hide_password=False), pool_size=1)


def _postgres_engine(engine: Engine) -> Engine:
    own = create_engine(
        engine.url,
        pool_size=1,
        max_overflow=0,
        isolation_level="AUTOCOMMIT",
        connect_args=_POSTGRES_TIMEOUTS,
        hide_parameters=True,
    )
    event.listen(own, "connect", _listen)
    return own


def _listen(connection: Any, _record: Any) -> None:
    connection.execute(f"LISTEN {CHANNEL}")
    connection.commit()


class LeaseTable:
    """The row of process `process`. Every method may raise what the driver raises."""

    def __init__(self, engine: Engine, process: UUID) -> None:
        self._engine = engine
        self._process = process

    def join(self) -> int:
        """Insert the row; return the last tombstone, from which on this process must follow."""
        with self._writing() as connection:
            # Read first: a tombstone that comes between is met again, never missed.
            last = int(
                connection.execute(select(func.coalesce(func.max(tombstones.c.sequence), 0))).scalar_one()
            )
            connection.execute(delete(leases).where(leases.c.process == self._process))
            at = database_time(connection)
            # Counting from the time on: after a lease that was over, others must not take the new one for it.
            row = {"process": self._process, "renewals": at, "renewed_at": at, "acknowledged": last}
            connection.execute(insert(leases).values(row))
            return last

    def renew(self) -> bool:
        """Move the counter on. False: the row is gone, because the lease was over."""
        with self._writing() as connection:
            mine = update(leases).where(leases.c.process == self._process)
            values = {"renewals": leases.c.renewals + 1, "renewed_at": database_time(connection)}
            return bool(connection.execute(mine.values(values)).rowcount)

    def acknowledge(self, sequence: int) -> None:
        """Say that everybody destroyed up to here is out of the caches."""
        with self._writing() as connection:
            mine = update(leases).where(leases.c.process == self._process)
            connection.execute(mine.values(acknowledged=sequence))

    def leave(self) -> None:
        with self._writing() as connection:
            connection.execute(delete(leases).where(leases.c.process == self._process))

    def destroyed_after(self, sequence: int) -> list[Destroyed]:
        with self._engine.connect() as connection:
            later = select(tombstones).where(tombstones.c.sequence > sequence)
            return [destroyed_from(row) for row in connection.execute(later.order_by(tombstones.c.sequence))]

    def remove_over(self, watch: LeaseWatch) -> None:
        """Delete the rows of other processes whose lease is over: they must join anew."""
        with self._engine.connect() as connection:
            over = watch.over(other_leases(connection, self._process))
        for row in over:
            with self._writing() as connection:
                same = (leases.c.process == row.process) & (leases.c.renewals == row.renewals)
                connection.execute(delete(leases).where(same))

    def wait(self) -> None:
        """Return after a while, or as soon as somebody was destroyed."""
        if not is_postgres(self._engine):
            time.sleep(_SQLITE_POLL)
            return
        with self._engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            for _ in driver.notifies(timeout=_POSTGRES_POLL, stop_after=1):
                return

    def close(self) -> None:
        self._engine.dispose()

    def _writing(self) -> Any:
        return self._engine.execution_options(immediate=True).begin()


class LeaseWatch:
    """Tells which leases are over, by having seen their counters stand still for long enough."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[UUID, tuple[int, float]] = {}

    def over(self, rows: Sequence[Any]) -> list[Any]:
        """Those of `rows` (process, renewals) that hold no keys any more."""
        at = now()
        with self._lock:
            return [row for row in rows if self._stands_still(row, at)]

    def _stands_still(self, row: Any, at: float) -> bool:
        seen = self._seen.get(row.process)
        if seen is None or seen[0] != row.renewals:
            self._seen[row.process] = (row.renewals, at)
            return False
        return at - seen[1] > LEASE_SECONDS + MARGIN_SECONDS


def other_leases(connection: Connection, process: UUID, *, behind: int | None = None) -> Sequence[Any]:
    """Rows (process, renewals) of other processes; with `behind` those that did not acknowledge it."""
    rows = select(leases.c.process, leases.c.renewals).where(leases.c.process != process)
    if behind is not None:
        rows = rows.where(leases.c.acknowledged < behind)
    return connection.execute(rows).all()


def count_leases(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(leases)).scalar_one())
