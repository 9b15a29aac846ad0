"""The key tree of one epoch, opened: root -> epoch key -> bucket keys -> profile keys and tags."""

from __future__ import annotations

import hmac
from typing import NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from sqlalchemy import Connection

from profile_service.keys.buckets import Buckets, TagBucket, key_bucket_set, tag_bucket_set
from profile_service.keys.errors import KeyDatabaseError, UnwrapError
from profile_service.keys.material import unwrap, wrap
from profile_service.keys.places import key_place, secret_place, tag_place

# The service's own key: digests of requests that concern no person, page tokens.
SERVICE_ID = UUID(int=0)


class AddressTag(NamedTuple):
    """How an address is looked up; tells nothing about it without the keys."""

    tag: bytes
    bucket: int
    version: int
    inner: bytes
    rule: int = 1
    # what `inner` seals: the same in every bucket and epoch
    value: bytes = b""

    def __repr__(self) -> str:
        return f"AddressTag(bucket={self.bucket}, version={self.version}, rule={self.rule})"


class WrappedKey(NamedTuple):
    """A profile key as it is stored."""

    bucket: int
    version: int
    wrapped: bytes

    def __repr__(self) -> str:
        return f"WrappedKey(bucket={self.bucket}, version={self.version})"


class KeyTree:
    """Contexts of an epoch. Profile keys go through as buffers that the caller zeroes.

    A tree is what one read of the database found; `renewed` reads anew and leaves this one as it is.
    """

    def __init__(self, epoch: int, epoch_key: AESGCMSIV, addresses: hmac.HMAC) -> None:
        self.epoch = epoch
        self.epoch_key = epoch_key
        self._addresses = addresses
        self.keys: Buckets[AESGCMSIV] = key_bucket_set(epoch_key)
        self.tags: Buckets[TagBucket] = tag_bucket_set(epoch_key)

    def read(self, connection: Connection, held: KeyTree | None = None) -> KeyTree:
        """Take over the buckets as they are now. Raises `EpochMovedError` or `KeyDatabaseError`."""
        self.keys.read(connection, self.epoch, None if held is None else held.keys)
        self.tags.read(connection, self.epoch, None if held is None else held.tags)
        return self

    def renewed(self, connection: Connection) -> KeyTree:
        """Another tree of the same epoch, with the buckets as they are now. Raises as `read` does."""
        return KeyTree(self.epoch, self.epoch_key, self._addresses).read(connection, self)

    def open_buckets(self) -> None:
        """Open every current bucket now rather than at its first use."""
        self.keys.open_current()
        self.tags.open_current()

    @property
    def key_buckets(self) -> int:
        return len(self.keys)

    def wrap(self, profile_id: UUID, key: bytearray) -> WrappedKey:
        """Wrap a new profile key in a bucket chosen at random: by the random bits of the id."""
        bucket = int.from_bytes(profile_id.bytes[:4], "big") % len(self.keys)
        version = self.keys.current_version(bucket)
        place = key_place(profile_id, bucket, version)
        return WrappedKey(bucket, version, wrap(self.keys.context(bucket, version), key, place))

    def knows(self, stored: WrappedKey) -> bool:
        """Whether the bucket of a stored key was there when this tree was read."""
        return self.keys.knows(stored.bucket, stored.version)

    def unwrap(self, profile_id: UUID, stored: WrappedKey) -> bytearray:
        """Open a stored profile key. Raises `KeyDatabaseError`."""
        context = self.keys.context(stored.bucket, stored.version)
        try:
            return unwrap(context, stored.wrapped, key_place(profile_id, stored.bucket, stored.version))
        except UnwrapError:
            raise KeyDatabaseError(f"the key of profile {profile_id} does not open") from None

    def address_tag(self, canonical_address: str, rule: int) -> AddressTag:
        """The tag of an address made canonical by rule number `rule` (0 to 255)."""
        digest = self._addresses.copy()
        digest.update(bytes((rule,)) + canonical_address.encode())
        inner = digest.digest()
        bucket = int.from_bytes(inner[:4], "big") % len(self.tags)
        version = self.tags.current_version(bucket)
        context = self.tags.context(bucket, version)
        tag = context.tag(inner)
        sealed = context.seal(inner, tag_place(tag, bucket, version))
        return AddressTag(tag, bucket, version, sealed, rule, inner)

    def unwrap_secret(self, name: str, epoch: int, wrapped: bytes) -> bytearray:
        """Open a secret of the service, to be zeroed by the caller. Raises `KeyDatabaseError`."""
        try:
            return unwrap(self.epoch_key, wrapped, secret_place(name, epoch))
        except UnwrapError:
            raise KeyDatabaseError(f"the secret {name} does not open") from None
