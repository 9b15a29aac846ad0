"""The real service as a process of its own: start it, call it, stop it, kill it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from profile_service.database import migrate, open_engine
from profile_service.keys.schema import MIGRATIONS as KEYS
from profile_service.log.schema import MIGRATIONS as LOG
from profile_service.v1 import (
    audience_service_pb2_grpc,
    audit_service_pb2_grpc,
    campaign_service_pb2_grpc,
    consent_service_pb2_grpc,
    disclosure_service_pb2_grpc,
    guardian_service_pb2_grpc,
    operations_service_pb2_grpc,
    policy_service_pb2_grpc,
    profile_service_pb2_grpc,
    rights_service_pb2_grpc,
    statistics_service_pb2_grpc,
)
from projections.schema import MIGRATIONS as VIEWS
from tests.support import forked, policies, templates
from tests.support.forked import Forked

Process = subprocess.Popen[bytes] | Forked

REPOSITORY = Path(__file__).parents[2]
START_SECONDS = 60.0
STOP_SECONDS = 60.0


class ServiceNotServingError(Exception):
    """The process ended, or did not serve in time; the message ends with its log."""


@dataclass(frozen=True)
class Databases:
    """The SQLAlchemy URLs of the three databases of one service."""

    events: str
    keys: str
    views: str

    @classmethod
    def sqlite(cls, directory: Path) -> Databases:
        data = directory / "data"
        data.mkdir(parents=True, exist_ok=True)
        return cls(*(f"sqlite:///{data}/{name}.sqlite" for name in ("events", "keys", "views")))

    def migrate(self) -> None:
        """What `aprofile migrate` does, without a process of its own."""
        for url, scripts in ((self.events, LOG), (self.keys, KEYS), (self.views, VIEWS)):
            engine = open_engine(url)
            migrate(engine, scripts)
            engine.dispose()

    @property
    def are_sqlite(self) -> bool:
        return self.events.startswith("sqlite")


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Stubs:
    """A synchronous stub of every service, on one channel."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.channel = channel
        self.profiles = profile_service_pb2_grpc.ProfileServiceStub(channel)
        self.consents = consent_service_pb2_grpc.ConsentServiceStub(channel)
        self.campaigns = campaign_service_pb2_grpc.CampaignServiceStub(channel)
        self.policies = policy_service_pb2_grpc.PolicyServiceStub(channel)
        self.rights = rights_service_pb2_grpc.RightsServiceStub(channel)
        self.guardians = guardian_service_pb2_grpc.GuardianServiceStub(channel)
        self.disclosures = disclosure_service_pb2_grpc.DisclosureServiceStub(channel)
        self.audience = audience_service_pb2_grpc.AudienceServiceStub(channel)
        self.statistics = statistics_service_pb2_grpc.StatisticsServiceStub(channel)
        self.audit = audit_service_pb2_grpc.AuditServiceStub(channel)
        self.operations = operations_service_pb2_grpc.OperationsServiceStub(channel)
        self.health = health_pb2_grpc.HealthStub(channel)


