"""The service as a child process, with data and root keys of its own: for the demonstration."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from profile_service.cli.errors import CommandError
from profile_service.settings import environment_without_settings

START_SECONDS = 60.0
STOP_SECONDS = 60.0


@dataclass
class ServiceProcess:
    """A running `aprofile serve`; its log is a file in `directory`."""

    directory: Path
    address: str
    process: subprocess.Popen[bytes]

    @property
    def log(self) -> Path:
        return self.directory / "service.log"

    def wait_until_serving(self) -> None:
        """Return when its health is SERVING. Raises `CommandError`."""
        end = time.monotonic() + START_SECONDS
        with grpc.insecure_channel(self.address) as channel:
            health = health_pb2_grpc.HealthStub(channel)
            while time.monotonic() < end and self.process.poll() is None:
                try:
                    answer = health.Check(health_pb2.HealthCheckRequest(), timeout=1, wait_for_ready=True)
                except grpc.RpcError:
                    continue
                if answer.status == health_pb2.HealthCheckResponse.SERVING:
                    return
                time.sleep(0.05)
        raise CommandError(f"the service did not start; see {self.log}")

    def stop(self) -> int:
        """Send SIGTERM; return the exit code. Raises `CommandError` if it does not end."""
        self.process.terminate()
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise CommandError(f"the service did not stop; see {self.log}") from None


@contextmanager
def started_service(directory: Path) -> Iterator[ServiceProcess]:
    """Start the service on a free port of loopback; it ends with the block, whatever happens."""
    directory.mkdir(parents=True, exist_ok=True)
    address = f"127.0.0.1:{_free_port()}"
    command = [sys.executable, "-m", "profile_service", "serve", "--listen", address, "--log-format", "json"]
    places = ["--data", str(directory / "data"), "--root-keys", str(directory / "root-keys")]
    with (directory / "service.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own program, with paths of our own
            [*command, *places], env=environment_without_settings(), stdout=log, stderr=log
        )
    try:
        yield ServiceProcess(directory, address, process)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
