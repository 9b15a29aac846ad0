"""An erasure reaches two servers on one PostgreSQL, their caches, and every generation of the views."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import NoSuchTableError, ProgrammingError

from profile_service.bootstrap import ERASERS, READERS
from profile_service.client import error_reason
from profile_service.database import open_engine
from profile_service.keys.lease import LEASE_SECONDS, MARGIN_SECONDS
from profile_service.v1 import operations_service_pb2 as operations
from profile_service.v1.audit_service_pb2 import PersonalHalf
from profile_service.v1.campaign_service_pb2 import ListSignUpsRequest
from profile_service.v1.operations_service_pb2 import RebuildProjectionRequest
from profile_service.v1.rights_service_pb2 import EraseProfileResponse
from tests.api import calls
from tests.support import people
from tests.support.postgres import PostgresServer
from tests.support.service import Databases, Service, Stubs

SECONDS = 60.0
# What the machine may add to what the lease allows.
SLACK = 20.0
WRITERS = 50

pytestmark = pytest.mark.service


@dataclass
class Nodes:
    """Two servers over the same databases and root keys; the projector is in the first."""

    first: Service
    second: Service


@pytest.fixture(scope="module")
def nodes(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    directory: Path = tmp_path_factory.mktemp("nodes")
    databases = Databases(*(postgres_server.new_database() for _ in range(3)))
    shared = {
        "APROFILE_ROOT_KEYS": str(directory / "root-keys"),
        "APROFILE_ERASURES": str(directory / "erasures"),
    }
    first = Service(directory / "first", databases, environment=shared)
    second = Service(directory / "second", databases, environment=shared, projector_inside=False)
    try:
        first.start()
        second.start()
        yield Nodes(first, second)
    finally:
        second.stop()
        first.stop()


@dataclass
class Writer:
    """Withdraws and gives one person's consent on one node until it is refused."""

    stubs: Stubs
    profile_id: str
    answered: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            asked = time.monotonic()
            try:
                self.stubs.consents.SetConsent(people.consent(self.profile_id), timeout=SECONDS)
            except grpc.RpcError as error:
                self.refused.append(error_reason(error))
                if self.refused[-1] == "PROFILE_ERASED":
                    return
            else:
                self.answered.append(asked)


def warm(stubs: Stubs, profile_id: str, at_least: int = 0) -> None:
    """Have a node read and write the person, so that it has the key at hand."""
    stubs.consents.SetConsent(people.consent(profile_id), timeout=SECONDS)
    assert calls.profile_of(stubs, profile_id, at_least).email


def test_no_write_on_another_node_comes_after_the_erasure(nodes: Nodes):
    """Fifty writers with a warm cache: each write is before the erasure, or refused as erased."""
    with nodes.first.stubs() as erasing, nodes.second.stubs() as writing:
        registered = calls.register(erasing)
        profile_id = registered.profile_id
        warm(writing, profile_id, registered.position.value)
        stopping = threading.Event()
        writers = [Writer(writing, profile_id) for _ in range(WRITERS)]
        threads = [threading.Thread(target=writer.run, args=[stopping]) for writer in writers]
        for thread in threads:
            thread.start()
        while not any(writer.answered for writer in writers):
            time.sleep(0.01)
        erased = erasing.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS)
        done = time.monotonic()
        for thread in threads:
            thread.join(SECONDS)
        stopping.set()
        assert {writer.refused[-1] for writer in writers} == {"PROFILE_ERASED"}
        assert not [asked for writer in writers for asked in writer.answered if asked > done]
        expect_nothing_opened(writing, profile_id, erased)


def expect_nothing_opened(stubs: Stubs, profile_id: str, erased: EraseProfileResponse) -> None:
    """The erasure is the last fact of the person, and this node opens none of them."""
    facts = calls.events(stubs, profile_ids=[profile_id], include_personal=True, reason=people.REASON)
    assert facts[-1].header.type == "profile_service.v1.ProfileErased"
    assert facts[-1].position == erased.position.value
    halves = {fact.personal_half for fact in facts}
    assert halves <= {PersonalHalf.PERSONAL_HALF_ERASED, PersonalHalf.PERSONAL_HALF_NONE}


