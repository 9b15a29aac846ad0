"""Sealing and digests under the key of one person, as contexts that hold no readable key.

Sealed form: version (1), commitment (32), nonce (12), AES-256-GCM-SIV (RFC 8452) of the padded
text with its tag (16). Padded text: length (4, big-endian), text, zeros. AEADs do not bind a
ciphertext to one key; the commitment, another output of HKDF, does, and is checked first.
Short form, for tokens that only the key of the service ever opens: nonce, AES-256-GCM-SIV of the text.
"""

from __future__ import annotations

import hmac
from hmac import compare_digest

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from profile_service.keys.errors import KeyDestroyedError, KeysUnavailableError, SealBrokenError
from profile_service.keys.lease import Lease
from profile_service.keys.material import KEY_BYTES, NONCE_BYTES, TAG_BYTES, derive, random_nonce, zero

VERSION = 1
_INFO = b"a-profile/profile-key/1"
_HEAD = 1 + KEY_BYTES
_BODY = _HEAD + NONCE_BYTES
_LENGTH = 4
# Most facts of one type fall into one or two sizes of this step: names and addresses
# differ by less. Long texts leak at most their leading five bits (a step of 1/32 to 1/16).
PADDING = 64
_SMALLEST = _BODY + PADDING + TAG_BYTES
_ZEROS = bytes(4096)
# No associated data of the long form begins so: neither form is taken for the other.
_SHORT = b"short\0"


def padded_size(length: int) -> int:
    """Bytes that a text of `length` bytes takes with its length prefix and padding."""
    needed = length + _LENGTH
    step = PADDING if needed <= 32 * PADDING else 1 << (needed.bit_length() - 5)
    return -(-needed // step) * step


class ProfileCipher:
    """Seals, opens and digests for one person. Safe to share between threads."""

    __slots__ = ("__weakref__", "_aead", "_digest", "_gone", "_head", "_lease")

    def __init__(self, profile_key: bytearray, lease: Lease) -> None:
        """Derive contexts from a 32-byte key. The caller zeroes `profile_key`."""
        derived = derive(profile_key, _INFO, 3 * KEY_BYTES)
        digest_key = derived[2 * KEY_BYTES :]
        view = memoryview(derived)
        self._aead: AESGCMSIV | None = AESGCMSIV(view[:KEY_BYTES])
        self._digest: hmac.HMAC | None = hmac.new(digest_key, None, "sha256")
        self._head = bytes((VERSION,)) + bytes(view[KEY_BYTES : 2 * KEY_BYTES])
        self._lease = lease
        self._gone: type[Exception] = KeyDestroyedError
        zero(derived, digest_key)

    def seal(self, plaintext: bytes, associated_data: bytes) -> bytes:
        """Pad and seal. Raises `KeyDestroyedError`, or `KeysUnavailableError` if the lease is over."""
        aead = self._aead
        if aead is None:
            raise self._gone
        length = len(plaintext)
        filler = padded_size(length) - length - _LENGTH
        zeros = _ZEROS[:filler] if filler <= 4096 else bytes(filler)
        nonce = random_nonce()
        sealed = aead.encrypt(nonce, length.to_bytes(_LENGTH, "big") + plaintext + zeros, associated_data)
        self._confirm()
        return self._head + nonce + sealed

    def open(self, sealed: bytes, associated_data: bytes) -> bytes:
        """Return the text that was sealed with the same associated data.

        Raises `SealBrokenError` (never a partial text), `KeyDestroyedError` or `KeysUnavailableError`.
        """
        aead = self._aead
        if aead is None:
            raise self._gone
        if len(sealed) < _SMALLEST or not compare_digest(sealed[:_HEAD], self._head):
            self._lease.check()
            raise SealBrokenError
        try:
            padded = aead.decrypt(sealed[_HEAD:_BODY], sealed[_BODY:], associated_data)
        except InvalidTag:
            self._lease.check()
            raise SealBrokenError from None
        text = _unpadded(padded)
        # After the work, not before: a process stopped in between returns nothing when it wakes.
        self._confirm()
        return text

    def seal_short(self, plaintext: bytes, associated_data: bytes) -> bytes:
        """Seal in short form. The length of the text shows. Raises as `seal`."""
        aead = self._aead
        if aead is None:
            raise self._gone
        nonce = random_nonce()
        sealed = aead.encrypt(nonce, plaintext, _SHORT + associated_data)
        self._confirm()
        return nonce + sealed

    def open_short(self, sealed: bytes, associated_data: bytes) -> bytes:
        """Return the text that was sealed in short form with the same associated data. Raises as `open`."""
        aead = self._aead
        if aead is None:
            raise self._gone
        try:
            text = aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _SHORT + associated_data)
        except (InvalidTag, ValueError):
            self._lease.check()
            raise SealBrokenError from None
        self._confirm()
        return text

    def digest(self, label: bytes, message: bytes) -> bytes:
        """HMAC-SHA-256 (32 bytes) of `message` in the domain `label` (at most 255 bytes)."""
        context = self._digest
        if context is None:
            raise self._gone
        context = context.copy()
        context.update(bytes((len(label),)) + label + message)
        result = context.digest()
        self._confirm()
        return result

    @property
    def usable(self) -> bool:
        """Whether the contexts are still there (the lease may be over all the same)."""
        return self._aead is not None

    def evict(self) -> None:
        """Drop the contexts because the key is destroyed; also refuses what runs at this moment."""
        self._gone = KeyDestroyedError
        self._drop()

    def suspend(self) -> None:
        """Drop the contexts because the lease was lost; the store can make a new cipher later."""
        if self._aead is not None:
            self._gone = KeysUnavailableError
        self._drop()

    def _drop(self) -> None:
        self._aead = None
        self._digest = None

    def _confirm(self) -> None:
        self._lease.check()
        if self._aead is None:
            raise self._gone


def _unpadded(padded: bytes) -> bytes:
    length = int.from_bytes(padded[:_LENGTH], "big")
    end = _LENGTH + length
    if len(padded) != padded_size(length) or padded.count(0, end) != len(padded) - end:
        raise SealBrokenError
    return padded[_LENGTH:end]
