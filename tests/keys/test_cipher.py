"""A seal opens with its key, at its place, whole; or not at all."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given
from hypothesis import strategies as st

from profile_service.keys.cipher import PADDING, ProfileCipher, padded_size
from profile_service.keys.errors import KeyDestroyedError, KeysUnavailableError, SealBrokenError
from profile_service.keys.lease import LEASE_SECONDS, Lease, now
from profile_service.keys.material import random_key


def a_lease() -> Lease:
    lease = Lease()
    lease.extend(now() + 3600)
    return lease


def a_cipher(key: bytes | None = None, lease: Lease | None = None) -> ProfileCipher:
    return ProfileCipher(random_key() if key is None else bytearray(key), lease or a_lease())


CIPHER = a_cipher()


@given(st.binary(max_size=5000), st.binary(max_size=200))
def test_what_was_sealed_opens(plaintext: bytes, place: bytes):
    assert CIPHER.open(CIPHER.seal(plaintext, place), place) == plaintext


@given(st.binary(max_size=200), st.data())
def test_any_flipped_bit_is_refused(plaintext: bytes, data: st.DataObject):
    sealed = bytearray(CIPHER.seal(plaintext, b"place"))
    bit = data.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealBrokenError):
        CIPHER.open(bytes(sealed), b"place")


def test_every_single_bit_and_every_length_is_checked():
    sealed = CIPHER.seal(b"all of it", b"place")
    for bit in range(8 * len(sealed)):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBrokenError):
            CIPHER.open(bytes(changed), b"place")
    for length in range(len(sealed)):
        with pytest.raises(SealBrokenError):
            CIPHER.open(sealed[:length], b"place")
    with pytest.raises(SealBrokenError):
        CIPHER.open(sealed + b"\0", b"place")


@given(st.binary(max_size=100), st.binary(max_size=50), st.binary(max_size=50))
def test_it_opens_only_where_it_was_sealed(plaintext: bytes, here: bytes, there: bytes):
    sealed = CIPHER.seal(plaintext, here)
    if here != there:
        with pytest.raises(SealBrokenError):
            CIPHER.open(sealed, there)


@given(st.binary(max_size=100))
def test_another_key_does_not_open_it(plaintext: bytes):
    with pytest.raises(SealBrokenError):
        a_cipher().open(CIPHER.seal(plaintext, b""), b"")


def test_a_refusal_says_nothing():
    with pytest.raises(SealBrokenError) as refusal:
        CIPHER.open(CIPHER.seal(b"secret", b"here"), b"there")
    assert str(refusal.value) == ""
    assert refusal.value.__cause__ is None


@given(st.integers(0, 1 << 26))
def test_padding_is_a_multiple_and_costs_at_most_a_sixteenth_of_a_long_text(length: int):
    size = padded_size(length)
    assert size % PADDING == 0
    assert length + 4 <= size
    assert size <= max(length + 4 + PADDING, (length + 4) * 17 / 16)
    assert padded_size(length + 1) >= size


@given(st.integers(0, 60), st.integers(0, 60))
def test_short_texts_of_all_lengths_look_alike(one: int, other: int):
    assert len(CIPHER.seal(bytes(one), b"")) == len(CIPHER.seal(bytes(other), b""))


def test_padding_that_is_not_zero_is_refused():
    """Only who has the key could make such a seal; it is refused all the same."""
    key = bytes(range(32))
    cipher = a_cipher(key)
    derived = HKDFExpand(hashes.SHA256(), 96, b"a-profile/profile-key/1").derive(key)
    head = b"\x01" + derived[32:64]
    aead, nonce = AESGCMSIV(derived[:32]), bytes(12)

    def forged(padded: bytes) -> bytes:
        return head + nonce + aead.encrypt(nonce, padded, b"")

    assert cipher.open(forged(b"\0\0\0\x03abc" + bytes(57)), b"") == b"abc"
    for padded in (
        b"\0\0\0\x03abc" + bytes(56) + b"\x01",  # hidden in the padding
        b"\0\0\0\x03abc" + bytes(57 + 64),  # longer than its text needs
        b"\0\0\0\x3dabc" + bytes(57),  # a length beyond its end
        b"\xff\xff\xff\xff" + bytes(60),
    ):
        with pytest.raises(SealBrokenError):
            cipher.open(forged(padded), b"")


def test_the_same_text_never_seals_to_the_same_bytes():
    assert len({CIPHER.seal(b"again", b"") for _ in range(1000)}) == 1000


@given(st.binary(max_size=20), st.binary(max_size=50))
def test_a_digest_is_hmac_under_an_output_of_its_own(label: bytes, message: bytes):
    key = bytes(32)
    derived = HKDFExpand(hashes.SHA256(), 96, b"a-profile/profile-key/1").derive(key)
    expected = hmac.digest(derived[64:], bytes([len(label)]) + label + message, hashlib.sha256)
    assert a_cipher(key).digest(label, message) == expected


def test_labels_and_messages_do_not_run_together():
    assert CIPHER.digest(b"ab", b"c") != CIPHER.digest(b"a", b"bc")


def uses(cipher: ProfileCipher, sealed: bytes):
    return (
        lambda: cipher.seal(b"text", b""),
        lambda: cipher.open(sealed, b""),
        lambda: cipher.digest(b"label", b"message"),
    )


def test_an_evicted_cipher_does_nothing():
    cipher = a_cipher()
    sealed = cipher.seal(b"text", b"")
    cipher.evict()
    for use in uses(cipher, sealed):
        with pytest.raises(KeyDestroyedError):
            use()


def test_a_suspended_cipher_says_that_keys_are_unavailable_and_a_destroyed_one_stays_destroyed():
    cipher = a_cipher()
    sealed = cipher.seal(b"text", b"")
    cipher.suspend()
    for use in uses(cipher, sealed):
        with pytest.raises(KeysUnavailableError):
            use()
    cipher.evict()
    cipher.suspend()
    with pytest.raises(KeyDestroyedError):
        cipher.open(sealed, b"")


def test_without_a_lease_a_cipher_does_nothing():
    lease = a_lease()
    cipher = a_cipher(lease=lease)
    sealed = cipher.seal(b"text", b"")
    lease.extend(now() - LEASE_SECONDS)
    for use in (*uses(cipher, sealed), lambda: cipher.open(b"broken", b"")):
        with pytest.raises(KeysUnavailableError):
            use()
    lease.extend(now())
    assert cipher.open(sealed, b"") == b"text"


def test_eviction_in_the_middle_of_opening_gives_no_plaintext():
    """The check comes after the work: what a stopped thread opened is thrown away when it wakes."""
    cipher = a_cipher()
    sealed = cipher.seal(b"text", b"")

    class Evicting(Lease):
        def check(self) -> None:
            cipher.evict()

    cipher._lease = Evicting()
    with pytest.raises(KeyDestroyedError):
        cipher.open(sealed, b"")


def test_no_attribute_holds_a_key():
    key = bytes(range(32))
    derived = HKDFExpand(hashes.SHA256(), 96, b"a-profile/profile-key/1").derive(key)
    cipher = a_cipher(key)
    held = [getattr(cipher, name) for name in ProfileCipher.__slots__ if name != "__weakref__"]
    found = b"".join(value for value in held if isinstance(value, bytes | bytearray))
    for secret in (key, derived[:32], derived[64:]):
        assert secret not in found


@given(st.binary(max_size=100), st.binary(max_size=50))
def test_the_short_form_opens_whole_at_its_place_with_its_key_and_is_not_the_long_one(
    text: bytes, place: bytes
):
    sealed = CIPHER.seal_short(text, place)
    assert CIPHER.open_short(sealed, place) == text
    assert len(sealed) == len(text) + 28
    assert sealed != CIPHER.seal_short(text, place)
    with pytest.raises(SealBrokenError):
        CIPHER.open_short(sealed, place + b"!")
    with pytest.raises(SealBrokenError):
        a_cipher().open_short(sealed, place)
    with pytest.raises(SealBrokenError):
        CIPHER.open(sealed, place)
    # Nor is the long form, without its head, a short one.
    with pytest.raises(SealBrokenError):
        CIPHER.open_short(CIPHER.seal(text, place)[33:], place)


def test_every_single_bit_and_every_length_of_the_short_form_is_checked():
    sealed = CIPHER.seal_short(b"all of it", b"place")
    changed = [
        sealed[:at] + bytes([sealed[at] ^ 1 << bit]) + sealed[at + 1 :]
        for at in range(len(sealed))
        for bit in range(8)
    ]
    for wrong in (*changed, *(sealed[:length] for length in range(len(sealed))), sealed + b"\0"):
        with pytest.raises(SealBrokenError):
            CIPHER.open_short(wrong, b"place")


def test_a_cipher_that_is_gone_neither_seals_nor_opens_in_short_form():
    cipher = a_cipher()
    sealed = cipher.seal_short(b"text", b"")
    cipher.evict()
    for use in (lambda: cipher.seal_short(b"text", b""), lambda: cipher.open_short(sealed, b"")):
        with pytest.raises(KeyDestroyedError):
            use()
    over = a_cipher(lease=Lease())
    for use in (lambda: over.seal_short(b"text", b""), lambda: over.open_short(sealed, b"")):
        with pytest.raises(KeysUnavailableError):
            use()
