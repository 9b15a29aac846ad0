"""Mutual TLS: a caller is the one SPIFFE id of their certificate; certificates are renewed in place."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from cryptography import x509
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from profile_service.v1.audit_service_pb2 import ReplayEventsRequest
from profile_service.v1.operations_service_pb2 import GetKeyStatusRequest
from tests.api import calls
from tests.api.calls import SECONDS
from tests.api.certificates import Authority, Issued
from tests.support import people, policies
from tests.support.service import Databases, Service, Stubs

pytestmark = pytest.mark.service

NEWSLETTER = "spiffe://city.example/newsletter"
AUDITOR = "spiffe://city.example/auditor"
POLICY = f"""
[callers.dev]
calls = ["*"]

[callers."{NEWSLETTER}"]
calls = ["ProfileService/RegisterProfile", "ConsentService/*", "OperationsService/GetKeyStatus"]

[callers."{AUDITOR}"]
calls = ["AuditService/*"]
include_personal = true
"""


@dataclass
class Secured:
    """A service with TLS, and who may sign for whom."""

    service: Service
    servers: Authority
    callers: Authority

    @contextmanager
    def stubs(self, caller: Issued | None, authority: bytes = b"") -> Iterator[Stubs]:
        """Stubs on a new connection that shows a caller's certificate."""
        credentials = grpc.ssl_channel_credentials(
            root_certificates=authority or self.servers.certificate,
            private_key=caller.key if caller else None,
            certificate_chain=caller.certificate if caller else None,
        )
        options = [("grpc.use_local_subchannel_pool", 1)]
        with grpc.secure_channel(self.service.address, credentials, options=options) as channel:
            yield Stubs(channel)

    @property
    def serial(self) -> int:
        """The serial number of the certificate that the server shows now."""
        shown = ssl.get_server_certificate(("127.0.0.1", self.service.port), timeout=SECONDS)
        return x509.load_pem_x509_certificate(shown.encode()).serial_number

    def wait_until_serving(self) -> None:
        assert self.service.process is not None
        end = time.monotonic() + SECONDS
        with self.stubs(self.callers.caller(NEWSLETTER)) as stubs:
            while time.monotonic() < end and self.service.process.poll() is None:
                try:
                    answer = stubs.health.Check(health_pb2.HealthCheckRequest(), timeout=1)
                except grpc.RpcError:
                    time.sleep(0.05)
                    continue
                if answer.status == health_pb2.HealthCheckResponse.SERVING:
                    return
        raise AssertionError(self.service.log.read_text())


def settings(directory: Path, server: Issued, callers: bytes) -> dict[str, str]:
    """The files of a server, written, and the settings that name them."""
    certificate, key = server.write(directory, "server")
    authority = directory / "callers.pem"
    authority.write_bytes(callers)
    return {
        "APROFILE_TLS_CERTIFICATE": str(certificate),
        "APROFILE_TLS_KEY": str(key),
        "APROFILE_TLS_CLIENT_CA": str(authority),
    }


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    directory: Path = tmp_path_factory.mktemp("tls")
    servers, callers = Authority("servers"), Authority("callers")
    policy = directory / "policy.toml"
    policy.write_text(POLICY)
    environment = {
        "APROFILE_POLICY": str(policy),
        **settings(directory, servers.server(), callers.certificate),
    }
    service = Service(directory, Databases.sqlite(directory), environment=environment)
    service.process = service.spawn("serve")
    running = Secured(service, servers, callers)
    try:
        running.wait_until_serving()
        policies.put_into_log(service.databases.events)
        yield running
    finally:
        assert service.stop() == 0


def status(stubs: Stubs) -> object:
    return stubs.operations.GetKeyStatus(GetKeyStatusRequest(), timeout=SECONDS)


def test_a_caller_is_the_spiffe_id_of_their_certificate(secured: Secured):
    """The policy knows them by it, and facts name them as their actor."""
    person = people.new_person()
    with secured.stubs(secured.callers.caller(NEWSLETTER)) as stubs:
        profile_id = calls.register(stubs, person).profile_id
        found = calls.refused(stubs.rights.EraseProfile, people.erase(profile_id))
        assert (found.status, found.reason) == (grpc.StatusCode.PERMISSION_DENIED, "CALLER_NOT_ALLOWED")
    with secured.stubs(secured.callers.caller(AUDITOR)) as stubs:
        (event,) = calls.events(stubs, profile_ids=[profile_id], include_personal=True, reason=people.REASON)
        assert event.header.actor == NEWSLETTER
        assert person.email.encode() in event.fact
        assert (
            calls.refused(stubs.operations.GetKeyStatus, GetKeyStatusRequest()).reason == "CALLER_NOT_ALLOWED"
        )


def test_two_callers_may_use_the_same_request_id(secured: Secured):
    """An id is one caller's own: nobody learns of another's requests."""
    request = people.register(people.new_person())
    with secured.stubs(secured.callers.caller(NEWSLETTER)) as stubs:
        stubs.profiles.RegisterProfile(request, timeout=SECONDS)
    with secured.stubs(secured.callers.caller(AUDITOR)) as stubs:
        assert calls.refused(stubs.profiles.RegisterProfile, request).reason == "CALLER_NOT_ALLOWED"


