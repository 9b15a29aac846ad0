"""Inserting on SQLite: one IMMEDIATE transaction a batch, synchronous FULL."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table

from profile_service.log.persistence.datastore import SQLDatastore
from profile_service.log.persistence.hints import local_hints
from profile_service.log.persistence.insert import EventRow, Insert, NotificationIDs


class SQLiteInsertStore:
    """See `InsertStore`."""

    def __init__(self, datastore: SQLDatastore, events: Table, tracking: Table | None) -> None:
        quote = datastore.engine.dialect.identifier_preparer.format_table
        self._datastore = datastore
        self._hints = local_hints(datastore.engine, events.name)
        self._head = f"SELECT coalesce(max(notification_id), 0) FROM {quote(events)}"
        self._find = f"SELECT 1 FROM {quote(events)} WHERE originator_id = ? AND originator_version = ?"
        self._insert = (
            f"INSERT INTO {quote(events)} (notification_id, originator_id, originator_version, topic, state)"
            " VALUES (?, ?, ?, ?, ?)"
        )
        if tracking is not None:
            self._track = (
                f"INSERT INTO {quote(tracking)} AS t (application_name, notification_id) VALUES (?, ?)"
                " ON CONFLICT (application_name) DO UPDATE SET notification_id = excluded.notification_id"
                " WHERE t.notification_id < excluded.notification_id"
            )

    def insert(self, inserts: Sequence[Insert]) -> list[NotificationIDs]:
        outcomes: list[NotificationIDs] = []
        with self._datastore.transaction() as connection:
            cursor = cast(sqlite3.Cursor, connection.connection.cursor())
            (head,) = cursor.execute(self._head).fetchone()
            for insert in inserts:
                rows = [(_stored_id(row), *row[1:]) for row in insert.rows]
                if self._is_refused(cursor, insert, rows):
                    outcomes.append(None)
                    continue
                ids = range(head + 1, head + 1 + len(rows))
                cursor.executemany(
                    self._insert, [(number, *row) for number, row in zip(ids, rows, strict=True)]
                )
                head += len(rows)
                outcomes.append(ids)
            cursor.close()
        self._hints.wake_up()
        return outcomes

    def close(self) -> None:
        """Nothing is kept open between batches."""

    def _is_refused(self, cursor: sqlite3.Cursor, insert: Insert, rows: Sequence[tuple[Any, ...]]) -> bool:
        """Return whether something is there already; if not, the tracking record is stored."""
        if any(cursor.execute(self._find, row[:2]).fetchone() for row in rows):
            return True
        tracking = insert.tracking
        if tracking is None:
            return False
        cursor.execute(self._track, (tracking.application_name, tracking.notification_id))
        return cursor.rowcount == 0


def _stored_id(row: EventRow) -> str:
    return row[0].hex if isinstance(row[0], UUID) else row[0]
