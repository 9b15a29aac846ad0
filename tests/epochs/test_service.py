"""Closing through the running service: on demand, on schedule, and again after kill -9 in each state."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import grpc
import pytest

from profile_service.keys.roots import FileRootProvider
from profile_service.v1 import operations_service_pb2 as operations
from profile_service.v1.audit_service_pb2 import ReplayEventsRequest
from profile_service.v1.events_pb2 import KeyEpochClosed
from profile_service.v1.rights_service_pb2 import (
    ERASURE_FINALITY_EPOCH_CLOSE_PENDING,
    ERASURE_FINALITY_EPOCH_CLOSED,
    ERASURE_FINALITY_LIVE_ONLY,
    EraseProfileResponse,
)
from tests.support import people
from tests.support.service import Databases, Service, Stubs, running_service

pytestmark = pytest.mark.service

SECONDS = 60.0
NEVER = {"APROFILE_EPOCH_EVERY": "0"}


def registered(stubs: Stubs) -> str:
    answer = stubs.profiles.RegisterProfile(people.register(people.new_person()), timeout=SECONDS)
    return str(answer.profile_id)


def erased(stubs: Stubs, profile_id: str) -> EraseProfileResponse:
    answer: EraseProfileResponse = stubs.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS)
    return answer


def closed(stubs: Stubs) -> operations.CloseEpochResponse:
    *_, last = stubs.operations.CloseEpoch(operations.CloseEpochRequest(), timeout=SECONDS)
    assert last.state == operations.EPOCH_STATE_CLOSED
    return last


def status(stubs: Stubs) -> operations.GetKeyStatusResponse:
    answer: operations.GetKeyStatusResponse = stubs.operations.GetKeyStatus(
        operations.GetKeyStatusRequest(), timeout=SECONDS
    )
    return answer


def closes_in_the_log(stubs: Stubs) -> list[KeyEpochClosed]:
    request = ReplayEventsRequest(types=["KeyEpochClosed"])
    batches = stubs.audit.ReplayEvents(request, timeout=SECONDS)
    return [KeyEpochClosed.FromString(event.fact) for batch in batches for event in batch.events]


def wait_for(condition: Callable[[], object]) -> None:
    until = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.1)


def test_an_erasure_becomes_final_when_the_epoch_closes(service: Service):
    with service.stubs() as stubs:
        living, gone = registered(stubs), registered(stubs)
        answer = erased(stubs, gone)
        assert answer.finality == ERASURE_FINALITY_EPOCH_CLOSE_PENDING
        assert answer.HasField("final_by")
        before = status(stubs)
        assert before.state == operations.EPOCH_STATE_OPEN
        assert before.erasures_waiting == 1
        assert [one.profile_id for one in before.oldest_waiting] == [gone]
        assert before.oldest_waiting[0].final_by == answer.final_by
        assert not before.overdue
        assert (len(before.root_keys), list(before.unknown_root_keys)) == (1, [])
        assert (before.erasures_stopped, before.HasField("stopped_since")) == (0, False)
        last = closed(stubs)
        after = status(stubs)
        assert (after.epoch, after.erasures_waiting, after.dirty_key_buckets) == (before.epoch + 1, 0, 0)
        assert after.verified_backup_digest
        assert erased(stubs, gone).finality == ERASURE_FINALITY_EPOCH_CLOSED
        assert stubs.profiles.GetProfile(people.get(living), timeout=SECONDS)
        assert last.position > answer.position.value
        (fact,) = closes_in_the_log(stubs)
        assert (fact.epoch, fact.erasures, len(fact.root_digest)) == (before.epoch, 1, 32)
        assert fact.backup_digest.hex() == after.verified_backup_digest
    shown = json.loads(service.run("keys", "status", "--format", "json").stdout)
    assert (shown["epoch"], shown["state"], shown["oldest_waiting"]) == (after.epoch, "OPEN", [])
    unknown = f"epoch-7-{uuid4().hex}"
    FileRootProvider(service.directory / "root-keys").create(unknown)
    (line,) = [line for line in service.run("keys", "status").stdout.splitlines() if unknown in line]
    assert "no epoch here has it" in line
    with pytest.raises(subprocess.CalledProcessError):
        service.run("keys", "close-epoch")
    assert "is closed" in service.run("keys", "close-epoch", "--destroy-root", unknown).stdout
    assert "verified backup" in service.run("keys", "status").stdout


@pytest.fixture
def unscheduled(databases: Databases, tmp_path: Path) -> Iterator[Service]:
    with running_service(tmp_path, databases, environment=NEVER) as running:
        yield running


def test_without_a_schedule_nothing_is_promised(unscheduled: Service):
    with unscheduled.stubs() as stubs:
        gone = registered(stubs)
        answer = erased(stubs, gone)
        assert (answer.finality, answer.HasField("final_by")) == (ERASURE_FINALITY_LIVE_ONLY, False)
        assert not status(stubs).HasField("close_due_time")
        closed(stubs)
        assert erased(stubs, gone).finality == ERASURE_FINALITY_EPOCH_CLOSED


def test_on_schedule_epochs_close_by_themselves(tmp_path: Path):
    databases = Databases.sqlite(tmp_path)
    often = {"APROFILE_EPOCH_EVERY": "2s"}
    with running_service(tmp_path, databases, environment=often) as service, service.stubs() as stubs:
        gone = registered(stubs)
        wait_for(lambda: erased(stubs, gone).finality == ERASURE_FINALITY_EPOCH_CLOSED)
        wait_for(lambda: len(closes_in_the_log(stubs)) >= 2)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_server_killed_in_any_state_goes_on_when_it_starts(unscheduled: Service):
    """Also without a schedule: two root keys for one population is a state to leave."""
    service = unscheduled
    states = (
        operations.EPOCH_STATE_PREPARED,
        operations.EPOCH_STATE_SWITCHED,
        operations.EPOCH_STATE_BACKED_UP,
        operations.EPOCH_STATE_DESTROYED,
    )
    with service.stubs() as stubs:
        living = [registered(stubs) for _ in range(5)]
        for state in states:
            epoch = status(stubs).epoch
            erased(stubs, registered(stubs))
            stream = stubs.operations.CloseEpoch(operations.CloseEpochRequest(), timeout=SECONDS)
            with pytest.raises(grpc.RpcError):
                for step in stream:
                    if step.state == state:
                        service.kill()
            service.start()
            wait_for(lambda: status(stubs).epoch == epoch + 1)  # noqa: B023 - waits here
            wait_for(lambda: status(stubs).state == operations.EPOCH_STATE_OPEN)
            for profile_id in living:
                assert stubs.profiles.GetProfile(people.get(profile_id), timeout=SECONDS)
            living.append(registered(stubs))
        assert [fact.epoch for fact in closes_in_the_log(stubs)] == list(range(1, len(states) + 1))
    epochs = [path.stem.split("-")[1] for path in (service.directory / "root-keys").glob("epoch-*.key")]
    assert epochs == [str(len(states) + 1)]


def test_two_operators_watch_one_close(service: Service):
    with service.stubs() as stubs:
        erased(stubs, registered(stubs))
        streams = [
            stubs.operations.CloseEpoch(operations.CloseEpochRequest(), timeout=SECONDS) for _ in range(2)
        ]
        ends = [list(stream)[-1] for stream in streams]
        assert {end.state for end in ends} == {operations.EPOCH_STATE_CLOSED}
        assert len({end.epoch for end in ends}) <= 2
