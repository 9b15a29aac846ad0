"""The library's recorders for an application's own tables, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    IntegrityError,
    Notification,
    ProcessRecorder,
    Recorder,
    StoredEvent,
    Subscription,
    Tracking,
    TrackingRecorder,
)
from sqlalchemy import Connection, Select, Table, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from profile_service.log.persistence.datastore import SQLDatastore
from profile_service.log.persistence.hints import hint_for
from profile_service.log.persistence.insert import EventRow, Insert, InsertQueue, InsertStore
from profile_service.log.persistence.postgres import PostgresInsertStore, insert_function
from profile_service.log.persistence.sqlite import SQLiteInsertStore
from profile_service.log.persistence.subscription import PulledSubscription
from profile_service.log.persistence.tables import events_table, tracking_table


class SQLRecorder(Recorder):
    """What all recorders have."""

    def __init__(self, datastore: SQLDatastore) -> None:
        self.datastore = datastore

    def create_table(self) -> None:
        """Create the recorder's tables, and what else it needs in the database, if they are missing."""


class SQLAggregateRecorder(SQLRecorder, AggregateRecorder):
    """Stores and reads the events of aggregates; used for snapshots, which have no common order."""

    def __init__(self, datastore: SQLDatastore, *, events_table_name: str = "stored_events") -> None:
        super().__init__(datastore)
        self.events = self._describe(events_table_name)

    def _describe(self, name: str) -> Table:
        return events_table(name, self.datastore.originator_id_type, notifications=False)

    def create_table(self) -> None:
        """See `SQLRecorder.create_table`."""
        self.datastore.create_tables(self.events.metadata)

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Store all events or none. Raises the library's `IntegrityError` if one is there already."""
        if stored_events:
            columns = ("originator_id", "originator_version", "topic", "state")
            rows = [dict(zip(columns, self._row(event), strict=True)) for event in stored_events]
            with self.datastore.transaction() as connection:
                connection.execute(insert(self.events), rows)
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return events of one aggregate, with `gt < version <= lte`, in order of version."""
        columns = self.events.c
        version = columns.originator_version
        statement = (
            select(columns.originator_id, version, columns.topic, columns.state)
            .where(columns.originator_id == self.datastore.stored_id(originator_id))
            .order_by(version.desc() if desc else version)
            .limit(limit)
        )
        if gt is not None:
            statement = statement.where(version > gt)
        if lte is not None:
            statement = statement.where(version <= lte)
        with self.datastore.reading() as connection:
            return [StoredEvent(*row) for row in connection.execute(statement)]

    def _row(self, event: StoredEvent) -> EventRow:
        originator_id = self.datastore.stored_id(event.originator_id)
        return originator_id, event.originator_version, event.topic, event.state


class SQLApplicationRecorder(SQLAggregateRecorder, ApplicationRecorder):
    """Stores events in one gapless order, with group commit; no reader ever misses one."""

    def __init__(self, datastore: SQLDatastore, **kwargs: Any) -> None:
        super().__init__(datastore, **kwargs)
        self._queue = InsertQueue(self._insert_store(), name=f"{self.events.name}-writer")
        datastore.on_close(self._queue.close)

    def _describe(self, name: str) -> Table:
        return events_table(name, self.datastore.originator_id_type, notifications=True)

    def _tracking(self) -> Table | None:
        """The table that records what was processed in the transaction that stores events."""
        return None

    def _insert_store(self) -> InsertStore:
        if self.datastore.is_sqlite:
            return SQLiteInsertStore(self.datastore, self.events, self._tracking())
        return PostgresInsertStore(self.datastore.engine, self.events, self._tracking())

    def create_table(self) -> None:
        """See `SQLRecorder.create_table`."""
        function: tuple[str, ...] = ()
        if not self.datastore.is_sqlite:
            function = (insert_function(self.datastore.engine, self.events, self._tracking()),)
        self.datastore.create_tables(self.events.metadata, *function)

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Store all events or none; return their notification ids.

        Raises the library's `IntegrityError` if one is there already.
        """
        return self._insert(stored_events, None)

    def _insert(self, stored_events: Sequence[StoredEvent], tracking: Tracking | None) -> Sequence[int]:
        if not stored_events and tracking is None:
            return []
        return list(self._queue.insert(Insert([self._row(event) for event in stored_events], tracking)))

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return notifications from `start` to `stop`, in order."""
        columns = self.events.c
        number = columns.notification_id
        statement: Select[Any] = (
            select(columns.originator_id, columns.originator_version, columns.topic, columns.state, number)
            .order_by(number)
            .limit(limit)
        )
        if start is not None:
            statement = statement.where(number >= start if inclusive_of_start else number > start)
        if stop is not None:
            statement = statement.where(number <= stop)
        if topics:
            statement = statement.where(columns.topic.in_(list(topics)))
        with self.datastore.reading() as connection:
            return [Notification(*row) for row in connection.execute(statement)]

    def max_notification_id(self) -> int | None:
        """Return the last notification id, or None if there is none."""
        with self.datastore.reading() as connection:
            return connection.execute(select(func.max(self.events.c.notification_id))).scalar()

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Return an iterator of notifications after `gt` that blocks when there are no more."""
        return PulledSubscription(self, hint_for(self.datastore.engine, self.events.name), gt, topics)


