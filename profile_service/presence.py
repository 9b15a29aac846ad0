"""Who uses a database: processes of the service do so together, a restore does so alone.

It is part of being connected: whoever may not be there gets no connection, and whoever loses one has to ask
again. On PostgreSQL it is an advisory lock of the session, on SQLite a lock on a file beside the database.
No table is looked at.
"""

from __future__ import annotations

import fcntl
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import psycopg
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError

# Of PostgreSQL, one in each database ("use" in ASCII).
LOCK = 7697253
# Seconds until the sessions of a process that has just ended are gone.
PATIENCE = 3.0
_POLL = 0.05
_FILE = "presence"


class DatabaseTakenError(Exception):
    """A restore has the database alone; the text is one line for the operator."""


class PostgresTakenError(DatabaseTakenError, psycopg.OperationalError):
    """As an error of the driver, for whoever can do without this database for a while."""


class SQLiteTakenError(DatabaseTakenError, sqlite3.OperationalError):
    """The same."""


class DatabaseInUseError(Exception):
    """Others use the database; the text is one line for the operator."""


def share(engine: Engine) -> None:
    """From here on every connection of `engine` is one of those who use the database.

    Connecting raises SQLAlchemy's `OperationalError` of a `DatabaseTakenError` while somebody has it alone.
    """

    def share_file(connection: sqlite3.Connection, record: Any) -> None:
        record.info[_FILE] = file = _lock_file(engine)
        if not _locked(file, fcntl.LOCK_SH):
            _leave_file(connection, record)
            connection.close()
            raise SQLiteTakenError(f"a restore is writing to {engine.url.database}")

    # Before anything else is said on the connection.
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", lambda connection, _: share_session(connection), insert=True)
    else:
        event.listen(engine, "connect", share_file, insert=True)
        event.listen(engine, "close", _leave_file)


def share_session(connection: psycopg.Connection[Any]) -> None:
    """Make a connection of PostgreSQL, from its begin on, one of those who use the database.

    Closes it and raises `PostgresTakenError` while somebody has it alone.
    """
    row = connection.execute("SELECT pg_try_advisory_lock_shared(%s)", (LOCK,)).fetchone()
    connection.commit()
    if row != (True,):
        name = connection.info.dbname
        connection.close()
        raise PostgresTakenError(f"a restore is writing to the database {name}")


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """Have the database alone for the length of a block; connections of `engine` are not shared ones.

    Raises `DatabaseInUseError` if others still use it after `PATIENCE`.
    """
    with _session_alone(engine) if engine.dialect.name == "postgresql" else _file_alone(engine):
        yield


def _leave_file(_connection: Any, record: Any) -> None:
    file: BinaryIO | None = record.info.pop(_FILE, None)
    if file is not None:
        file.close()


@contextmanager
def _session_alone(engine: Engine) -> Iterator[None]:
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        statement = text("SELECT pg_try_advisory_lock(:key)")
        try:
            _wait(
                lambda: bool(connection.execute(statement, {"key": LOCK}).scalar_one()),
                f"the database {engine.url.database}",
            )
            yield
        finally:
            # The server notices the end of a session a little later; who comes next need not wait for that.
            with suppress(DBAPIError):
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
            # Not back to the pool: the session ends, and with it the lock, whatever state it is in.
            connection.invalidate()


@contextmanager
def _file_alone(engine: Engine) -> Iterator[None]:
    with _lock_file(engine) as file:
        _wait(lambda: _locked(file, fcntl.LOCK_EX), str(engine.url.database))
        yield


def _wait(taken: Callable[[], bool], name: str) -> None:
    end = time.monotonic() + PATIENCE
    while not taken():
        if time.monotonic() >= end:
            raise DatabaseInUseError(f"{name} is in use: stop every server, projector and reader of it first")
        time.sleep(_POLL)


def _lock_file(engine: Engine) -> BinaryIO:
    database = Path(str(engine.url.database))
    return database.with_name(f"{database.name}.in-use").open("ab")


def _locked(file: BinaryIO, how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
