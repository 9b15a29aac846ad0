"""A PostgreSQL connection of one's own, for the few statements that every write goes through.

A pool asks and resets the connection around each use, which costs a batch as much as its statement.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

import psycopg
from sqlalchemy import Engine

from profile_service import arrays

Parameters: TypeAlias = Sequence[Any] | Mapping[str, Any]


class PostgresSession:
    """Connects at the first use, and again after the connection was lost. Shared: one use at a time.

    `options` are of libpq. `begin` is called with each new connection, before anything else is said on it.
    `channel`: what `heard` listens to.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        options: Mapping[str, Any] | None = None,
        begin: Callable[[psycopg.Connection[Any]], None] | None = None,
        channel: str | None = None,
    ) -> None:
        self._engine = engine
        self._options = options or {}
        self._begin = begin
        self._channel = channel
        self._connection: psycopg.Connection[Any] | None = None
        self._turn = threading.Lock()

    def fetch(self, statement: str, parameters: Parameters) -> list[tuple[Any, ...]]:
        """Run one statement, which is one transaction: durable when this returns.

        Raises `psycopg.OperationalError` if the connection is lost: what became of it is not known then.
        """
        with self._turn:
            return self._run(statement, parameters)

    def fetch_repeatable(self, statement: str, parameters: Parameters) -> list[tuple[Any, ...]]:
        """The same for what does no harm twice: a connection that was lost since the last use is replaced."""
        with self._turn:
            with suppress(psycopg.OperationalError):
                return self._run(statement, parameters)
            return self._run(statement, parameters)

    def heard(self, timeout: float) -> list[str]:
        """Wait for NOTIFY on the channel; return its payloads, none after `timeout` seconds.

        What is sent between two calls is heard by the second, unless the connection was lost: then this
        raises `psycopg.OperationalError`.
        """
        with self._turn:
            connection = self._connected()
            try:
                return [notify.payload for notify in connection.notifies(timeout=timeout, stop_after=1)]
            except psycopg.OperationalError:
                self._disconnect()
                raise

    def close(self) -> None:
        with self._turn:
            self._disconnect()

    def _run(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
        connection = self._connected()
        try:
            return connection.execute(statement, parameters, prepare=True, binary=True).fetchall()
        except psycopg.OperationalError:
            self._disconnect()
            raise

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> psycopg.Connection[Any]:
        arguments, options = self._engine.dialect.create_connect_args(self._engine.url)
        connection = psycopg.connect(*arguments, **{**options, **self._options}, autocommit=True)
        if self._begin is not None:
            self._begin(connection)
        arrays.register(connection)
        if self._channel is not None:
            connection.execute(f"LISTEN {self._channel}")
        return connection
