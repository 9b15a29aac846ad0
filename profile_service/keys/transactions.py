"""Transactions on the key database: the two locks, the database's clock, and a database that is away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection, Engine, exc, text

from profile_service.keys.errors import KeysUnavailableError

# Advisory locks of PostgreSQL; SQLite has one writer at a time anyway. Taken in this order.
# Held by the session of the one process that closes an epoch, for as long as that takes: nobody waits for it.
CLOSING_LOCK = 7038332
# Held shared by whatever names a bucket version, exclusively by the close of an epoch
# (the function `reserve_addresses` in the migrations takes it too).
BUCKET_LOCK = 7038329
# Held exclusively from suppressing an address to the commit, and shared by reservations (in the function
# `reserve_addresses`): each of two at once then sees the other.
SUPPRESSION_LOCK = 7038331
# Held from numbering a tombstone to its commit: a sequence alone is not an order.
TOMBSTONE_LOCK = 7038330


def is_postgres(engine: Engine) -> bool:
    return engine.dialect.name == "postgresql"


@contextmanager
def available() -> Iterator[None]:
    """Raise `KeysUnavailableError` for a lost or overloaded database; a commit may have happened."""
    try:
        yield
    except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError, psycopg.OperationalError) as error:
        raise KeysUnavailableError("the key database is not available") from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A read in one transaction. Raises `KeysUnavailableError`."""
    with available(), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that names bucket versions: none becomes outdated until it ends."""
    with available(), engine.execution_options(immediate=True).begin() as connection:
        _lock(connection, "pg_advisory_xact_lock_shared", BUCKET_LOCK)
        yield connection


@contextmanager
def rebuilding(engine: Engine) -> Iterator[Connection]:
    """A transaction that makes epochs and buckets: alone in the database's key tree."""
    with available(), engine.execution_options(immediate=True).begin() as connection:
        _lock(connection, "pg_advisory_xact_lock", BUCKET_LOCK)
        yield connection


def lock_suppressions(connection: Connection) -> None:
    """Until the transaction ends, no address is reserved that may be meant."""
    _lock(connection, "pg_advisory_xact_lock", SUPPRESSION_LOCK)


def lock_tombstones(connection: Connection) -> None:
    """Until the transaction ends, tombstones are numbered here only."""
    _lock(connection, "pg_advisory_xact_lock", TOMBSTONE_LOCK)


def _lock(connection: Connection, function: str, key: int) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT {function}(:key)"), {"key": key})


def database_time(connection: Connection) -> int:
    """Microseconds since 1970 UTC by the database's clock (of SQLite: this machine's)."""
    if connection.dialect.name != "postgresql":
        return time.time_ns() // 1000
    statement = text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8")
    return int(connection.execute(statement).scalar_one())