@pytest.mark.parametrize(
    ("uris", "names"),
    [
        ((), {}),
        ((), {"common_name": "dev"}),
        ((), {"dns": "dev"}),
        ((), {"dns": "newsletter.city.example"}),
        ((), {"common_name": NEWSLETTER}),
        ((NEWSLETTER, AUDITOR), {}),
        ((NEWSLETTER, NEWSLETTER), {}),
        ((NEWSLETTER, "https://city.example/"), {}),
        (("https://city.example/newsletter",), {}),
        (("spiffe://city.example/stranger",), {}),
        (("spiffe://city.example",), {}),
        (("SPIFFE://city.example/newsletter",), {}),
    ],
)
def test_a_certificate_without_one_known_identity_may_call_nothing(
    secured: Secured, uris: tuple[str, ...], names: dict[str, str]
):
    """`dev` is the caller without TLS, and never one with a certificate."""
    with secured.stubs(secured.callers.caller(*uris, **names)) as stubs:
        found = calls.refused(stubs.operations.GetKeyStatus, GetKeyStatusRequest())
        assert (found.status, found.reason) == (grpc.StatusCode.PERMISSION_DENIED, "CALLER_NOT_ALLOWED")
        replay = calls.refused(stubs.audit.ReplayEvents, ReplayEventsRequest())
        assert replay.reason == "CALLER_NOT_ALLOWED"


def test_one_identity_beside_a_dns_name_is_one_identity(secured: Secured):
    with secured.stubs(secured.callers.caller(NEWSLETTER, dns="newsletter.city.example")) as stubs:
        assert status(stubs)


@pytest.mark.parametrize("who", ["nobody", "a stranger's", "the server's own"])
def test_without_a_certificate_of_our_authority_there_is_no_connection(secured: Secured, who: str):
    shown = {
        "nobody": None,
        "a stranger's": Authority("strangers").caller(NEWSLETTER),
        "the server's own": secured.servers.caller(NEWSLETTER),
    }[who]
    with secured.stubs(shown) as stubs:
        found = calls.refused(stubs.operations.GetKeyStatus, GetKeyStatusRequest(), timeout=2)
        assert (found.status, found.reason) == (grpc.StatusCode.UNAVAILABLE, "")
    with grpc.insecure_channel(secured.service.address) as channel:
        plain = calls.refused(Stubs(channel).operations.GetKeyStatus, GetKeyStatusRequest(), timeout=2)
        assert plain.reason == ""


def test_a_certificate_that_was_renewed_on_disk_is_shown_without_a_restart(secured: Secured):
    """Open connections go on; while the files can't be used, the last good certificate is shown."""
    caller = secured.callers.caller(NEWSLETTER)
    directory = secured.service.directory
    with secured.stubs(caller) as before:
        assert status(before)
        renewed = secured.servers.server()
        assert secured.serial != renewed.serial
        renewed.write(directory, "server")
        assert secured.serial == renewed.serial
        with secured.stubs(caller) as after:
            assert status(after)

        (directory / "server.pem").write_bytes(b"half a certificate")
        assert secured.serial == renewed.serial
        (directory / "server.pem").rename(directory / "away.pem")
        assert secured.serial == renewed.serial
        last = secured.servers.server()
        last.write(directory, "server")
        assert secured.serial == last.serial
        assert status(before)


def test_the_authority_of_callers_is_renewed_too(secured: Secured):
    path = secured.service.directory / "callers.pem"
    successor = Authority("callers of next year")
    path.write_bytes(secured.callers.certificate + successor.certificate)
    try:
        for authority in (secured.callers, successor):
            with secured.stubs(authority.caller(NEWSLETTER)) as stubs:
                assert status(stubs)
    finally:
        path.write_bytes(secured.callers.certificate)
    with secured.stubs(successor.caller(NEWSLETTER)) as stubs:
        found = calls.refused(stubs.operations.GetKeyStatus, GetKeyStatusRequest(), timeout=2)
        assert found.status is grpc.StatusCode.UNAVAILABLE


def reflect(stubs: Stubs) -> list[str]:
    """The names of the services that reflection tells."""
    stub = reflection_pb2_grpc.ServerReflectionStub(stubs.channel)
    asked = reflection_pb2.ServerReflectionRequest(list_services="")
    (answer,) = stub.ServerReflectionInfo(iter([asked]), timeout=SECONDS)
    return [service.name for service in answer.list_services_response.service]


def test_reflection_is_for_development_only(secured: Secured, stubs: Stubs):
    assert "profile_service.v1.ProfileService" in reflect(stubs)
    with secured.stubs(secured.callers.caller(NEWSLETTER)) as secure, pytest.raises(grpc.RpcError) as caught:
        reflect(secure)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_an_address_that_others_can_reach_needs_tls(tmp_path: Path):
    service = Service(tmp_path, Databases.sqlite(tmp_path))
    code, said = calls.refuses_to_start(service, "--listen", f"0.0.0.0:{service.port}")
    assert code == 2
    assert said.startswith("aprofile: listen: an address other than loopback needs tls_certificate")


@pytest.mark.parametrize("broken", ["server.pem", "server-key.pem", "callers.pem"])
def test_a_file_that_is_no_certificate_or_key_starts_nothing(tmp_path: Path, broken: str):
    callers = Authority("callers")
    environment = settings(tmp_path, Authority("servers").server(), callers.certificate)
    (tmp_path / broken).write_bytes(b"-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n")
    service = Service(tmp_path, Databases.sqlite(tmp_path), environment=environment)
    code, said = calls.refuses_to_start(service)
    assert code == 2
    assert said.startswith("aprofile: TLS")


def test_a_key_of_another_certificate_starts_nothing(tmp_path: Path):
    servers = Authority("servers")
    environment = settings(tmp_path, servers.server(), Authority("callers").certificate)
    (tmp_path / "server-key.pem").write_bytes(servers.server().key)
    service = Service(tmp_path, Databases.sqlite(tmp_path), environment=environment)
    code, said = calls.refuses_to_start(service)
    assert code == 2
    assert said.startswith("aprofile: TLS")
