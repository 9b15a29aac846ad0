"""An AES-GCM-SIV ciphertext that opens under two keys to two texts: why a commitment is stored.

The tag of RFC 8452 fixes, for a key, what POLYVAL must give; that is one linear equation over
GF(2^128) in the blocks of the ciphertext. Two keys are two equations, so two free blocks solve them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from profile_service.keys.cipher import padded_size

BLOCK = 16
_ONE_SHIFT = (1 << 127) | (1 << 124) | (1 << 121) | (1 << 114) | 1  # x^-128, RFC 8452 section 3
_MODULUS = (1 << 128) | (1 << 127) | (1 << 126) | (1 << 121) | 1


def multiply(a: int, b: int) -> int:
    """In GF(2^128) as POLYVAL has it; bit i is the coefficient of x^i."""
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a >> 128:
            a ^= _MODULUS
        b >>= 1
    return product


def invert(a: int) -> int:
    result, square = 1, a
    for _ in range(127):  # a^(2^128 - 2)
        square = multiply(square, square)
        result = multiply(result, square)
    return result


@dataclass(frozen=True)
class Message:
    """The keys that AES-GCM-SIV derives from a key and a nonce."""

    hash_key: int
    encrypt: Cipher

    @classmethod
    def of(cls, key: bytes, nonce: bytes) -> Message:
        blocks = b"".join(number.to_bytes(4, "little") + nonce for number in range(6))
        out = _ecb(Cipher(AES(key), ECB()), blocks)
        halves = [out[start : start + 8] for start in range(0, len(out), BLOCK)]
        own = int.from_bytes(b"".join(halves[:2]), "little")
        encrypt = Cipher(AES(b"".join(halves[2:])), ECB())
        # With dot(a, b) = a * b * x^-128, one multiplication less a block.
        return cls(multiply(own, _ONE_SHIFT), encrypt)

    def keystream(self, tag: bytes, size: int) -> bytes:
        start = int.from_bytes(tag[:4], "little")
        rest = tag[4:15] + bytes([tag[15] | 0x80])
        counters = b"".join(
            ((start + i) % 2**32).to_bytes(4, "little") + rest for i in range(-(-size // BLOCK))
        )
        return _ecb(self.encrypt, counters)[:size]

    def wanted_hash(self, tag: bytes, nonce: bytes) -> int | None:
        """What POLYVAL must give for this tag; None if no hash gives it."""
        block = self.encrypt.decryptor().update(tag)
        if block[15] & 0x80:
            return None
        return int.from_bytes(block, "little") ^ int.from_bytes(nonce, "little")


def _ecb(cipher: Cipher, blocks: bytes) -> bytes:
    return cipher.encryptor().update(blocks)


def polyval(hash_key: int, blocks: list[int]) -> int:
    value = 0
    for block in blocks:
        value = multiply(value ^ block, hash_key)
    return value


def _blocks(data: bytes) -> list[int]:
    data += bytes(-len(data) % BLOCK)
    return [int.from_bytes(data[start : start + BLOCK], "little") for start in range(0, len(data), BLOCK)]


def opens_under_both(keys: tuple[bytes, bytes], size: int, place: bytes) -> bytes:
    """Nonce, ciphertext and tag that open under both AES keys to texts in the padded form of a seal.

    The first text fills all of `size` bytes. The second one's length is what the keystreams make of the
    first one's, so tags are drawn until that length pads to `size` too; then its padding is zero bytes.
    """
    nonce = os.urandom(12)
    one, other = Message.of(keys[0], nonce), Message.of(keys[1], nonce)
    tag, length = _fitting_tag(one, other, nonce, size)
    streams = one.keystream(tag, size), other.keystream(tag, size)
    end = 4 + length
    middle = _xor(os.urandom(end - 4), streams[0][4:end])
    sealed = _xor((size - 4).to_bytes(4, "big"), streams[0][:4]) + middle + streams[1][end:]
    return nonce + _solve(sealed, ((one, streams[0]), (other, streams[1])), tag, nonce, place) + tag


def _fitting_tag(one: Message, other: Message, nonce: bytes, size: int) -> tuple[bytes, int]:
    """A tag that some hash gives under both keys, and the length that the second text then has."""
    count = 1 << 18
    while True:
        tags = os.urandom(BLOCK * count)
        last = bytes(byte | 0x80 for byte in tags[15::BLOCK])
        counters = bytearray(tags)
        counters[15::BLOCK] = last
        difference = _xor(_ecb(one.encrypt, bytes(counters)), _ecb(other.encrypt, bytes(counters)))
        high = difference[::BLOCK]
        at = high.find(0)
        while at >= 0:
            start = at * BLOCK
            length = int.from_bytes(difference[start : start + 4], "big") ^ (size - 4)
            tag = tags[start : start + BLOCK]
            if length < size and padded_size(length) == size and _has_hashes(tag, nonce, one, other):
                return tag, length
            at = high.find(0, at + 1)


def _has_hashes(tag: bytes, nonce: bytes, *messages: Message) -> bool:
    return all(message.wanted_hash(tag, nonce) is not None for message in messages)


def _solve(
    sealed: bytes, sides: tuple[tuple[Message, bytes], ...], tag: bytes, nonce: bytes, place: bytes
) -> bytes:
    """Replace the second and the third block of `sealed` so that both hashes are what the tag wants."""
    fixed = sealed[:BLOCK] + bytes(2 * BLOCK) + sealed[3 * BLOCK :]
    lengths = (8 * len(place)).to_bytes(8, "little") + (8 * len(sealed)).to_bytes(8, "little")
    rows: list[tuple[int, int, int]] = []
    for message, stream in sides:
        wanted = message.wanted_hash(tag, nonce)
        assert wanted is not None
        text = _xor(fixed, stream)  # linear: a free block adds what it is times its power of the key
        missing = polyval(message.hash_key, _blocks(place) + _blocks(text) + _blocks(lengths)) ^ wanted
        third = _power(message.hash_key, len(sealed) // BLOCK - 1)
        rows.append((multiply(third, message.hash_key), third, missing))
    (a, b, c), (d, e, f) = rows
    determinant = invert(multiply(a, e) ^ multiply(b, d))
    second = multiply(multiply(c, e) ^ multiply(b, f), determinant)
    third = multiply(multiply(a, f) ^ multiply(c, d), determinant)
    free = second.to_bytes(BLOCK, "little") + third.to_bytes(BLOCK, "little")
    return fixed[:BLOCK] + free + fixed[3 * BLOCK :]


def _power(base: int, exponent: int) -> int:
    result = 1
    while exponent:
        if exponent & 1:
            result = multiply(result, base)
        base = multiply(base, base)
        exponent >>= 1
    return result


def _xor(a: bytes, b: bytes) -> bytes:
    return (int.from_bytes(a, "little") ^ int.from_bytes(b, "little")).to_bytes(len(a), "little")
