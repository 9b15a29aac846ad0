"""The service and the commands speak mutual TLS; without it only loopback is served."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from profile_service.cli.errors import ExitCode
from profile_service.settings import environment_without_settings
from tests.cli.certificates import CLIENT_ID, write_certificates
from tests.support import forked
from tests.support.forked import Forked
from tests.support.service import free_port

pytestmark = pytest.mark.service


def aprofile(*arguments: str) -> subprocess.CompletedProcess[str]:
    return forked.run(arguments, environment_without_settings(), 60, check=False)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("tls")
    write_certificates(directory)
    (directory / "policy.toml").write_text(f'[callers."{CLIENT_ID}"]\ncalls = ["OperationsService/*"]\n')
    return directory


@pytest.fixture(scope="module")
def target(directory: Path) -> Iterator[str]:
    """The address of a service with mutual TLS on every address of this machine."""
    port = free_port()
    target = f"localhost:{port}"
    command = [
        "serve", "--listen", f"0.0.0.0:{port}",
        "--data", str(directory / "data"), "--root-keys", str(directory / "root-keys"),
        "--policy", str(directory / "policy.toml"),
        "--tls-certificate", str(directory / "server.pem"), "--tls-key", str(directory / "server.key"),
        "--tls-client-ca", str(directory / "authority.pem"),
    ]  # fmt: skip
    log = directory / "server.log"
    process = Forked(command, environment_without_settings(), log, log)
    end = time.monotonic() + 60
    while aprofile("health", "--target", target, *as_client(directory)).returncode != ExitCode.OK:
        assert process.poll() is None
        assert time.monotonic() < end
    yield target
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0


def as_client(directory: Path) -> list[str]:
    return [
        "--client-certificate", str(directory / "client.pem"), "--client-key", str(directory / "client.key"),
        "--server-ca", str(directory / "authority.pem"),
    ]  # fmt: skip


def test_a_client_with_a_certificate_is_answered(directory: Path, target: str) -> None:
    done = aprofile("keys", "status", "--target", target, *as_client(directory))
    assert done.returncode == ExitCode.OK, done.stderr


def test_the_policy_decides_by_the_certificate(directory: Path, target: str) -> None:
    done = aprofile("replay", "--target", target, *as_client(directory))
    assert done.returncode == ExitCode.REFUSED
    assert "CALLER_NOT_ALLOWED (PERMISSION_DENIED)" in done.stderr


def test_a_client_without_tls_is_not_answered(target: str) -> None:
    done = aprofile("keys", "status", "--target", target, "--timeout", "5")
    assert done.returncode == ExitCode.UNAVAILABLE
    assert done.stderr.count("\n") == 1


def test_a_certificate_that_is_none_is_refused(directory: Path, tmp_path: Path, target: str) -> None:
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("nonsense")
    client = as_client(directory)
    client[1] = str(nonsense)
    done = aprofile("keys", "status", "--target", target, "--timeout", "5", *client)
    assert done.returncode == ExitCode.UNAVAILABLE
    assert done.stderr.count("\n") == 1
