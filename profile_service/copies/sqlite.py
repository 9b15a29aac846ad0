"""SQLite: the online backup API, one file a copy."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, inspect, text

from profile_service.copies.files import create_private, sha256_of, sync_file
from profile_service.copies.manifest import CopyDamagedError, CopySummary, DatabaseNotEmptyError

FILE = "database.sqlite"


def copy_out(
    engine: Engine, directory: Path, notes: Callable[[Connection], Mapping[str, Any]]
) -> CopySummary:
    path = directory / FILE
    os.close(create_private(path))
    with closing(sqlite3.connect(path)) as target:
        with engine.connect() as connection:
            # All pages in one step: one read transaction, and writers go on meanwhile.
            _driver(connection).backup(target)
        # One file, without a write-ahead log beside it.
        target.execute("PRAGMA journal_mode = delete")
    sync_file(path)
    copied = _plain_engine(path)
    with copied.connect() as connection:
        tables = inspect(connection).get_table_names()
        rows = {
            name: int(connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one())
            for name in tables
        }
        revision = (
            connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            if "alembic_version" in tables
            else None
        )
        noted = dict(notes(connection))
    return CopySummary("sqlite", revision, rows, {FILE: sha256_of(path)}, noted)


def copy_in(
    directory: Path,
    summary: CopySummary,
    engine: Engine,
    prepare: Callable[[Connection], None],
    *,
    replace: bool,
) -> None:
    with engine.connect() as connection:
        if not replace and inspect(connection).get_table_names():
            raise DatabaseNotEmptyError(f"{engine.url.database}: the database is not empty")
    beside = Path(str(engine.url.database)).resolve().parent
    with tempfile.TemporaryDirectory(prefix=".copy-", dir=beside) as private:
        prepared = Path(private) / FILE
        shutil.copyfile(directory / FILE, prepared)
        copied = _plain_engine(prepared)
        with copied.begin() as connection:
            if connection.execute(text("PRAGMA quick_check")).scalar() != "ok":
                raise CopyDamagedError(f"{directory / FILE}: not a sound database")
            prepare(connection)
        _fill(engine, prepared)


def _fill(engine: Engine, source: Path) -> None:
    with engine.connect() as connection, closing(sqlite3.connect(source)) as copied:
        # One transaction: whoever opens the file sees all of it or nothing.
        copied.backup(_driver(connection))
        _driver(connection).execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


def _plain_engine(path: Path) -> Engine:
    return create_engine(f"sqlite:///{path}", poolclass=NullPool, hide_parameters=True)


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver
