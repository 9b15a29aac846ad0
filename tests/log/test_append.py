"""Both stores, and both ways of the PostgreSQL function, do what the model does."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, text

from profile_service.log.append import (
    ABANDONED,
    Append,
    Appended,
    NewFact,
    OutcomeUnknownError,
    ProfileClosedError,
    RequestAbandonedError,
    RequestReusedError,
    VersionConflictError,
)
from profile_service.log.sqlite import SQLiteAppendStore
from tests.log.logs import (
    Store,
    an_append,
    empty,
    expect_gapless,
    new_log,
    open_store,
    stored_closed,
    stored_facts,
    stored_requests,
)
from tests.log.model import ModelLog, same
from tests.support.postgres import PostgresServer

PEOPLE = [UUID(int=number) for number in (1, 2, 3)]
KINDS = ("profile", "consents")
CAMPAIGN = UUID(int=9)

ALWAYS_ONE_BY_ONE = """
CREATE OR REPLACE FUNCTION append_is_plain(
    c_request bytea[], c_profile uuid[], c_closes boolean[], f_stream text[], f_version int8[]
) RETURNS boolean LANGUAGE sql AS 'SELECT false'
"""
NEVER_ONE_BY_ONE = """
CREATE OR REPLACE FUNCTION append_one(
    request bytea, new_digest bytea, new_subject uuid, profile uuid, closes boolean, new_version int8,
    f_stream text[], f_version int8[], f_profile uuid[], f_type text[], f_record bytea[],
    head int8, at int8
) RETURNS TABLE (outcome int4, subject uuid, "position" int8, version int8)
LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''one by one''; END'
"""


class Clock:
    """Shows what it is set to, also backwards."""

    now = 0

    def __call__(self) -> int:
        return self.now


class Stores:
    """The same log three times: on SQLite, on PostgreSQL, and on PostgreSQL always one by one."""

    def __init__(self, engines: dict[str, Engine]) -> None:
        self.engines = engines
        self.clock = Clock()
        self.stores: dict[str, Store] = {
            name: open_store(engine, self.clock) for name, engine in engines.items()
        }
        self.model = ModelLog()

    def begin(self) -> None:
        self.model = ModelLog()
        for engine in self.engines.values():
            empty(engine)

    def append(self, batch: list[Append], now: int) -> None:
        self.clock.now = now
        expected = [same(outcome) for outcome in self.model.append(batch, now)]
        for name, store in self.stores.items():
            assert [same(outcome) for outcome in store.append(batch)] == expected, name

    def expect_the_same(self) -> None:
        for name, engine in self.engines.items():
            assert stored_facts(engine) == self.model.facts, name
            assert stored_requests(engine) == self.model.requests, name
            assert stored_closed(engine) == self.model.closed, name
            expect_gapless(engine)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> Iterator[Stores]:
    urls = {
        "sqlite": f"sqlite:///{tmp_path_factory.mktemp('log')}/log.sqlite",
        "postgresql": postgres_server.new_database(),
        "one by one": postgres_server.new_database(),
    }
    engines = {}
    for name, url in urls.items():
        context = new_log(url)
        engines[name] = context.__enter__()
    with engines["one by one"].begin() as connection:
        connection.execute(text(ALWAYS_ONE_BY_ONE))
    yield Stores(engines)
    for engine in engines.values():
        engine.dispose()


# One command: whom, whether it closes, request id, body, and its facts as (stream, distance from
# the version that would be right).
streams = st.one_of(
    st.tuples(st.sampled_from(KINDS), st.none()), st.tuples(st.just("campaign"), st.just(CAMPAIGN))
)
right_or_wrong = st.sampled_from([0, 0, 0, 0, 0, 0, 0, -1, 1])
commands = st.fixed_dictionaries(
    {
        "person": st.sampled_from([*PEOPLE, None]),
        "closes": st.sampled_from([False] * 9 + [True]),
        "key": st.one_of(st.integers(0, 5), st.integers(6, 10**6), st.integers(6, 10**6)),
        "digest": st.sampled_from([b"one", b"one", b"other", ABANDONED]),
        "facts": st.lists(st.tuples(streams, right_or_wrong), max_size=4),
    }
)
batches = st.lists(
    st.tuples(st.lists(commands, min_size=1, max_size=6), st.integers(-5, 5)), min_size=1, max_size=5
)


def made(drawn: dict[str, Any], heads: dict[str, int], model: ModelLog) -> Append:
    """An append as somebody would send it who believes that all before it succeed."""
    person = drawn["person"]
    new = []
    for (kind, subject), distance in drawn["facts"]:
        stream = f"{kind}/{subject or person or CAMPAIGN}"
        right = heads.get(stream, model.version(stream)) + 1
        heads[stream] = right
        record = f"{stream} {right} {drawn['key']}".encode()
        new.append(NewFact(stream, right + distance, person, f"type {kind}", record))
    version = new[-1].version if new else 0
    return Append(
        bytes([drawn["key"] % 256]) * 31 + (drawn["key"] // 256).to_bytes(3, "big"),
        drawn["digest"],
        person or CAMPAIGN,
        person,
        tuple(new),
        version,
        closes=drawn["closes"] and person is not None,
    )


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=batches)
def test_any_history_of_batches_gives_the_same_log_and_the_same_answers(stores: Stores, history: Any):
    """Replays, reused and abandoned ids, closed people, conflicts, and a clock that goes backwards."""
    stores.begin()
    now = 1_000
    for drawn, step in history:
        now += step
        heads: dict[str, int] = {}
        stores.append([made(command, heads, stores.model) for command in drawn], now)
    stores.expect_the_same()


def test_the_checker_finds_a_store_that_forgets_a_replay(stores: Stores):
    stores.begin()
    again = an_append()
    stores.append([again], 1)
    with stores.engines["postgresql"].begin() as connection:
        connection.execute(text("DELETE FROM requests"))
    with pytest.raises(AssertionError):
        stores.append([again], 2)


class TestTheTwoWaysOnPostgres:
    @pytest.fixture
    def store(self, postgres_engine: Engine) -> Store:
        with postgres_engine.begin() as connection:
            connection.execute(text(NEVER_ONE_BY_ONE))
        return open_store(postgres_engine)

    def test_what_meets_nobody_goes_in_at_once(self, store: Store, postgres_engine: Engine):
        person = PEOPLE[0]
        batch = [
            an_append(profile_id=person),
            an_append(profile_id=person, version=2, count=3),
            an_append("consents/x", profile_id=person),
            Append(b"nothing decided", b"digest", person, person, ()),
            an_append(),
        ]
        outcomes = [outcome.position for outcome in store.append(batch) if isinstance(outcome, Appended)]
        assert outcomes == [1, 4, 5, 5, 6]
        assert expect_gapless(postgres_engine) == 6

    def test_all_else_goes_one_by_one(self, store: Store):
        known = an_append()
        store.append([known])
        again = an_append()
        stream = f"profile/{PEOPLE[1]}"
        for batch in (
            [known],  # a replay
            [again, again],  # a replay within the batch
            [an_append(version=2)],  # a conflict
            [an_append(stream), an_append(stream)],  # a conflict within the batch
            [an_append(closes=True)],
        ):
            with pytest.raises(psycopg.errors.RaiseException, match="one by one"):
                store.append(batch)


def test_given_a_request_when_it_comes_again_then_the_first_answer(engine: Engine):
    store = open_store(engine)
    first = an_append(count=2)
    store.append([first])
    store.append([an_append(), an_append()])
    (again,) = store.append([first])
    assert again == Appended(first.subject, 2, 2, replayed=True)
    assert expect_gapless(engine) == 4


def test_given_a_request_when_its_id_comes_with_another_body_then_refused(engine: Engine):
    store = open_store(engine)
    key = b"k" * 32
    store.append([an_append(key=key)])
    (outcome,) = store.append([an_append(key=key, digest=b"other")])
    assert isinstance(outcome, RequestReusedError)
    assert expect_gapless(engine) == 1


def test_given_an_abandoned_request_when_its_owner_comes_late_then_refused(engine: Engine):
    store = open_store(engine)
    key = b"k" * 32
    given_up = Append(key, ABANDONED, UUID(int=0), None, ())
    assert isinstance(store.append([given_up])[0], Appended)
    (outcome,) = store.append([an_append(key=key)])
    assert isinstance(outcome, RequestAbandonedError)
    assert isinstance(store.append([given_up])[0], Appended), "giving up twice is giving up once"
    assert expect_gapless(engine) == 0


def test_given_an_appended_request_when_it_is_abandoned_then_refused(engine: Engine):
    store = open_store(engine)
    key = b"k" * 32
    store.append([an_append(key=key)])
    (outcome,) = store.append([Append(key, ABANDONED, UUID(int=0), None, ())])
    assert isinstance(outcome, RequestReusedError)


def test_given_a_closed_person_when_anything_comes_then_refused_replays_too(engine: Engine):
    store = open_store(engine)
    person = PEOPLE[0]
    registered = an_append(profile_id=person)
    closing = an_append(profile_id=person, version=2, closes=True)
    late = an_append("consents/x", profile_id=person)
    outcomes = store.append([registered, closing, late])
    assert [type(outcome) for outcome in outcomes] == [Appended, Appended, ProfileClosedError]
    for request in (registered, closing, late, Append(b"nothing", b"d", person, person, ())):
        (outcome,) = store.append([request])
        assert isinstance(outcome, ProfileClosedError)
        assert outcome.position == 2
    assert expect_gapless(engine) == 2


def test_a_command_is_stored_whole_or_not_at_all(engine: Engine):
    """Facts of two streams, of which the second is in conflict."""
    store = open_store(engine)
    one, other = an_append("profile/a"), an_append("profile/b", version=2)
    both = Append(b"b" * 32, b"d", PEOPLE[0], None, one.facts + other.facts)
    (outcome,) = store.append([both])
    assert isinstance(outcome, VersionConflictError)
    assert expect_gapless(engine) == 0
    assert stored_requests(engine) == {}


def test_sqlite_that_stays_locked_leaves_the_outcome_unknown_and_stores_nothing(tmp_path: Path):
    with new_log(f"sqlite:///{tmp_path}/log.sqlite") as engine:
        store = SQLiteAppendStore(engine, lambda: 1)

        @event.listens_for(engine, "connect")
        def _impatient(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute("PRAGMA busy_timeout = 10")

        engine.dispose()  # connections made from now on are impatient
        with sqlite3.connect(tmp_path / "log.sqlite", isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(OutcomeUnknownError):
                store.append([an_append()])
            other.execute("ROLLBACK")
        assert isinstance(store.append([an_append()])[0], Appended)
        assert expect_gapless(engine) == 1
