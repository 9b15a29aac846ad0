"""Erasing: the fence, the key, the caches; nothing comes after, whoever is writing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert, select

from profile_service import clock
from profile_service.commands.erasure import Eraser
from profile_service.commands.loading import Load, Loaded
from profile_service.commands.rights import RightsDesk
from profile_service.domain.email import canonical_address
from profile_service.domain.errors import (
    ConcurrentChangeError,
    EmailTakenError,
    ProfileErasedError,
    ProfileNotFoundError,
    RequestIdReusedError,
)
from profile_service.domain.rights import DEFAULT_ASSURANCE
from profile_service.domain.rights_errors import LegalHoldError
from profile_service.keys.errors import KeyDestroyedError
from profile_service.log.append import Append, Appended
from profile_service.log.facts import StoredFact, open_fact
from profile_service.log.reader import LogReader
from profile_service.log.schema import facts
from profile_service.v1.audit_service_pb2 import PersonalHalf
from profile_service.v1.consent_service_pb2 import CONSENT_DECISION_WITHDRAWN as REFUSED
from profile_service.v1.events_pb2 import (
    ERASURE_REQUESTER_CITY,
    ERASURE_REQUESTER_PERSON,
    ErasureRequester,
    ProfileRegistered,
)
from profile_service.v1.profile_pb2 import Profile
from tests.commands.checks import expect_all_well, expect_silence_after_erasure
from tests.commands.service import Commands, Places, asked, open_commands
from tests.support import people


async def test_given_a_person_when_erased_then_the_key_is_gone_and_the_open_half_stays(commands: Commands):
    person, profile_id = await commands.new_person()
    stream = f"profile/{profile_id}"
    held = commands.keys.ciphers([UUID(profile_id)])[UUID(profile_id)]
    position = await commands.erase(people.erase(profile_id))
    assert commands.reader.closed_at(UUID(profile_id)) == position
    assert not commands.keys.ciphers([UUID(profile_id)])
    with pytest.raises(KeyDestroyedError):
        held.digest(b"label", b"also in the hands of a request under way")
    registered, erased = commands.reader.stream(stream)
    fact = open_fact(registered, None)
    assert fact.personal_half == PersonalHalf.PERSONAL_HALF_ERASED
    assert fact.message == ProfileRegistered(policy_version=person.registration.policy_version)
    assert erased.type == "profile_service.v1.ProfileErased"
    assert await commands.addresses.holder(canonical_address(person.email)) is None
    expect_all_well(commands)


async def test_erasing_twice_is_erasing_once(commands: Commands):
    _, profile_id = await commands.new_person()
    request = people.erase(profile_id)
    position = await commands.erase(request)
    assert await commands.erase(request) == position
    assert await commands.erase(people.erase(profile_id)) == position
    answers = await asyncio.gather(*(commands.erase(people.erase(profile_id)) for _ in range(10)))
    assert set(answers) == {position}
    expect_all_well(commands)


async def test_many_erasures_of_one_person_at_once_are_one(commands: Commands):
    _, profile_id = await commands.new_person()
    answers = await asyncio.gather(*(commands.erase(people.erase(profile_id)) for _ in range(10)))
    assert len(set(answers)) == 1
    expect_all_well(commands)


async def test_nobody_is_erased_by_mistake(commands: Commands):
    with pytest.raises(ProfileNotFoundError):
        await commands.erase(people.erase(str(uuid4())))
    _, profile_id = await commands.new_person()
    _, other = await commands.new_person()
    request = people.erase(profile_id)
    await commands.erase(request)
    request.profile_id = other
    with pytest.raises(RequestIdReusedError):
        await commands.erase(request)
    assert commands.reader.closed_at(UUID(other)) is None
    expect_all_well(commands)


async def test_the_same_address_is_a_new_person_with_a_key_of_their_own(commands: Commands):
    person, profile_id = await commands.new_person()
    with pytest.raises(EmailTakenError):
        await commands.register(people.register(person))
    await commands.erase(people.erase(profile_id))
    again = await commands.register(people.register(person))
    assert str(again.subject) != profile_id
    assert again.version == 1
    expect_all_well(commands)


async def test_another_process_holds_nothing_when_the_erasure_is_answered(
    commands: Commands, more_commands: Callable[[Places], Commands]
):
    other = more_commands(commands.places)
    _, profile_id = await commands.new_person()
    held = other.keys.ciphers([UUID(profile_id)])[UUID(profile_id)]
    began = time.monotonic()
    await commands.erase(people.erase(profile_id))
    assert time.monotonic() - began < 3, "it answers, it does not wait for the lease to run out"
    with pytest.raises(KeyDestroyedError):
        held.digest(b"label", b"message")
    with pytest.raises(ProfileErasedError):
        await other.update(people.update(profile_id, Profile(given_name="Late"), "given_name"))


async def test_no_fact_follows_the_erasure_of_somebody_whom_50_are_writing_about(
    commands: Commands, more_commands: Callable[[Places], Commands]
):
    """Every answer is a fact before the fence or a clean refusal, in this process and in another."""
    processes = [commands, more_commands(commands.places)]
    _, profile_id = await commands.new_person()
    erased = asyncio.Event()
    outcomes: list[object] = []

    async def write(number: int) -> None:
        writer = processes[number % 2]
        for turn in range(1000):
            done = erased.is_set()
            try:
                if number % 5 == 0:
                    new = people.new_person()
                    request = people.update(profile_id, Profile(email=new.email), "email")
                    outcomes.append(await writer.update(request, seconds=2))
                elif number % 5 == 1:
                    request = people.update(profile_id, Profile(given_name=f"{number} {turn}"), "given_name")
                    outcomes.append(await writer.update(request))
                else:
                    purpose = f"purpose-{number}-{turn}"
                    outcomes.append(await writer.set_consent(people.consent(profile_id, purpose, REFUSED)))
            except Exception as error:  # noqa: BLE001 - looked at below
                outcomes.append(error)
            if done:
                return

    writing = [asyncio.create_task(write(number)) for number in range(50)]
    while sum(isinstance(outcome, Appended) for outcome in outcomes) <= 10:
        await asyncio.sleep(0.01)
    position = await commands.erase(people.erase(profile_id))
    landed = len(outcomes)
    erased.set()
    await asyncio.gather(*writing)
    assert {type(outcome) for outcome in outcomes} <= {Appended, ProfileErasedError, ConcurrentChangeError}
    assert all(o.position < position for o in outcomes if isinstance(o, Appended))
    assert not any(isinstance(outcome, Appended) for outcome in outcomes[landed:])
    expect_all_well(commands)


async def test_who_is_erased_between_reading_and_writing_is_erased_for_the_caller(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
):
    """The cipher that the command was given is dropped before it seals."""
    load = commands.loader.load

    async def slowly(wanted: Load) -> Loaded:
        loaded = await load(wanted)
        await commands.erase(people.erase(str(wanted.profile_id)))
        return loaded

    monkeypatch.setattr(commands.loader, "load", slowly)
    person, profile_id = await commands.new_person()
    with pytest.raises(ProfileErasedError):
        await commands.update(people.update(profile_id, person.completion, *people.COMPLETED))
    _, profile_id = await commands.new_person()
    with pytest.raises(ProfileErasedError):
        await commands.set_consent(people.consent(profile_id))
    expect_all_well(commands)


async def test_the_checker_finds_a_fact_after_the_erasure(places: Places):
    """The planted defect: a writer that goes past the fence."""
    with open_commands(places) as commands:
        _, profile_id = await commands.new_person()
        await commands.erase(people.erase(profile_id))
        expect_silence_after_erasure(commands)
        with commands.events.begin() as connection:
            row = dict(connection.execute(select(facts).where(facts.c.position == 2)).one()._mapping)
            last = connection.execute(select(func.max(facts.c.position))).scalar_one()
            row |= {"position": last + 1, "stream": f"consents/{profile_id}"}
            connection.execute(insert(facts).values(row))
        with pytest.raises(AssertionError):
            expect_silence_after_erasure(commands)


@pytest.mark.parametrize("requester", [ERASURE_REQUESTER_PERSON, ERASURE_REQUESTER_CITY])
async def test_a_hold_that_is_placed_while_an_erasure_is_decided_stops_it(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, requester: ErasureRequester
):
    """Whoever wants the erasure: the one of the two that comes second is decided anew."""
    _, profile_id = await commands.new_person()
    desk = RightsDesk(commands.writer, commands.reader, commands.keys, DEFAULT_ASSURANCE, clock.today)
    loop, decide, tries = asyncio.get_running_loop(), Eraser._append, list[Append]()
    hold = people.hold(profile_id, "a case")

    def then_a_hold(self: Eraser, *arguments: Any) -> Append:
        append = decide(self, *arguments)
        if not tries:
            write = asked(hold, "PlaceHold")
            placing = desk.place_hold(write, UUID(profile_id), hold, date(2099, 1, 2))
            asyncio.run_coroutine_threadsafe(placing, loop).result()
        tries.append(append)
        return append

    monkeypatch.setattr(Eraser, "_append", then_a_hold)
    erasure = people.erase(profile_id)
    erasure.requested_by = requester
    with pytest.raises(LegalHoldError):
        await commands.erase(erasure)
    assert len(tries) == 1, "the second time it is refused"
    assert UUID(profile_id) in commands.keys.ciphers([UUID(profile_id)])


async def test_an_erasure_reads_no_history(commands: Commands, monkeypatch: pytest.MonkeyPatch):
    """Nor does it matter then how long that is. Of what was asked by right it reads what there is."""
    _, profile_id = await commands.new_person()
    await commands.set_consent(people.consent(profile_id))
    read = LogReader.stream

    def only_requests(reader: LogReader, name: str) -> list[StoredFact]:
        assert name == f"rights/{profile_id}"
        return read(reader, name)

    monkeypatch.setattr(LogReader, "stream", only_requests)
    for name in ("streams", "facts_after", "span_facts"):
        monkeypatch.delattr(LogReader, name)
    await commands.erase(people.erase(profile_id))
    monkeypatch.undo()
    expect_all_well(commands)


async def test_pending_erasures_are_finished(commands: Commands):
    """A process that died after the fence: the key is still there, until somebody goes on."""
    profile_ids = [(await commands.new_person())[1] for _ in range(3)]
    for profile_id in profile_ids:
        request = people.erase(profile_id)
        write = asked(request, "EraseProfile")
        await asyncio.to_thread(commands.eraser._close, write, UUID(profile_id), request)
    assert len(commands.keys.ciphers([UUID(profile_id) for profile_id in profile_ids])) == 3
    assert (await asyncio.to_thread(commands.reconcile)).destroyed == 3
    assert (await asyncio.to_thread(commands.reconcile)).destroyed == 0
    expect_all_well(commands)
