"""Proofs and receipts of consents over a socket and on the command line, before and after an erasure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from profile_service.certificates.receipt import ConsentReceipt, ConsentStatus, Office, Terms
from profile_service.certificates.signing import verify_receipt
from profile_service.v1.consent_service_pb2 import (
    CONSENT_DECISION_GIVEN,
    CONSENT_DECISION_OBJECTED,
    CONSENT_DECISION_WITHDRAWN,
    GetConsentProofRequest,
    GetConsentProofResponse,
    GetConsentReceiptRequest,
)
from profile_service.v1.events_pb2 import SUPPRESSION_REASON_COMPLAINT
from profile_service.v1.profile_pb2 import CHANNEL_WEB, LEGAL_BASIS_CONSENT, Position
from profile_service.v1.rights_service_pb2 import SuppressContactRequest
from tests.api import calls
from tests.api.calls import SECONDS
from tests.api.test_certificates import offline, public_key
from tests.api.test_objecting import consent, object_to
from tests.support import people
from tests.support.canaries import scan_bytes
from tests.support.service import Service, Stubs

pytestmark = pytest.mark.service


def proof_of(
    stubs: Stubs, profile_id: str, at: Position, purpose: str = "newsletter"
) -> GetConsentProofResponse:
    request = GetConsentProofRequest(
        profile_id=profile_id, purpose=purpose, reason=people.REASON, position=at
    )
    answer: GetConsentProofResponse = stubs.consents.GetConsentProof(request, timeout=SECONDS)
    return answer


def receipt_of(stubs: Stubs, profile_id: str, at: Position, purpose: str = "newsletter") -> str:
    request = GetConsentReceiptRequest(
        profile_id=profile_id, purpose=purpose, reason=people.REASON, position=at
    )
    receipt: str = stubs.consents.GetConsentReceipt(request, timeout=SECONDS).receipt
    return receipt


def said(stubs: Stubs, receipt: str) -> ConsentReceipt:
    return verify_receipt(receipt, public_key(stubs))


def withdraw(stubs: Stubs, profile_id: str, purpose: str = "newsletter") -> Position:
    request = people.consent(profile_id, purpose, CONSENT_DECISION_WITHDRAWN)
    position: Position = stubs.consents.SetConsent(request, timeout=SECONDS).position
    return position


def test_a_proof_says_what_had_been_decided_then_and_says_it_after_the_erasure(living: Stubs):
    stubs = living
    registered = calls.register(stubs)
    profile_id = registered.profile_id
    given = consent(stubs, profile_id, "newsletter")
    withdrawn = withdraw(stubs, profile_id)
    objected = object_to(stubs, profile_id)
    points = (registered.position, given, withdrawn, objected)
    proofs = [proof_of(stubs, profile_id, at) for at in points]
    assert not proofs[0].HasField("proof")
    assert [one.proof.decision for one in proofs[1:]] == [
        CONSENT_DECISION_GIVEN,
        CONSENT_DECISION_WITHDRAWN,
        CONSENT_DECISION_OBJECTED,
    ]
    for proof, at in zip(proofs[1:], points[1:], strict=True):
        (event,) = [one for one in calls.events(stubs, profile_ids=[profile_id]) if one.position == at.value]
        assert (proof.position, proof.proof.position, proof.proof.time) == (at, at, event.time)
        assert (proof.proof.policy_version, proof.proof.text_hash) == ("2026-01", people.TEXT_HASH)
        assert (proof.proof.actor, proof.proof.channel) == (event.header.actor, CHANNEL_WEB)
        assert not proof.HasField("erased_time")
    by_time = GetConsentProofRequest(
        profile_id=profile_id, purpose="newsletter", reason=people.REASON, time=proofs[1].proof.time
    )
    assert stubs.consents.GetConsentProof(by_time, timeout=SECONDS).proof == proofs[1].proof
    assert proof_of(stubs, profile_id, objected, "sms").proof.policy_version == ""

    erased = stubs.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS).position
    assert [proof_of(stubs, profile_id, at) for at in points] == proofs
    after = proof_of(stubs, profile_id, erased)
    assert after.proof == proofs[3].proof
    assert after.HasField("erased_time")


def test_a_receipt_is_checked_offline_after_the_erasure_and_names_nobody(
    shared: Service, stubs: Stubs, tmp_path: Path
):
    person, other = people.new_person(), calls.register(stubs).profile_id
    profile_id = calls.register(stubs, person).profile_id
    given = consent(stubs, profile_id, "newsletter", "events")
    text = receipt_of(stubs, profile_id, given)
    receipt = said(stubs, text)
    assert (receipt.status, receipt.decision, receipt.method) == (ConsentStatus.GIVEN, "given", "web")
    assert (receipt.log_id, receipt.purpose) == (given.log_id, "newsletter")
    assert (receipt.policy_version, receipt.text_hash) == ("2026-01", people.TEXT_HASH)
    assert receipt.terms == Terms(
        Office("City", "city@city.example"),
        Office("Data protection office", "privacy@city.example"),
        "consent_withdrawn",
        0,
    )
    assert receipt.decided_at <= receipt.at <= receipt.issued_at
    # The same subject in all receipts of a person, and in no other's; and it is not the profile id.
    consented = consent(stubs, other, "newsletter")
    subjects = {
        said(stubs, receipt_of(stubs, *of)).subject for of in ((profile_id, given), (other, consented))
    }
    assert said(stubs, receipt_of(stubs, profile_id, given, "events")).subject == receipt.subject
    assert len(subjects) == 2
    assert not subjects & {profile_id, other}
    assert profile_id.encode() not in receipt.to_json()
    assert scan_bytes("receipt", text.encode() + receipt.to_json(), [person.mark]) == []

    reason = ("--purpose", "checks", "--legal-basis", "public-task", "--on-behalf-of", "job:checks")
    file, key = tmp_path / "receipt", tmp_path / "key"
    key.write_text(shared.run("erasure", "public-key").stdout)
    at = str(given.value)
    file.write_text(shared.run("receipt", "get", profile_id, "newsletter", "--at", at, *reason).stdout)
    stubs.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS)
    request = GetConsentReceiptRequest(
        profile_id=profile_id, purpose="newsletter", reason=people.REASON, position=given
    )
    assert calls.refused(stubs.consents.GetConsentReceipt, request).reason == "PROFILE_ERASED"
    assert said(stubs, text) == receipt

    good = offline("receipt", "verify", str(file), "--key", str(key))
    assert (good.returncode, good.stderr) == (0, "")
    assert "genuine" in good.stdout
    assert "dpv:ConsentGiven" in good.stdout
    assert "Data protection office <privacy@city.example>" in good.stdout
    as_json = offline("receipt", "verify", str(file), "--key", str(key), "--format", "json")
    assert json.loads(as_json.stdout)["@type"] == "dpv:ConsentReceipt"
    assert "genuine" in shared.run("receipt", "verify", str(file)).stdout

    # A certificate is no receipt, a receipt no certificate, and what was changed is neither.
    certificate = tmp_path / "certificate"
    certificate.write_text(shared.run("erasure", "certificate", profile_id).stdout)
    for command in (("receipt", "verify", str(certificate)), ("erasure", "verify-certificate", str(file))):
        wrong = offline(*command, "--key", str(key))
        assert (wrong.returncode, wrong.stdout, wrong.stderr.count("\n")) == (1, "", 1)
    signed = file.read_text()
    file.write_text(signed[:300] + ("A" if signed[300] != "A" else "B") + signed[301:])
    assert offline("receipt", "verify", str(file), "--key", str(key)).returncode == 1


def test_a_receipt_says_who_ended_a_consent_and_whether_there_was_one(stubs: Stubs):
    profile_id = calls.register(stubs).profile_id
    refused = withdraw(stubs, profile_id)
    objected = object_to(stubs, profile_id, "events")
    consent(stubs, profile_id, "newsletter", "events")
    withdrawn = withdraw(stubs, profile_id)
    by_others = SuppressContactRequest(
        request_id=people.new_id(),
        profile_id=profile_id,
        legal_basis=LEGAL_BASIS_CONSENT,
        suppression_reason=SUPPRESSION_REASON_COMPLAINT,
        channel=CHANNEL_WEB,
    )
    suppressed = stubs.rights.SuppressContact(by_others, timeout=SECONDS).position
    then = object_to(stubs, profile_id)
    found = [
        (one.status, one.decision)
        for one in (
            said(stubs, receipt_of(stubs, profile_id, refused)),
            said(stubs, receipt_of(stubs, profile_id, objected, "events")),
            said(stubs, receipt_of(stubs, profile_id, withdrawn)),
            said(stubs, receipt_of(stubs, profile_id, suppressed, "events")),
            said(stubs, receipt_of(stubs, profile_id, then, "events")),
        )
    ]
    assert found == [
        (ConsentStatus.REFUSED, "withdrawn"),
        (ConsentStatus.REFUSED, "objected"),
        (ConsentStatus.WITHDRAWN, "withdrawn"),
        (ConsentStatus.REVOKED, "suppressed"),
        (ConsentStatus.WITHDRAWN, "objected"),
    ]
