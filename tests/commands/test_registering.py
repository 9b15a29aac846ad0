"""Registering: one profile a request, one owner an address, and the first answer for every repetition."""

from __future__ import annotations

import asyncio
import time
from uuid import UUID

import pytest
from google.type.date_pb2 import Date

from profile_service.commands import addresses
from profile_service.domain.email import canonical_address
from profile_service.domain.errors import (
    ConcurrentChangeError,
    EmailReservedError,
    EmailTakenError,
    InvalidRequestError,
    ProfileErasedError,
    RequestIdReusedError,
    ServerBusyError,
)
from profile_service.domain.registration import Decided
from profile_service.keys.reservations import Reservation, Reserved
from profile_service.log.append import Appended
from profile_service.v1.profile_pb2 import Profile
from profile_service.v1.profile_service_pb2 import RegisterProfileRequest
from tests.commands.checks import expect_all_well, living
from tests.commands.service import Commands, asked
from tests.support import people


async def test_given_nobody_when_somebody_registers_then_there_is_a_profile(commands: Commands):
    person = people.new_person()
    answer = await commands.register(people.register(person))
    assert (answer.version, answer.replayed) == (1, False)
    assert living(commands)[answer.subject] == canonical_address(person.email)
    assert await commands.addresses.holder(canonical_address(person.email)) == answer.subject
    expect_all_well(commands)


async def test_given_a_profile_when_its_request_comes_again_then_the_first_answer(commands: Commands):
    person = people.new_person()
    request = people.register(person)
    first = await commands.register(request)
    again = Appended(first.subject, first.position, 1, replayed=True)
    assert await commands.register(request) == again
    await commands.set_consent(people.consent(str(first.subject)))
    await commands.update(people.update(str(first.subject), person.completion, *people.COMPLETED))
    assert await commands.register(request) == again
    # Even when the person has another address meanwhile, and the first one is somebody else's.
    moved = people.update(str(first.subject), Profile(email=people.new_person().email), "email")
    await commands.update(moved)
    assert await commands.register(request) == again
    other = people.register(person)
    assert (await commands.register(other)).subject != first.subject
    assert await commands.register(request) == again
    expect_all_well(commands)


async def test_given_a_profile_when_its_request_id_comes_with_another_body_then_refused(commands: Commands):
    request = people.register(people.new_person())
    await commands.register(request)
    other = people.new_person()
    head = commands.reader.head()
    renamed = people.register(people.new_person())
    renamed.CopyFrom(request)
    renamed.registration.given_name = "Somebody"
    for reused in (people.register(other, request.request_id), renamed):
        with pytest.raises(RequestIdReusedError):
            await commands.register(reused)
    assert commands.reader.head() == head
    assert await commands.addresses.holder(canonical_address(other.email)) is None
    expect_all_well(commands)
    await commands.register(people.register(other), seconds=0.5)


async def test_given_an_owner_when_another_wants_the_address_then_refused(commands: Commands):
    person, _ = await commands.new_person()
    request = people.register(person)
    for spelling in (person.email, person.email.upper(), person.email.lower()):
        request.registration.email = spelling
        with pytest.raises(EmailTakenError):
            await commands.register(request)
    expect_all_well(commands)


async def test_given_an_erased_person_when_their_request_comes_again_then_refused(commands: Commands):
    person = people.new_person()
    request = people.register(person)
    first = await commands.register(request)
    await commands.erase(people.erase(str(first.subject)))
    with pytest.raises(ProfileErasedError):
        await commands.register(request)
    expect_all_well(commands)
    second = await commands.register(people.register(person))
    assert second.subject != first.subject, "the same address, a new person"
    with pytest.raises(ProfileErasedError):
        await commands.register(request)
    assert commands.keys.ciphers([first.subject, second.subject]).keys() == {second.subject}
    expect_all_well(commands)


async def test_bad_values_change_nothing(commands: Commands):
    head = commands.reader.head()
    for name, value in {
        "email": "no address",
        "given_name": " ",
        "date_of_birth": Date(year=2023, month=2, day=30),
    }.items():
        request = people.register(people.new_person())
        field = getattr(request.registration, name)
        if isinstance(field, Date):
            field.CopyFrom(value)
        else:
            setattr(request.registration, name, value)
        with pytest.raises(InvalidRequestError) as error:
            await commands.register(request)
        assert [violation.field for violation in error.value.violations] == [f"registration.{name}"]
    assert commands.reader.head() == head
    expect_all_well(commands)


