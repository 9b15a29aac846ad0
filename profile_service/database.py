"""Engines with the durability settings that the promises need, and schema migrations.

Nothing here knows a table.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine import make_url

from profile_service import arrays

# What a SQLite build may default to otherwise, and what each protects:
# FULL: an acknowledged commit survives a power cut; secure_delete: deleted bytes are overwritten.
SQLITE_SETTINGS = {
    "busy_timeout": 30_000,
    "journal_mode": "wal",
    "synchronous": 2,
    "secure_delete": 1,
    "foreign_keys": 1,
    "cache_size": -32_000,
    "temp_store": 2,
}


class DatabaseSettingError(Exception):
    """The database did not take a setting that a promise depends on."""


class SchemaVersionError(Exception):
    """The schema of the database is not the one this version of the service works with."""


def open_engine(url: str, *, pool_size: int = 8) -> Engine:
    """Return an engine for a SQLAlchemy URL (`sqlite:///…` or `postgresql+psycopg://…`).

    SQLite transactions begin explicitly: `BEGIN IMMEDIATE` for connections whose
    execution option `immediate` is true, else `BEGIN`. Raises `DatabaseSettingError`
    on connecting when SQLite refuses a setting of `SQLITE_SETTINGS`.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, pool_size=pool_size, hide_parameters=True)
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(
        parsed, pool_size=pool_size, max_overflow=16, hide_parameters=True, pool_pre_ping=False
    )
    event.listen(engine, "connect", _configure_postgres)
    return engine


def for_single_reads(engine: Engine) -> Engine:
    """Return the engine for reads of one statement each: without BEGIN and ROLLBACK around them.

    On PostgreSQL those are two of three round trips; on SQLite they cost next to nothing.
    """
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="AUTOCOMMIT")
    return engine


def _configure_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling begins too late for BEGIN IMMEDIATE.
    connection.isolation_level = None
    for name, value in SQLITE_SETTINGS.items():
        connection.execute(f"PRAGMA {name} = {value}")
        (actual,) = connection.execute(f"PRAGMA {name}").fetchone()
        if actual != value:
            raise DatabaseSettingError(f"SQLite has {name} = {actual}, not {value}")


def _configure_postgres(connection: Any, _record: Any) -> None:
    arrays.register(connection)


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def migrate(engine: Engine, scripts: Path) -> None:
    """Bring the schema to the newest version in `scripts`, an Alembic directory."""
    if _version(engine) == newest_version(scripts):
        return
    # A tenth of a second to import: only who migrates waits for it.
    from alembic import command
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(scripts))
    with engine.execution_options(immediate=True).begin() as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "head")


def check_schema(engine: Engine, scripts: Path) -> None:
    """Raise `SchemaVersionError` unless the schema is the newest in `scripts`."""
    actual, wanted = _version(engine), newest_version(scripts)
    if actual != wanted:
        raise SchemaVersionError(f"schema {actual or 'none'} found, {wanted} needed: run `aprofile migrate`")


def newest_version(scripts: Path) -> str:
    """The version that the last script makes, by the name of its file: `0008_root_place.py` makes 0008."""
    return max(path.name for path in (scripts / "versions").glob("*.py")).partition("_")[0]


def _version(engine: Engine) -> str | None:
    """What Alembic wrote down, if it ever did."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        return found


def run_migrations_here(target_metadata: Any = None) -> None:
    """The whole of every `env.py`: run the scripts on the connection that `migrate` opened."""
    from alembic import context  # only meaningful while Alembic runs env.py

    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=target_metadata,
        transactional_ddl=True,
    )
    context.run_migrations()
