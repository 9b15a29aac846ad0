"""Engines with the durability settings that the promises need, and schema migrations.

Nothing here knows a table.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

from profile_service import arrays

if TYPE_CHECKING:  # Alembic takes a third of the time in which a worker starts, who needs none of it
    from alembic.config import Config

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


def _configuration(scripts: Path, connection: Connection | None = None) -> Config:
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(scripts))
    configuration.attributes["connection"] = connection
    return configuration


def migrate(engine: Engine, scripts: Path) -> None:
    """Bring the schema to the newest version in `scripts`, an Alembic directory."""
    from alembic import command

    with engine.execution_options(immediate=True).begin() as connection:
        command.upgrade(_configuration(scripts, connection), "head")


def check_schema(engine: Engine, scripts: Path) -> None:
    """Raise `SchemaVersionError` unless the schema is the newest in `scripts`."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    wanted = ScriptDirectory.from_config(_configuration(scripts)).get_current_head()
    with engine.connect() as connection:
        actual = MigrationContext.configure(connection).get_current_revision()
    if actual != wanted:
        raise SchemaVersionError(f"schema {actual or 'none'} found, {wanted} needed: run `aprofile migrate`")


def run_migrations_here(target_metadata: Any = None) -> None:
    """The whole of every `env.py`: run the scripts on the connection that `migrate` opened."""
    from alembic import context  # only meaningful while Alembic runs env.py

    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=target_metadata,
        transactional_ddl=True,
    )
    context.run_migrations()
