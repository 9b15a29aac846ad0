"""A log of many lives and its keys, written in bulk: every seal and key is real, only the commits are larger.

A life is five facts, far apart in the log: the person registers, completes, consents, corrects and
moves. Four of the five are sealed and concern the profile.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from google.protobuf.message import Message
from sqlalchemy import Connection, Engine, Table, insert, text

from benchmarks.bodies import registration
from benchmarks.bulk_keys import registered
from profile_service.database import open_engine
from profile_service.domain import registry
from profile_service.keys.cipher import ProfileCipher
from profile_service.log.append import NewFact
from profile_service.log.facts import write_record
from profile_service.log.schema import facts, requests
from profile_service.log.streams import CONSENTS, PROFILE, stream_name
from profile_service.v1 import events_pb2 as events
from profile_service.v1.profile_pb2 import CHANNEL_IMPORT, Address, Interests
from projections.sources import Sources
from tests.support.service import Databases
from tests.support.sources import migrate_all, open_sources

# People whose facts are sealed and stored at once.
BATCH = 1_000

# What binary COPY calls the types of the columns.
TYPES = {int: "int8", str: "text", bytes: "bytea", UUID: "uuid"}


@dataclass(frozen=True)
class Place:
    """Where a log, its keys and its views are. Picklable: what a worker is told."""

    databases: Databases
    root_keys: Path


@dataclass(frozen=True)
class Stage:
    """One fact of a life: the kind of its stream, its version there, and what it says of person `number`."""

    kind: str
    version: int
    says: Callable[[int], Message]


def _registers(number: int) -> Message:
    given = registration(number, "lives")
    return events.ProfileRegistered(
        email=given.email,
        given_name=given.given_name,
        family_name=given.family_name,
        date_of_birth=given.date_of_birth,
        gender=given.gender,
        post_code=given.post_code,
        language=given.language,
        policy_version=given.policy_version,
    )


def _completes(number: int) -> Message:
    return events.ProfileUpdated(
        phone=f"+3247{number:07}",
        address=_address(number),
        interests=Interests(topics=["culture", "sports"]),
        reason=events.UPDATE_REASON_COMPLETION,
    )


def _consents(_number: int) -> Message:
    return events.ConsentGiven(purpose="newsletter", policy_version="2026-01", text_hash=bytes(32))


def _corrects(number: int) -> Message:
    return events.ProfileUpdated(given_name=given_name(number), reason=events.UPDATE_REASON_CORRECTION)


def given_name(number: int) -> str:
    """What person `number` is called in the end."""
    return f"Given {number}"


def _moves(number: int) -> Message:
    return events.ProfileUpdated(address=_address(number + 1), reason=events.UPDATE_REASON_COMPLETION)


def _address(number: int) -> Address:
    return Address(
        street=f"Street {number % 977}",
        house_number=str(1 + number % 199),
        post_code=f"2{number % 1000:03}",
        municipality="Antwerpen",
        country="BE",
    )


MOVE = Stage(PROFILE, 4, _moves)
LIFE = (
    Stage(PROFILE, 1, _registers),
    Stage(PROFILE, 2, _completes),
    Stage(CONSENTS, 1, _consents),
    Stage(PROFILE, 3, _corrects),
    MOVE,
)


def write(place: Place, people: int) -> list[UUID]:
    """Let `people` live in empty databases; return their profile ids, in the order of registration."""
    migrate_all(place.databases)
    ids: list[UUID] = []
    key_engine = open_engine(place.databases.keys)
    with _writer(place, people) as writer, open_sources(place.databases, place.root_keys) as sources:
        for reserved in registered(key_engine, sources.keys, people):
            keys = [one.key for one in reserved if one.key is not None]
            ciphers = {key.profile_id: key.cipher for key in keys}
            writer.write(LIFE[0], len(ids), list(ciphers), ciphers, [one.request_key for one in reserved])
            ids += ciphers
        for stage in LIFE[1:]:
            for first in range(0, people, BATCH):
                some = ids[first : first + BATCH]
                writer.write(stage, first, some, sources.keys.ciphers(some))
    key_engine.dispose()
    return ids


@cache
def keep_open(place: Place) -> Sources:
    """What a worker is given: it opens once what all its slices need, and keeps it until it ends."""
    stack = ExitStack()
    Finalize(None, stack.close, exitpriority=0)  # a worker ends without running what others run at exit
    return stack.enter_context(open_sources(place.databases, place.root_keys))


@contextmanager
def _writer(place: Place, people: int) -> Iterator[_Writer]:
    engine = open_engine(place.databases.events)
    # The last one happens about now, each a microsecond after the one before.
    yield _Writer(engine, time.time_ns() // 1000 - people * len(LIFE))
    if engine.dialect.name == "postgresql":
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text("VACUUM ANALYZE facts"))
    engine.dispose()


class _Writer:
    """Puts facts behind each other in the log, each with its request."""

    def __init__(self, engine: Engine, begin: int) -> None:
        self._engine = engine
        self._begin = begin
        self._position = 0

    def write(
        self,
        stage: Stage,
        first: int,
        profile_ids: Sequence[UUID],
        ciphers: Mapping[UUID, ProfileCipher],
        request_keys: Sequence[bytes] | None = None,
    ) -> None:
        """Let this happen to people, the first of whom has the number `first`."""
        keys = request_keys or [os.urandom(32) for _ in profile_ids]
        positions = range(self._position + 1, self._position + 1 + len(profile_ids))
        fact_rows, request_rows = [], []
        for place, (position, profile_id, key) in enumerate(zip(positions, profile_ids, keys, strict=True)):
            fact = new_fact(stage, first + place, profile_id, ciphers[profile_id])
            at = (position, self._begin + position)
            fact_rows.append((*at, fact.stream, fact.version, profile_id, fact.type, fact.record))
            request_rows.append((key, os.urandom(32), profile_id, position, fact.version))
        with self._engine.execution_options(immediate=True).begin() as connection:
            _store(connection, facts, fact_rows)
            _store(connection, requests, request_rows)
        self._position = positions[-1]


def new_fact(
    stage: Stage, number: int, profile_id: UUID, cipher: ProfileCipher, *, later: int = 0
) -> NewFact:
    """What happens to person `number` at a stage, sealed; `later`: so many versions after its own."""
    message = stage.says(number)
    header = events.EventHeader(
        stream=stream_name(stage.kind, profile_id),
        version=stage.version + later,
        type=message.DESCRIPTOR.full_name,
        profile_id=profile_id.bytes,
        actor="bench",
        channel=CHANNEL_IMPORT,
        request_id=uuid4().bytes,
        schema=registry.fact_type(message.DESCRIPTOR.full_name).schema,
    )
    record = write_record(header, message, cipher)
    return NewFact(header.stream, header.version, profile_id, header.type, record)


def _store(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    names = [column.name for column in table.columns]
    if connection.dialect.name == "sqlite":
        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
        return
    driver: Any = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    statement = f"COPY {table.name} ({', '.join(names)}) FROM STDIN (FORMAT BINARY)"
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types([TYPES[column.type.python_type] for column in table.columns])
        for row in rows:
            copy.write_row(row)
