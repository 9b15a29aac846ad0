"""A receipt says what was signed, in terms of the vocabulary; nothing else is taken for one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profile_service.certificates.certificate import CertificateError
from profile_service.certificates.receipt import ConsentReceipt, ConsentStatus, Office, Terms
from profile_service.certificates.signing import ALGORITHM, verify, verify_receipt
from tests.certificates.test_certificate import POSITIONS, SIGNED, SIGNER, TIMES, private, sealed_by

GIVEN = ConsentReceipt(
    receipt_id=UUID("6f0d3b52-4b0e-4a6e-9d3f-3f6d1f8f6a11"),
    issued_at=datetime(2026, 4, 1, tzinfo=UTC),
    at=datetime(2026, 3, 2, tzinfo=UTC),
    subject=UUID("b2f1f3a0-0b5e-4a53-8a4c-6b8a3c0e7d01"),
    purpose="newsletter",
    status=ConsentStatus.GIVEN,
    decision="given",
    decided_at=datetime(2026, 3, 1, 12, 0, 0, 1, UTC),
    method="web",
    log_id="0d6c6a0e-54b9-4a58-a5f5-1a1f5a3c7b22",
    position=1234,
    policy_version="2026-1",
    text_hash=bytes(range(32)),
    terms=Terms(Office("City", "city@city.example"), Office("Privacy", "p@city.example"), "collection", 6),
)
BY_GUARDIAN = replace(GIVEN, by_guardian=True)
RECEIPT = SIGNER.sign(GIVEN)
NOTICES = st.tuples(st.none(), st.none()) | st.tuples(
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}", fullmatch=True), st.binary(min_size=32, max_size=32)
)
OFFICES = st.builds(Office, st.text(min_size=1, max_size=20), st.emails())


def made(notice: tuple[str | None, bytes | None], **values: Any) -> ConsentReceipt:
    return ConsentReceipt(policy_version=notice[0], text_hash=notice[1], **values)


@given(
    st.builds(
        made,
        NOTICES,
        receipt_id=st.uuids(),
        issued_at=TIMES,
        at=TIMES,
        subject=st.uuids(),
        purpose=st.from_regex(r"[a-z][a-z0-9_.-]{0,62}", fullmatch=True),
        status=st.sampled_from(ConsentStatus),
        decision=st.sampled_from(["given", "withdrawn", "suppressed", "objected"]),
        decided_at=TIMES,
        method=st.sampled_from(["web", "app", "desk"]),
        log_id=st.uuids().map(str),
        position=POSITIONS,
        terms=st.none() | st.builds(Terms, OFFICES, OFFICES, st.just("collection"), st.integers(0, 1200)),
    )
)
def test_what_was_signed_is_what_is_read(receipt: ConsentReceipt):
    assert verify_receipt(SIGNER.sign(receipt), SIGNER.public_key) == receipt


def test_a_change_of_any_character_is_refused():
    changed = [
        RECEIPT[:at] + chr(ord(RECEIPT[at]) ^ 1 << at % 7) + RECEIPT[at + 1 :] for at in range(len(RECEIPT))
    ]
    for receipt in (*changed, RECEIPT[:-1], RECEIPT + "A", ""):
        with pytest.raises(CertificateError):
            verify_receipt(receipt, SIGNER.public_key)


def test_neither_a_certificate_nor_a_receipt_is_taken_for_the_other():
    with pytest.raises(CertificateError, match="no consent receipt"):
        verify_receipt(SIGNED, SIGNER.public_key)
    with pytest.raises(CertificateError, match="no certificate of erasure"):
        verify(RECEIPT, SIGNER.public_key)
    # Nor with the other's header: then what is in it is not of its kind.
    header = {"alg": ALGORITHM, "kid": json.loads(SIGNER.public_key)["kid"], "typ": "aprofile-erasure+jws"}
    with pytest.raises(CertificateError):
        verify(sealed_by(private(), header, GIVEN.to_json()), SIGNER.public_key)


def test_what_was_signed_may_say_no_more_and_in_no_other_form():
    header = {"alg": ALGORITHM, "kid": json.loads(SIGNER.public_key)["kid"], "typ": ConsentReceipt.TYPE}
    assert verify_receipt(sealed_by(private(), header, GIVEN.to_json()), SIGNER.public_key) == GIVEN
    document = GIVEN.document()
    payloads: list[Any] = [
        {**document, "dct:title": "more"},
        {**document, "dct:hasVersion": "1"},
        {**document, "dct:hasVersion": "3"},
        {**replace(GIVEN, terms=None).document(), "dct:hasVersion": "2"},
        {**document, "@context": {**document["@context"], "dpv": "https://example.org/#"}},
        {**document, "dpv:hasRecordOfActivity": {}},
        [],
    ]
    for payload in payloads:
        with pytest.raises(CertificateError):
            verify_receipt(sealed_by(private(), header, json.dumps(payload).encode()), SIGNER.public_key)


def test_its_terms_are_of_the_vocabularies():
    """Every key and every class: each is looked at before another is used."""
    terms = {status.value for status in ConsentStatus}
    for receipt in (GIVEN, BY_GUARDIAN):
        terms |= set(terms_of(json.loads(receipt.to_json())))
    assert {term for term in terms if not term.startswith("@")} == {
        "dct:date",
        "dct:description",
        "dct:hasVersion",
        "dct:identifier",
        "dct:issued",
        "dpv:Consent",
        "dpv:ConsentExpired",
        "dpv:ConsentGiven",
        "dpv:ConsentNotice",
        "dpv:ConsentReceipt",
        "dpv:ConsentRecord",
        "dpv:ConsentRefused",
        "dpv:ConsentRevoked",
        "dpv:ConsentWithdrawn",
        "dpv:DataController",
        "dpv:DataProtectionOfficer",
        "dpv:DataSubject",
        "dpv:GuardianOfDataSubject",
        "dpv:Process",
        "dpv:Purpose",
        "dpv:StorageDuration",
        "dpv:hasConsentStatus",
        "dpv:hasContact",
        "dpv:hasDataController",
        "dpv:hasDataProtectionOfficer",
        "dpv:hasDataSubject",
        "dpv:hasDuration",
        "dpv:hasIndicationMethod",
        "dpv:hasLegalBasis",
        "dpv:hasName",
        "dpv:hasNotice",
        "dpv:hasProcess",
        "dpv:hasPurpose",
        "dpv:hasRecordOfActivity",
        "dpv:hasStorageCondition",
        "dpv:isIndicatedAtTime",
        "dpv:isIndicatedBy",
    }
    assert GIVEN.document()["@context"]["dpv"] == "https://w3id.org/dpv#"
    assert GIVEN.document()["@context"]["dct"] == "http://purl.org/dc/terms/"


def terms_of(node: Any) -> Any:
    """The keys, and the values that are IRIs in short; not those of the context."""
    for key, value in node.items():
        if key == "@context":
            continue
        yield key
        if isinstance(value, dict):
            yield from terms_of(value)
        elif str(value).startswith("dpv:"):
            yield value


def test_who_withdrew_is_said_only_if_it_was_the_person():
    revoked = replace(GIVEN, status=ConsentStatus.REVOKED)
    assert "dpv:isIndicatedBy" not in revoked.document()["dpv:hasRecordOfActivity"]["dpv:hasConsentStatus"]
    assert verify_receipt(SIGNER.sign(revoked), SIGNER.public_key) == revoked


def test_that_a_guardian_gave_it_is_said_and_read():
    for receipt in (BY_GUARDIAN, replace(BY_GUARDIAN, status=ConsentStatus.EXPIRED)):
        assert verify_receipt(SIGNER.sign(receipt), SIGNER.public_key) == receipt
        status = receipt.document()["dpv:hasRecordOfActivity"]["dpv:hasConsentStatus"]
        assert status["dpv:isIndicatedBy"] == "dpv:GuardianOfDataSubject"
