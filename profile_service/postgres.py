"""A PostgreSQL connection of one's own, for the few statements that every write goes through.

A pool asks and resets the connection around each use, which costs a batch as much as its statement.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import psycopg
from sqlalchemy import Engine

from profile_service import arrays


class PostgresSession:
    """Connects at the first use, and again after the connection was lost. Shared: one use at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: psycopg.Connection[Any] | None = None
        self._turn = threading.Lock()

    def fetch(self, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run one statement, which is one transaction: durable when this returns.

        Raises `psycopg.OperationalError` if the connection is lost: what became of it is not known then.
        """
        with self._turn:
            if self._connection is None:
                self._connection = self._connect()
            try:
                return self._connection.execute(statement, parameters, prepare=True, binary=True).fetchall()
            except psycopg.OperationalError:
                self._connection.close()
                self._connection = None
                raise

    def _connect(self) -> psycopg.Connection[Any]:
        arguments, options = self._engine.dialect.create_connect_args(self._engine.url)
        connection = psycopg.connect(*arguments, **options, autocommit=True)
        arrays.register(connection)
        return connection
