"""The switch: in one transaction everything current goes under the key of the next epoch.

The epoch key is made for one switch and kept in memory until it commits. One that did not commit is never
tried again: the write-ahead log may hold bucket keys under it, of buckets that got dirty since.
"""

from __future__ import annotations

import time
from hmac import compare_digest
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from sqlalchemy import Connection, Engine, insert, select, update

from profile_service.keys import bulk
from profile_service.keys.buckets import Buckets
from profile_service.keys.bulk import BucketRow
from profile_service.keys.epochs import EpochState, current_epoch
from profile_service.keys.errors import (
    BucketMovedError,
    CloseOvertakenError,
    KeyDatabaseError,
    RootRefusedError,
    UnwrapError,
)
from profile_service.keys.material import random_key, unwrap, wrap, zeroed
from profile_service.keys.places import address_place, bucket_place, epoch_place, secret_place
from profile_service.keys.renewing import RENEWALS, Above, Renewal, dirty_buckets, read_ahead, store_renewals
from profile_service.keys.roots import RootProvider
from profile_service.keys.schema import epochs, secrets
from profile_service.keys.transactions import database_time, reading, rebuilding
from profile_service.keys.tree import KeyTree


class Switch:
    """One try. `closer` and `root_id` are those that the row of the old epoch must still name.

    Raises `RootError` if the provider does not wrap the new epoch key, and open it again.
    """

    def __init__(self, engine: Engine, tree: KeyTree, root: RootProvider, root_id: str, closer: UUID) -> None:
        self._engine = engine
        self._tree = tree
        self._root = root
        self._root_id = root_id
        self._closer = closer
        with zeroed(random_key()) as key:
            self._above = Above(tree.epoch + 1, AESGCMSIV(key))
            self._wrapped = _wrap_surely(root, root_id, key, epoch_place(tree.epoch + 1))
        self._clean: dict[tuple[str, int, int], bytes] = {}
        self._renewals: dict[tuple[str, int], Renewal] = {}

    def prepare(self) -> None:
        """Do in memory, and without a lock, what can be done ahead."""
        for buckets in (self._tree.keys, self._tree.tags):
            self._rewrap(buckets)
        with reading(self._engine) as connection:
            for kind in RENEWALS:
                for bucket in dirty_buckets(connection, kind.table):
                    renewal = self._renewals[kind.table.name, bucket] = kind(self._tree, bucket, self._above)
                    read_ahead(connection, renewal)

    def commit(self) -> float:
        """Switch; return for how many seconds nobody could register or erase.

        Raises `BucketMovedError` before anything is stored if there are buckets that `prepare` did not see,
        `CloseOvertakenError`, `KeyDatabaseError`, and `KeysUnavailableError` if it is not known whether it
        happened.
        """
        with rebuilding(self._engine) as connection:
            began = time.monotonic()
            self._check(connection)
            bulk.use_indexes(connection)
            self._check_buckets(connection)
            for buckets in (self._tree.keys, self._tree.tags):
                self._switch_buckets(connection, buckets)
            self._switch_secrets(connection)
            self._switch_epoch(connection)
        return time.monotonic() - began

    def _check(self, connection: Connection) -> None:
        epoch = current_epoch(connection)
        mine = (EpochState.PREPARED, self._closer, self._root_id, self._tree.epoch)
        if (epoch.state, epoch.closer, epoch.next_root_id, epoch.epoch) != mine:
            raise CloseOvertakenError("another process took the close over")

    def _check_buckets(self, connection: Connection) -> None:
        for buckets in (self._tree.keys, self._tree.tags):
            if set(bulk.bucket_versions(connection, buckets.table)) != set(buckets.versions()):
                raise BucketMovedError

    def _rewrap(self, buckets: Buckets[Any]) -> None:
        table = buckets.table
        for bucket, version in buckets.versions():
            place = bucket_place(table, bucket, version, self._above.epoch)
            with zeroed(buckets.key(bucket, version)) as key:
                self._clean[table.name, bucket, version] = wrap(self._above.key, key, place)

    def _switch_buckets(self, connection: Connection, buckets: Buckets[Any]) -> None:
        table = buckets.table
        dirty = set(dirty_buckets(connection, table))
        clean = [(bucket, version) for bucket, version in buckets.versions() if bucket not in dirty]
        rows = [BucketRow(*key, key[1], self._clean[(table.name, *key)]) for key in clean]
        bulk.set_buckets(connection, table, self._above.epoch, rows)
        (kind,) = (kind for kind in RENEWALS if kind.table is table)
        renewals = [self._renewal(kind, bucket) for bucket in sorted(dirty)]
        store_renewals(connection, renewals, self._above.epoch)

    def _renewal(self, kind: type[Renewal], bucket: int) -> Renewal:
        ahead = self._renewals.get((kind.table.name, bucket))
        return kind(self._tree, bucket, self._above) if ahead is None else ahead

    def _switch_secrets(self, connection: Connection) -> None:
        for row in connection.execute(select(secrets)).all():
            with zeroed(self._tree.unwrap_secret(row.name, row.epoch, row.wrapped)) as key:
                wrapped = wrap(self._above.key, key, secret_place(row.name, self._above.epoch))
            values = {"epoch": self._above.epoch, "wrapped": wrapped}
            connection.execute(update(secrets).where(secrets.c.name == row.name).values(values))

    def _switch_epoch(self, connection: Connection) -> None:
        tree = self._tree
        old, at = epochs.c.epoch == tree.epoch, database_time(connection)
        sealed = connection.execute(select(epochs.c.address_key).where(old)).scalar_one()
        try:
            with zeroed(unwrap(tree.epoch_key, sealed, address_place(tree.epoch))) as key:
                address_key = wrap(self._above.key, key, address_place(self._above.epoch))
        except UnwrapError:
            raise KeyDatabaseError("the address key does not open") from None
        connection.execute(
            insert(epochs).values(
                epoch=self._above.epoch,
                state=EpochState.OPEN,
                root_provider=self._root.name,
                root_id=self._root_id,
                root_place=self._root.place,
                wrapped=self._wrapped,
                address_key=address_key,
                opened_at=at,
            )
        )
        connection.execute(update(epochs).where(old).values(state=EpochState.SWITCHED, switched_at=at))


def _wrap_surely(root: RootProvider, root_id: str, key: bytearray, place: bytes) -> bytes:
    """Everything will be under this key, and nothing else: what the provider wraps, it must open."""
    wrapped = root.wrap(root_id, key, place)
    with zeroed(root.unwrap(root_id, wrapped, place)) as opened:
        if not compare_digest(opened, key):
            raise RootRefusedError(f"root key {root_id} does not open what it wrapped")
    return wrapped