class SQLTrackingRecorder(SQLRecorder, TrackingRecorder):
    """Records what was processed. A view inherits from it, and changes its tables in the same transaction:

    with self.datastore.transaction() as connection:
        self.track(connection, tracking)
        connection.execute(...)
    """

    def __init__(
        self, datastore: SQLDatastore, *, tracking_table_name: str = "notification_tracking", **kwargs: Any
    ) -> None:
        self.tracking = tracking_table(tracking_table_name)
        super().__init__(datastore, **kwargs)

    def create_table(self) -> None:
        """See `SQLRecorder.create_table`."""
        self.datastore.create_tables(self.tracking.metadata)

    def insert_tracking(self, tracking: Tracking) -> None:
        """Raises the library's `IntegrityError` unless it is after every earlier one of its application."""
        with self.datastore.transaction() as connection:
            self.track(connection, tracking)

    def track(self, connection: Connection, tracking: Tracking) -> None:
        """The same, in a transaction of the caller."""
        dialect = sqlite if self.datastore.is_sqlite else postgresql
        statement = dialect.insert(self.tracking).values(
            application_name=tracking.application_name, notification_id=tracking.notification_id
        )
        new = statement.excluded.notification_id
        upsert = statement.on_conflict_do_update(
            index_elements=["application_name"],
            set_={"notification_id": new},
            where=self.tracking.c.notification_id < new,
        ).returning(self.tracking.c.notification_id)
        if connection.execute(upsert).first() is None:
            raise IntegrityError(
                f"already at or after {tracking.application_name} {tracking.notification_id}"
            )

    def max_tracking_id(self, application_name: str) -> int | None:
        """Return the last notification processed of an application, or None."""
        columns = self.tracking.c
        statement = select(columns.notification_id).where(columns.application_name == application_name)
        with self.datastore.reading() as connection:
            return connection.execute(statement).scalar()


class SQLProcessRecorder(SQLTrackingRecorder, SQLApplicationRecorder, ProcessRecorder):
    """Stores events together with what was processed to get them."""

    def _tracking(self) -> Table | None:
        return self.tracking

    def create_table(self) -> None:
        """See `SQLRecorder.create_table`."""
        SQLTrackingRecorder.create_table(self)
        SQLApplicationRecorder.create_table(self)

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Store all events and `tracking`, or nothing; return the events' notification ids.

        Raises the library's `IntegrityError` if one is there already.
        """
        return self._insert(stored_events, kwargs.get("tracking"))
