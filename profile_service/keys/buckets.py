"""Buckets: the middle of the tree, each with a random key of its own, opened when first used.

A key bucket wraps profile keys; a tag bucket makes the tags of addresses. A bucket in which
something was destroyed gets a new key, as its next version, when the epoch closes.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from sqlalchemy import Connection, Table, func, insert, select

from profile_service.keys import bulk
from profile_service.keys.errors import EpochMovedError, KeyDatabaseError, UnwrapError
from profile_service.keys.material import (
    KEY_BYTES,
    NONCE_BYTES,
    derive,
    random_key,
    random_nonce,
    unwrap,
    wrap,
    zero,
    zeroed,
)
from profile_service.keys.places import bucket_place
from profile_service.keys.schema import key_buckets, tag_buckets

Context = TypeVar("Context")

_TAG_INFO = b"a-profile/tag-bucket/1"


class TagBucket:
    """Contexts of one tag bucket: the tag of an inner value, and the seal around that value."""

    __slots__ = ("_aead", "_digest")

    def __init__(self, key: bytearray) -> None:
        derived = derive(key, _TAG_INFO, 2 * KEY_BYTES)
        digest_key = derived[KEY_BYTES:]
        self._aead = AESGCMSIV(memoryview(derived)[:KEY_BYTES])
        self._digest = hmac.new(digest_key, None, "sha256")
        zero(derived, digest_key)

    def tag(self, inner: bytes) -> bytes:
        digest = self._digest.copy()
        digest.update(inner)
        return digest.digest()

    def seal(self, inner: bytes, place: bytes) -> bytes:
        nonce = random_nonce()
        return nonce + self._aead.encrypt(nonce, inner, place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """The inner value that was sealed at this place. Raises `UnwrapError`."""
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
        except (InvalidTag, ValueError):
            raise UnwrapError("an inner value does not open") from None


class Buckets(Generic[Context]):
    """All buckets of one table as one read found them, by bucket and version.

    Never changed, but that a bucket is opened when it is first used; a later read makes another one.
    """

    def __init__(self, table: Table, epoch_key: AESGCMSIV, make: Callable[[bytearray], Context]) -> None:
        self.table = table
        self._epoch_key = epoch_key
        self._make = make
        self._wrapped: dict[tuple[int, int], tuple[int, bytes]] = {}
        self._opened: dict[tuple[int, int], Context] = {}
        self._current: list[int] = []

    def read(self, connection: Connection, epoch: int, held: Buckets[Context] | None) -> Buckets[Context]:
        """Take over the table as it is now, and of `held` the contexts of buckets that are still there.

        Raises `EpochMovedError` if the table is of another epoch, and `KeyDatabaseError`.
        """
        rows = bulk.all_buckets(connection, self.table)
        if any(of != epoch for _, _, of, _, _ in rows):
            raise EpochMovedError
        current = {bucket: version for bucket, version, _, _, is_current in rows if is_current}
        if not rows or sorted(current) != list(range(len(current))):
            raise KeyDatabaseError(f"{self.table.name} has gaps")
        self._wrapped = {(bucket, version): (epoch, wrapped) for bucket, version, _, wrapped, _ in rows}
        self._current = [current[bucket] for bucket in range(len(current))]
        if held is not None:
            # A version has the same key in every epoch. The copy is one step, whoever opens meanwhile.
            opened = held._opened.copy().items()  # noqa: SLF001 - of the same class
            self._opened = {key: context for key, context in opened if key in self._wrapped}
        return self

    def __len__(self) -> int:
        return len(self._current)

    def current_version(self, bucket: int) -> int:
        return self._current[bucket]

    def knows(self, bucket: int, version: int) -> bool:
        return (bucket, version) in self._wrapped

    def context(self, bucket: int, version: int) -> Context:
        """The opened bucket. Raises `KeyDatabaseError`. Two threads may open it twice, to the same effect."""
        opened = self._opened.get((bucket, version))
        if opened is None:
            with zeroed(self.key(bucket, version)) as key:
                opened = self._opened[bucket, version] = self._make(key)
        return opened

    def open_current(self) -> None:
        """Open every current bucket: about 30 µs each, which no call has to wait for then."""
        for bucket, version in enumerate(self._current):
            self.context(bucket, version)

    def key(self, bucket: int, version: int) -> bytearray:
        """The key itself, to be zeroed by the caller. Raises `KeyDatabaseError`."""
        try:
            epoch, wrapped = self._wrapped[bucket, version]
            return unwrap(self._epoch_key, wrapped, bucket_place(self.table, bucket, version, epoch))
        except (KeyError, UnwrapError):
            raise KeyDatabaseError(f"{self.table.name} has no usable {bucket} version {version}") from None

    def versions(self) -> list[tuple[int, int]]:
        """Bucket and version of each."""
        return list(self._wrapped)


def key_bucket_set(epoch_key: AESGCMSIV) -> Buckets[AESGCMSIV]:
    return Buckets(key_buckets, epoch_key, AESGCMSIV)


def tag_bucket_set(epoch_key: AESGCMSIV) -> Buckets[TagBucket]:
    return Buckets(tag_buckets, epoch_key, TagBucket)


def add_buckets(
    connection: Connection, table: Table, numbers: Iterable[int], epoch: int, epoch_key: AESGCMSIV
) -> None:
    """Insert new buckets, in a transaction of `rebuilding`."""
    rows = []
    for bucket in numbers:
        with zeroed(random_key()) as key:
            wrapped = wrap(epoch_key, key, bucket_place(table, bucket, 1, epoch))
        rows.append(
            {
                "bucket": bucket,
                "version": 1,
                "epoch": epoch,
                "wrapped": wrapped,
                "current": True,
                "dirty": False,
            }
        )
    connection.execute(insert(table), rows)


def count_buckets(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).where(table.c.current)).scalar_one())
