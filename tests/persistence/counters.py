"""A view of a projection, as an application of the library would write it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, MetaData, Table, Text, insert, select, update

from profile_service.log.persistence.recorders import SQLTrackingRecorder


class EventCounters(SQLTrackingRecorder):
    """Counts events of two kinds, each together with what was processed."""

    counters = Table(
        "counters",
        MetaData(),
        Column("name", Text, primary_key=True),
        Column("count", BigInteger, nullable=False),
    )

    def create_table(self):
        super().create_table()
        self.datastore.create_tables(self.counters.metadata)

    def get_created_event_counter(self):
        return self._count("created")

    def get_subsequent_event_counter(self):
        return self._count("subsequent")

    def incr_created_event_counter(self, tracking):
        self._increment("created", tracking)

    def incr_subsequent_event_counter(self, tracking):
        self._increment("subsequent", tracking)

    def _count(self, name):
        with self.datastore.reading() as connection:
            statement = select(self.counters.c.count).where(self.counters.c.name == name)
            return connection.execute(statement).scalar() or 0

    def _increment(self, name, tracking):
        columns = self.counters.c
        with self.datastore.transaction() as connection:
            self.track(connection, tracking)
            if not connection.execute(select(columns.count).where(columns.name == name)).first():
                connection.execute(insert(self.counters).values(name=name, count=0))
            connection.execute(
                update(self.counters).where(columns.name == name).values(count=columns.count + 1)
            )
