"""A stock application and a stock projection over the facts of the service, with our mapper."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import Aggregate
from eventsourcing.persistence import (
    MapperDeserialisationError,
    NotSupportedError,
    ProgrammingError,
    StoredEvent,
    Tracking,
)
from eventsourcing.projection import Projection, ProjectionRunner
from sqlalchemy import inspect

from profile_service.database import SchemaVersionError, open_engine
from profile_service.keys.errors import RootError
from profile_service.log.persistence.facts import FactRecorder
from profile_service.log.persistence.mapper import FactEvent
from profile_service.v1 import events_pb2 as events
from profile_service.v1.audit_service_pb2 import (
    PERSONAL_HALF_ERASED,
    PERSONAL_HALF_INCLUDED,
    PERSONAL_HALF_WITHHELD,
)
from tests.persistence.counters import EventCounters
from tests.projections.world import Step, new_world

HISTORY = [
    Step("register", 0),
    Step("register", 1),
    Step("consent", 0),
    Step("update", 1),
    Step("consent", 1),
]


@pytest.fixture
def world(databases, tmp_path):
    with new_world(databases, tmp_path / "root") as made:
        made.happen(HISTORY)
        yield made


@pytest.fixture
def environment(world):
    return {
        "PERSISTENCE_MODULE": "profile_service.log",
        "MAPPER_TOPIC": "profile_service.log.persistence.mapper:FactMapper",
        "EVENTS_URL": world.databases.events,
    }


@pytest.fixture
def with_keys(environment, world, tmp_path):
    return {**environment, "KEYS_URL": world.databases.keys, "ROOT_KEYS": str(tmp_path / "root")}


class Analysis(Application[str]):
    pass


def types_of(_: Any, facts: Any) -> Any:
    return [type(fact.message).__name__ for fact in facts]


def read(environment) -> list[Any]:
    with Analysis(env=environment) as analysis:
        return [
            analysis.mapper.to_domain_event(notification)
            for notification in analysis.recorder.select_notifications(None, 100)
        ]


def test_facts_are_read_in_order_with_their_open_halves_only(environment, world):
    facts = read(environment)
    stored = world.log.facts_after(0, 100)
    assert [(fact.originator_id, fact.originator_version) for fact in facts] == [
        (fact.stream, fact.version) for fact in stored
    ]
    registered = facts[0]
    assert isinstance(registered.message, events.ProfileRegistered)
    assert registered.message.policy_version == "2026-1"
    assert not registered.message.HasField("email")
    assert registered.personal_half == PERSONAL_HALF_WITHHELD
    assert registered.header.profile_id == world.people[0].profile_id.bytes
    assert abs(registered.timestamp - datetime.now(UTC)) < timedelta(minutes=1)
    assert not any(person.mark in str(facts) for person in world.people.values())


def test_given_the_keys_personal_halves_are_read_too(with_keys, world):
    registered = read(with_keys)[0]
    assert registered.personal_half == PERSONAL_HALF_INCLUDED
    assert registered.message.email == f"{world.people[0].mark}@example.be"


def test_of_an_erased_person_the_open_halves_remain(with_keys, world):
    world.happen([Step("erase", 0)])
    facts = read(with_keys)
    assert facts[0].personal_half == PERSONAL_HALF_ERASED
    assert facts[1].personal_half == PERSONAL_HALF_INCLUDED
    assert isinstance(facts[-1].message, events.ProfileErased)


def test_a_stream_is_read_as_an_aggregate_is(environment, world):
    stream = f"profile/{world.people[1].profile_id}"
    with Analysis(env=environment) as analysis:
        assert [fact.originator_version for fact in analysis.events.get(stream)] == [1, 2]
        assert [fact.originator_version for fact in analysis.events.get(stream, desc=True, limit=1)] == [2]
        assert [fact.originator_version for fact in analysis.events.get(stream, gt=1, lte=2)] == [2]
        types: Any = analysis.repository.get(stream, projector_func=types_of)
        assert types == ["ProfileRegistered", "ProfileUpdated"]
        assert str(analysis.notification_log["1,5"].items[0].originator_id).startswith("profile/")


def test_every_write_is_refused(environment, world):
    with Analysis(env=environment) as analysis:
        with pytest.raises(NotSupportedError, match="service alone"):
            analysis.save(cast(Any, Aggregate()))
        with pytest.raises(NotSupportedError, match="service alone"):
            analysis.recorder.insert_events([StoredEvent("profile/x", 1, "topic", b"")])
        with pytest.raises(NotSupportedError, match="EVENTS_URL"):
            analysis.factory.process_recorder()
        with pytest.raises(NotSupportedError, match="EVENTS_URL"):
            analysis.factory.tracking_recorder()
    with pytest.raises(NotSupportedError, match="EVENTS_URL"):
        Analysis(env={**environment, "IS_SNAPSHOTTING_ENABLED": "y"})
    engine = open_engine(world.databases.events)
    assert not [name for name in inspect(engine).get_table_names() if name.startswith(("analysis", "stored"))]
    engine.dispose()


class Consents(Projection[EventCounters]):
    name = "consents"
    topics = ("profile_service.v1.ConsentGiven",)

    @singledispatchmethod
    def process_event(self, domain_event: FactEvent, tracking: Tracking) -> None:
        assert isinstance(domain_event.message, events.ConsentGiven)
        self.view.incr_created_event_counter(tracking)


def test_a_stock_runner_follows_the_service_into_a_database_of_its_own(environment, world, tmp_path):
    with ProjectionRunner(
        application_class=Analysis,
        projection_class=Consents,
        view_class=EventCounters,
        env={**environment, "CONSENTS_EVENTS_URL": f"sqlite:///{tmp_path}/analysis.sqlite"},
    ) as runner:
        runner.wait(world.log.head(), timeout=10)
        assert runner.projection.view.get_created_event_counter() == 2
        world.happen([Step("consent", 0, 1)])
        began = time.monotonic()
        runner.wait(world.log.head(), timeout=10)
        assert runner.projection.view.get_created_event_counter() == 3
        assert time.monotonic() - began < 5


def test_a_record_that_was_moved_or_damaged_is_refused(environment, world):
    with Analysis(env=environment) as analysis:
        first, second = analysis.recorder.select_notifications(None, 2)
        for state in (second.state, first.state[:-3], b"\xff"):
            moved = StoredEvent(first.originator_id, first.originator_version, first.topic, state)
            with pytest.raises(MapperDeserialisationError):
                analysis.mapper.to_domain_event(moved)


def test_a_database_without_the_services_facts_is_named(environment, tmp_path):
    with pytest.raises(ProgrammingError, match="facts"):
        Analysis(env={**environment, "EVENTS_URL": f"sqlite:///{tmp_path}/another.sqlite"})


def test_one_of_both_key_settings_is_not_enough(environment, world):
    with pytest.raises(OSError, match="ROOT_KEYS"):
        Analysis(env={**environment, "KEYS_URL": world.databases.keys})


def test_wrong_keys_are_refused_and_none_are_made(with_keys, tmp_path):
    with pytest.raises(RootError):
        Analysis(env={**with_keys, "ROOT_KEYS": str(tmp_path / "other-root")})
    with pytest.raises(SchemaVersionError):
        Analysis(env={**with_keys, "KEYS_URL": f"sqlite:///{tmp_path}/no-keys.sqlite"})


def test_without_the_mapper_an_application_beside_the_service_has_tables_of_its_own(environment, world):
    del environment["MAPPER_TOPIC"]
    before = world.log.head()
    with Application[UUID](env=environment) as application:
        application.save(Aggregate())
        assert not isinstance(application.recorder, FactRecorder)
        assert application.recorder.max_notification_id() == 1
    assert world.log.head() == before
