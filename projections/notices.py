"""How far the log was looked through for obligations, and how often recipients were called: two small tables.

Work in hand, not evidence: if it is lost, everything is looked at again, and nothing is written twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Engine, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from projections.catalogue import write_transaction
from projections.schema import notice_attempts, notice_progress


class Attempts(NamedTuple):
    """How often a recipient was called in vain, and when it is called next (microseconds since 1970 UTC)."""

    failures: int = 0
    next_time: int = 0


class Notices:
    """The tables of one database of views. Every method blocks."""

    def __init__(self, engine: Engine, log_id: str) -> None:
        self._engine = engine
        self._writing = write_transaction(engine)
        self._log_id = log_id

    def progress(self) -> int:
        """Return up to which position of this log obligations were opened."""
        mine = select(notice_progress.c.position).where(notice_progress.c.log_id == self._log_id)
        with self._engine.connect() as connection:
            return connection.execute(mine).scalar() or 0

    def advance(self, position: int) -> None:
        with self._writing.begin() as connection:
            # What was noted of another log says nothing about this one.
            connection.execute(delete(notice_progress).where(notice_progress.c.log_id != self._log_id))
            _put(connection, notice_progress, {"log_id": self._log_id}, {"position": position})

    def attempts(self, ids: Collection[UUID]) -> dict[UUID, Attempts]:
        """Return what is noted of obligations; nothing of those that nobody was called for."""
        wanted = select(notice_attempts).where(notice_attempts.c.obligation_id.in_(list(ids)))
        with self._engine.connect() as connection:
            return {row[0]: Attempts(*row[1:]) for row in connection.execute(wanted)}

    def failed(self, obligation_id: UUID, attempts: Attempts) -> None:
        with self._writing.begin() as connection:
            key = {"obligation_id": obligation_id}
            _put(connection, notice_attempts, key, attempts._asdict())

    def settled(self, obligation_id: UUID) -> None:
        """Forget the attempts: the acknowledgement has their number."""
        with self._writing.begin() as connection:
            connection.execute(
                delete(notice_attempts).where(notice_attempts.c.obligation_id == obligation_id)
            )


def _put(
    connection: Connection, table: Table, key: Mapping[str, object], values: Mapping[str, object]
) -> None:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(table).values(**key, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))
