"""What the contract suites do not ask of a recorder."""

from __future__ import annotations

import threading
import time
from typing import Any, cast

import psycopg
import pytest
from eventsourcing.persistence import (
    DatabaseError,
    DataError,
    InterfaceError,
    Notification,
    StoredEvent,
    Tracking,
)
from sqlalchemy import text

from profile_service.log import SQLFactory
from profile_service.log.persistence.datastore import SQLDatastore
from profile_service.log.persistence.hints import LocalHint
from profile_service.log.persistence.insert import Insert, _store_all
from profile_service.log.persistence.postgres import PostgresInsertStore
from profile_service.log.persistence.recorders import SQLApplicationRecorder, SQLProcessRecorder
from profile_service.log.persistence.subscription import PulledSubscription
from tests.persistence.writers import event

UNSTORABLE = StoredEvent(originator_id=event().originator_id, originator_version=2**70, topic="t", state=b"")


@pytest.fixture
def datastore(database_url):
    datastore = SQLDatastore(database_url)
    yield datastore
    datastore.close()


@pytest.fixture
def recorder(datastore):
    recorder = SQLApplicationRecorder(datastore)
    recorder.create_table()
    return recorder


@pytest.fixture
def on_postgres(postgres_url):
    datastore = SQLDatastore(postgres_url)
    recorder = SQLProcessRecorder(datastore)
    recorder.create_table()
    yield recorder
    datastore.close()


def rows(*events: StoredEvent):
    return [(one.originator_id, one.originator_version, one.topic, one.state) for one in events]


def test_what_the_database_can_not_take_is_refused_without_its_neighbours(recorder):
    batch = [Insert(rows(event())), Insert(rows(UNSTORABLE)), Insert(rows(event(), event()))]
    first, refused, last = cast(list[Any], _store_all(recorder._insert_store(), batch))
    assert isinstance(refused, DataError)
    assert [*first, *last] == [1, 2, 3]
    assert recorder.max_notification_id() == 3


def test_an_error_of_the_database_names_no_stored_value(on_postgres):
    secret = "canary-5d1c"

    def insert_twice() -> None:
        with on_postgres.datastore.transaction() as connection:
            statement = "INSERT INTO notification_tracking VALUES (:name, 1), (:name, 1)"
            connection.execute(text(statement), {"name": secret})

    with pytest.raises(DatabaseError) as caught:
        insert_twice()
    assert secret not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_lost_connection_is_made_again(on_postgres):
    assert list(on_postgres.insert_events([event()])) == [1]
    with psycopg.connect(
        on_postgres.datastore.engine.url.set(drivername="postgresql").render_as_string(hide_password=False),
        autocommit=True,
    ) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert list(on_postgres.insert_events([event()])) == [2]


class AnswerLost(PostgresInsertStore):
    """Commits, then loses the connection before the first answer arrives."""

    lost = False

    def _call(self, inserts, parameters):
        outcomes = super()._call(inserts, parameters)
        if not self.lost:
            self.lost = True
            self._connected().close()
            raise psycopg.OperationalError("the answer was lost")
        return outcomes


def test_what_was_committed_before_the_connection_was_lost_is_answered_as_stored(on_postgres):
    taken = event()
    on_postgres.insert_events([taken])
    store = AnswerLost(on_postgres.datastore.engine, on_postgres.events, on_postgres.tracking)
    inserts = [
        Insert(rows(event(), event())),
        Insert(rows(StoredEvent(taken.originator_id, 1, "topic", b"another"))),
        Insert([], Tracking("upstream", 5)),
    ]
    assert store.insert(inserts) == [[2, 3], None, []]
    store.close()
    assert on_postgres.max_notification_id() == 3


def test_a_subscription_to_one_topic_sees_only_that_and_sees_it_at_once(recorder):
    wanted = StoredEvent(event().originator_id, 1, "wanted", b"")
    recorder.insert_events([event() for _ in range(1200)])
    with recorder.subscribe(topics=["wanted"]) as subscription:
        threading.Timer(0.3, lambda: recorder.insert_events([wanted])).start()
        notification = next(subscription)
        assert (notification.id, notification.topic) == (1201, "wanted")
        assert subscription._position == 1201


def test_a_waiting_subscription_ends_when_it_is_stopped(recorder):
    subscription = recorder.subscribe()
    threading.Timer(0.2, subscription.stop).start()
    began = time.monotonic()
    assert list(subscription) == []
    assert time.monotonic() - began < 2


class NoHint(LocalHint):
    def __init__(self) -> None:
        self.waits = 0

    def wait(self, timeout: float) -> None:
        self.waits += 1
        time.sleep(timeout)

    def interrupt(self) -> None:
        pass


def test_a_subscription_that_gets_no_hint_sees_everything_all_the_same(recorder):
    hint = NoHint()
    with PulledSubscription(recorder, hint) as subscription:
        threading.Timer(0.25, lambda: recorder.insert_events([event()])).start()
        assert next(subscription).id == 1
        assert hint.waits >= 2


def test_a_subscription_survives_the_loss_of_its_listening_connection(on_postgres):
    on_postgres.insert_events([event()])
    with on_postgres.subscribe() as subscription:
        assert next(subscription).id == 1

        def disturb() -> None:
            time.sleep(0.3)
            with on_postgres.datastore.transaction() as connection:
                listening = "FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
                assert connection.execute(text(f"SELECT pg_terminate_backend(pid) {listening}")).all()
            on_postgres.insert_events([event()])

        threading.Thread(target=disturb).start()
        assert isinstance(next(subscription), Notification)


def test_a_closed_recorder_says_so(recorder):
    recorder.insert_events([event()])
    recorder.datastore.close()
    with pytest.raises(InterfaceError):
        recorder.insert_events([event()])
    with pytest.raises(InterfaceError):
        recorder.max_notification_id()
    recorder.datastore.close()


def test_a_writer_of_another_transaction_is_waited_for(database_url, datastore, recorder):
    """On SQLite other connections of the process, such as those of a service, hold no lock of ours."""
    if datastore.is_sqlite:
        other = SQLDatastore(database_url)
        other._file_lock = None
        held = threading.Event()

        def hold() -> None:
            with other.transaction():
                held.set()
                time.sleep(0.5)

        holder = threading.Thread(target=hold)
        holder.start()
        held.wait()
        assert list(recorder.insert_events([event()])) == [1]
        holder.join()
        other.close()


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"EVENTS_URL": "not a url"},
        {"EVENTS_URL": "mysql://localhost/events"},
        {"EVENTS_URL": "sqlite://"},
        {"EVENTS_URL": "sqlite:///:memory:"},
        {"EVENTS_URL": "sqlite:///unused.sqlite", "ORIGINATOR_ID_TYPE": "number"},
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_named(environment):
    with pytest.raises(OSError, match=r"EVENTS_URL|ORIGINATOR_ID_TYPE"):
        SQLFactory(environment)


def test_a_recorder_without_its_table_says_what_is_missing(database_url):
    factory = SQLFactory({"EVENTS_URL": database_url, "CREATE_TABLE": "no"})
    recorder = factory.application_recorder()
    with pytest.raises(DatabaseError, match="stored_events"):
        recorder.insert_events([event()])
    factory.close()
