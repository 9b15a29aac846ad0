"""Stock applications and projections of the library, unchanged, in tables of their own."""

from __future__ import annotations

import threading
from uuid import UUID

import pytest
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import IntegrityError, Tracking
from eventsourcing.tests import application as applications
from sqlalchemy import text

from profile_service.database import open_engine
from profile_service.log import SQLFactory
from tests.persistence.databases import InEnvironment, OnPostgres, OnSQLite


class ExampleApplication(InEnvironment, applications.ExampleApplicationTestCase):
    expected_factory_topic = "profile_service.log.persistence.factory:SQLFactory"


class TestExampleApplicationOnSQLite(OnSQLite, ExampleApplication):
    pass


class TestExampleApplicationOnPostgres(OnPostgres, ExampleApplication):
    pass


class AnyApplication(InEnvironment, applications.ApplicationTestCase):
    pass


class TestAnyApplicationOnSQLite(OnSQLite, AnyApplication):
    pass


class TestAnyApplicationOnPostgres(OnPostgres, AnyApplication):
    pass


# Collected only as inherited above, on a database.
del ExampleApplication, AnyApplication


class Dog(Aggregate):
    @event("Registered")
    def __init__(self, name: str):
        self.name = name
        self.tricks: list[str] = []

    @event("TrickAdded")
    def add_trick(self, trick: str):
        self.tricks.append(trick)


class Kennel(Application[UUID]):
    pass


def environment(url: str) -> dict[str, str]:
    return {"PERSISTENCE_MODULE": "profile_service.log", "EVENTS_URL": url}


def test_an_application_has_tables_of_its_own_by_its_name(database_url):
    with Kennel(env=environment(database_url)) as kennel:
        dog = Dog("Fido")
        kennel.save(dog)
    engine = open_engine(database_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM kennel_events")).scalar() == 1
    engine.dispose()


def test_what_was_saved_is_there_for_the_next_process(database_url):
    with Kennel(env=environment(database_url)) as kennel:
        dog = Dog("Fido")
        dog.add_trick("roll over")
        kennel.save(dog)
    with Kennel(env=environment(database_url)) as kennel:
        again: Dog = kennel.repository.get(dog.id)
        assert (again.name, again.tricks) == ("Fido", ["roll over"])
        assert [notification.id for notification in kennel.recorder.select_notifications(None, 10)] == [1, 2]


def test_two_savers_of_one_version_get_one_success(database_url):
    """Thirty-two threads save version 2 of one aggregate: one wins, and everybody else's saves are stored."""
    with Kennel(env=environment(database_url)) as kennel:
        dog = Dog("Fido")
        kennel.save(dog)
        start = threading.Barrier(32)
        outcomes: list[object] = []

        def teach(number: int) -> None:
            copy: Dog = kennel.repository.get(dog.id)
            copy.add_trick(f"trick {number}")
            start.wait()
            kennel.save(Dog(f"other {number}"))
            try:
                outcomes.append(kennel.save(copy)[0].notification.id)
            except IntegrityError as error:
                outcomes.append(error)

        threads = [threading.Thread(target=teach, args=(number,)) for number in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len([outcome for outcome in outcomes if isinstance(outcome, int)]) == 1
        ids = [notification.id for notification in kennel.recorder.select_notifications(None, 100)]
        assert ids == list(range(1, 35))


def test_tracking_and_events_are_stored_together_or_not_at_all(database_url):
    factory = SQLFactory(environment(database_url))
    recorder = factory.process_recorder()
    recorder.insert_events([], tracking=Tracking("upstream", 7))
    with pytest.raises(IntegrityError):
        recorder.insert_events([], tracking=Tracking("upstream", 6))
    assert recorder.max_tracking_id("upstream") == 7
    assert recorder.max_notification_id() is None
    factory.close()
