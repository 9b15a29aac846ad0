"""Who of several processes does a piece of work: a row in the views' database that must be renewed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    delete,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from projections.catalogue import write_transaction
from projections.schema import leases
from projections.sources import now

log = structlog.get_logger()

TERM = 3.0
RENEW_AFTER = 1.0


class LeaseTakenError(Exception):
    """Another process does this work."""


class Lease:
    """The right to do the work called `name`, for `TERM` seconds after each renewal.

    It keeps two processes from doing the same work twice; that nothing is *counted*
    twice does not hang on it, but on the positions in the catalogue.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = write_transaction(engine)
        self._name = name
        self._holder = uuid4().hex
        self._renewed = float("-inf")

    @property
    def held(self) -> bool:
        """Whether it was ours at the last look and can't be over yet."""
        return time.monotonic() < self._renewed + TERM

    def acquire(self) -> bool:
        """Take or renew the lease; say whether it is ours."""
        if time.monotonic() < self._renewed + RENEW_AFTER:
            return True
        asked = time.monotonic()
        with self._engine.begin() as connection:
            ours = self._take(connection)
        self._renewed = asked if ours else float("-inf")
        return ours

    def release(self) -> None:
        """Let another one take it at once."""
        self._renewed = float("-inf")
        with self._engine.begin() as connection:
            connection.execute(
                delete(leases).where(leases.c.name == self._name, leases.c.holder == self._holder)
            )

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Hold the lease while the block runs, however long. Raises `LeaseTakenError`."""
        if not self.acquire():
            raise LeaseTakenError(self._name)
        ended = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(ended,), name="lease", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            ended.set()
            keeper.join()
            self.release()

    def _keep(self, ended: threading.Event) -> None:
        while not ended.wait(RENEW_AFTER):
            try:
                self.acquire()
            except DBAPIError as error:
                log.warning("a lease could not be renewed", name=self._name, error=type(error).__name__)

    def _take(self, connection: Connection) -> bool:
        clock = _clock(connection)
        term = int(TERM * 1_000_000)
        mine_or_over = or_(leases.c.holder == self._holder, leases.c.expires < clock)
        taken = connection.execute(
            update(leases)
            .where(leases.c.name == self._name, mine_or_over)
            .values(holder=self._holder, expires=clock + term)
        )
        if taken.rowcount:
            return True
        known = connection.execute(select(leases.c.name).where(leases.c.name == self._name)).first()
        if known is not None:
            return False
        statement = _insert(connection)(leases).values(
            name=self._name, holder=self._holder, expires=clock + term
        )
        # Another one may have been first.
        return bool(connection.execute(statement.on_conflict_do_nothing()).rowcount)


def is_held(connection: Connection, name: str) -> bool:
    """Whether somebody does the work called `name` now, or did until a moment ago and may be stalled."""
    held = leases.c.expires + int(TERM * 1_000_000) >= _clock(connection)
    return connection.execute(select(leases.c.name).where(leases.c.name == name, held)).first() is not None


def _insert(connection: Connection) -> Any:
    return sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert


def _clock(connection: Connection) -> ColumnElement[int]:
    """Microseconds since 1970 UTC by a clock that all who share the database share."""
    if connection.dialect.name == "sqlite":
        return literal(now())
    return literal_column("(extract(epoch from clock_timestamp()) * 1000000)::int8", BigInteger)