def test_a_planted_node_that_keeps_its_keys_is_noticed(nodes: Nodes, tmp_path: Path):
    keeping = Service(
        tmp_path,
        nodes.first.databases,
        environment=nodes.second.environment,
        projector_inside=False,
        module="tests.fanout.keeping",
    )
    keeping.start()
    try:
        with nodes.first.stubs() as erasing, keeping.stubs() as stubs:
            registered = calls.register(erasing)
            warm(stubs, registered.profile_id, registered.position.value)
            erased = erasing.rights.EraseProfile(people.erase(registered.profile_id), timeout=SECONDS)
            expect_nothing_opened(erasing, registered.profile_id, erased)
            with pytest.raises(AssertionError):
                expect_nothing_opened(stubs, registered.profile_id, erased)
    finally:
        keeping.stop()


def test_a_stopped_node_delays_the_answer_by_its_lease_and_wakes_to_nothing(nodes: Nodes):
    with nodes.first.stubs() as awake, nodes.second.stubs() as sleeping:
        registered = calls.register(awake)
        profile_id = registered.profile_id
        warm(sleeping, profile_id, registered.position.value)
        assert nodes.second.process is not None
        nodes.second.process.send_signal(signal.SIGSTOP)
        try:
            # Asked while it sleeps, answered when it wakes: with what it then may know.
            reads = [
                sleeping.profiles.GetProfile.future(people.get(profile_id), timeout=SECONDS) for _ in range(8)
            ]
            began = time.monotonic()
            answer = awake.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS)
            took = time.monotonic() - began
        finally:
            nodes.second.process.send_signal(signal.SIGCONT)
        assert answer.erased_live
        assert took < LEASE_SECONDS + 2 * MARGIN_SECONDS + SLACK
        reasons = {error_reason(error) if (error := one.exception()) else "READ" for one in reads}
        assert reasons <= {"PROFILE_ERASED", "PROFILE_NOT_FOUND", "KEYS_UNAVAILABLE"}
        assert refused_soon(sleeping, profile_id) == "PROFILE_ERASED"


def test_erasures_that_wait_for_a_stopped_node_keep_nobody_else_waiting(nodes: Nodes):
    """More of them than there are threads for reads, or for erasures."""
    with nodes.first.stubs() as awake:
        bystander = calls.register(awake).profile_id
        awake.consents.SetConsent(people.consent(bystander), timeout=SECONDS)
        leaving = [calls.register(awake).profile_id for _ in range(2 * max(READERS, ERASERS))]
        assert nodes.second.process is not None
        nodes.second.process.send_signal(signal.SIGSTOP)
        try:
            erasures = [
                awake.rights.EraseProfile.future(people.erase(profile_id), timeout=SECONDS)
                for profile_id in leaving
            ]
            assert awake.consents.CheckConsents(people.check(bystander), timeout=SECONDS).given == [True]
            assert not any(one.done() for one in erasures)
            assert all(one.result(SECONDS).erased_live for one in erasures)
        finally:
            nodes.second.process.send_signal(signal.SIGCONT)


