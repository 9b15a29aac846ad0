"""Waiting until the processes of others have dropped a key, or hold none any more."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, bindparam, func, select

from profile_service.frequent_reads import FrequentReads
from profile_service.keys.lease import now
from profile_service.keys.lease_table import LeaseWatch
from profile_service.keys.schema import leases
from profile_service.keys.transactions import available, is_postgres

# Seconds between looks at the leases on SQLite, and, on PostgreSQL, at the clocks of those who are behind.
_SQLITE_POLL = 0.005
_POSTGRES_PATIENCE = 0.02

_BEHIND = select(leases.c.process, leases.c.renewals).where(
    leases.c.process != bindparam("process"), leases.c.acknowledged < bindparam("sequence")
)
# The same, when there is nobody or when patience is over: a function in `migrations`.
_STILL_BEHIND = select(
    func.leases_behind(bindparam("process"), bindparam("sequence"), bindparam("patience")).table_valued(
        leases.c.process, leases.c.renewals
    )
)


class Evictions:
    """For the process `process`, which looks after its own keys itself."""

    def __init__(self, engine: Engine, process: UUID, watch: LeaseWatch) -> None:
        self._process = process
        self._watch = watch
        self._frequent = FrequentReads(engine)
        self._look = self._look_on_postgres if is_postgres(engine) else self._look_on_sqlite

    def wait(self, sequence: int, timeout: float) -> bool:
        """Whether within `timeout` seconds all others acknowledged tombstone `sequence`, or lost their lease.

        Raises `KeysUnavailableError`.
        """
        deadline = now() + timeout
        while True:
            behind = self._look(sequence, deadline)
            if len(self._watch.over(behind)) == len(behind):
                return True
            if now() >= deadline:
                return False

    def _look_on_postgres(self, sequence: int, deadline: float) -> Sequence[Any]:
        """The leases that are behind; waits in the database while there are some."""
        patience = max(0.0, min(_POSTGRES_PATIENCE, deadline - now()))
        parameters = {"process": self._process, "sequence": sequence, "patience": patience}
        with available():
            return self._frequent.rows(_STILL_BEHIND, parameters)

    def _look_on_sqlite(self, sequence: int, deadline: float) -> Sequence[Any]:
        with available():
            behind = self._frequent.rows(_BEHIND, {"process": self._process, "sequence": sequence})
        if behind and now() < deadline:
            time.sleep(_SQLITE_POLL)
        return behind
