"""Whatever writers, strangers and lost hints do: the follower misses nothing, and nobody hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, insert, select, text

from profile_service.database import open_engine
from profile_service.log.schema import facts
from profile_service.log.streams import CONSENTS, stream_name
from profile_service.log.wakeup import PostgresListener
from profile_service.v1 import events_pb2 as events
from projections.catalogue import LIVE, read_generations
from projections.views import VIEWS
from tests.log.writing import ORDER_LOCK
from tests.projections.proof import differing
from tests.projections.world import PEOPLE, Step, World

SECONDS = 60.0
EVERYONE = [Step("open"), *(Step("register", who) for who in range(PEOPLE))]


def until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def at_the_head(world: World) -> bool:
    with world.sources.views.connect() as connection:
        live = read_generations(connection, states=[LIVE])
    return {one.position for one in live} == {world.log.head()}


@contextmanager
def following(world: World) -> Iterator[None]:
    """A follower at work; at the end the views have got to the head, and are what the log says."""
    follower = world.follower(batch=3)
    follower.start()
    try:
        yield
        until(lambda: at_the_head(world))
    finally:
        follower.stop()
    assert follower.failure is None
    assert {view.name: differing(world, view) for view in VIEWS} == {view.name: [] for view in VIEWS}


def append_slowly(world: World, who: int, nap: float) -> None:
    """Take the order lock and a position for a fact, sleep, and only then commit."""
    person = world.people[who].profile_id
    given = events.ConsentGiven(purpose="events", policy_version="1", text_hash=bytes(32))
    (fact,) = world.request(stream_name(CONSENTS, person), person, given).facts
    engine = open_engine(world.databases.events).execution_options(immediate=True)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(ORDER_LOCK)))
        last = connection.execute(
            select(facts.c.position, facts.c.time).order_by(facts.c.position.desc()).limit(1)
        ).one()
        connection.execute(
            insert(facts).values(
                position=last.position + 1,
                time=last.time,
                stream=fact.stream,
                version=fact.version,
                profile_id=fact.profile_id,
                type=fact.type,
                record=fact.record,
            )
        )
        time.sleep(nap)
    engine.dispose()


def test_a_writer_that_sleeps_with_its_position_is_waited_for_by_writers_and_by_no_reader(
    world: World,
) -> None:
    world.happen(EVERYONE)
    with following(world):
        for who in range(PEOPLE):
            sleeping = threading.Thread(target=append_slowly, args=(world, who, 0.2))
            sleeping.start()
            until(lambda: at_the_head(world))
            # It queues behind the one that sleeps, and is seen after it.
            world.happen([Step("update", (who + 1) % PEOPLE, who), Step("sign_up", who)])
            sleeping.join()
    assert world.log.head() == len(world.log.facts_after(0, 1_000))


@contextmanager
def left_open(url: str, statement: str) -> Iterator[None]:
    """A stranger's transaction that has written and does not end."""
    engine = open_engine(url)
    with engine.execution_options(immediate=True).connect() as connection:
        transaction = connection.begin()
        connection.execute(text(statement))
        yield
        transaction.rollback()
    engine.dispose()


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_a_strangers_open_transactions_hold_up_nobody(world: World) -> None:
    """In all three databases at once. A reader that trusted in the oldest running one would stand still."""
    world.happen(EVERYONE)
    databases = world.databases
    with (
        left_open(databases.events, "CREATE TABLE strange AS SELECT 1 AS one"),
        left_open(databases.keys, "CREATE TABLE strange AS SELECT 1 AS one"),
        left_open(databases.views, "CREATE TABLE strange AS SELECT 1 AS one"),
        following(world),
    ):
        world.happen([Step("consent", who) for who in range(PEOPLE)])
        until(lambda: at_the_head(world))
        world.happen([Step("erase", 0), Step("update", 1)])


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_strangers_open_transaction_on_a_file_holds_up_its_writers_until_it_ends(world: World) -> None:
    """What is committed is followed meanwhile; and a follower that waited goes on by itself."""
    world.happen(EVERYONE)
    with following(world):
        with left_open(world.databases.events, "CREATE TABLE strange AS SELECT 1 AS one"):
            until(lambda: at_the_head(world))
            writing = threading.Thread(target=world.happen, args=([Step("consent", 0)],))
            writing.start()
        writing.join()
        with left_open(world.databases.views, "CREATE TABLE strange AS SELECT 1 AS one"):
            world.happen([Step("consent", who) for who in range(1, PEOPLE)])
            time.sleep(0.2)
            assert not at_the_head(world)


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_a_listener_whose_connection_is_killed_costs_no_fact(world: World) -> None:
    """Again and again: facts come meanwhile, and the listener finds its way back."""
    engine = open_engine(world.databases.events)
    listener = PostgresListener(engine, world.wakeup)
    kill = text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND query LIKE 'LISTEN%' AND pid <> pg_backend_pid()"
    )
    killed = 0
    try:
        with following(world):
            world.happen(EVERYONE)
            for what in range(5):
                with engine.connect() as connection:
                    killed += connection.execute(kill).scalar_one()
                world.happen([Step("update", who, what) for who in range(PEOPLE)])
                until(lambda: at_the_head(world))
        # It listens again: a hint of another process arrives.
        until(lambda: hinted(world))
    finally:
        listener.stop()
        engine.dispose()
    assert killed > 0


def hinted(world: World) -> bool:
    """Whether a NOTIFY, and nothing of this process, leads to a hint."""
    ticket = world.wakeup.ticket()
    with world.log._engine.connect() as connection:
        connection.execute(text("NOTIFY profile_service_log"))
    world.wakeup.wait_in_thread(ticket, 0.5)
    return world.wakeup.ticket() != ticket
