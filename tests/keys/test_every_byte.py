"""Whichever byte of a stored key row is changed, or wherever it is cut, nothing is opened by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, Table, select, update

from profile_service.keys.errors import KeyDatabaseError, RootError
from profile_service.keys.material import WRAPPED_BYTES
from profile_service.keys.opening import open_tree
from profile_service.keys.roots import FileRootProvider
from profile_service.keys.schema import epochs, key_buckets, profile_keys, secrets, tag_buckets, tags
from profile_service.keys.secrets import Secrets
from profile_service.keys.store import KeyStore
from tests.keys.wishes import registered
from tests.tampering.damage import damaged

DAMAGES = 2 * WRAPPED_BYTES + 3


def set_column(engine: Engine, table: Table, column: str, value: Any, *only: Any) -> None:
    with engine.execution_options(immediate=True).begin() as connection:
        connection.execute(update(table).where(*only).values({column: value}))


def each_damage(engine: Engine, table: Table, column: str, *only: Any) -> Iterator[bytes]:
    """Damage one stored value in every way, one after the other, and put it back at the end."""
    with engine.connect() as connection:
        value = bytes(connection.execute(select(table.c[column]).where(*only)).scalar_one())
    wrongs = list(damaged(value))
    assert len(wrongs) == DAMAGES
    for wrong in wrongs:
        set_column(engine, table, column, wrong, *only)
        yield wrong
    set_column(engine, table, column, value, *only)


@pytest.mark.parametrize("column", ["wrapped", "address_key"])
def test_no_epoch(engine: Engine, roots: Path, column: str):
    root = FileRootProvider(roots)
    for _ in each_damage(engine, epochs, column):
        with pytest.raises((KeyDatabaseError, RootError)):
            open_tree(engine, root)
    assert open_tree(engine, root).key_buckets


@pytest.mark.parametrize("table", [key_buckets, tag_buckets], ids=lambda table: table.name)
def test_no_bucket(engine: Engine, roots: Path, table: Table):
    """Each damage in a bucket of its own; those beside them open."""
    with engine.execution_options(immediate=True).begin() as connection:
        rows = connection.execute(select(table.c.bucket, table.c.wrapped).order_by(table.c.bucket)).all()
        for number, (bucket, wrapped) in enumerate(rows[:DAMAGES]):
            wrong = next(islice(damaged(bytes(wrapped)), number, None))
            connection.execute(update(table).where(table.c.bucket == bucket).values(wrapped=wrong))
    tree = open_tree(engine, FileRootProvider(roots))
    buckets = tree.keys if table is key_buckets else tree.tags
    opened = {bucket for bucket, version in buckets.versions() if opens(buckets.key, bucket, version)}
    assert opened == {bucket for bucket, _ in rows[DAMAGES:]}


def opens(key: Callable[[int, int], bytearray], bucket: int, version: int) -> bool:
    try:
        return bool(key(bucket, version))
    except KeyDatabaseError:
        return False


def test_no_key_of_a_person(store: KeyStore, new_store: Callable[..., KeyStore], engine: Engine):
    """Its wrapped key, its bucket and version, and whose it is."""
    person = registered(store, "an@example.org").profile_id
    other, own = new_store(), profile_keys.c.profile_id == person
    for _ in each_damage(engine, profile_keys, "wrapped", own):
        with pytest.raises(KeyDatabaseError):
            other.ciphers([person])
    for column in ("bucket", "bucket_version"):
        with engine.connect() as connection:
            value = connection.execute(select(profile_keys.c[column]).where(own)).scalar_one()
        for bit in range(31):
            set_column(engine, profile_keys, column, value ^ 1 << bit, own)
            with pytest.raises(KeyDatabaseError):
                other.ciphers([person])
        set_column(engine, profile_keys, column, value, own)
    whose = person
    for bit in range(0, 128, 5):
        changed = UUID(int=person.int ^ 1 << bit)
        set_column(engine, profile_keys, "profile_id", changed, profile_keys.c.profile_id == whose)
        whose = changed
        with pytest.raises(KeyDatabaseError):
            other.ciphers([changed])
    set_column(engine, profile_keys, "profile_id", person, profile_keys.c.profile_id == whose)
    assert person in other.ciphers([person])


def test_no_secret_of_the_service(store: KeyStore, engine: Engine, roots: Path):
    store.secret("of the test")
    tree = open_tree(engine, FileRootProvider(roots))
    kept = Secrets(engine, lambda: tree, lambda: None)
    for _ in each_damage(engine, secrets, "wrapped", secrets.c.name == "of the test"):
        with pytest.raises(KeyDatabaseError):
            kept.get("of the test")
    assert kept.get("of the test").digest() == store.secret("of the test").digest()


def test_no_inner_value_of_a_tag(store: KeyStore, engine: Engine):
    """Of a damaged one no suppression is made, and the erasure that needs it fails as a whole."""
    item = registered(store, "an@example.org")
    for _ in each_damage(engine, tags, "inner_value", tags.c.bucket == item.tag.bucket):
        with pytest.raises(KeyDatabaseError):
            store.destroy(item.profile_id, suppressing=[item.request_key])
    assert store.tombstones() == []
    store.destroy(item.profile_id, suppressing=[item.request_key])
    assert len(store.tombstones()) == 1
