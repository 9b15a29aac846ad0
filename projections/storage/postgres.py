"""Rows in PostgreSQL: arrays in one statement a table, binary COPY to fill."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Connection

from projections.rows import RowKey
from projections.storage.interface import StoredRow, in_key_order, span_bounds
from projections.view import CountTable, RowTable, ViewTable

SQL_NAMES: Mapping[type, str] = {UUID: "uuid", int: "int8", str: "text", bytes: "bytea", date: "date"}


class PostgresStorage:
    """See `Storage`."""

    def load(
        self, connection: Connection, table: RowTable[Any], generation: int, subjects: Collection[UUID]
    ) -> list[StoredRow]:
        if not subjects:
            return []
        statement = f"{_select(table, generation)} WHERE {table.columns[0].name} = ANY(%b::uuid[])"
        return _driver(connection).execute(statement, (list(subjects),), binary=True).fetchall()

    def load_span(
        self, connection: Connection, table: RowTable[Any], generation: int, span: range
    ) -> list[StoredRow]:
        statement = f"{_select(table, generation)} WHERE {table.columns[0].name} BETWEEN %b AND %b"
        return _driver(connection).execute(statement, span_bounds(span), binary=True).fetchall()

    def load_counts(self, connection: Connection, table: CountTable[Any], generation: int) -> list[StoredRow]:
        return _driver(connection).execute(_select(table, generation), binary=True).fetchall()

    def put(
        self, connection: Connection, table: RowTable[Any], generation: int, rows: Sequence[StoredRow]
    ) -> None:
        if rows:
            _driver(connection).execute(_upsert(table, generation, "excluded.{0}"), _arrays(rows))

    def fill(
        self, connection: Connection, table: RowTable[Any], generation: int, rows: Iterable[StoredRow]
    ) -> None:
        statement = f"COPY {_name(table, generation)} ({_names(table)}) FROM STDIN (FORMAT BINARY)"
        with _driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types([SQL_NAMES[column.kind] for column in table.columns])
            for row in rows:
                copy.write_row(row)

    def remove(
        self, connection: Connection, table: RowTable[Any], generation: int, keys: Sequence[RowKey]
    ) -> None:
        if keys:
            _driver(connection).execute(_delete(table, generation), _arrays(keys))

    def clear(
        self, connection: Connection, table: RowTable[Any], generation: int, subjects: Sequence[UUID]
    ) -> None:
        if subjects:
            name = _name(table, generation)
            statement = f"DELETE FROM {name} WHERE {table.columns[0].name} = ANY(%b::uuid[])"
            _driver(connection).execute(statement, (list(subjects),))

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
            _driver(connection).execute(_upsert(table, generation, added), _arrays(rows))

    def together(self, connection: Connection) -> AbstractContextManager[Any]:
        return _driver(connection).pipeline()


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


def _arrays(rows: Sequence[StoredRow]) -> list[list[Any]]:
    return [list(values) for values in zip(*rows, strict=True)]


def _name(table: ViewTable, generation: int) -> str:
    return f"{table.name}_g{generation}"


def _names(table: ViewTable) -> str:
    return ", ".join(column.name for column in table.columns)


@lru_cache(maxsize=512)
def _select(table: ViewTable, generation: int) -> str:
    return f"SELECT {_names(table)} FROM {_name(table, generation)}"


@lru_cache(maxsize=512)
def _upsert(table: ViewTable, generation: int, value: str) -> str:
    arrays = ", ".join(f"%b::{SQL_NAMES[column.kind]}[]" for column in table.columns)
    key = ", ".join(column.name for column in table.columns[: table.key])
    changes = ", ".join(f"{c.name} = {value.format(c.name)}" for c in table.columns[table.key :])
    return (
        f"INSERT INTO {_name(table, generation)} ({_names(table)}) SELECT * FROM unnest({arrays})"
        f" ON CONFLICT ({key}) DO UPDATE SET {changes}"
    )


@lru_cache(maxsize=512)
def _delete(table: RowTable[Any], generation: int) -> str:
    key = table.columns[: table.key]
    arrays = ", ".join(f"%b::{SQL_NAMES[column.kind]}[]" for column in key)
    names = ", ".join(column.name for column in key)
    equal = " AND ".join(f"t.{column.name} = k.{column.name}" for column in key)
    return f"DELETE FROM {_name(table, generation)} t USING unnest({arrays}) k({names}) WHERE {equal}"
