"""From start to stop: health is true, what keeps a service from starting is one line, clients may go away."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2

from profile_service.v1.audit_service_pb2 import ReplayEventsRequest
from profile_service.v1.operations_service_pb2 import GetKeyStatusRequest
from profile_service.v1.profile_service_pb2 import ImportItem, ImportProfilesRequest
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import people
from tests.support.postgres import PostgresServer
from tests.support.service import Databases, Service, Stubs, running_service

pytestmark = pytest.mark.service

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
SERVICES = [
    "",
    *(
        f"profile_service.v1.{name}Service"
        for name in ("Profile", "Consent", "Campaign", "Rights", "Disclosure", "Audit", "Operations")
    ),
]


def health(stubs: Stubs, name: str = "") -> int:
    answer = stubs.health.Check(health_pb2.HealthCheckRequest(service=name), timeout=SECONDS)
    status: int = answer.status
    return status


def test_health_knows_every_service_and_no_other(stubs: Stubs):
    assert [health(stubs, name) for name in SERVICES] == [SERVING] * len(SERVICES)
    with pytest.raises(grpc.RpcError) as caught:
        health(stubs, "profile_service.v1.ShoeService")
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_health_needs_no_policy_and_calls_work_as_soon_as_it_serves(tmp_path: Path):
    """Nothing but NOT_SERVING is told before; and then the first call is answered."""
    policy = tmp_path / "policy.toml"
    policy.write_text('[callers.dev]\ncalls = ["OperationsService/GetKeyStatus"]\n')
    service = Service(tmp_path, Databases.sqlite(tmp_path), environment={"APROFILE_POLICY": str(policy)})
    service.process = service.spawn("serve")
    seen: list[int] = []
    try:
        with service.stubs() as stubs:
            while SERVING not in seen and service.process.poll() is None:
                try:
                    seen.append(health(stubs))
                except grpc.RpcError:
                    time.sleep(0.01)
            stubs.operations.GetKeyStatus(GetKeyStatusRequest(), timeout=SECONDS)
    finally:
        assert service.stop() == 0
    assert set(seen) <= {NOT_SERVING, SERVING}
    assert seen.index(SERVING) == len(seen) - 1


def test_nobody_else_may_read_what_a_service_makes(tmp_path: Path):
    databases = Databases.sqlite(tmp_path)
    with running_service(tmp_path, databases, prepared=False) as service, service.stubs() as stubs:
        calls.register(stubs)
        made = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
        assert {path.name for path in made} >= {"events.sqlite", "events.sqlite-wal", "keys.sqlite"}
        assert [path for path in made if path.stat().st_mode & 0o077] == []


def test_a_second_server_on_the_same_files_refuses_to_start_in_one_line(shared: Service, stubs: Stubs):
    second = Service(shared.directory, shared.databases)
    code, said = calls.refuses_to_start(second)
    assert code == 1
    assert said == f"aprofile: another server uses {shared.directory / 'data'}"
    calls.register(stubs)


def test_an_address_that_is_taken_is_told_in_one_line(shared: Service, tmp_path: Path):
    other = Service(tmp_path, Databases.sqlite(tmp_path), port=shared.port)
    code, said = calls.refuses_to_start(other)
    assert code == 1
    assert said == f"aprofile: {shared.address} is taken, or no address of this machine"


def test_databases_without_their_schemas_are_told_in_one_line_and_serve_when_migrated(
    postgres_server: PostgresServer, tmp_path: Path
):
    urls = [postgres_server.new_database() for _ in range(3)]
    service = Service(tmp_path, Databases(*urls))
    for command in ("serve", "project"):
        code, said = calls.refuses_to_start(service, command=command)
        assert code == 1
        assert "aprofile migrate" in said
    assert "up to date" in service.run("migrate").stdout
    service.process = service.spawn("serve")
    try:
        service.wait_until(SERVING)
    finally:
        assert service.stop() == 0
    postgres_server.give_back(*urls)


def test_a_database_that_can_not_be_reached_is_told_without_its_password(tmp_path: Path):
    url = "postgresql+psycopg://me:Zqpassword@127.0.0.1:1/"
    service = Service(tmp_path, Databases(*(f"{url}{name}" for name in ("events", "keys", "views"))))
    with pytest.raises(subprocess.CalledProcessError) as caught:
        service.run("serve")
    said = caught.value.stderr + caught.value.stdout
    assert caught.value.returncode == 4
    assert "Zqpassword" not in said
    assert "Traceback" not in said
    assert said.splitlines()[-1].startswith("aprofile: ")


def test_a_stopping_server_says_so_first_refuses_and_keeps_nobody_waiting(tmp_path: Path):
    """New calls hear UNAVAILABLE; who follows the log, or watches the health, does not hold it up."""
    with running_service(tmp_path, Databases.sqlite(tmp_path)) as service, service.stubs() as stubs:
        calls.register(stubs)
        follower = stubs.audit.ReplayEvents(ReplayEventsRequest(follow=True))
        next(follower)
        watcher = stubs.health.Watch(health_pb2.HealthCheckRequest())
        assert next(watcher).status == SERVING
        assert service.process is not None
        began = time.monotonic()
        service.process.send_signal(signal.SIGTERM)
        assert next(watcher).status == NOT_SERVING
        refusals = refused_until_the_end(stubs)
        assert service.process.wait(SECONDS) == 0
        assert time.monotonic() - began < 6
        assert "UNAVAILABLE" in {found.reason for found in refusals}
        assert {found.status for found in refusals} == {grpc.StatusCode.UNAVAILABLE}
        with pytest.raises(grpc.RpcError) as caught:
            next(follower)
        assert calls.refusal_of(caught.value).reason == "UNAVAILABLE"
    assert "stopped" in service.log.read_text()
    assert "call failed" not in service.log.read_text()


def refused_until_the_end(stubs: Stubs) -> list[calls.Refused]:
    """Refusals of calls to a stopping server, until one has no reason: nobody is there."""
    refusals: list[calls.Refused] = []
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and (not refusals or refusals[-1].reason):
        try:
            stubs.operations.GetKeyStatus(GetKeyStatusRequest(), timeout=SECONDS)
        except grpc.RpcError as error:
            refusals.append(calls.refusal_of(error))
        time.sleep(0.02)
    return refusals


def test_a_registration_whose_client_goes_away_is_written_whole(stubs: Stubs):
    """Whatever was begun can be asked for again under its request id, and its address has one owner."""
    requests = [people.register(people.new_person()) for _ in range(40)]
    head = calls.events(stubs)[-1].position
    cancelled = [cancel_soon(stubs.profiles.RegisterProfile, request) for request in requests]
    assert any(cancelled)
    answers = [stubs.profiles.RegisterProfile(request, timeout=SECONDS) for request in requests]
    assert len({answer.profile_id for answer in answers}) == len(requests)
    registered = calls.events(stubs, after_position=head, types=["ProfileRegistered"])
    assert len(registered) == len(requests)
    for request, answer in zip(requests, answers, strict=True):
        found = stubs.profiles.FindProfile(people.find(request.registration.email), timeout=SECONDS)
        assert found.profile_id == answer.profile_id


def test_an_erasure_whose_client_goes_away_goes_on_to_its_end(stubs: Stubs):
    """Once the fence is in the log the key goes too, though nobody waits for the answer."""
    living = [(person := people.new_person(), calls.register(stubs, person).profile_id) for _ in range(20)]
    head = calls.events(stubs)[-1].position
    before = stubs.operations.GetKeyStatus(GetKeyStatusRequest(), timeout=SECONDS)
    cancelled = [cancel_soon(stubs.rights.EraseProfile, people.erase(profile_id)) for _, profile_id in living]
    assert any(cancelled)
    time.sleep(0.5)
    end = time.monotonic() + SECONDS
    gone = (0, 0)
    while True:
        fences = calls.events(stubs, after_position=head, types=["ProfileErased"])
        if gone == (len(fences), len(fences)) or time.monotonic() > end:
            break
        after = stubs.operations.GetKeyStatus(GetKeyStatusRequest(), timeout=SECONDS)
        gone = (after.tombstones - before.tombstones, before.profile_keys - after.profile_keys)
        time.sleep(0.05)
    assert fences
    assert gone == (len(fences), len(fences))
    erased = {event.header.profile_id for event in fences}
    for person, profile_id in living:
        if people.id_bytes(profile_id) in erased:
            assert calls.register(stubs, person).profile_id != profile_id


def test_an_import_whose_client_goes_away_finishes_the_batches_it_began(stubs: Stubs):
    request = ImportProfilesRequest(
        import_id=people.new_id(),
        items=[
            ImportItem(index=index, registration=people.new_person().registration) for index in range(300)
        ],
    )
    head = calls.events(stubs)[-1].position
    go_on = threading.Event()

    def requests():
        yield request
        go_on.wait(SECONDS)

    stream = stubs.profiles.ImportProfiles(requests())
    time.sleep(0.05)
    stream.cancel()
    go_on.set()
    (answer,) = stubs.profiles.ImportProfiles(iter([request]), timeout=SECONDS)
    assert len({status.profile_id for status in answer.statuses}) == 300
    assert len(calls.events(stubs, after_position=head, types=["ProfileRegistered"])) == 300


def cancel_soon(call: grpc.UnaryUnaryMultiCallable, request: object) -> bool:
    """Begin a call and go away a moment later; whether it was before the answer."""
    running = call.future(request, timeout=SECONDS)
    time.sleep(0.003)
    running.cancel()
    return bool(running.cancelled())
