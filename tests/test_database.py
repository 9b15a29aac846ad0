"""Engines have the settings that the promises need, and schemas are migrated and checked."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import exc, text

from profile_service import database
from profile_service.database import (
    SQLITE_SETTINGS,
    DatabaseSettingError,
    SchemaVersionError,
    check_schema,
    migrate,
    newest_version,
    open_engine,
)
from profile_service.keys.schema import MIGRATIONS as KEYS
from profile_service.log.schema import MIGRATIONS as LOG
from projections.schema import MIGRATIONS as VIEWS


def test_every_connection_to_sqlite_has_the_settings_that_promises_depend_on(tmp_path: Path):
    engine = open_engine(f"sqlite:///{tmp_path}/new/database.sqlite")
    with engine.connect() as one, engine.connect() as other:
        for connection in (one, other):
            actual = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in SQLITE_SETTINGS}
            assert actual == SQLITE_SETTINGS
    assert SQLITE_SETTINGS["synchronous"] == 2
    assert SQLITE_SETTINGS["secure_delete"] == 1
    assert SQLITE_SETTINGS["journal_mode"] == "wal"


def test_a_setting_that_is_not_taken_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(database.SQLITE_SETTINGS, "synchronous", "nonsense")
    engine = open_engine(f"sqlite:///{tmp_path}/database.sqlite")
    with pytest.raises(DatabaseSettingError, match="synchronous"):
        engine.connect()


def test_an_immediate_transaction_waits_for_the_writer_before_it_reads(tmp_path: Path):
    path = tmp_path / "database.sqlite"
    engine = open_engine(f"sqlite:///{path}")
    with engine.execution_options(immediate=True).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (n)")
        other = sqlite3.connect(path, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()
    with engine.connect() as reading, engine.execution_options(immediate=True).begin() as writing:
        assert reading.exec_driver_sql("SELECT count(*) FROM t").scalar() == 0
        writing.exec_driver_sql("INSERT INTO t VALUES (1)")
        assert reading.exec_driver_sql("SELECT count(*) FROM t").scalar() == 0


def test_an_error_of_the_database_does_not_show_parameters(database_url: str):
    engine = open_engine(database_url)
    with engine.connect() as connection, pytest.raises(exc.DBAPIError) as error:
        connection.execute(text("SELECT * FROM nowhere WHERE name = :name"), {"name": "canary"})
    assert "canary" not in str(error.value)


def test_a_schema_is_brought_to_the_newest_version_once_and_checked(database_url: str):
    engine = open_engine(database_url)
    with pytest.raises(SchemaVersionError, match="none"):
        check_schema(engine, LOG)
    migrate(engine, LOG)
    migrate(engine, LOG)
    check_schema(engine, LOG)


@pytest.mark.parametrize("scripts", [LOG, KEYS, VIEWS], ids=["log", "keys", "views"])
def test_the_newest_version_is_the_one_that_alembic_finds(scripts: Path):
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    configuration = Config()
    configuration.set_main_option("script_location", str(scripts))
    assert ScriptDirectory.from_config(configuration).get_heads() == [newest_version(scripts)]


def test_the_migrations_make_what_the_tables_describe(database_url: str):
    """Every column that queries name exists, with the same type and nullability."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from profile_service.keys.schema import metadata as keys
    from profile_service.log.schema import metadata as log

    for scripts, metadata in ((LOG, log), (KEYS, keys)):
        engine = open_engine(database_url)
        migrate(engine, scripts)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
        with engine.begin() as connection:
            metadata.drop_all(connection)
            connection.exec_driver_sql("DROP TABLE alembic_version")
        engine.dispose()
