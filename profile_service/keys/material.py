"""Key material: made, derived and zeroed in place, and never in an immutable object.

A `bytes` key survives in memory after its last reference is gone; a `bytearray` can be overwritten.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from profile_service.keys.errors import UnwrapError
from profile_service.keys.randomness import take_random

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES

_ZEROS = bytes(256)
_SHA256 = SHA256()


def zero(*buffers: bytearray) -> None:
    """Overwrite buffers of at most 256 bytes."""
    for buffer in buffers:
        buffer[:] = _ZEROS[: len(buffer)]


def random_key() -> bytearray:
    """32 random bytes, without an immutable copy (as `os.urandom` leaves)."""
    return take_random(KEY_BYTES)


def random_nonce() -> bytes:
    """12 random bytes."""
    return bytes(take_random(NONCE_BYTES))


class zeroed:  # noqa: N801 - used like a function
    """Use a key for the length of a block; then overwrite it."""

    __slots__ = ("_key",)

    def __init__(self, key: bytearray) -> None:
        self._key = key

    def __enter__(self) -> bytearray:
        return self._key

    def __exit__(self, *_: object) -> None:
        zero(self._key)


def derive(key: bytearray, info: bytes, length: int) -> bytearray:
    """HKDF-Expand with SHA-256 (RFC 5869; its extraction is for keys that are not uniformly random)."""
    derived = bytearray(length)
    HKDFExpand(_SHA256, length, info).derive_into(key, derived)
    return derived


def wrap(context: AESGCMSIV, key: bytearray, associated_data: bytes) -> bytes:
    """Seal a 32-byte key under a key above it: nonce (12), ciphertext (32), tag (16)."""
    nonce = random_nonce()
    return nonce + context.encrypt(nonce, key, associated_data)


def unwrap(context: AESGCMSIV, wrapped: bytes, associated_data: bytes) -> bytearray:
    """Open what `wrap` made, to be zeroed by the caller. Raises `UnwrapError`."""
    if len(wrapped) != WRAPPED_BYTES:
        raise UnwrapError("a wrapped key has another length")
    key = bytearray(KEY_BYTES)
    try:
        context.decrypt_into(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], associated_data, key)
    except InvalidTag:
        zero(key)
        raise UnwrapError("a wrapped key does not open") from None
    return key
