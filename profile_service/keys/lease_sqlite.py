"""Leases on SQLite, which wakes nobody: each process looks again and again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, bindparam, case, delete, func, insert, select, update

from profile_service.database import open_engine
from profile_service.keys.lease_table import LeaseWatch, Tombstone
from profile_service.keys.schema import leases, tombstones
from profile_service.keys.transactions import database_time
from profile_service.presence import share

_POLL = 0.05

# Made once: whoever waits looks twenty times a second.
_LATER = (
    select(tombstones.c.sequence, tombstones.c.profile_id)
    .where(tombstones.c.sequence > bindparam("seen"))
    .order_by(tombstones.c.sequence)
)


class SqliteLeaseTable:
    """See `LeaseTable`."""

    def __init__(self, engine: Engine, process: UUID) -> None:
        self._engine = open_engine(engine.url.render_as_string(hide_password=False), pool_size=1)
        # Whoever holds keys is one of those who use the database: a restore waits for them to end.
        share(self._engine)
        self._process = process
        self._mine = leases.c.process == process

    def join(self) -> int:
        with self._writing() as connection:
            last = connection.execute(select(func.coalesce(func.max(tombstones.c.sequence), 0))).scalar_one()
            connection.execute(delete(leases).where(self._mine))
            at = database_time(connection)
            # Counting from the time on: after a lease that was over, others must not take the new one for it.
            row = {"process": self._process, "renewals": at, "renewed_at": at, "acknowledged": last}
            connection.execute(insert(leases).values(row))
            return int(last)

    def renew(self, acknowledged: int) -> bool:
        with self._writing() as connection:
            at = database_time(connection)
            moved = case((leases.c.renewals >= at, leases.c.renewals + 1), else_=at)
            values = {"renewals": moved, "renewed_at": at, "acknowledged": acknowledged}
            return bool(connection.execute(update(leases).where(self._mine).values(values)).rowcount)

    def acknowledge(self, sequence: int) -> None:
        with self._writing() as connection:
            connection.execute(update(leases).where(self._mine).values(acknowledged=sequence))

    def leave(self) -> None:
        with self._writing() as connection:
            connection.execute(delete(leases).where(self._mine))

    def destroyed_after(self, sequence: int) -> Sequence[Tombstone]:
        with self._engine.connect() as connection:
            return [Tombstone(*row) for row in connection.execute(_LATER, {"seen": sequence})]

    def remove_over(self, watch: LeaseWatch) -> None:
        others = select(leases.c.process, leases.c.renewals).where(~self._mine)
        with self._engine.connect() as connection:
            over = watch.over(connection.execute(others).all())
        for process, renewals in over:
            with self._writing() as connection:
                same = (leases.c.process == process) & (leases.c.renewals == renewals)
                connection.execute(delete(leases).where(same))

    def wait(self) -> Sequence[Tombstone]:
        time.sleep(_POLL)
        return []

    def close(self) -> None:
        self._engine.dispose()

    def _writing(self) -> Any:
        return self._engine.execution_options(immediate=True).begin()
