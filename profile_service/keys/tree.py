"""The key tree of one epoch, opened: root -> epoch key -> bucket keys -> profile keys and tags."""

from __future__ import annotations

import hmac
import struct
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from sqlalchemy import Connection, Engine, insert, select

from profile_service.keys.buckets import (
    TagBucket,
    add_buckets,
    count_buckets,
    key_bucket_set,
    tag_bucket_set,
)
from profile_service.keys.errors import KeyDatabaseError, UnwrapError
from profile_service.keys.material import random_key, unwrap, wrap, zeroed
from profile_service.keys.roots import RootProvider
from profile_service.keys.schema import epochs, key_buckets, profile_keys, tag_buckets
from profile_service.keys.transactions import database_time, reading, rebuilding

# The service's own key: digests of requests that concern no person, page tokens.
SERVICE_ID = UUID(int=0)

FIRST_KEY_BUCKETS = 256
# A close makes all tags of a dirty bucket anew, so buckets should be small; but the bucket of an old row
# narrows a guessed address, so they should be few. A city of half a million has about 130 a bucket.
TAG_BUCKETS = 4096


@dataclass(frozen=True, slots=True)
class AddressTag:
    """How an address is looked up; tells nothing about it without the keys."""

    tag: bytes
    bucket: int
    version: int
    inner: bytes = field(repr=False)
    rule: int = 1


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A profile key as it is stored."""

    bucket: int
    version: int
    wrapped: bytes = field(repr=False)


class KeyTree:
    """Contexts of an epoch. Profile keys go through as buffers that the caller zeroes."""

    def __init__(self, epoch: int, epoch_key: AESGCMSIV, address_key: bytearray) -> None:
        self.epoch = epoch
        self._epoch_key = epoch_key
        self._addresses = hmac.new(address_key, None, "sha256")
        self._keys = key_bucket_set(epoch_key)
        self._tags = tag_bucket_set(epoch_key)

    def read_buckets(self, connection: Connection) -> None:
        """Take over the buckets as they are in the database now."""
        self._keys.read(connection)
        self._tags.read(connection)

    def open_buckets(self) -> None:
        """Open every current bucket now rather than at its first use."""
        self._keys.open_current()
        self._tags.open_current()

    @property
    def key_buckets(self) -> int:
        return len(self._keys)

    def wrap(self, profile_id: UUID, key: bytearray) -> WrappedKey:
        """Wrap a new profile key in a bucket chosen at random: by the random bits of the id."""
        bucket = int.from_bytes(profile_id.bytes[:4], "big") % len(self._keys)
        version = self._keys.current_version(bucket)
        place = _key_place(profile_id, bucket, version)
        return WrappedKey(bucket, version, wrap(self._keys.context(bucket, version), key, place))

    def knows(self, stored: WrappedKey) -> bool:
        """Whether the bucket of a stored key was there at the last `read_buckets`."""
        return self._keys.knows(stored.bucket, stored.version)

    def unwrap(self, profile_id: UUID, stored: WrappedKey) -> bytearray:
        """Open a stored profile key. Raises `KeyDatabaseError`."""
        context = self._keys.context(stored.bucket, stored.version)
        try:
            return unwrap(context, stored.wrapped, _key_place(profile_id, stored.bucket, stored.version))
        except UnwrapError:
            raise KeyDatabaseError(f"the key of profile {profile_id} does not open") from None

    def address_tag(self, canonical_address: str, rule: int) -> AddressTag:
        """The tag of an address made canonical by rule number `rule` (0 to 255)."""
        digest = self._addresses.copy()
        digest.update(bytes((rule,)) + canonical_address.encode())
        inner = digest.digest()
        bucket = int.from_bytes(inner[:4], "big") % len(self._tags)
        version = self._tags.current_version(bucket)
        context: TagBucket = self._tags.context(bucket, version)
        tag = context.tag(inner)
        return AddressTag(tag, bucket, version, context.seal(inner, _tag_place(tag, bucket, version)), rule)

    def add_key_buckets(self, connection: Connection, wanted: int) -> None:
        """Have at least `wanted` key buckets in the database, in a transaction of `rebuilding`."""
        existing = count_buckets(connection, key_buckets)
        if existing < wanted:
            add_buckets(connection, key_buckets, range(existing, wanted), self.epoch, self._epoch_key)


def grow_buckets(engine: Engine, tree: KeyTree, wanted: int) -> None:
    """Have at least `wanted` key buckets; a tree opened before does not know the new ones."""
    with rebuilding(engine) as connection:
        tree.add_key_buckets(connection, wanted)


def open_tree(engine: Engine, root: RootProvider) -> KeyTree:
    """Open the current epoch, or make the first one. Raises `RootError` or `KeyDatabaseError`."""
    tree = _open(engine, root)
    if tree is None:
        with rebuilding(engine) as connection:
            # Another process may have been first.
            if connection.execute(select(epochs.c.epoch)).first() is None:
                _create(connection, root)
        tree = _open(engine, root)
    assert tree is not None
    return tree


def _open(engine: Engine, root: RootProvider) -> KeyTree | None:
    with reading(engine) as connection:
        row = connection.execute(select(epochs).order_by(epochs.c.epoch.desc()).limit(1)).first()
        if row is None:
            return None
        if row.root_provider != root.name:
            raise KeyDatabaseError(
                f"the epoch is under a root of provider {row.root_provider}, not {root.name}"
            )
        with zeroed(root.unwrap(row.root_id, row.wrapped, _epoch_place(row.epoch))) as key:
            epoch_key = AESGCMSIV(key)
        try:
            address_key = unwrap(epoch_key, row.address_key, _address_place(row.epoch))
        except UnwrapError:
            raise KeyDatabaseError("the address key does not open") from None
        with zeroed(address_key):
            tree = KeyTree(row.epoch, epoch_key, address_key)
        tree.read_buckets(connection)
        return tree


def _create(connection: Connection, root: RootProvider, epoch: int = 1) -> None:
    root_id = f"epoch-{epoch}-{uuid4().hex}"
    root.create(root_id)
    with zeroed(random_key()) as epoch_key, zeroed(random_key()) as address_key:
        context = AESGCMSIV(epoch_key)
        connection.execute(
            insert(epochs).values(
                epoch=epoch,
                state="OPEN",
                root_provider=root.name,
                root_id=root_id,
                wrapped=root.wrap(root_id, epoch_key, _epoch_place(epoch)),
                address_key=wrap(context, address_key, _address_place(epoch)),
                opened_at=database_time(connection),
            )
        )
        add_buckets(connection, key_buckets, range(FIRST_KEY_BUCKETS), epoch, context)
        add_buckets(connection, tag_buckets, range(TAG_BUCKETS), epoch, context)
        tree = KeyTree(epoch, context, address_key)
    tree.read_buckets(connection)
    _store_new(connection, tree, SERVICE_ID)


def _store_new(connection: Connection, tree: KeyTree, profile_id: UUID) -> None:
    with zeroed(random_key()) as key:
        stored = tree.wrap(profile_id, key)
    connection.execute(
        insert(profile_keys).values(
            profile_id=profile_id, bucket=stored.bucket, bucket_version=stored.version, wrapped=stored.wrapped
        )
    )


def _epoch_place(epoch: int) -> bytes:
    return b"epochs" + struct.pack(">cq", b"\0", epoch)


def _address_place(epoch: int) -> bytes:
    return b"epochs.address_key" + struct.pack(">cq", b"\0", epoch)


def _key_place(profile_id: UUID, bucket: int, version: int) -> bytes:
    return b"profile_keys\0" + profile_id.bytes + struct.pack(">ii", bucket, version)


def _tag_place(tag: bytes, bucket: int, version: int) -> bytes:
    return b"tags\0" + tag + struct.pack(">ii", bucket, version)
