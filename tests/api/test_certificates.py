"""Certificates over a socket and on the command line: before and after a close, genuine and not."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest

from profile_service.certificates.certificate import ErasureCertificate, Finality
from profile_service.certificates.signing import verify
from profile_service.settings import environment_without_settings
from profile_service.v1.operations_service_pb2 import CloseEpochRequest
from profile_service.v1.rights_service_pb2 import GetCertificateKeyRequest, GetErasureCertificateRequest
from tests.api import calls
from tests.api.calls import SECONDS
from tests.api.cases import NIL
from tests.support import forked, people
from tests.support.canaries import scan_bytes
from tests.support.service import Service, Stubs

pytestmark = pytest.mark.service


def certificate_of(stubs: Stubs, profile_id: str) -> str:
    request = GetErasureCertificateRequest(profile_id=profile_id)
    certificate: str = stubs.rights.GetErasureCertificate(request, timeout=SECONDS).certificate
    return certificate


def public_key(stubs: Stubs) -> str:
    key: str = stubs.rights.GetCertificateKey(GetCertificateKeyRequest(), timeout=SECONDS).key
    return key


def certified(stubs: Stubs, profile_id: str) -> ErasureCertificate:
    return verify(certificate_of(stubs, profile_id), public_key(stubs))


def offline(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`aprofile ARGUMENTS` with a service in its settings that is not there."""
    environment = {**environment_without_settings(), "APROFILE_TARGET": "127.0.0.1:1"}
    return forked.run(arguments, environment, SECONDS * 2, check=False)


def test_a_certificate_says_what_the_log_and_the_keys_say(living: Stubs):
    stubs, person = living, people.new_person()
    profile_id = calls.register(stubs, person).profile_id
    erased = stubs.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS)
    text = certificate_of(stubs, profile_id)
    before = certified(stubs, profile_id)
    assert str(before.profile_id) == profile_id
    assert (before.log_id, before.erased_position) == (erased.position.log_id, erased.position.value)
    assert before.finality in (Finality.LIVE_ONLY, Finality.EPOCH_CLOSE_PENDING)
    assert (before.closed_position, before.final_at, before.contact_suppressed) == (None, None, False)
    assert before.erased_at <= before.destroyed_at <= before.issued_at
    assert scan_bytes("certificate", text.encode() + before.to_json(), [person.mark]) == []

    closed = list(stubs.operations.CloseEpoch(CloseEpochRequest(), timeout=120))[-1]
    after = certified(stubs, profile_id)
    assert (after.epoch, after.closed_position) == (before.epoch, closed.position)
    assert after.finality in (Finality.EPOCH_CLOSED, Finality.FINAL)
    assert after.final_by is not None
    assert before.destroyed_at < after.final_by <= after.issued_at
    (event,) = [
        event for event in calls.events(stubs, types=["KeyEpochClosed"]) if event.position == closed.position
    ]
    assert event.position == after.closed_position


def test_who_is_unknown_or_lives_has_none(stubs: Stubs):
    call = stubs.rights.GetErasureCertificate
    assert calls.refused(call, GetErasureCertificateRequest(profile_id=NIL)).reason == "PROFILE_NOT_FOUND"
    profile_id = calls.register(stubs).profile_id
    found = calls.refused(call, GetErasureCertificateRequest(profile_id=profile_id))
    assert found.reason == "PROFILE_NOT_ERASED"


def test_the_command_line_checks_offline_and_sees_a_change(shared: Service, stubs: Stubs, tmp_path: Path):
    profile_id = calls.register(stubs).profile_id
    stubs.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS)
    certificate, key = tmp_path / "certificate", tmp_path / "key"
    certificate.write_text(shared.run("erasure", "certificate", profile_id).stdout)
    key.write_text(shared.run("erasure", "public-key").stdout)
    assert "genuine" in shared.run("erasure", "verify-certificate", str(certificate)).stdout

    good = offline("erasure", "verify-certificate", str(certificate), "--key", str(key))
    assert (good.returncode, good.stderr) == (0, "")
    assert profile_id in good.stdout
    as_json = offline(
        "erasure", "verify-certificate", str(certificate), "--key", str(key), "--format", "json"
    )
    assert f'"profile_id": "{profile_id}"' in as_json.stdout

    text = certificate.read_text()
    middle = len(text) // 2
    certificate.write_text(text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1 :])
    bad = offline("erasure", "verify-certificate", str(certificate), "--key", str(key))
    assert (bad.returncode, bad.stdout, bad.stderr.count("\n")) == (1, "", 1)
    certificate.write_bytes(b"\xff\xfe")
    assert offline("erasure", "verify-certificate", str(certificate), "--key", str(key)).returncode == 1
    key.write_text("{}")
    assert offline("erasure", "verify-certificate", str(certificate), "--key", str(key)).returncode in (1, 2)
    missing = str(tmp_path / "missing")
    assert offline("erasure", "verify-certificate", missing, "--key", str(key)).returncode == 2
    assert offline("erasure", "verify-certificate", str(key)).returncode == 4, "the service is not there"


def test_the_key_stays_over_a_restart_and_is_for_its_owner_alone(shared: Service, stubs: Stubs):
    path = shared.directory / "signing-key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = public_key(stubs)
    shared.stop()
    shared.start()
    assert public_key(stubs) == key
    path.chmod(0o644)
    shared.stop()
    code, said = calls.refuses_to_start(shared)
    assert (code, "others have access" in said) == (2, True)
    path.chmod(0o600)
    shared.start()