async def test_of_many_who_want_one_address_at_once_one_gets_it(commands: Commands):
    person = people.new_person()
    outcomes = await asyncio.gather(
        *(commands.register(people.register(person)) for _ in range(20)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Appended"] + 19 * ["EmailTakenError"]
    expect_all_well(commands)


async def test_a_request_that_is_sent_many_times_at_once_is_one(commands: Commands):
    request = people.register(people.new_person())
    answers = await asyncio.gather(*(commands.register(request) for _ in range(20)))
    assert len({(answer.subject, answer.position, answer.version) for answer in answers}) == 1
    assert sum(not answer.replayed for answer in answers) == 1
    expect_all_well(commands)


async def test_one_request_id_for_two_addresses_at_once_is_one_profile(commands: Commands):
    for _ in range(5):
        request = people.register(people.new_person())
        other = people.register(people.new_person(), request.request_id)
        outcomes = await asyncio.gather(
            commands.register(request), commands.register(other), return_exceptions=True
        )
        assert {type(outcome) for outcome in outcomes} == {Appended, RequestIdReusedError}
    expect_all_well(commands)


async def reserve_only(commands: Commands, request: RegisterProfileRequest) -> UUID:
    """What a server does before it dies: address and key, and no fact."""
    key = commands.keys.new_profile_key()
    tag = commands.keys.address_tag(canonical_address(request.registration.email))
    wish = Reservation(tag, asked(request, "RegisterProfile").key, key.profile_id, key)
    assert commands.keys.reserve([wish]) == [Reserved()]
    return key.profile_id


async def test_a_reservation_under_way_is_waited_for_until_the_deadline(commands: Commands):
    person = people.new_person()
    owner = people.register(person)
    profile_id = await reserve_only(commands, owner)
    began = time.monotonic()
    with pytest.raises(EmailReservedError):
        await commands.register(people.register(person), seconds=0.5)
    assert 0.3 < time.monotonic() - began < 1
    assert await commands.addresses.holder(canonical_address(person.email)) is None
    assert (await commands.register(owner)).subject == profile_id, "its own request goes on"
    expect_all_well(commands)


async def test_after_the_patience_another_gets_the_address_and_the_late_owner_is_refused(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(addresses, "PATIENCE", 0.2)
    person = people.new_person()
    late = people.register(person)
    ghost = await reserve_only(commands, late)
    taken = await commands.register(people.register(person))
    assert taken.subject != ghost
    with pytest.raises(ConcurrentChangeError):
        await commands.register(late)
    assert not commands.keys.ciphers([ghost])
    expect_all_well(commands)


async def test_an_owner_who_is_late_by_a_moment_is_refused_cleanly(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
):
    """The owner holds its cipher and is about to append when the competitor gives it up."""
    monkeypatch.setattr(addresses, "PATIENCE", 0.0)
    for _ in range(10):
        person = people.new_person()
        requests = [people.register(person) for _ in range(4)]
        outcomes = await asyncio.gather(*map(commands.register, requests), return_exceptions=True)
        assert sum(isinstance(outcome, Appended) for outcome in outcomes) <= 1
        refusals = (Appended, EmailTakenError, ConcurrentChangeError)
        assert all(isinstance(outcome, refusals) for outcome in outcomes), outcomes
    monkeypatch.setattr(addresses, "PATIENCE", 0.2)
    await commands.register(people.register(people.new_person()))
    expect_all_well(commands)


async def test_full_queues_refuse(commands: Commands, monkeypatch: pytest.MonkeyPatch):
    _, profile_id = await commands.new_person()
    for queue in (commands.log._batcher, commands.loader._batcher, commands.queue._batcher):
        with monkeypatch.context() as full:
            full.setattr(queue, "_capacity", 0)
            request = people.register(people.new_person())
            if queue is commands.loader._batcher:
                with pytest.raises(ServerBusyError):
                    await commands.set_consent(people.consent(profile_id))
                continue
            with pytest.raises(ServerBusyError):
                await commands.register(request)
        assert (await commands.register(request)).version == 1, "tried again, it goes on"
    expect_all_well(commands)


async def test_one_that_fails_by_itself_fails_alone(commands: Commands):
    """A fault in one decision must not answer the others of its batch."""

    def fail() -> Decided:
        raise RuntimeError("a fault")

    requests = [people.register(people.new_person()) for _ in range(3)]
    wanted = [
        await commands.registrar.wanted(asked(request, "RegisterProfile"), request.registration)
        for request in requests
    ]
    wanted[1] = wanted[1]._replace(decide=fail)
    outcomes = await asyncio.to_thread(commands.queue.call_all, wanted)
    assert [type(outcome) for outcome in outcomes] == [Appended, RuntimeError, Appended]
    expect_all_well(commands)
