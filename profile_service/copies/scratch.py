"""A database to try a copy in: of the same kind, beside the original, gone afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, text

from profile_service.database import open_engine

PREFIX = "aprofile_scratch_"
# Of PostgreSQL: who holds it, alone has a scratch schema in the database ("copy" in ASCII).
SCRATCH_LOCK = 1668247673


@contextmanager
def scratch(engine: Engine) -> Iterator[Engine]:
    """Give an empty database of the same kind as `engine`'s, and remove it afterwards.

    SQLite: a file in a private directory beside the original. PostgreSQL: a schema of the same database.
    One at a time for each original; what a crash left behind is removed by the next call, or the next start.
    """
    make = _postgres if engine.dialect.name == "postgresql" else _sqlite
    with make(engine) as made:
        yield made


def remove_leftovers(engine: Engine) -> None:
    """Remove what a crash left behind, unless somebody has a scratch database of `engine`'s now."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            mine = text("SELECT pg_try_advisory_lock(:key)")
            if connection.execute(mine, {"key": SCRATCH_LOCK}).scalar_one():
                try:
                    _drop_leftovers(connection)
                finally:
                    connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": SCRATCH_LOCK})
        return
    original, prefix = _beside(engine)
    if any(original.parent.glob(f"{prefix}*/")):
        with suppress(Timeout), FileLock(original.with_name(f"{prefix}lock"), timeout=0):
            _remove_directories(original, prefix)


@contextmanager
def _postgres(engine: Engine) -> Iterator[Engine]:
    name = f"{PREFIX}{uuid4().hex}"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": SCRATCH_LOCK})
        try:
            _drop_leftovers(connection)
            connection.exec_driver_sql(f"CREATE SCHEMA {name}")
            try:
                made = _within(engine, name)
                try:
                    yield made
                finally:
                    made.dispose()
            finally:
                connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": SCRATCH_LOCK})


def _drop_leftovers(connection: Connection) -> None:
    leftovers = text("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, :prefix)")
    for leftover in connection.execute(leftovers, {"prefix": PREFIX}).scalars():
        connection.exec_driver_sql(f'DROP SCHEMA "{leftover}" CASCADE')


def _within(engine: Engine, schema: str) -> Engine:
    options = f"{engine.url.query.get('options', '')} -csearch_path={schema}".strip()
    url = engine.url.update_query_dict({"options": options})
    return open_engine(url.render_as_string(hide_password=False), pool_size=2)


@contextmanager
def _sqlite(engine: Engine) -> Iterator[Engine]:
    original, prefix = _beside(engine)
    with FileLock(original.with_name(f"{prefix}lock")):
        _remove_directories(original, prefix)
        directory = Path(tempfile.mkdtemp(prefix=prefix, dir=original.parent))
        made = open_engine(f"sqlite:///{directory}/database.sqlite", pool_size=2)
        try:
            yield made
        finally:
            made.dispose()
            shutil.rmtree(directory)


def _beside(engine: Engine) -> tuple[Path, str]:
    """The file of a SQLite database, and how the names of what lies beside it for this begin."""
    original = Path(str(engine.url.database)).resolve()
    return original, f".{PREFIX}{original.name}_"


def _remove_directories(original: Path, prefix: str) -> None:
    for leftover in original.parent.glob(f"{prefix}*/"):
        shutil.rmtree(leftover)
