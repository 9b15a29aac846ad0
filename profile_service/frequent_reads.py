"""Reads of one statement that is made once, for what is asked in the middle of every erasure.

On PostgreSQL they pass by SQLAlchemy and its pool, which take five times what such a statement takes.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

import psycopg
from sqlalchemy import CompoundSelect, Dialect, Engine, Select, exc

from profile_service.postgres import PostgresSession

Statement: TypeAlias = Select[Any] | CompoundSelect[Any]


class FrequentReads:
    """On PostgreSQL a connection of its own, one use at a time; on SQLite the pool of the engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._session = PostgresSession(engine) if engine.dialect.name == "postgresql" else None

    def rows(self, statement: Statement, parameters: Mapping[str, Any]) -> Sequence[Any]:
        """Run a statement, which lives as long as the process; return tuples with the names of its columns.

        Raises `OperationalError` of SQLAlchemy, as an engine does.
        """
        if self._session is None:
            with self._engine.connect() as connection:
                return connection.execute(statement, parameters).all()
        text, constants, make_row = _compiled(statement, self._engine.dialect)
        values = {**constants, **parameters}
        try:
            return [make_row(row) for row in self._session.fetch_repeatable(text, values)]
        except psycopg.OperationalError as error:
            raise exc.OperationalError(
                text, None, error, hide_parameters=True, connection_invalidated=True
            ) from error


@cache
def _compiled(statement: Statement, dialect: Dialect) -> tuple[str, Mapping[str, Any], Any]:
    """The text for the driver, the parameters that never change, and what makes a row."""
    compiled = statement.compile(dialect=dialect)
    row = namedtuple("row", statement.selected_columns.keys())  # type: ignore[misc]  # noqa: PYI024 - made by need
    return str(compiled), compiled.params, row._make
