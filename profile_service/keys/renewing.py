"""Giving buckets new keys: what survives in them is wrapped, or tagged, anew in memory and then stored.

Under the key that a bucket had stays nothing but what backups hold of those who were erased.
Nothing of a new key is stored before its transaction: who is erased meanwhile never was under it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from sqlalchemy import Connection, Table, select

from profile_service.keys import bulk
from profile_service.keys.buckets import TagBucket
from profile_service.keys.bulk import BucketRow, KeyRow, NewTag, TagRow
from profile_service.keys.errors import BucketMovedError, KeyDatabaseError, UnwrapError
from profile_service.keys.material import random_key, unwrap, wrap, zeroed
from profile_service.keys.places import bucket_place, key_place, tag_place
from profile_service.keys.schema import key_buckets, tag_buckets
from profile_service.keys.tree import KeyTree


@dataclass(frozen=True, slots=True)
class Above:
    """The epoch whose key wraps the new bucket keys."""

    epoch: int
    key: AESGCMSIV


class KeyRenewal:
    """A key bucket with its new key, and its survivors under it."""

    table: Table = key_buckets
    rows_in: Callable[[Connection, Sequence[int]], list[KeyRow]] = staticmethod(bulk.keys_in)

    def __init__(self, tree: KeyTree, bucket: int, above: Above) -> None:
        self.bucket = bucket
        self.version = tree.keys.current_version(bucket)
        self.new_version = self.version + 1
        self._old = tree.keys.context(bucket, self.version)
        self._new, self.wrapped = _fresh(self.table, bucket, self.new_version, above, AESGCMSIV)
        self._taken: dict[UUID, KeyRow] = {}

    def take(self, rows: Iterable[KeyRow]) -> list[KeyRow]:
        """What becomes of these rows. Raises `KeyDatabaseError`."""
        found = []
        for row in rows:
            taken = self._taken.get(row.profile_id)
            if taken is None:
                taken = self._taken[row.profile_id] = self._renewed(row)
            found.append(taken)
        return found

    def _renewed(self, row: KeyRow) -> KeyRow:
        place = key_place(row.profile_id, self.bucket, self.version)
        try:
            with zeroed(unwrap(self._old, row.wrapped, place)) as key:
                place = key_place(row.profile_id, self.bucket, self.new_version)
                return KeyRow(row.profile_id, self.bucket, self.new_version, wrap(self._new, key, place))
        except UnwrapError:
            raise KeyDatabaseError(f"the key of profile {row.profile_id} does not open") from None

    @staticmethod
    def store(connection: Connection, rows: Sequence[KeyRow]) -> None:
        bulk.set_keys(connection, rows)


class TagRenewal:
    """A tag bucket with its new key, and its survivors tagged anew from what is sealed beside each tag."""

    table: Table = tag_buckets
    rows_in: Callable[[Connection, Sequence[int]], list[TagRow]] = staticmethod(bulk.tags_in)

    def __init__(self, tree: KeyTree, bucket: int, above: Above) -> None:
        self.bucket = bucket
        self.version = tree.tags.current_version(bucket)
        self.new_version = self.version + 1
        self._old = tree.tags.context(bucket, self.version)
        self._new, self.wrapped = _fresh(self.table, bucket, self.new_version, above, TagBucket)
        self._taken: dict[bytes, NewTag] = {}

    def take(self, rows: Iterable[TagRow]) -> list[NewTag]:
        """What becomes of these rows. Raises `KeyDatabaseError`."""
        found = []
        for row in rows:
            taken = self._taken.get(row.tag)
            if taken is None:
                taken = self._taken[row.tag] = self._renewed(row)
            found.append(taken)
        return found

    def _renewed(self, row: TagRow) -> NewTag:
        try:
            inner = self._old.open(row.inner, tag_place(row.tag, self.bucket, self.version))
        except UnwrapError:
            raise KeyDatabaseError(f"an inner value of tag bucket {self.bucket} does not open") from None
        tag = self._new.tag(inner)
        sealed = self._new.seal(inner, tag_place(tag, self.bucket, self.new_version))
        return NewTag(row.tag, tag, self.new_version, sealed)

    @staticmethod
    def store(connection: Connection, rows: Sequence[NewTag]) -> None:
        bulk.set_tags(connection, rows)


Renewal = KeyRenewal | TagRenewal
RENEWALS: tuple[type[Renewal], ...] = (KeyRenewal, TagRenewal)


def dirty_buckets(connection: Connection, table: Table) -> list[int]:
    """The buckets in which something was destroyed since their keys were made."""
    rows = connection.execute(select(table.c.bucket).where(table.c.dirty).order_by(table.c.bucket))
    return list(rows.scalars())


def read_ahead(connection: Connection, renewal: Renewal) -> int:
    """Wrap what is in the bucket now; return how many rows that were."""
    rows: Any = renewal.rows_in(connection, [renewal.bucket])
    return len(renewal.take(row for row in rows if row.version == renewal.version))


def store_renewals(connection: Connection, renewals: Sequence[Renewal], epoch: int) -> None:
    """Put the new keys in place, in a transaction of `rebuilding`: for whoever is in the buckets by now.

    All of one kind. Raises `BucketMovedError` if one is not at the version it was read at.
    """
    if not renewals:
        return
    kind, by_bucket = type(renewals[0]), {renewal.bucket: renewal for renewal in renewals}
    table = kind.table.c
    rows = connection.execute(select(table.bucket, table.version).where(table.bucket.in_(list(by_bucket))))
    current = {row.bucket: row.version for row in rows}
    if any(current.get(renewal.bucket) != renewal.version for renewal in renewals):
        raise BucketMovedError
    inside: dict[int, list[Any]] = defaultdict(list)
    for row in kind.rows_in(connection, list(by_bucket)):
        if row.version != by_bucket[row.bucket].version:
            raise KeyDatabaseError(f"{kind.table.name}: something is under an earlier key of {row.bucket}")
        inside[row.bucket].append(row)
    stored: list[Any] = [row for bucket, rows in inside.items() for row in by_bucket[bucket].take(rows)]
    kind.store(connection, stored)
    buckets = [BucketRow(one.bucket, one.version, one.new_version, one.wrapped) for one in renewals]
    bulk.set_buckets(connection, kind.table, epoch, buckets)


def _fresh(
    table: Table, bucket: int, version: int, above: Above, make: Callable[[bytearray], Any]
) -> tuple[Any, bytes]:
    with zeroed(random_key()) as key:
        return make(key), wrap(above.key, key, bucket_place(table, bucket, version, above.epoch))
