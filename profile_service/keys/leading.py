"""Who closes an epoch: one process at a time. That nothing breaks if two do does not hang on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from profile_service.keys.errors import CloseElsewhereError
from profile_service.keys.transactions import CLOSING_LOCK, available, is_postgres


@contextmanager
def leading(engine: Engine) -> Iterator[None]:
    """Be the one who closes, for the length of a block. Raises `CloseElsewhereError`.

    A process that is killed lets go at once.
    """
    with _postgres(engine) if is_postgres(engine) else _sqlite(engine):
        yield


@contextmanager
def _postgres(engine: Engine) -> Iterator[None]:
    """The lock is held by a session of its own."""
    with available():
        connection = engine.execution_options(isolation_level="AUTOCOMMIT").connect()
    with connection:
        with available():
            taken = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": CLOSING_LOCK})
            ours = taken.scalar_one()
        if not ours:
            raise CloseElsewhereError("another process is closing the epoch")
        try:
            yield
        finally:
            with suppress(DBAPIError):
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": CLOSING_LOCK})
            # Not back to the pool: the session ends, and with it the lock, whatever state it is in.
            connection.invalidate()


@contextmanager
def _sqlite(engine: Engine) -> Iterator[None]:
    file = Path(str(engine.url.database))
    lock = FileLock(file.with_name(file.name + ".closing"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise CloseElsewhereError("another process is closing the epoch") from None
    try:
        yield
    finally:
        lock.release()
