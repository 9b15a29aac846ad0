"""A node that was stopped between opening values and answering tells nothing of whom was erased meanwhile."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import grpc
import pytest

from profile_service.client import error_reason
from profile_service.v1.audit_service_pb2 import ReplayEventsRequest
from tests.api import calls
from tests.fanout.stopping import ONLY_THE_CLOCK, STOP_NEXT
from tests.support import people
from tests.support.postgres import PostgresServer
from tests.support.service import Databases, Service, Stubs

SECONDS = 60.0

# Asks a node about a person; what that returns waits for the answers.
Asking: TypeAlias = Callable[[Stubs, str], Callable[[], list[bytes]]]

pytestmark = pytest.mark.service


@dataclass
class Sleeper:
    """The node that stops, and one that stays awake."""

    service: Service
    stubs: Stubs
    awake: Stubs

    def asked(self, ask: Asking, order: str = "") -> str:
        """Ask about somebody who is erased before the answer; return what was answered, or its reason."""
        person = people.new_person()
        registered = calls.register(self.awake, person)
        profile_id = registered.profile_id
        calls.profile_of(self.stubs, profile_id, registered.position.value)
        Path(self.service.environment[STOP_NEXT]).write_text(order)
        answers = ask(self.stubs, profile_id)
        assert self.service.process is not None
        pid = self.service.process.pid
        os.waitid(os.P_PID, pid, os.WSTOPPED)
        try:
            assert self.awake.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS).erased_live
        finally:
            os.kill(pid, signal.SIGCONT)
        try:
            told = b"".join(answers())
        except grpc.RpcError as error:
            return error_reason(error)
        assert person.mark.encode() in told, "the answer was there when the node was stopped"
        return "TOLD"


def read(stubs: Stubs, profile_id: str) -> Callable[[], list[bytes]]:
    call = stubs.profiles.GetProfile.future(people.get(profile_id), timeout=SECONDS)
    return lambda: [call.result().SerializeToString()]


def replay(stubs: Stubs, profile_id: str) -> Callable[[], list[bytes]]:
    wanted = ReplayEventsRequest(profile_ids=[profile_id], include_personal=True, reason=people.REASON)
    pages = stubs.audit.ReplayEvents(wanted, timeout=SECONDS)
    return lambda: [page.SerializeToString() for page in pages]


@pytest.fixture(scope="module")
def sleeper(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sleeper]:
    directory: Path = tmp_path_factory.mktemp("sleeper")
    databases = Databases(*(postgres_server.new_database() for _ in range(3)))
    shared = {
        "APROFILE_ROOT_KEYS": str(directory / "root-keys"),
        "APROFILE_ERASURES": str(directory / "erasures"),
        STOP_NEXT: str(directory / "stop-next"),
    }
    awake = Service(directory / "awake", databases, environment=shared)
    stopping = Service(
        directory / "stopping",
        databases,
        environment=shared,
        projector_inside=False,
        module="tests.fanout.stopping",
    )
    try:
        awake.start()
        stopping.start()
        with stopping.stubs() as stubs, awake.stubs() as others:
            yield Sleeper(stopping, stubs, others)
    finally:
        stopping.stop()
        awake.stop()


@pytest.mark.parametrize("ask", [read, replay])
def test_what_was_opened_before_a_stop_is_not_told_after_it(sleeper: Sleeper, ask: Asking):
    """Although the node holds a lease again before the answer goes on."""
    assert sleeper.asked(ask) == "KEYS_UNAVAILABLE"


def test_a_planted_node_that_only_looks_at_the_clock_is_noticed(sleeper: Sleeper):
    assert sleeper.asked(read, ONLY_THE_CLOCK) == "TOLD"
