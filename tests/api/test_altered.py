"""What callers see of a server that died between two databases, is overrun, or is called days later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest

from profile_service.v1.profile_service_pb2 import RegisterProfileRequest
from tests.api import altered, calls
from tests.api.calls import SECONDS
from tests.support import people
from tests.support.service import Databases, Service, Stubs, running_service

pytestmark = pytest.mark.service

# Less than an address is kept for a request under way, and enough for a call.
IMPATIENT = 3.0


@contextmanager
def altered_service(
    directory: Path, databases: Databases, **environment: object
) -> Iterator[tuple[Service, Stubs]]:
    named = {getattr(altered, name): str(value) for name, value in environment.items()}
    with (
        running_service(directory, databases, module=altered.__name__, environment=named) as service,
        service.stubs() as stubs,
    ):
        yield service, stubs


def register_and_die(service: Service, stubs: Stubs, request: RegisterProfileRequest, order: Path) -> None:
    """Have the server killed after it stored key and address of a registration, and start it again."""
    order.touch()
    with pytest.raises(grpc.RpcError) as caught:
        stubs.profiles.RegisterProfile(request, timeout=SECONDS)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert service.process is not None
    service.process.wait(SECONDS)
    order.unlink()
    service.start()


def test_an_address_left_midway_is_kept_for_its_request_and_refused_to_others(
    tmp_path: Path, databases: Databases
):
    order = tmp_path / "die"
    with altered_service(tmp_path / "service", databases, DIE_AT=order) as (service, stubs):
        person = people.new_person()
        request = people.register(person)
        register_and_die(service, stubs, request, order)
        before = calls.standing(stubs)

        other = people.register(person)
        found = calls.refused(stubs.profiles.RegisterProfile, other, timeout=IMPATIENT)
        assert (found.reason, found.status) == ("EMAIL_RESERVED", grpc.StatusCode.UNAVAILABLE)
        assert person.mark.encode() not in found.said
        assert calls.standing(stubs) == before

        profile_id = stubs.profiles.RegisterProfile(request, timeout=SECONDS).profile_id
        assert calls.refused(stubs.profiles.RegisterProfile, other).reason == "EMAIL_TAKEN"
        found_id = stubs.profiles.FindProfile(people.find(person.email), timeout=SECONDS).profile_id
        assert found_id == profile_id


def test_an_address_left_for_long_goes_to_who_wants_it_and_its_first_request_is_refused(
    tmp_path: Path, databases: Databases
):
    order = tmp_path / "die"
    with altered_service(tmp_path / "service", databases, DIE_AT=order, PATIENCE=0.2) as (service, stubs):
        person = people.new_person()
        late = people.register(person)
        register_and_die(service, stubs, late, order)
        keys = calls.standing(stubs)[1]

        profile_id = stubs.profiles.RegisterProfile(people.register(person), timeout=SECONDS).profile_id
        found = calls.refused(stubs.profiles.RegisterProfile, late)
        assert (found.reason, found.status) == ("CONCURRENT_CHANGE", grpc.StatusCode.ABORTED)
        assert stubs.profiles.FindProfile(people.find(person.email), timeout=SECONDS).profile_id == profile_id
        assert calls.standing(stubs)[1] == keys, "the key of the one that was left is gone"


def test_a_token_is_refused_after_its_time(tmp_path: Path):
    databases = Databases.sqlite(tmp_path)
    with running_service(tmp_path, databases) as service, service.stubs() as stubs:
        profile_id = calls.register(stubs).profile_id
        token = stubs.profiles.StartEmailVerification(
            calls.start_verification(profile_id), timeout=SECONDS
        ).token
    with altered_service(tmp_path, databases, DAYS_AHEAD=8) as (_, stubs):
        before = calls.standing(stubs)
        found = calls.refused(stubs.profiles.VerifyEmail, calls.verify(token))
        assert (found.reason, found.status) == ("TOKEN_EXPIRED", grpc.StatusCode.FAILED_PRECONDITION)
        assert calls.standing(stubs) == before
        again = stubs.profiles.StartEmailVerification(
            calls.start_verification(profile_id), timeout=SECONDS
        ).token
        assert stubs.profiles.VerifyEmail(calls.verify(again), timeout=SECONDS).profile_id == profile_id


def test_who_comes_to_a_full_queue_is_refused_at_once_and_registered_on_a_later_try(
    tmp_path: Path, databases: Databases
):
    with altered_service(tmp_path, databases, CAPACITY=2) as (_, stubs):
        keys = calls.standing(stubs)[1]
        waiting = [people.register(people.new_person()) for _ in range(100)]
        registered: set[str] = set()
        refused = 0
        while waiting:
            futures = [stubs.profiles.RegisterProfile.future(one, timeout=SECONDS) for one in waiting]
            again = []
            for request, future in zip(waiting, futures, strict=True):
                try:
                    registered.add(future.result().profile_id)
                except grpc.RpcError as error:
                    found = calls.refusal_of(error)
                    expected = ("QUEUE_FULL", grpc.StatusCode.RESOURCE_EXHAUSTED)
                    assert (found.reason, found.status) == expected
                    again.append(request)
            refused += len(again)
            waiting = again
        assert refused
        assert len(registered) == 100
        assert calls.standing(stubs)[1] == keys + 100, "nobody was left with a key and no fact"