def refused_soon(stubs: Stubs, profile_id: str) -> str:
    """The reason a read is refused for, once the node holds a lease again."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            stubs.profiles.GetProfile(people.get(profile_id), timeout=SECONDS)
        except grpc.RpcError as error:
            if (reason := error_reason(error)) != "KEYS_UNAVAILABLE":
                return reason
        else:
            return "READ"
        time.sleep(0.1)
    return "KEYS_UNAVAILABLE"


def test_nothing_of_the_person_is_in_any_generation_of_any_view(nodes: Nodes):
    """The live one and the one before it: no row but of statistics, which have no ids."""
    with nodes.first.stubs() as first, nodes.second.stubs() as second:
        person = people.new_person()
        profile_id = calls.register(first, person).profile_id
        campaign_id = calls.open_campaign(first)
        first.campaigns.SignUp(people.sign_up(profile_id, campaign_id, person.mark), timeout=SECONDS)
        token = first.profiles.StartEmailVerification(
            calls.start_verification(profile_id), timeout=SECONDS
        ).token
        warm(second, profile_id)
        for name in ("profiles", "sign_ups", "consents"):
            list(first.operations.RebuildProjection(RebuildProjectionRequest(name=name), timeout=SECONDS))
        assert len(generations_with(nodes, profile_id)) >= 6, "two generations of three views"

        erased = second.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS)
        with pytest.raises(grpc.RpcError) as caught:
            first.profiles.VerifyEmail(calls.verify(token), timeout=SECONDS)
        assert error_reason(caught.value) == "PROFILE_ERASED"
        end = time.monotonic() + SECONDS
        while (left := generations_with(nodes, profile_id)) and time.monotonic() < end:
            time.sleep(0.05)
        assert left == []
        # The campaign that the person signed up for has nobody's answers.
        request = ListSignUpsRequest(campaign_id=campaign_id, reason=people.REASON)
        request.at_least_position.CopyFrom(erased.position)
        answer = second.campaigns.ListSignUps(request, timeout=SECONDS)
        assert profile_id not in str(answer)


def generations_with(nodes: Nodes, profile_id: str) -> list[str]:
    """The tables of views, of whatever generation, that have a row of the person."""
    while True:
        # A generation that is dropped while it is looked at has nobody's rows: then all are looked at anew.
        with suppress(NoSuchTableError, ProgrammingError):
            return _tables_with(nodes, profile_id)


def _tables_with(nodes: Nodes, profile_id: str) -> list[str]:
    engine = open_engine(nodes.first.databases.views)
    found = []
    with engine.connect() as connection:
        tables = inspect(connection)
        for table in tables.get_table_names():
            columns = [column["name"] for column in tables.get_columns(table)]
            if "_g" in table and "profile_id" in columns:
                rows = text(f"SELECT count(*) FROM {table} WHERE profile_id = :id")
                if connection.execute(rows, {"id": profile_id}).scalar():
                    found.append(table)
    engine.dispose()
    return found


def rebuild_of(stubs: Stubs, name: str, *states: int) -> operations.Rebuild:
    """How a rebuild stands, once it stands so."""
    end = time.monotonic() + SECONDS
    while True:
        answer = stubs.operations.GetRebuild(operations.GetRebuildRequest(name=name), timeout=SECONDS)
        if answer.rebuild.state in states:
            return answer.rebuild
        assert time.monotonic() < end, answer
        time.sleep(0.1)


def test_a_rebuild_is_steered_through_any_server_and_outlives_each(nodes: Nodes):
    """Paused and resumed through the other one; then its server is killed, and another one goes on."""
    name = "sign_ups"
    pause = operations.PauseRebuildRequest(name=name)
    resume = operations.ResumeRebuildRequest(name=name)
    # Its worker starts more slowly than a call reaches a server.
    begin = RebuildProjectionRequest(name=name, workers=1)
    with nodes.first.stubs() as first, nodes.second.stubs() as second:
        profile_id = calls.register(first).profile_id
        first.campaigns.SignUp(
            people.sign_up(profile_id, calls.open_campaign(first), "a tree"), timeout=SECONDS
        )
        watched = first.operations.RebuildProjection(begin)
        assert next(watched).rebuild.state == operations.REBUILD_STATE_RUNNING
        paused = second.operations.PauseRebuild(pause, timeout=SECONDS).rebuild
        assert paused.state == operations.REBUILD_STATE_PAUSED
        found = calls.refused(second.operations.RebuildProjection, begin)
        assert found.reason == "REBUILD_UNDER_WAY"
        second.operations.ResumeRebuild(resume, timeout=SECONDS)
        last = list(watched)[-1]
        assert (last.rebuild.state, last.phase) == (
            operations.REBUILD_STATE_SWAPPED,
            operations.REBUILD_PHASE_SWAPPED,
        )
        assert last.rebuild.generation == paused.generation
        assert last.rebuild.slices_done == last.slices_done == 256

        next(first.operations.RebuildProjection(begin))
        nodes.first.kill()
        rebuild_of(second, name, operations.REBUILD_STATE_INTERRUPTED)
        assert (
            second.operations.PauseRebuild(pause, timeout=SECONDS).rebuild.state
            == operations.REBUILD_STATE_PAUSED
        )
    nodes.first.start()
    with nodes.first.stubs() as first, nodes.second.stubs() as second:
        rebuild_of(first, name, operations.REBUILD_STATE_PAUSED)
        first.operations.ResumeRebuild(resume, timeout=SECONDS)
        live = rebuild_of(second, name, operations.REBUILD_STATE_SWAPPED).generation
        back = second.operations.RollBackProjection(
            operations.RollBackProjectionRequest(name=name, generation=last.generation), timeout=SECONDS
        )
        assert (back.live_generation, back.previous_generation) == (last.generation, live)
        second.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS)
        end = time.monotonic() + SECONDS
        while (left := generations_with(nodes, profile_id)) and time.monotonic() < end:
            time.sleep(0.05)
        assert left == []
        verified = second.operations.VerifyProjection(
            operations.VerifyProjectionRequest(name=name), timeout=SECONDS
        )
        assert verified.equal
