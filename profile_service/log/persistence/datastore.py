"""The database of an application: its engine, its transactions, and errors in the library's terms."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Literal
from uuid import UUID
from weakref import WeakValueDictionary

import psycopg
from eventsourcing import persistence
from sqlalchemy import Connection, MetaData, RootTransaction, exc

from profile_service.database import open_engine
from profile_service.presence import share

OriginatorIDType = Literal["uuid", "text"]

# SQLite's own queue gives up after `busy_timeout`; a writer joins it again this often.
SQLITE_TURNS = 10

# "aprofile" in hexadecimal digits as far as they go: apart from every other user of advisory locks.
SCHEMA_LOCK = 0xA9F0F11E

# The library's exceptions have the names of the DB-API's, as have both drivers' and SQLAlchemy's.
_ERRORS = {
    name: getattr(persistence, name)
    for name in (
        "InterfaceError",
        "DataError",
        "OperationalError",
        "IntegrityError",
        "InternalError",
        "ProgrammingError",
        "NotSupportedError",
        "DatabaseError",
    )
}

# One lock a database file and process: threads queue here at no cost, while SQLite's own queue polls.
_file_locks: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()
_file_locks_guard = threading.Lock()


class SQLDatastore:
    """An engine for a SQLAlchemy URL, for recorders to share.

    Originator ids are UUIDs (`uuid`) or strings (`text`). Every method raises the
    library's `InterfaceError` once closed.
    """

    def __init__(
        self, url: str, *, originator_id_type: OriginatorIDType = "uuid", pool_size: int = 8
    ) -> None:
        self.engine = open_engine(url, pool_size=pool_size)
        share(self.engine)
        self.originator_id_type = originator_id_type
        # On PostgreSQL a single SELECT needs no BEGIN and ROLLBACK around it.
        self._for_reading = (
            self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        )
        self._immediate = self.engine.execution_options(immediate=True)
        self._closed = False
        self._closers: list[Callable[[], None]] = []
        self._file_lock = _file_lock(self.engine.url.database) if self.is_sqlite else None

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def stored_id(self, originator_id: UUID | str) -> UUID | str:
        """Return an originator id as its column takes it. Raises the library's `DataError`."""
        if self.originator_id_type == "text":
            return str(originator_id)
        if isinstance(originator_id, UUID):
            return originator_id
        try:
            return UUID(originator_id)
        except ValueError:
            raise persistence.DataError("an originator id is not a UUID") from None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read with."""
        self._check_open()
        with library_errors(), self._for_reading.connect() as connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection to write with; committed at the end, rolled back on an exception."""
        self._check_open()
        with library_errors(), self._file_lock or nullcontext():
            connection, transaction = self._begin()
            with connection, transaction:
                yield connection

    def create_tables(self, metadata: MetaData, *statements: str) -> None:
        """Create what is missing of `metadata`, then run `statements`; one process at a time."""
        with self.transaction() as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({SCHEMA_LOCK})")
            metadata.create_all(connection)
            for statement in statements:
                connection.exec_driver_sql(statement)

    def on_close(self, closer: Callable[[], None]) -> None:
        """Have `closer` called before the engine's connections are closed; the last added first."""
        self._closers.append(closer)

    def close(self) -> None:
        """End the writers after their last commit, and close the connections."""
        while self._closers:
            self._closers.pop()()
        self._closed = True
        self.engine.dispose()

    def _begin(self) -> tuple[Connection, RootTransaction]:
        for turn in range(1, SQLITE_TURNS + 1):
            connection = self._immediate.connect()
            try:
                return connection, connection.begin()
            except exc.OperationalError as error:
                connection.close()
                if turn == SQLITE_TURNS or not _is_busy(error.orig):
                    raise
        raise AssertionError("the last turn returns or raises")

    def _check_open(self) -> None:
        if self._closed:
            raise persistence.InterfaceError("the datastore is closed")

    def __del__(self) -> None:
        if hasattr(self, "_file_lock"):
            self.close()


@contextmanager
def library_errors() -> Iterator[None]:
    """Raise the library's exceptions for the drivers' and SQLAlchemy's.

    They carry the database's message without its details, which name stored values.
    """
    try:
        yield
    except (exc.DBAPIError, psycopg.Error, sqlite3.Error) as error:
        raise _translated(error) from None
    except exc.TimeoutError:
        raise persistence.OperationalError("no connection became free in time") from None


def _translated(error: Exception) -> Exception:
    original = error.orig if isinstance(error, exc.DBAPIError) and error.orig else error
    message = str(original)
    if isinstance(original, psycopg.Error) and original.diag.message_primary:
        message = original.diag.message_primary
    for kind in type(original).__mro__:
        if kind.__name__ in _ERRORS:
            translated: Exception = _ERRORS[kind.__name__](message)
            return translated
    return persistence.PersistenceError(message)


def _is_busy(error: BaseException | None) -> bool:
    code = getattr(error, "sqlite_errorcode", 0)
    return bool(code & 0xFF == sqlite3.SQLITE_BUSY)


def _file_lock(path: str | None) -> threading.Lock:
    with _file_locks_guard:
        return _file_locks.setdefault(str(Path(path or "").resolve()), threading.Lock())
