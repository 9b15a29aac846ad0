"""The contract suites that the library publishes for recorders and factories."""

from __future__ import annotations

from uuid import UUID, uuid4

from eventsourcing.tests import persistence as contract
from eventsourcing.utils import Environment

from profile_service.log import SQLFactory
from profile_service.log.persistence.recorders import (
    SQLAggregateRecorder,
    SQLApplicationRecorder,
    SQLProcessRecorder,
    SQLTrackingRecorder,
)
from tests.persistence.databases import DatabaseCase, OnPostgres, OnSQLite


class AggregateRecorder(DatabaseCase, contract.AggregateRecorderTestCase):
    def create_recorder(self):
        return self.create(SQLAggregateRecorder)


class TestAggregateRecorderOnSQLite(OnSQLite, AggregateRecorder):
    pass


class TestAggregateRecorderOnPostgres(OnPostgres, AggregateRecorder):
    pass


class ApplicationRecorder(DatabaseCase, contract.ApplicationRecorderTestCase):
    def create_recorder(self):
        return self.create(SQLApplicationRecorder)

    def test_insert_subscribe(self):
        self.optional_test_insert_subscribe()


class TestApplicationRecorderOnSQLite(OnSQLite, ApplicationRecorder):
    pass


class TestApplicationRecorderOnPostgres(OnPostgres, ApplicationRecorder):
    pass


class WithTextIDs(ApplicationRecorder):
    def create_recorder(self):
        return self.create(SQLApplicationRecorder, ids="text")

    def new_originator_id(self) -> UUID | str:
        return f"stream/{uuid4()}"


class TestTextIDsOnSQLite(OnSQLite, WithTextIDs):
    pass


class TestTextIDsOnPostgres(OnPostgres, WithTextIDs):
    pass


class TrackingRecorder(DatabaseCase, contract.TrackingRecorderTestCase):
    def create_recorder(self):
        return self.create(SQLTrackingRecorder)


class TestTrackingRecorderOnSQLite(OnSQLite, TrackingRecorder):
    pass


class TestTrackingRecorderOnPostgres(OnPostgres, TrackingRecorder):
    pass


class ProcessRecorder(DatabaseCase, contract.ProcessRecorderTestCase):
    def create_recorder(self):
        return self.create(SQLProcessRecorder)


class TestProcessRecorderOnSQLite(OnSQLite, ProcessRecorder):
    pass


class TestProcessRecorderOnPostgres(OnPostgres, ProcessRecorder):
    pass


class NonInterleaving(DatabaseCase, contract.NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self):
        return self.create(SQLApplicationRecorder)


class TestNonInterleavingOnSQLite(OnSQLite, NonInterleaving):
    pass


class TestNonInterleavingOnPostgres(OnPostgres, NonInterleaving):
    pass


class OwnTrackingRecorder(SQLTrackingRecorder):
    pass


class Factory(DatabaseCase, contract.InfrastructureFactoryTestCase):
    def setUp(self) -> None:
        self.env = Environment(
            "TestCase", {"PERSISTENCE_MODULE": "profile_service.log", "EVENTS_URL": self.url}
        )
        super().setUp()

    def expected_factory_class(self):
        return SQLFactory

    def expected_aggregate_recorder_class(self):
        return SQLAggregateRecorder

    def expected_application_recorder_class(self):
        return SQLApplicationRecorder

    def expected_tracking_recorder_class(self):
        return SQLTrackingRecorder

    def tracking_recorder_subclass(self):
        return OwnTrackingRecorder

    def expected_process_recorder_class(self):
        return SQLProcessRecorder


class TestFactoryOnSQLite(OnSQLite, Factory):
    pass


class TestFactoryOnPostgres(OnPostgres, Factory):
    pass


# Collected only as inherited above, on a database.
del AggregateRecorder, ApplicationRecorder, WithTextIDs, TrackingRecorder
del ProcessRecorder, NonInterleaving, Factory
