"""Logs in real databases, and appends that mean nothing in particular."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from uuid import UUID, uuid4

from sqlalchemy import Engine, select, text

from profile_service.database import open_engine
from profile_service.log.append import Append, NewFact
from profile_service.log.facts import StoredFact
from profile_service.log.postgres import PostgresAppendStore
from profile_service.log.schema import closed_profiles, facts, requests
from profile_service.log.sqlite import SQLiteAppendStore
from tests.support.templates import EVENT_DATABASE

Store = SQLiteAppendStore | PostgresAppendStore


def clock() -> int:
    return time.time_ns() // 1000


def open_store(engine: Engine, now: Callable[[], int] = clock) -> Store:
    if engine.dialect.name == "sqlite":
        return SQLiteAppendStore(engine, now)
    return PostgresAppendStore(engine, now)


@contextmanager
def new_log(url: str) -> Iterator[Engine]:
    """The engine of a migrated, empty event database."""
    EVENT_DATABASE.fill(url)
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def an_append(
    stream: str | None = None,
    version: int = 1,
    *,
    count: int = 1,
    profile_id: UUID | None = None,
    key: bytes | None = None,
    digest: bytes = b"digest",
    closes: bool = False,
) -> Append:
    """`count` facts of one stream, from `version` on; of a new person unless said otherwise."""
    person = profile_id or uuid4()
    name = stream or f"profile/{person}"
    made = tuple(
        NewFact(name, version + nth, person, "profile_service.v1.ConsentGiven", b"record")
        for nth in range(count)
    )
    key = key or uuid4().bytes * 2
    return Append(key, digest, person, person, made, version + count - 1, closes=closes)


def stored_facts(engine: Engine) -> list[StoredFact]:
    with engine.connect() as connection:
        rows = connection.execute(select(facts).order_by(facts.c.position))
        return [StoredFact(*row) for row in rows]


def stored_requests(engine: Engine) -> dict[bytes, tuple[bytes, UUID, int, int]]:
    with engine.connect() as connection:
        return {row[0]: tuple(row[1:]) for row in connection.execute(select(requests))}


def stored_closed(engine: Engine) -> dict[UUID, int]:
    with engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(select(closed_profiles))}


def empty(engine: Engine) -> None:
    with engine.begin() as connection:
        for table in ("facts", "requests", "closed_profiles"):
            connection.execute(text(f"DELETE FROM {table}"))


def expect_gapless(engine: Engine) -> int:
    """`count(*) == max(position)`, positions from 1, versions without gaps, time never decreasing.

    Returns the number of facts.
    """
    found = stored_facts(engine)
    assert [fact.position for fact in found] == list(range(1, len(found) + 1))
    assert all(earlier.time <= later.time for earlier, later in pairwise(found))
    versions: dict[str, int] = {}
    for fact in found:
        versions[fact.stream] = versions.get(fact.stream, 0) + 1
        assert fact.version == versions[fact.stream]
    return len(found)
