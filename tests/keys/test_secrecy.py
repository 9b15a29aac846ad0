"""What a key database, a process that dropped its keys, and the wrong root give away: nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from sqlalchemy import Engine, select, text, update

from profile_service.database import open_engine
from profile_service.keys import material
from profile_service.keys.errors import KeyDatabaseError, RootMissingError, RootRefusedError
from profile_service.keys.opening import open_tree
from profile_service.keys.roots import FileRootProvider
from profile_service.keys.schema import metadata, profile_keys
from profile_service.keys.store import KeyStore
from profile_service.keys.tree import WrappedKey
from tests.keys.process import KeyProcess
from tests.keys.wishes import holder, registered
from tests.support.memory import held
from tests.support.postgres import PostgresServer

# Whose keys are looked for in memory: each look goes through all of it twice for each of three secrets.
PEOPLE = 8


@pytest.fixture
def made_keys(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Copies of all random keys that are made from here on."""
    made: list[bytes] = []
    make = material.random_key

    def noted() -> bytearray:
        key = make()
        made.append(bytes(key))
        return key

    for module in ("store", "opening", "buckets", "roots.file"):
        monkeypatch.setattr(f"profile_service.keys.{module}.random_key", noted)
    return made


def database_files(engine: Engine, request: pytest.FixtureRequest) -> Iterator[bytes]:
    if engine.dialect.name == "sqlite":
        directory = Path(str(engine.url.database)).parent
        paths = list(directory.glob("database.sqlite*"))
        assert len(paths) >= 2, "the write-ahead log is looked at too"
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        with engine.connect() as connection:
            connection.execute(text("CHECKPOINT"))
            base = connection.execute(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
            paths = list((server.directory / "base" / str(base.scalar_one())).iterdir())
        paths += list((server.directory / "pg_wal").glob("0*"))
    for path in paths:
        yield path.read_bytes()


def test_no_key_and_no_address_is_in_the_database(
    made_keys: list[bytes], unopened: Engine, roots: Path, request: pytest.FixtureRequest
):
    store = KeyStore(unopened, FileRootProvider(roots))
    request.addfinalizer(store.stop)
    store.start()
    item = registered(store, "zonderling.kanarie@example.org")
    people = [registered(store, f"{number}.kanarie@example.org") for number in range(50)]
    store.destroy(people[0].profile_id)
    assert len(made_keys) > 4096 + 256 + 50
    # Root, epoch key, address key and some of every kind of the others: all would take minutes.
    sought = made_keys[:10] + made_keys[300:310] + made_keys[-20:]
    tag_seen = False
    for content in database_files(unopened, request):
        assert b"kanarie" not in content
        assert not any(key in content for key in sought)
        tag_seen = tag_seen or item.tag.tag in content
    assert tag_seen, "the files that were looked at are those of the database"


def test_a_process_that_dropped_its_keys_has_none_in_its_memory(
    store: KeyStore, new_process: Callable[[], KeyProcess], engine: Engine, roots: Path
):
    """Neither profile keys, nor what is derived of them, in any readable page."""
    people = [registered(store, f"{number}@example.org").profile_id for number in range(PEOPLE)]
    secrets = _secrets(engine, roots, people)
    process = new_process()
    assert process.ask("load_and_drop", *people) == f"holding {PEOPLE}"
    while_held = len(held(process.pid, secrets))
    assert process.ask("go") == "dropped"
    assert while_held > 0, "a scan that finds nothing while keys are in use shows nothing"
    assert len(held(process.pid, secrets)) == 0


def _secrets(engine: Engine, roots: Path, people: list[UUID]) -> dict[str, bytes]:
    tree = open_tree(engine, FileRootProvider(roots))
    secrets: set[bytes] = set()
    with engine.connect() as connection:
        rows = connection.execute(select(profile_keys).where(profile_keys.c.profile_id.in_(people)))
        for row in rows:
            key = tree.unwrap(row.profile_id, WrappedKey(row.bucket, row.bucket_version, row.wrapped))
            derived = HKDFExpand(hashes.SHA256(), 96, b"a-profile/profile-key/1").derive(bytes(key))
            secrets |= {bytes(key), derived[:32], derived[64:]}
    return {secret.hex(): secret for secret in secrets}


def test_a_database_without_its_root_does_not_start(store: KeyStore, engine: Engine, tmp_path: Path):
    with pytest.raises(RootMissingError):
        KeyStore(engine, FileRootProvider(tmp_path / "other-roots")).start()


def test_a_database_with_another_root_does_not_start(
    store: KeyStore, engine: Engine, roots: Path, tmp_path: Path
):
    (name,) = (path.stem for path in roots.glob("*.key"))
    FileRootProvider(tmp_path / "other-roots").create(name)
    with pytest.raises(RootRefusedError):
        KeyStore(engine, FileRootProvider(tmp_path / "other-roots")).start()
    assert store.status().leases == 1


def test_a_copied_root_opens_it(store: KeyStore, engine: Engine, roots: Path, tmp_path: Path):
    item = registered(store, "an@example.org")
    sealed = item.key.cipher.seal(b"text", b"")
    shutil.copytree(roots, tmp_path / "copied")
    restored = KeyStore(engine, FileRootProvider(tmp_path / "copied"))
    restored.start()
    assert restored.ciphers([item.profile_id])[item.profile_id].open(sealed, b"") == b"text"
    restored.stop()


@pytest.mark.parametrize("column", ["wrapped", "bucket"])
def test_a_key_row_put_in_another_place_does_not_open(store: KeyStore, engine: Engine, column: str):
    """Whoever can write the database can't give one person another's key."""
    one, other = registered(store, "one@example.org"), registered(store, "other@example.org")
    with engine.execution_options(immediate=True).begin() as connection:
        values = {"bucket": other.key.stored.bucket, "wrapped": other.key.stored.wrapped}
        if column == "bucket":
            values = {"bucket": (one.key.stored.bucket + 1) % 256}
        connection.execute(
            update(profile_keys).where(profile_keys.c.profile_id == one.profile_id).values(values)
        )
    store._cache.suspend_all()
    with pytest.raises(KeyDatabaseError):
        store.ciphers([one.profile_id])


def test_migrations_make_the_tables_that_the_code_describes(engine: Engine):
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_two_engines_on_one_sqlite_file_see_the_same(
    tmp_path: Path, database_url: str, store: KeyStore, roots: Path
):
    item = registered(store, "an@example.org")
    engine = open_engine(database_url)
    other = KeyStore(engine, FileRootProvider(roots))
    other.start()
    assert holder(other, "an@example.org").profile_id == item.profile_id
    other.stop()
    engine.dispose()
