"""Opening the epoch in use: the provider is asked once, then everything is read from the key database."""

from __future__ import annotations

import hmac
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from sqlalchemy import Connection, Engine, func, insert, select

from profile_service.keys.buckets import add_buckets, count_buckets
from profile_service.keys.errors import EpochMovedError, KeyDatabaseError, RootMissingError, UnwrapError
from profile_service.keys.material import random_key, unwrap, wrap, zeroed
from profile_service.keys.places import address_place, epoch_place
from profile_service.keys.roots import RootProvider
from profile_service.keys.roots.provider import new_root_id
from profile_service.keys.schema import epochs, key_buckets, profile_keys, tag_buckets
from profile_service.keys.transactions import database_time, reading, rebuilding
from profile_service.keys.tree import SERVICE_ID, KeyTree

FIRST_KEY_BUCKETS = 256
# A close makes all tags of a dirty bucket anew, so buckets should be small; but the bucket of an old row
# narrows a guessed address, so they should be few. A city of half a million has about 130 a bucket.
TAG_BUCKETS = 4096

# Epochs do not switch twice while a tree is read; a database that says so is not to be believed.
_TRIES = 5


def open_tree(engine: Engine, root: RootProvider, held: KeyTree | None = None) -> KeyTree:
    """Open the current epoch, or make the first one. `held`: the tree to take opened buckets over from.

    The provider is asked only if the epoch is not the held one's. Raises `RootError` or `KeyDatabaseError`.
    """
    for _ in range(_TRIES):
        try:
            tree = _open(engine, root, held)
        except EpochMovedError:
            continue  # it switched between two reads
        if tree is not None:
            return tree
        with rebuilding(engine) as connection:
            # Another process may have been first.
            if connection.execute(select(epochs.c.epoch)).first() is None:
                _create(connection, root)
    raise KeyDatabaseError("the buckets are not those of the last epoch")


def check_epoch(connection: Connection, tree: KeyTree) -> None:
    """Raise `EpochMovedError` unless `tree` is of the current epoch, in a transaction of `rebuilding`.

    What is wrapped under the key of an epoch that switched is lost when its root is destroyed.
    """
    if connection.execute(select(func.max(epochs.c.epoch))).scalar_one() != tree.epoch:
        raise EpochMovedError


def grow_buckets(engine: Engine, tree: KeyTree, wanted: int) -> None:
    """Have at least `wanted` key buckets; a tree opened before does not know the new ones.

    Raises `EpochMovedError`.
    """
    with rebuilding(engine) as connection:
        check_epoch(connection, tree)
        existing = count_buckets(connection, key_buckets)
        if existing < wanted:
            add_buckets(connection, key_buckets, range(existing, wanted), tree.epoch, tree.epoch_key)


def _open(engine: Engine, root: RootProvider, held: KeyTree | None) -> KeyTree | None:
    with reading(engine) as connection:
        row = connection.execute(select(epochs).order_by(epochs.c.epoch.desc()).limit(1)).first()
        if row is None:
            return None
        if held is not None and held.epoch == row.epoch:
            return held.renewed(connection)
        with zeroed(_unwrap(root, row)) as key:
            epoch_key = AESGCMSIV(key)
        try:
            address_key = unwrap(epoch_key, row.address_key, address_place(row.epoch))
        except UnwrapError:
            raise KeyDatabaseError("the address key does not open") from None
        with zeroed(address_key):
            tree = KeyTree(row.epoch, epoch_key, hmac.new(address_key, None, "sha256"))
        return tree.read(connection, held)


def _unwrap(root: RootProvider, row: Any) -> bytearray:
    try:
        return root.unwrap(row.root_id, row.wrapped, epoch_place(row.epoch))
    except RootMissingError:
        if row.root_provider == root.name:
            raise
        raise KeyDatabaseError(
            f"the epoch is under a root of provider {row.root_provider}, not {root.name}"
        ) from None


def _create(connection: Connection, root: RootProvider) -> None:
    epoch = 1
    root_id = new_root_id(epoch)
    root.create(root_id)
    with zeroed(random_key()) as epoch_key, zeroed(random_key()) as address_key:
        context = AESGCMSIV(epoch_key)
        connection.execute(
            insert(epochs).values(
                epoch=epoch,
                state="OPEN",
                root_provider=root.name,
                root_place=root.place,
                root_id=root_id,
                wrapped=root.wrap(root_id, epoch_key, epoch_place(epoch)),
                address_key=wrap(context, address_key, address_place(epoch)),
                opened_at=database_time(connection),
            )
        )
        add_buckets(connection, key_buckets, range(FIRST_KEY_BUCKETS), epoch, context)
        add_buckets(connection, tag_buckets, range(TAG_BUCKETS), epoch, context)
        tree = KeyTree(epoch, context, hmac.new(address_key, None, "sha256"))
    _store_new(connection, tree.read(connection), SERVICE_ID)


def _store_new(connection: Connection, tree: KeyTree, profile_id: UUID) -> None:
    with zeroed(random_key()) as key:
        stored = tree.wrap(profile_id, key)
    connection.execute(
        insert(profile_keys).values(
            profile_id=profile_id, bucket=stored.bucket, bucket_version=stored.version, wrapped=stored.wrapped
        )
    )
