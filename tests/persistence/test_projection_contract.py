"""The suites that the library publishes for views and projections."""

from __future__ import annotations

import pytest

from tests.persistence.counters import EventCounters
from tests.persistence.databases import DatabaseCase, InEnvironment, OnPostgres, OnSQLite

pytest.importorskip("msgspec", reason="the library's suites for projections import it")

from eventsourcing.tests import projection as projections


class Counters(EventCounters, projections.EventCountersView):
    pass


class View(DatabaseCase, projections.EventCountersViewTestCase):
    def construct_event_counters_view(self):
        return self.create(Counters)


class TestViewOnSQLite(OnSQLite, View):
    pass


class TestViewOnPostgres(OnPostgres, View):
    pass


class Projection(InEnvironment, projections.AggregateEventCountersProjectionTestCase):
    view_class = Counters


class TestProjectionOnSQLite(OnSQLite, Projection):
    pass


class TestProjectionOnPostgres(OnPostgres, Projection):
    pass


class EventSourcedProjection(InEnvironment, projections.EventSourcedProjectionTestCase):
    pass


class TestEventSourcedProjectionOnSQLite(OnSQLite, EventSourcedProjection):
    pass


class TestEventSourcedProjectionOnPostgres(OnPostgres, EventSourcedProjection):
    pass


# Collected only as inherited above, on a database.
del View, Projection, EventSourcedProjection
