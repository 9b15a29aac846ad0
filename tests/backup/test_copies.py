"""Copies of whole databases: complete, consistent while others write, refused when they are not whole."""

from __future__ import annotations

import json
import stat
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, inspect, text

from profile_service.copies import (
    CopyDamagedError,
    CopyRefusedError,
    DatabaseNotEmptyError,
    copy_in,
    copy_out,
    remove_leftovers,
    scratch,
    verify_copy,
)
from profile_service.database import check_schema, migrate, open_engine
from profile_service.keys.schema import MIGRATIONS as KEYS
from profile_service.log.schema import MIGRATIONS as LOG
from projections.schema import MIGRATIONS as VIEWS
from tests.support.postgres import PostgresServer


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = open_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def empty(engine: Engine, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Another database of the same kind."""
    if engine.dialect.name == "sqlite":
        url = f"sqlite:///{tmp_path}/other/database.sqlite"
    else:
        url = request.getfixturevalue("postgres_server").new_database()
    made = open_engine(url)
    yield made
    made.dispose()
    if engine.dialect.name != "sqlite":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        server.give_back(url)


def fill(engine: Engine, rows: int = 50) -> None:
    with engine.begin() as connection:
        for number in range(1, rows + 1):
            connection.execute(
                text("INSERT INTO facts VALUES (:n, :n, 'a/' || :t, 1, NULL, 'Type', :record)"),
                {"n": number, "t": str(number), "record": number.to_bytes(4, "big") * 1000},
            )


def content(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with engine.connect() as connection:
        tables = sorted(inspect(connection).get_table_names())
        return {
            table: sorted(map(tuple, connection.execute(text(f"SELECT * FROM {table}"))), key=repr)
            for table in tables
        }


def described(engine: Engine) -> object:
    """Everything about the schema that the copy of it must have too."""
    if engine.dialect.name == "sqlite":
        statement = "SELECT name, sql FROM sqlite_master ORDER BY name"
    else:
        statement = """
            SELECT relname, attname, format_type(atttypid, atttypmod), attnotnull, attstorage,
                   attcollation, col_description(attrelid, attnum)
            FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
            WHERE relnamespace = current_schema()::regnamespace AND attnum > 0
            ORDER BY relname, attnum"""
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(text(statement))]
        if engine.dialect.name == "sqlite":
            return rows
        functions = connection.execute(
            text(
                "SELECT proname, prosrc, proconfig::text FROM pg_proc"
                " WHERE pronamespace = current_schema()::regnamespace ORDER BY proname"
            )
        )
        return rows, [tuple(row) for row in functions]


@pytest.mark.parametrize("scripts", [LOG, KEYS, VIEWS], ids=["log", "keys", "views"])
def test_a_copy_of_each_database_is_that_database(
    engine: Engine, empty: Engine, tmp_path: Path, scripts: Path
):
    migrate(engine, scripts)
    if scripts == LOG:
        fill(engine)

    written = copy_out(engine, tmp_path / "copy", lambda connection: {"noted": 3})
    read = copy_in(tmp_path / "copy", empty)

    assert written == read == verify_copy(tmp_path / "copy")
    assert (read.kind, read.notes) == (engine.dialect.name, {"noted": 3})
    assert {table: len(rows) for table, rows in content(empty).items()} == dict(read.rows)
    assert content(empty) == content(engine)
    assert described(empty) == described(engine)
    check_schema(empty, scripts)


def test_a_copy_is_one_snapshot_while_others_write(engine: Engine, empty: Engine, tmp_path: Path):
    """Two tables that always hold the same number of rows do so in every copy."""
    with engine.begin() as connection:
        for name in ("left_side", "right_side"):
            connection.exec_driver_sql(f"CREATE TABLE {name} (n integer primary key)")
    stopping = threading.Event()

    def write() -> None:
        number = 0
        while not stopping.is_set():
            with engine.execution_options(immediate=True).begin() as connection:
                number += 1
                for name in ("left_side", "right_side"):
                    connection.execute(text(f"INSERT INTO {name} VALUES (:n)"), {"n": number})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        copies = [copy_out(engine, tmp_path / f"copy{number}") for number in range(10)]
    finally:
        stopping.set()
        writer.join()
    counts = [copy.rows["left_side"] for copy in copies]
    assert counts == [copy.rows["right_side"] for copy in copies]
    assert counts == sorted(counts)
    copy_in(tmp_path / "copy9", empty)
    assert len(content(empty)["right_side"]) == counts[-1]


def test_only_the_owner_can_read_a_copy(engine: Engine, tmp_path: Path):
    migrate(engine, LOG)
    copy_out(engine, tmp_path / "copy")
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "copy").iterdir()} == {0o600}
    with pytest.raises(FileExistsError):
        copy_out(engine, tmp_path / "copy")


def test_a_copy_without_manifest_is_none(engine: Engine, empty: Engine, tmp_path: Path):
    migrate(engine, LOG)
    copy_out(engine, tmp_path / "copy")
    (tmp_path / "copy/manifest.json").unlink()
    with pytest.raises(CopyDamagedError):
        copy_in(tmp_path / "copy", empty)


def test_every_damaged_file_is_noticed_before_anything_is_written(
    engine: Engine, empty: Engine, tmp_path: Path
):
    migrate(engine, LOG)
    fill(engine)
    summary = copy_out(engine, tmp_path / "copy")
    for name in summary.files:
        path = tmp_path / "copy" / name
        sound = path.read_bytes()
        for damaged in (sound[:-1], sound[:-1] + bytes((sound[-1] ^ 1,)), b"", None):
            path.unlink()
            if damaged is not None:
                path.write_bytes(damaged)
            if damaged != sound:
                with pytest.raises(CopyDamagedError):
                    copy_in(tmp_path / "copy", empty)
            path.write_bytes(sound)
    assert content(empty) == {}
    copy_in(tmp_path / "copy", empty)


@pytest.mark.parametrize("name", ["../outside", "sub/file"])
def test_a_manifest_names_files_of_its_directory_only(engine: Engine, tmp_path: Path, name: str):
    migrate(engine, VIEWS)
    copy_out(engine, tmp_path / "copy")
    manifest = tmp_path / "copy/manifest.json"
    changed = json.loads(manifest.read_bytes())
    changed["files"][name] = "0" * 64
    manifest.write_text(json.dumps(changed))
    with pytest.raises(CopyDamagedError):
        verify_copy(tmp_path / "copy")


def test_a_database_with_tables_is_replaced_only_when_told(engine: Engine, empty: Engine, tmp_path: Path):
    migrate(engine, LOG)
    fill(engine)
    copy_out(engine, tmp_path / "copy")
    migrate(empty, KEYS)
    before = content(empty)

    with pytest.raises(DatabaseNotEmptyError):
        copy_in(tmp_path / "copy", empty)
    assert content(empty) == before

    copy_in(tmp_path / "copy", empty, replace=True)
    assert content(empty) == content(engine)
    assert described(empty) == described(engine)


def test_what_fails_while_preparing_leaves_nothing(engine: Engine, empty: Engine, tmp_path: Path):
    migrate(engine, LOG)
    fill(engine)
    copy_out(engine, tmp_path / "copy")

    def fail(connection: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        copy_in(tmp_path / "copy", empty, prepare=fail)
    assert content(empty) == {}

    def clear(connection: Connection) -> None:
        connection.exec_driver_sql("DELETE FROM facts")

    copy_in(tmp_path / "copy", empty, prepare=clear)
    assert content(empty)["facts"] == []


def test_a_scratch_database_is_the_same_and_goes_away(engine: Engine, tmp_path: Path):
    migrate(engine, LOG)
    fill(engine)
    copy_out(engine, tmp_path / "copy")
    before = content(engine)
    with scratch(engine) as tried:
        copy_in(tmp_path / "copy", tried)
        assert content(tried) == before
        assert described(tried) == described(engine)
        with tried.begin() as connection:
            connection.exec_driver_sql("DELETE FROM facts")
    assert content(engine) == before
    assert leftovers(engine, tmp_path) == []


def leave_a_scratch_database(engine: Engine, tmp_path: Path) -> None:
    """As a process that was killed does."""
    if engine.dialect.name == "sqlite":
        left = tmp_path / ".aprofile_scratch_database.sqlite_left"
        left.mkdir()
        (left / "database.sqlite").write_bytes(b"keys")
    else:
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE SCHEMA aprofile_scratch_left")
            connection.exec_driver_sql("CREATE TABLE aprofile_scratch_left.keys (key bytea)")
    assert len(leftovers(engine, tmp_path)) == 1


def test_what_a_crash_left_of_a_scratch_database_is_removed_by_the_next(engine: Engine, tmp_path: Path):
    leave_a_scratch_database(engine, tmp_path)
    with scratch(engine):
        assert len(leftovers(engine, tmp_path)) == 1
    assert leftovers(engine, tmp_path) == []


def test_what_a_crash_left_is_removed_at_a_start_and_what_is_in_use_is_not(engine: Engine, tmp_path: Path):
    leave_a_scratch_database(engine, tmp_path)
    remove_leftovers(engine)
    assert leftovers(engine, tmp_path) == []
    with scratch(engine):
        remove_leftovers(engine)
        assert len(leftovers(engine, tmp_path)) == 1


def leftovers(engine: Engine, directory: Path) -> list[str]:
    if engine.dialect.name == "sqlite":
        return [path.name for path in directory.glob(".aprofile_scratch_*/")]
    with engine.connect() as connection:
        named = text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'aprofile_scratch_%'")
        return list(connection.execute(named).scalars())


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE SEQUENCE extra",
        "CREATE VIEW extra AS SELECT 1 AS one",
        "CREATE TABLE extra (n integer GENERATED ALWAYS AS IDENTITY)",
        "CREATE TYPE extra AS (n integer)",
        "CREATE TYPE extra AS ENUM ('one')",
        "CREATE AGGREGATE extra (integer) (SFUNC = int4pl, STYPE = integer)",
    ],
)
def test_what_a_copy_would_leave_out_is_refused(postgres_url: str, tmp_path: Path, statement: str):
    engine = open_engine(postgres_url)
    migrate(engine, LOG)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    with pytest.raises(CopyRefusedError):
        copy_out(engine, tmp_path / "copy")
    assert not (tmp_path / "copy/manifest.json").exists()
    engine.dispose()


def test_a_copy_of_the_other_kind_is_refused(postgres_url: str, tmp_path: Path):
    engines = [open_engine(url) for url in (postgres_url, f"sqlite:///{tmp_path}/d.sqlite")]
    for number, engine in enumerate(engines):
        migrate(engine, VIEWS)
        copy_out(engine, tmp_path / f"copy{number}")
    for number, engine in enumerate(reversed(engines)):
        with pytest.raises(CopyRefusedError):
            copy_in(tmp_path / f"copy{number}", engine, replace=True)
    for engine in engines:
        engine.dispose()


def test_a_table_that_goes_while_a_copy_begins_is_not_in_it(postgres_url: str, tmp_path: Path):
    """One that the copy has seen is there until it is over."""
    engine = open_engine(postgres_url)
    with engine.begin() as connection:
        for name in ("early", "late"):
            connection.execute(text(f"CREATE TABLE {name} (number int)"))
    with ThreadPoolExecutor(1) as beside:
        with engine.begin() as connection:
            connection.execute(text("LOCK TABLE early IN ACCESS EXCLUSIVE MODE"))
            copying = beside.submit(copy_out, engine, tmp_path / "copy")
            with engine.connect() as looking:
                while not looking.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar():
                    time.sleep(0.01)
            connection.execute(text("DROP TABLE late"))
        assert set(copying.result().rows) == {"early"}
    engine.dispose()