@dataclass
class Service:
    """A service in `directory` (log file, data and root keys) on a port that stays its own.

    After `stop` or `kill` it can be started again: same port, same databases.
    """

    directory: Path
    databases: Databases
    environment: Mapping[str, str] = field(default_factory=dict)
    projector_inside: bool = True
    # Whether the first start is followed by a policy: nobody registers or consents without one.
    with_policy: bool = True
    # Whether the first start finds databases and a root key as a first start leaves them: that is half of it.
    prepared: bool = True
    module: str = forked.PROGRAM
    port: int = field(default_factory=free_port)
    forked: bool = True
    process: Process | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What the processes wrote to stdout and stderr, over all starts."""
        return self.directory / "server.log"

    @property
    def settings(self) -> dict[str, str]:
        """The environment of the processes of this service."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("APROFILE_")},
            "APROFILE_EVENTS_URL": self.databases.events,
            "APROFILE_KEYS_URL": self.databases.keys,
            "APROFILE_VIEWS_URL": self.databases.views,
            "APROFILE_ROOT_KEYS": str(self.directory / "root-keys"),
            "APROFILE_DATA": str(self.directory / "data"),
            "APROFILE_LISTEN": self.address,
            "APROFILE_PROJECTOR": str(self.projector_inside).lower(),
            "PYTHONUNBUFFERED": "1",
            **self.environment,
        }

    def run(self, *arguments: str, timeout: float = 60.0) -> subprocess.CompletedProcess[str]:
        """Run `aprofile ARGUMENTS` to its end. Raises `CalledProcessError` if it fails."""
        if self.forked:
            return forked.run(arguments, self.settings, timeout)
        return subprocess.run(
            [sys.executable, "-m", "profile_service", *arguments],
            cwd=REPOSITORY,
            env=self.settings,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=True,
        )

    def spawn(self, *arguments: str) -> Process:
        """Start `aprofile ARGUMENTS` beside the server, writing to the same log."""
        # A planted defect is there before what it changes is imported.
        if self.forked and self.module == forked.PROGRAM:
            return Forked(arguments, self.settings, self.log, self.log)
        with self.log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", self.module, *arguments],
                cwd=REPOSITORY,
                env=self.settings,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def start(self) -> None:
        """Start the server and wait until it serves. Raises `ServiceNotServingError`."""
        self.directory.mkdir(parents=True, exist_ok=True)
        first = self.process is None
        if first:
            self._prepare()
        self.process = self.spawn("serve")
        try:
            self.wait_until(health_pb2.HealthCheckResponse.SERVING)
            if first and self.with_policy:
                policies.put_into_log(self.databases.events)
        except ServiceNotServingError:
            self.kill()
            raise

    def _prepare(self) -> None:
        roots = self.settings["APROFILE_ROOT_KEYS"]
        urls = (self.databases.events, self.databases.keys, self.databases.views)
        if self.prepared and roots.startswith("/") and all(map(templates.is_new, urls)):
            templates.prepare(urls, Path(roots))
        elif not self.databases.are_sqlite:
            self.databases.migrate()

    def wait_until(self, status: int, timeout: float = START_SECONDS) -> None:
        """Wait until health answers `status`. Raises `ServiceNotServingError`."""
        assert self.process is not None
        end = time.monotonic() + timeout
        with self.stubs() as stubs:
            while time.monotonic() < end:
                if self.process.poll() is not None:
                    break
                try:
                    answer = stubs.health.Check(
                        health_pb2.HealthCheckRequest(), timeout=1, wait_for_ready=True
                    )
                except grpc.RpcError:
                    time.sleep(0.05)
                    continue
                if answer.status == status:
                    return
                time.sleep(0.05)
        raise ServiceNotServingError(self.log.read_text(errors="replace")[-4000:])

    def stop(self, timeout: float = STOP_SECONDS) -> int:
        """Send SIGTERM, wait for the end, return the exit status."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout)
        finally:
            if self.process.poll() is None:
                self.kill()

    def kill(self) -> None:
        """Send SIGKILL: no destructor, no flush, no goodbye."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    @contextmanager
    def stubs(self) -> Iterator[Stubs]:
        """Synchronous stubs on a channel of their own."""
        # A channel that found the port closed would wait a second before trying again.
        options = [("grpc.max_reconnect_backoff_ms", 100), ("grpc.initial_reconnect_backoff_ms", 50)]
        with grpc.insecure_channel(
            self.address, options=[*options, ("grpc.use_local_subchannel_pool", 1)]
        ) as channel:
            yield Stubs(channel)


@contextmanager
def running_service(directory: Path, databases: Databases, **options: object) -> Iterator[Service]:
    """A started service that is stopped at the end, however the test ends."""
    service = Service(directory, databases, **options)  # type: ignore[arg-type]  # passed on as they are
    service.start()
    try:
        yield service
    finally:
        if service.process is not None and service.process.poll() is None:
            service.stop()
