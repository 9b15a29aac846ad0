"""PostgreSQL: one REPEATABLE READ transaction, the schema from the catalogue, binary COPY of each table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine, text

from profile_service.copies.files import BLOCK, write_blocks
from profile_service.copies.manifest import CopyDamagedError, CopySummary, DatabaseNotEmptyError
from profile_service.copies.postgres_schema import Schema, drop_everything, read_schema, table_names

SCHEMA = "schema.json"


def copy_out(
    engine: Engine, directory: Path, notes: Callable[[Connection], Mapping[str, Any]]
) -> CopySummary:
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        _lock_tables(connection)
        schema = read_schema(connection)
        content = json.dumps(schema.as_json(), indent=1).encode()
        files = {SCHEMA: write_blocks(directory / SCHEMA, [content])}
        rows = {}
        for table in schema.columns:
            name = f"{table}.copy"
            with _driver(connection).cursor() as cursor:
                statement = sql.SQL("COPY {} ({}) TO STDOUT (FORMAT BINARY)")
                with cursor.copy(_about(statement, table, schema)) as copy:
                    files[name] = write_blocks(directory / name, copy)
                rows[table] = cursor.rowcount
        revision = None
        if "alembic_version" in schema.columns:
            revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        noted = dict(notes(connection))
    return CopySummary("postgresql", revision, rows, files, noted)


def _lock_tables(connection: Connection) -> None:
    """Have nobody drop a table before it is copied; one that goes while they are locked is looked past."""
    while names := table_names(connection):
        tables = sql.SQL(", ").join(map(sql.Identifier, names))
        try:
            _driver(connection).execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(tables))
        except psycopg.errors.UndefinedTable:
            connection.rollback()
        else:
            return


def copy_in(
    directory: Path,
    summary: CopySummary,
    engine: Engine,
    prepare: Callable[[Connection], None],
    *,
    replace: bool,
) -> None:
    schema = Schema.from_json(json.loads((directory / SCHEMA).read_bytes()))
    with engine.begin() as connection:
        if replace:
            drop_everything(connection)
        elif table_names(connection):
            raise DatabaseNotEmptyError(f"{engine.url.database}: the database is not empty")
        driver = _driver(connection)
        _run(driver, schema.tables)
        for table in schema.columns:
            with driver.cursor() as cursor:
                statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)")
                with cursor.copy(_about(statement, table, schema)) as copy:
                    for block in _blocks(directory / f"{table}.copy"):
                        copy.write(block)
                if cursor.rowcount != summary.rows[table]:
                    raise CopyDamagedError(f"{directory}: {table} has another number of rows")
        # After the rows: an index is made faster than it is kept.
        _run(driver, schema.after)
        prepare(connection)
        for table in schema.columns:
            driver.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


def _about(statement: sql.SQL, table: str, schema: Schema) -> sql.Composed:
    columns = sql.SQL(", ").join(sql.Identifier(column) for column in schema.columns[table])
    return statement.format(sql.Identifier(table), columns)


def _run(driver: psycopg.Connection[Any], statements: tuple[str, ...]) -> None:
    for statement in statements:
        driver.execute(statement.encode())


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver
