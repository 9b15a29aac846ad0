"""A stock runner of the library over a stock application, both on this log."""

from __future__ import annotations

import threading
from uuid import UUID

import pytest
from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import Aggregate
from eventsourcing.persistence import Tracking
from eventsourcing.projection import Projection, ProjectionRunner

from tests.persistence.counters import EventCounters


class CountingError(Exception):
    pass


class Broken(Aggregate.Event):
    pass


class Counting(Projection[EventCounters]):
    @singledispatchmethod
    def process_event(self, domain_event, tracking: Tracking) -> None:
        self.view.insert_tracking(tracking)

    @process_event.register
    def created(self, _: Aggregate.Created, tracking: Tracking) -> None:
        self.view.incr_created_event_counter(tracking)

    @process_event.register
    def changed(self, _: Aggregate.Event, tracking: Tracking) -> None:
        self.view.incr_subsequent_event_counter(tracking)

    @process_event.register
    def broken(self, _: Broken, __: Tracking) -> None:
        raise CountingError


def runner(url: str) -> ProjectionRunner[Application[UUID], EventCounters]:
    return ProjectionRunner(
        application_class=Application[UUID],
        projection_class=Counting,
        view_class=EventCounters,
        env={"PERSISTENCE_MODULE": "profile_service.log", "EVENTS_URL": url},
    )


def test_a_runner_follows_many_writers_and_counts_every_event_once(database_url):
    with runner(database_url) as running:

        def save() -> None:
            for _ in range(10):
                aggregate = Aggregate()
                aggregate.trigger_event(Aggregate.Event)
                running.app.save(aggregate)

        threads = [threading.Thread(target=save) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        running.wait(160, timeout=20)
        view = running.projection.view
        assert (view.get_created_event_counter(), view.get_subsequent_event_counter()) == (80, 80)


def test_a_runner_goes_on_where_it_stopped(database_url):
    for expected in (1, 2):
        with runner(database_url) as running:
            recordings = running.app.save(Aggregate())
            running.wait(recordings[-1].notification.id, timeout=10)
            assert running.projection.view.get_created_event_counter() == expected


def test_a_runner_ends_with_the_error_of_the_projection(database_url):
    with runner(database_url) as running:
        aggregate = Aggregate()
        aggregate.trigger_event(Broken)
        running.app.save(aggregate)
        with pytest.raises(CountingError):
            running.run_forever(timeout=10)
