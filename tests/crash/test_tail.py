"""Whoever follows the log sees every position once, in order, however many write and wherever."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import grpc
import pytest

from profile_service.v1.audit_service_pb2 import ReplayEventsRequest
from tests.crash.workload import SECONDS, Workload, replay
from tests.support.postgres import PostgresServer
from tests.support.service import Databases, Service, Stubs, running_service

pytestmark = pytest.mark.service


class Tail:
    """A reader that follows from the first fact on; `positions` is what it saw, in the order it saw it."""

    def __init__(self, stubs: Stubs) -> None:
        self.positions: list[int] = []
        self.looked_at = 0
        self._stream = stubs.audit.ReplayEvents(ReplayEventsRequest(follow=True))
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        with suppress(grpc.RpcError):
            for answer in self._stream:
                self.positions += [event.position for event in answer.events]
                self.looked_at = answer.position

    def wait_for(self, position: int) -> None:
        end = time.monotonic() + SECONDS
        while self.looked_at < position and time.monotonic() < end:
            time.sleep(0.01)

    def stop(self) -> None:
        self._stream.cancel()
        self._thread.join()


def expect_everything_once(stubs: Stubs, tail: Tail, workloads: list[Workload]) -> None:
    stored = [event.position for event in replay(stubs)]
    tail.wait_for(len(stored))
    tail.stop()
    assert not [failure for workload in workloads for failure in workload.failures]
    assert len(stored) >= sum(workload.answers for workload in workloads) > 0
    assert stored == list(range(1, len(stored) + 1))
    assert tail.positions == stored


def test_following_while_others_write(service: Service):
    workload = Workload()
    with service.stubs() as stubs:
        tail = Tail(stubs)
        with workload.running(service, threads=16):
            time.sleep(1)
        expect_everything_once(stubs, tail, [workload])


@pytest.fixture
def two_services(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[tuple[Service, Service]]:
    """Two servers on the same databases and the same root key; the second one keeps no views."""
    databases = Databases(*(postgres_server.new_database() for _ in range(3)))
    root_keys = {"APROFILE_ROOT_KEYS": str(tmp_path / "first" / "root-keys")}
    with (
        running_service(tmp_path / "first", databases) as first,
        running_service(
            tmp_path / "second", databases, environment=root_keys, projector_inside=False
        ) as second,
    ):
        yield first, second
    postgres_server.give_back(databases.events, databases.keys, databases.views)


def test_following_one_server_while_two_write(two_services: tuple[Service, Service]):
    first, second = two_services
    workloads = [Workload(), Workload()]
    with first.stubs() as stubs:
        tail = Tail(stubs)
        with workloads[0].running(first), workloads[1].running(second):
            time.sleep(1)
        expect_everything_once(stubs, tail, workloads)


def test_going_on_after_a_broken_stream_neither_repeats_nor_leaves_out(service: Service):
    workload = Workload()
    seen: list[int] = []
    with workload.running(service), service.stubs() as stubs:
        while len(seen) < 200:
            after = seen[-1] if seen else 0
            request = ReplayEventsRequest(after_position=after, follow=True)
            stream = stubs.audit.ReplayEvents(request)
            answer = next(stream)
            seen += [event.position for event in answer.events]
            stream.cancel()
    assert not workload.failures
    assert seen == list(range(1, len(seen) + 1))
