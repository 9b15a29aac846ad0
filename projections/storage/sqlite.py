"""Rows in SQLite: one prepared statement, many times."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from projections.rows import RowKey
from projections.storage.interface import StoredRow, in_key_order, span_bounds
from projections.view import CountTable, RowTable, ViewColumn, ViewTable

# As SQLAlchemy stores them: the queries of the views go through it.
TO_SQLITE: Mapping[type, Callable[[Any], Any]] = {UUID: lambda value: value.hex, date: date.isoformat}
FROM_SQLITE: Mapping[type, Callable[[Any], Any]] = {UUID: UUID, date: date.fromisoformat}

# A statement takes at most 32,766 parameters.
PARAMETERS = 16_000


class SQLiteStorage:
    """See `Storage`."""

    def load(
        self, connection: Connection, table: RowTable[Any], generation: int, subjects: Collection[UUID]
    ) -> list[StoredRow]:
        ids = [subject.hex for subject in subjects]
        found: list[StoredRow] = []
        for start in range(0, len(ids), PARAMETERS):
            part = ids[start : start + PARAMETERS]
            marks = ", ".join("?" * len(part))
            condition = f"WHERE {table.columns[0].name} IN ({marks})"
            found += _query(connection, table, generation, condition, part)
        return found

    def load_span(
        self, connection: Connection, table: RowTable[Any], generation: int, span: range
    ) -> list[StoredRow]:
        bounds = [bound.hex for bound in span_bounds(span)]
        condition = f"WHERE {table.columns[0].name} BETWEEN ? AND ?"
        return _query(connection, table, generation, condition, bounds)

    def load_counts(self, connection: Connection, table: CountTable[Any], generation: int) -> list[StoredRow]:
        return _query(connection, table, generation, "", [])

    def put(
        self, connection: Connection, table: RowTable[Any], generation: int, rows: Sequence[StoredRow]
    ) -> None:
        if rows:
            statement = _upsert(table, generation, "excluded.{0}")
            _driver(connection).executemany(statement, _converted(table.columns, rows, TO_SQLITE))

    def fill(
        self, connection: Connection, table: RowTable[Any], generation: int, rows: Iterable[StoredRow]
    ) -> None:
        kept = list(rows)
        if kept:
            statement = _insert(table, generation)
            _driver(connection).executemany(statement, _converted(table.columns, kept, TO_SQLITE))

    def remove(
        self, connection: Connection, table: RowTable[Any], generation: int, keys: Sequence[RowKey]
    ) -> None:
        if keys:
            columns = table.columns[: table.key]
            equal = " AND ".join(f"{column.name} = ?" for column in columns)
            statement = f"DELETE FROM {_name(table, generation)} WHERE {equal}"
            _driver(connection).executemany(statement, _converted(columns, keys, TO_SQLITE))

    def clear(
        self, connection: Connection, table: RowTable[Any], generation: int, subjects: Sequence[UUID]
    ) -> None:
        statement = f"DELETE FROM {_name(table, generation)} WHERE {table.columns[0].name} = ?"
        _driver(connection).executemany(statement, [(subject.hex,) for subject in subjects])

    def add(
        self,
        connection: Connection,
        table: CountTable[Any],
        generation: int,
        counts: Mapping[RowKey, Sequence[int]],
    ) -> None:
        rows = in_key_order(counts)
        if rows:
            added = f"{_name(table, generation)}.{{0}} + excluded.{{0}}"
            statement = _upsert(table, generation, added)
            _driver(connection).executemany(statement, _converted(table.columns, rows, TO_SQLITE))

    def together(self, connection: Connection) -> AbstractContextManager[Any]:
        return nullcontext()


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _query(
    connection: Connection, table: ViewTable, generation: int, condition: str, values: Sequence[Any]
) -> list[StoredRow]:
    names = ", ".join(column.name for column in table.columns)
    statement = f"SELECT {names} FROM {_name(table, generation)} {condition}"
    rows = _driver(connection).execute(statement, values).fetchall()
    return _converted(table.columns, rows, FROM_SQLITE)


def _converted(
    columns: Sequence[ViewColumn], rows: Sequence[StoredRow], how: Mapping[type, Callable[[Any], Any]]
) -> list[StoredRow]:
    # Column by column: most columns need no conversion, and then cost nothing a row.
    if not rows:
        return []
    values: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for number, column in enumerate(columns):
        if column.kind in how:
            values[number] = [how[column.kind](value) for value in values[number]]
    return list(zip(*values, strict=True))


def _name(table: ViewTable, generation: int) -> str:
    return f"{table.name}_g{generation}"


@lru_cache(maxsize=512)
def _insert(table: ViewTable, generation: int) -> str:
    names = ", ".join(column.name for column in table.columns)
    marks = ", ".join("?" * len(table.columns))
    return f"INSERT INTO {_name(table, generation)} ({names}) VALUES ({marks})"


@lru_cache(maxsize=512)
def _upsert(table: ViewTable, generation: int, value: str) -> str:
    key = ", ".join(column.name for column in table.columns[: table.key])
    changes = ", ".join(f"{c.name} = {value.format(c.name)}" for c in table.columns[table.key :])
    return f"{_insert(table, generation)} ON CONFLICT ({key}) DO UPDATE SET {changes}"
