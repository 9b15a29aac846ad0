"""Inserting on PostgreSQL: one call of a server-side function a batch, so one round trip."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import OperationalError
from sqlalchemy import Engine, Table, Uuid

from profile_service import arrays
from profile_service.log.persistence.datastore import library_errors
from profile_service.log.persistence.insert import Insert, NotificationIDs

# The first key of the order lock of every table; the second is the table's own number.
ORDER_LOCK = 0x0A9F0F11

# How long a lost connection is tried again, in seconds.
PATIENCE = 10.0
PAUSE = 0.1

# In order of the statements: the lock, then the head as it is once the lock is held; then which calls
# are refused; then all others in one go. A statement sees what was committed before it began, which is
# why the lock stands alone. Sequential scans are off because a plan made while the table was small
# would be kept when it no longer is.
FUNCTION = """
CREATE OR REPLACE FUNCTION {function}(
    calls int4[], originator_ids {id_type}[], versions int8[], payload_topics text[], states bytea[],
    tracking_calls int4[], tracking_names text[], tracking_ids int8[],
    OUT head int8, OUT refused int4[]
) LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
BEGIN
    PERFORM pg_advisory_xact_lock({order_lock}, {table_literal}::regclass::oid::int4);
    SELECT coalesce(max(e.notification_id), 0) INTO head FROM {events} e;
    SELECT coalesce(array_agg(DISTINCT n.call), '{{}}') INTO refused
        FROM unnest(calls, originator_ids, versions) AS n (call, id, version)
        JOIN {events} e ON e.originator_id = n.id AND e.originator_version = n.version;
    {track}
    INSERT INTO {events} (notification_id, originator_id, originator_version, topic, state)
        SELECT head + row_number() OVER (ORDER BY n.place), n.id, n.version, n.topic, n.state
        FROM unnest(calls, originator_ids, versions, payload_topics, states)
            WITH ORDINALITY AS n (call, id, version, topic, state, place)
        WHERE n.call <> ALL (refused);
    IF FOUND THEN
        PERFORM pg_notify({channel_literal}, '');
    END IF;
END $$
"""

TRACK = """
    SELECT refused || coalesce(array_agg(n.call), '{{}}') INTO refused
        FROM unnest(tracking_calls, tracking_names, tracking_ids) AS n (call, name, id)
        JOIN {tracking} t ON t.application_name = n.name AND t.notification_id >= n.id;
    INSERT INTO {tracking} AS t (application_name, notification_id)
        SELECT n.name, n.id FROM unnest(tracking_calls, tracking_names, tracking_ids) AS n (call, name, id)
        WHERE n.call <> ALL (refused)
        ON CONFLICT (application_name) DO UPDATE SET notification_id = excluded.notification_id;
"""


class PostgresInsertStore:
    """See `InsertStore`. Needs the function of `insert_function`."""

    def __init__(self, engine: Engine, events: Table, tracking: Table | None) -> None:
        quote = engine.dialect.identifier_preparer
        self._engine = engine
        self._connection: psycopg.Connection[Any] | None = None
        self._has_uuids = isinstance(events.c.originator_id.type, Uuid)
        self._insert = (
            f"SELECT head, refused FROM {quote.quote(_function_name(events, tracking))}"
            "(%b, %b, %b, %b, %b, %b, %b, %b)"
        )
        self._find = (
            "SELECT notification_id, topic, state"
            f" FROM {quote.format_table(events)} WHERE originator_id = %s AND originator_version = %s"
        )
        self._tracked = (
            f"SELECT notification_id FROM {quote.format_table(tracking)} WHERE application_name = %s"
            if tracking is not None
            else ""
        )

    def insert(self, inserts: Sequence[Insert]) -> list[NotificationIDs]:
        """See `InsertStore`. If the connection is lost the batch is sent again: it waits for the lost
        transaction at the order lock, then knows its own events by their content."""
        parameters = self._parameters(inserts)
        give_up = time.monotonic() + PATIENCE
        again = False
        while True:
            try:
                with library_errors():
                    outcomes = self._call(inserts, parameters)
                    return [
                        self._own(insert) if again and ids is None else ids
                        for insert, ids in zip(inserts, outcomes, strict=True)
                    ]
            except OperationalError:
                if not self._is_lost() or time.monotonic() > give_up:
                    raise
                self.close()
                again = True
                time.sleep(PAUSE)

    def close(self) -> None:
        """Close the connection; the next batch opens another one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _is_lost(self) -> bool:
        return self._connection is None or self._connection.closed

    def _call(self, inserts: Sequence[Insert], parameters: tuple[arrays.Array, ...]) -> list[NotificationIDs]:
        # One statement in autocommit is one transaction: durable when it returns.
        cursor = self._connected().execute(self._insert, parameters, prepare=True, binary=True)
        head, refused = cursor.fetchone() or (0, [])
        outcomes: list[NotificationIDs] = []
        for call, insert in enumerate(inserts):
            if call in refused:
                outcomes.append(None)
            else:
                outcomes.append(range(head + 1, head + 1 + len(insert.rows)))
                head += len(insert.rows)
        return outcomes

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is None:
            arguments, options = self._engine.dialect.create_connect_args(self._engine.url)
            self._connection = psycopg.connect(*arguments, **options, autocommit=True)
            arrays.register(self._connection)
        return self._connection

    def _parameters(self, inserts: Sequence[Insert]) -> tuple[arrays.Array, ...]:
        rows = [row for insert in inserts for row in insert.rows]
        tracked = [(call, insert.tracking) for call, insert in enumerate(inserts) if insert.tracking]
        ids: arrays.Array
        if self._has_uuids:
            ids = arrays.uuid_array([row[0].bytes for row in rows if isinstance(row[0], UUID)])
        else:
            ids = arrays.text_array([str(row[0]) for row in rows])
        return (
            arrays.int4_array([call for call, insert in enumerate(inserts) for _ in insert.rows]),
            ids,
            arrays.int8_array([row[1] for row in rows]),
            arrays.text_array([row[2] for row in rows]),
            arrays.bytea_array([row[3] for row in rows]),
            arrays.int4_array([call for call, _ in tracked]),
            arrays.text_array([tracking.application_name for _, tracking in tracked]),
            arrays.int8_array([tracking.notification_id for _, tracking in tracked]),
        )

    def _own(self, insert: Insert) -> NotificationIDs:
        """Return the ids under which exactly these events are stored, if they are."""
        found = []
        for originator_id, version, topic, state in insert.rows:
            row = self._connected().execute(self._find, (originator_id, version)).fetchone()
            if row is None or row[1:] != (topic, state):
                return None
            found.append(row[0])
        if not found and insert.tracking is not None:
            tracking = insert.tracking
            row = self._connected().execute(self._tracked, (tracking.application_name,)).fetchone()
            if row != (tracking.notification_id,):
                return None
        return found


def insert_function(engine: Engine, events: Table, tracking: Table | None) -> str:
    """Return the statement that creates the server-side function of a table, or replaces it."""
    quote = engine.dialect.identifier_preparer
    track = ""
    if tracking is not None:
        track = TRACK.format(tracking=quote.format_table(tracking))
    return FUNCTION.format(
        function=quote.quote(_function_name(events, tracking)),
        events=quote.format_table(events),
        id_type="uuid" if isinstance(events.c.originator_id.type, Uuid) else "text",
        order_lock=ORDER_LOCK,
        table_literal=_literal(quote.format_table(events)),
        channel_literal=_literal(events.name),
        track=track,
    )


def _function_name(events: Table, tracking: Table | None) -> str:
    return events.name + ("_insert" if tracking is None else "_process")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
