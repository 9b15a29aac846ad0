"""A certificate says what was signed and nothing else; each changed byte of it is refused."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OctKey, OKPKey

from profile_service.certificates.certificate import CertificateError, ErasureCertificate, Finality
from profile_service.certificates.signing import ALGORITHM, CertificateKeyError, Signer, verify

SEED = bytes(range(32))
SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(SEED))
FINAL = ErasureCertificate(
    profile_id=UUID("6f0d3b52-4b0e-4a6e-9d3f-3f6d1f8f6a11"),
    log_id="0d6c6a0e-54b9-4a58-a5f5-1a1f5a3c7b22",
    erased_position=1234,
    erased_at=datetime(2026, 3, 1, 12, 0, 0, 1, UTC),
    destroyed_at=datetime(2026, 3, 1, 12, 0, 1, tzinfo=UTC),
    epoch=7,
    finality=Finality.FINAL,
    final_by=datetime(2026, 3, 2, 3, 0, tzinfo=UTC),
    final_at=datetime(2026, 3, 2, 3, 0, tzinfo=UTC),
    closed_position=2345,
    contact_suppressed=True,
    issued_at=datetime(2026, 4, 1, tzinfo=UTC),
    open_obligations=(UUID("0f5e6c1e-6a0b-4a51-9d43-55f0a5d9a102"),),
)
SIGNED = SIGNER.sign(FINAL)
TIMES = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1)).map(  # noqa: DTZ001
    lambda time: time.replace(tzinfo=UTC)
)
POSITIONS = st.integers(min_value=1, max_value=2**63 - 1)


def sealed_by(key: Any, header: dict[str, str], payload: bytes) -> str:
    return jws.serialize_compact(header, payload, key, algorithms=[header["alg"]])


def private() -> OKPKey:
    return OKPKey(Ed25519PrivateKey.from_private_bytes(SEED), "")


@given(
    certificate=st.builds(
        ErasureCertificate,
        profile_id=st.uuids(),
        log_id=st.uuids().map(str),
        erased_position=POSITIONS,
        erased_at=TIMES,
        destroyed_at=TIMES,
        epoch=POSITIONS,
        finality=st.sampled_from(Finality),
        final_by=st.none() | TIMES,
        final_at=st.none() | TIMES,
        closed_position=st.none() | POSITIONS,
        contact_suppressed=st.booleans(),
        issued_at=TIMES,
        open_obligations=st.none() | st.lists(st.uuids(), max_size=3).map(tuple),
    )
)
def test_what_was_signed_is_what_is_read(certificate: ErasureCertificate):
    assert verify(SIGNER.sign(certificate), SIGNER.public_key) == certificate


def test_a_change_of_any_byte_is_refused():
    """Every character, by every bit; and one that is missing, doubled or added anywhere."""
    changed = [
        SIGNED[:at] + chr(ord(SIGNED[at]) ^ 1 << bit) + SIGNED[at + 1 :]
        for at in range(len(SIGNED))
        for bit in range(7)
    ]
    changed += [SIGNED[:at] + SIGNED[at + 1 :] for at in range(len(SIGNED))]
    changed += [SIGNED[:at] + added + SIGNED[at:] for at in range(len(SIGNED) + 1) for added in "A.=\n "]
    for certificate in changed:
        with pytest.raises(CertificateError):
            verify(certificate, SIGNER.public_key)


def test_every_bit_of_what_is_signed_and_of_the_signature_counts():
    """The bytes themselves, written again in good base64."""
    parts = [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in SIGNED.split(".")]
    for number, raw in enumerate(parts):
        for bit in range(8 * len(raw)):
            flipped = bytearray(raw)
            flipped[bit // 8] ^= 1 << bit % 8
            texts = [
                base64.urlsafe_b64encode(flipped if place == number else part).rstrip(b"=").decode()
                for place, part in enumerate(parts)
            ]
            with pytest.raises(CertificateError):
                verify(".".join(texts), SIGNER.public_key)


def test_the_checks_see_a_verifier_that_skips_the_signature():
    """The planted defect: reading without checking takes a changed certificate."""
    header, _, signature = SIGNED.split(".")
    other = replace(FINAL, erased_position=FINAL.erased_position + 1)
    payload = base64.urlsafe_b64encode(other.to_json()).rstrip(b"=").decode()
    unchecked = jws.extract_compact(f"{header}.{payload}.{signature}".encode())
    assert ErasureCertificate.from_json(unchecked.payload or b"") == other
    with pytest.raises(CertificateError):
        verify(f"{header}.{payload}.{signature}", SIGNER.public_key)


def test_another_key_is_refused_and_so_is_what_is_no_key():
    other = Signer(Ed25519PrivateKey.generate())
    with pytest.raises(CertificateError):
        verify(SIGNED, other.public_key)
    for text in ("", "{}", "[1]", '{"kty": "oct", "k": "AAAA"}', SIGNED, "[" * 100_000):
        with pytest.raises(CertificateKeyError):
            verify(SIGNED, text)
    x25519 = OKPKey.generate_key("X25519").as_dict(private=False)
    with pytest.raises(CertificateKeyError):
        verify(SIGNED, json.dumps(x25519))


def test_a_signature_over_something_else_is_no_certificate():
    key_id = json.loads(SIGNER.public_key)["kid"]
    good = {"alg": ALGORITHM, "kid": key_id, "typ": "aprofile-erasure+jws"}
    assert verify(sealed_by(private(), good, FINAL.to_json()), SIGNER.public_key) == FINAL
    claims = json.loads(FINAL.to_json())
    payloads = [
        b"",
        b"[]",
        b"[" * 5000,
        json.dumps({**claims, "name": "more"}).encode(),
        json.dumps({**claims, "version": 2}).encode(),
        json.dumps({**claims, "finality": "FOR_EVER"}).encode(),
        json.dumps(claims, indent=1).encode(),
    ]
    for payload in payloads:
        with pytest.raises(CertificateError):
            verify(sealed_by(private(), good, payload), SIGNER.public_key)
    for header in (
        {**good, "typ": "JWT"},
        {**good, "kid": "another"},
        {**good, "cty": "more"},
        {"alg": ALGORITHM},
    ):
        with pytest.raises(CertificateError):
            verify(sealed_by(private(), header, FINAL.to_json()), SIGNER.public_key)


def test_no_weaker_algorithm_is_accepted():
    """Neither none at all, nor a secret that is the public key."""
    key = json.loads(SIGNER.public_key)
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    with pytest.raises(CertificateError):
        verify(f"{unsigned}.{SIGNED.split('.')[1]}.", SIGNER.public_key)
    confused = OctKey.import_key(base64.urlsafe_b64decode(key["x"] + "="))
    header = {"alg": "HS256", "kid": key["kid"], "typ": "aprofile-erasure+jws"}
    with pytest.raises(CertificateError):
        verify(sealed_by(confused, header, FINAL.to_json()), SIGNER.public_key)


def test_the_public_key_shows_nothing_of_the_private_one():
    key = json.loads(SIGNER.public_key)
    assert set(key) == {"kty", "crv", "x", "alg", "kid", "use"}
    assert base64.urlsafe_b64encode(SEED).rstrip(b"=").decode() not in SIGNER.public_key


def test_a_certificate_says_no_more_than_this():
    """Every member is listed, so that a new one is looked at."""
    assert set(json.loads(FINAL.to_json())) == {
        "version",
        "profile_id",
        "destroyed",
        "destroyed_at",
        "epoch",
        "finality",
        "final_by",
        "final_at",
        "log_id",
        "profile_erased",
        "key_epoch_closed",
        "contact_suppressed",
        "open_obligations",
        "issued_at",
    }
