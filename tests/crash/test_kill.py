"""A server that is killed at any moment has lost nothing it has answered, and nothing stays half done."""

from __future__ import annotations

import random
import time

import grpc
import pytest

from profile_service.client import error_reason
from profile_service.v1.operations_service_pb2 import ListProjectionsRequest, VerifyProjectionRequest
from tests.crash.workload import SECONDS, Life, Workload, replay
from tests.support import people
from tests.support.service import Service, Stubs

pytestmark = [pytest.mark.service, pytest.mark.slow]

# Answers after which a server may be killed.
ENOUGH = 60


def load_and_kill(service: Service) -> Workload:
    """Let people in, and kill the server in the midst of them."""
    workload = Workload()
    with workload.running(service):
        enough = time.monotonic() + SECONDS
        while workload.answers < ENOUGH and time.monotonic() < enough:
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.3))
        service.kill()
    assert workload.answers >= ENOUGH
    assert workload.failures, "the server was killed in the midst of calls"
    return workload


def expect_first_answers(stubs: Stubs, life: Life) -> None:
    """What was answered before is answered again, and is the same."""
    if life.erasure is not None:
        assert stubs.rights.EraseProfile(life.erased, timeout=SECONDS).position == life.erasure.position
        with pytest.raises(grpc.RpcError) as refused:
            stubs.profiles.RegisterProfile(life.registered, timeout=SECONDS)
        assert error_reason(refused.value) == "PROFILE_ERASED"
        return
    if life.erased is not None:
        return  # whether this person is still there is settled by going on
    if life.registration is not None:
        assert stubs.profiles.RegisterProfile(life.registered, timeout=SECONDS) == life.registration
    if life.consent is not None:
        assert stubs.consents.SetConsent(life.consented, timeout=SECONDS) == life.consent


def test_an_answered_write_survives_and_every_other_can_be_finished(service: Service):
    everyone: list[Life] = []
    for _ in range(3):
        everyone += load_and_kill(service).lives
        service.start()
        with service.stubs() as stubs:
            stored = {event.position: event for event in replay(stubs)}
            assert list(stored) == list(range(1, len(stored) + 1)), "no gap and no repetition"
            for life in everyone:
                for asked, answer in [(life.registered, life.registration), (life.consented, life.consent)]:
                    if answer is not None:
                        event = stored[answer.position.value]
                        assert event.header.request_id == people.id_bytes(asked.request_id)
                        assert event.header.profile_id == people.id_bytes(life.profile_id)
                expect_first_answers(stubs, life)
                life.go_on(stubs, leaves=life.erased is not None)
    with service.stubs() as stubs:
        expect_everyone_to_be_there_once(stubs, everyone)
        expect_views_to_be_right(stubs)


def expect_everyone_to_be_there_once(stubs: Stubs, everyone: list[Life]) -> None:
    """One registration a person, no ghost; and who left can come back as somebody new."""
    types = [(event.header.type.rpartition(".")[2], event.header.profile_id) for event in replay(stubs)]
    registered = [profile_id for name, profile_id in types if name == "ProfileRegistered"]
    erased = {profile_id for name, profile_id in types if name == "ProfileErased"}
    assert sorted(registered) == sorted(people.id_bytes(life.profile_id) for life in everyone)
    assert erased == {people.id_bytes(life.profile_id) for life in everyone if life.erasure is not None}
    for life in everyone:
        if life.erasure is None:
            assert stubs.profiles.FindProfile(people.find(life.person.email), timeout=SECONDS).profile_id == (
                life.profile_id
            )
    for life in [life for life in everyone if life.erasure is not None][:10]:
        again = stubs.profiles.RegisterProfile(people.register(life.person), timeout=SECONDS)
        assert again.profile_id != life.profile_id


def expect_views_to_be_right(stubs: Stubs) -> None:
    """Each view is what the log says, although it was killed between any two of its steps."""
    for projection in stubs.operations.ListProjections(ListProjectionsRequest(), timeout=SECONDS).projections:
        answer = stubs.operations.VerifyProjection(
            VerifyProjectionRequest(name=projection.name), timeout=SECONDS
        )
        assert answer.equal, (projection.name, list(answer.differing))
        assert projection.parked == 0
