"""One stored fact can't be shown to two auditors as two different consents."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.errors import SealBrokenError
from profile_service.keys.lease import Lease, now
from tests.keys.two_keys import invert, multiply, opens_under_both, polyval

PLACE = b"stream, version, type, schema, hash"
_DIVISOR = (1 << 127) | (1 << 124) | (1 << 121) | (1 << 114) | 1  # x^-128


def test_polyval_is_that_of_the_standard():
    """RFC 8452, appendix A."""
    key = int.from_bytes(bytes.fromhex("25629347589242761d31f826ba4b757b"), "little")
    blocks = [
        int.from_bytes(bytes.fromhex(block), "little")
        for block in ("4f4f95668c83dfb6401762bb2d01a262", "d1a24ddd2721d006bbe45f20d3c9f362")
    ]
    assert polyval(multiply(key, _DIVISOR), blocks) == int.from_bytes(
        bytes.fromhex("f7a3b47b846119fae5b7866cf5e5b77e"), "little"
    )
    assert multiply(key, invert(key)) == 1


def test_a_ciphertext_made_to_open_under_two_keys_opens_under_the_committed_one_only():
    """The cipher alone is fooled; without the commitment both keys would open it, to different texts."""
    lease = Lease()
    lease.extend(now() + 3600)
    keys = os.urandom(32), os.urandom(32)
    derived = [HKDFExpand(hashes.SHA256(), 96, b"a-profile/profile-key/1").derive(key) for key in keys]
    one, other = (ProfileCipher(bytearray(key), lease) for key in keys)

    crafted = opens_under_both((derived[0][:32], derived[1][:32]), 1 << 16, PLACE)

    for output in derived:
        AESGCMSIV(output[:32]).decrypt(crafted[:12], crafted[12:], PLACE)
    sealed = b"\x01" + derived[0][32:64] + crafted
    text = one.open(sealed, PLACE)
    with pytest.raises(SealBrokenError):
        other.open(sealed, PLACE)

    # The defect, planted: a cipher that takes any commitment for its own.
    other._head = sealed[:33]
    assert other.open(sealed, PLACE) not in (text, b"")


def test_the_commitment_is_the_same_for_all_of_a_person_and_no_other():
    lease = Lease()
    lease.extend(now() + 3600)
    one, other = (ProfileCipher(bytearray(os.urandom(32)), lease) for _ in range(2))
    assert one.seal(b"a", b"")[:33] == one.seal(b"b", b"")[:33]
    assert one.seal(b"a", b"")[:33] != other.seal(b"a", b"")[:33]
