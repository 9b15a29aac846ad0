"""A restore and the service keep out of each other's way, as real processes, stopped ones included."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import psutil  # type: ignore[import-untyped]  # carries no types
import psycopg
import pytest
from sqlalchemy.engine import make_url

from profile_service.client import error_reason
from profile_service.keys.lease import LEASE_SECONDS, MARGIN_SECONDS
from tests.support import people
from tests.support.forked import Forked
from tests.support.postgres import PostgresServer
from tests.support.service import Databases, Process, Service, running_service

pytestmark = pytest.mark.service

SECONDS = 20.0


def refusal(service: Service, *command: str) -> str:
    """What a command says that does not do what it is for; nothing if it does."""
    try:
        service.run(*command)
    except subprocess.CalledProcessError as error:
        return str(error.stderr)
    return ""


@contextmanager
def stopped(process: Process | None) -> Iterator[None]:
    """It does not run, and is not gone."""
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


def wait_for_line(service: Service, text: bytes) -> None:
    end = time.monotonic() + SECONDS
    while text not in service.log.read_bytes():
        assert time.monotonic() < end, "it never said so"
        time.sleep(0.05)


def test_nothing_is_restored_beneath_a_server_or_a_projector(service: Service, tmp_path: Path):
    """A stopped one has no lease any more, but will wake with what it had in its hands."""
    backup = str(tmp_path / "backup")
    service.run("backup", backup)
    with stopped(service.process):
        time.sleep(LEASE_SECONDS + 2 * MARGIN_SECONDS)
        assert "is in use" in refusal(service, "restore", backup, "--replace")
    service.stop()
    projector = service.spawn("project")
    wait_for_line(service, b"projecting")
    assert "is in use" in refusal(service, "restore", "--in-place")
    projector.kill()
    projector.wait()
    assert refusal(service, "restore", backup, "--replace") == ""


COMMANDS = (("serve",), ("project",), ("backup", "other-backup"))


def kept_out(service: Service, directory: Path, *command: str) -> bool:
    """Whether a command is not let in while a restore writes, and says so in one line."""
    said = refusal(service, command[0], *(str(directory / name) for name in command[1:]))
    return "a restore is writing to" in said.splitlines()[-1] if said else False


@pytest.fixture
def restored(databases: Databases, tmp_path: Path) -> tuple[Service, str]:
    """A service that has ended, and a backup of it in which somebody lives."""
    with running_service(tmp_path, databases) as service:
        with service.stubs() as stubs:
            stubs.profiles.RegisterProfile(people.register(people.new_person()), timeout=SECONDS)
        service.run("backup", str(tmp_path / "backup"))
    return service, str(tmp_path / "backup")


@contextmanager
def paused_restore(service: Service, backup: str, *defect: str) -> Iterator[None]:
    """A restore that has written the keys, and writes the log when the block ends."""
    command = (*defect, "restore", backup, "--replace")
    process = Forked(command, service.settings, service.log, service.log, "tests.backup.pausing")
    end = time.monotonic() + SECONDS
    while psutil.Process(process.pid).status() != psutil.STATUS_STOPPED:
        assert process.poll() is None, service.log.read_text()
        assert time.monotonic() < end, "it never stopped itself"
        time.sleep(0.02)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)
        assert process.wait(SECONDS) == 0


def test_nobody_comes_while_a_restore_writes(restored: tuple[Service, str], tmp_path: Path):
    service, backup = restored
    with paused_restore(service, backup):
        assert all(kept_out(service, tmp_path, *command) for command in COMMANDS)
    service.start()
    assert service.stop() == 0


def test_a_planted_restore_that_keeps_nobody_away_is_noticed(restored: tuple[Service, str], tmp_path: Path):
    service, backup = restored
    with paused_restore(service, backup, "--unguarded"):
        assert not kept_out(service, tmp_path, "backup", "other-backup")


def cut_off(server: PostgresServer, databases: Databases) -> None:
    """End every session, as a network that fails does sooner or later."""
    names = [make_url(url).database for url in (databases.events, databases.keys, databases.views)]
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY(%s)"
    with psycopg.connect(server.server.get_uri(), autocommit=True) as connection:
        connection.execute(ended, (names,))


@pytest.mark.parametrize(("module", "ends"), [("profile_service", True), ("tests.backup.forgetful", False)])
def test_who_was_cut_off_during_a_restore_does_not_go_on_after_it(
    postgres_server: PostgresServer, tmp_path: Path, module: str, ends: bool
):
    """Its caches, its position in the log and its id of the log are of before; a planted one does go on."""
    databases = Databases(*(postgres_server.new_database() for _ in range(3)))
    with running_service(tmp_path, databases, module=module) as service, service.stubs() as stubs:
        registered = stubs.profiles.RegisterProfile(people.register(people.new_person()), timeout=SECONDS)
        service.run("backup", str(tmp_path / "backup"))
        with stopped(service.process):
            cut_off(postgres_server, databases)
            assert refusal(service, "restore", str(tmp_path / "backup"), "--replace") == ""
        assert service.process is not None
        end, reasons = time.monotonic() + SECONDS, set()
        while service.process.poll() is None and time.monotonic() < end and "READ" not in reasons:
            try:
                stubs.profiles.GetProfile(people.get(registered.profile_id), timeout=SECONDS)
            except grpc.RpcError as error:
                reasons.add(error_reason(error) or error.code().name)
            else:
                reasons.add("READ")
            time.sleep(0.02)
        assert ("READ" in reasons) is not ends, reasons
        assert (service.process.poll() == 1) is ends
    assert (b"start it again" in service.log.read_bytes()) is ends
