"""kill -9 between every two steps: a retry or a competitor finishes, and nothing stays half done.

Steps are what `tests.commands.dying` counts: calls of the key store and of the log's store.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Iterator, Sequence
from typing import Any
from uuid import UUID

import pytest

from profile_service.commands import addresses
from profile_service.domain.email import canonical_address
from profile_service.domain.errors import ConcurrentChangeError, EmailTakenError
from profile_service.keys.store import KeyStore
from profile_service.log.append import Append, Appended, Outcome
from profile_service.log.reader import Standing
from profile_service.v1.profile_pb2 import Profile
from tests.commands.checks import expect_all_well, expect_no_leftovers, expect_one_owner, living
from tests.commands.dying import ask
from tests.commands.service import Commands, Places, asked, open_commands
from tests.support import people
from tests.support.processes import expect_end, start

# What each command does to keys and log, in this order.
REGISTERING = ("reserve", "append")
MOVING = ("reserve", "append", "release")
ERASING = ("append", "destroy", "wait until evicted")

Request = Any


@pytest.fixture
def commands(places: Places, monkeypatch: pytest.MonkeyPatch) -> Iterator[Commands]:
    """The server that lives on; it waits for the dead only shortly."""
    monkeypatch.setattr(addresses, "PATIENCE", 0.2)
    with open_commands(places) as made:
        yield made


def kill_at_every_step(
    commands: Commands, method: str, steps: tuple[str, ...], requests: list[Request]
) -> None:
    """Let a process die before the first step of the first request, after one step of the second …

    One more, the last, has more steps to live than there are, and ends well: so there are no other steps.
    """
    assert len(requests) == len(steps) + 2
    last = len(requests) - 1
    for done, request in enumerate(requests):  # one after the other: nobody's lease runs out for want of time
        process = start(ask, commands.places, done, method, type(request), request.SerializeToString())
        expect_end(process, 0 if done == last else -signal.SIGKILL)


def number_of(steps: tuple[str, ...]) -> int:
    return len(steps) + 2


def canonical(person: people.Person) -> str:
    return canonical_address(person.email)


def move(profile_id: str, person: people.Person) -> Request:
    return people.update(profile_id, Profile(email=person.email), "email")


async def gets_it(register: Awaitable[Appended]) -> bool:
    try:
        await register
    except EmailTakenError:
        return False
    return True


class TestRegistering:
    @pytest.fixture
    def crashed(self, commands: Commands) -> list[tuple[people.Person, Request]]:
        persons = [people.new_person() for _ in range(number_of(REGISTERING))]
        requests = [people.register(person) for person in persons]
        kill_at_every_step(commands, "register", REGISTERING, requests)
        return list(zip(persons, requests, strict=True))

    async def test_a_retry_finishes(self, commands: Commands, crashed: list[tuple[people.Person, Request]]):
        for person, request in crashed:
            answer = await commands.register(request)
            assert await commands.addresses.holder(canonical(person)) == answer.subject
            assert (await commands.register(request)).replayed
        assert len(living(commands)) == len(crashed)
        expect_all_well(commands)

    async def test_a_competitor_gets_what_was_not_decided(
        self, commands: Commands, crashed: list[tuple[people.Person, Request]]
    ):
        got = [await gets_it(commands.register(people.register(person))) for person, _ in crashed]
        assert got == [True, True, False, False], "from the append on it has an owner"
        expect_all_well(commands)
        for (_, request), taken in zip(crashed, got, strict=True):
            if taken:
                with pytest.raises((EmailTakenError, ConcurrentChangeError)):
                    await commands.register(request)
            else:
                assert (await commands.register(request)).version == 1
        expect_all_well(commands)

    async def test_a_retry_and_a_competitor_at_once_leave_one_owner(
        self, commands: Commands, crashed: list[tuple[people.Person, Request]]
    ):
        for person, request in crashed:
            await asyncio.gather(
                commands.register(request),
                commands.register(people.register(person)),
                return_exceptions=True,
            )
            assert await commands.addresses.holder(canonical(person)) is not None
        assert len(living(commands)) == len(crashed)
        expect_all_well(commands)


class TestMoving:
    """From one address to another."""

    @pytest.fixture
    async def crashed(self, commands: Commands) -> list[tuple[people.Person, people.Person, Request]]:
        moves = []
        for _ in range(number_of(MOVING)):
            old, profile_id = await commands.new_person()
            new = people.new_person()
            moves.append((old, new, move(profile_id, new)))
        requests = [request for _, _, request in moves]
        await asyncio.to_thread(kill_at_every_step, commands, "update", MOVING, requests)
        return moves

    async def test_a_retry_finishes(self, commands: Commands, crashed: list[tuple[Any, Any, Request]]):
        for old, new, request in crashed:
            await commands.update(request)
            assert await commands.addresses.holder(canonical(new)) == UUID(request.profile_id)
            assert await commands.addresses.holder(canonical(old)) is None
        expect_all_well(commands)
        for old, _, _ in crashed:
            assert await gets_it(commands.register(people.register(old)))
        expect_all_well(commands)

    async def test_competitors_get_the_address_that_the_person_has_not(
        self, commands: Commands, crashed: list[tuple[Any, Any, Request]]
    ):
        old_one = [await gets_it(commands.register(people.register(old))) for old, _, _ in crashed]
        new_one = [await gets_it(commands.register(people.register(new))) for _, new, _ in crashed]
        assert old_one == [False, False, True, True, True]
        assert new_one == [True, True, False, False, False]
        expect_all_well(commands)

    async def test_another_move_of_the_same_person_finishes(
        self, commands: Commands, crashed: list[tuple[Any, Any, Request]]
    ):
        """To the same address: it waits for its own dead request as a competitor does."""
        for _, new, request in crashed:
            await commands.update(move(request.profile_id, new))
        expect_one_owner(commands)
        for old, _, _ in crashed:
            assert await gets_it(commands.register(people.register(old)))
        expect_all_well(commands)


class TestErasing:
    """One test, because every erasure waits once until the leases of the dead are over."""

    async def test_a_retry_a_competitor_and_the_next_start_finish(self, commands: Commands):
        groups: list[list[tuple[people.Person, Request]]] = []
        for _ in range(3):
            registered = [await commands.new_person() for _ in range(number_of(ERASING))]
            groups.append([(person, people.erase(profile_id)) for person, profile_id in registered])
        await asyncio.gather(*(asyncio.to_thread(self.kill, commands, group) for group in groups))
        retried, competed, left = groups
        await self.retry(commands, retried)
        await self.compete(commands, competed)
        await self.start_again(commands, left)
        expect_all_well(commands)

    def kill(self, commands: Commands, group: list[tuple[people.Person, Request]]) -> None:
        kill_at_every_step(commands, "erase", ERASING, [request for _, request in group])

    async def retry(self, commands: Commands, group: list[tuple[people.Person, Request]]) -> None:
        for _, request in group:
            profile_id = UUID(request.profile_id)
            position = await commands.erase(request)
            assert commands.reader.closed_at(profile_id) == position
            assert not commands.keys.ciphers([profile_id])

    async def compete(self, commands: Commands, group: list[tuple[people.Person, Request]]) -> None:
        """Who wants the address of somebody behind the fence finishes the erasure first."""
        got = [await gets_it(commands.register(people.register(person))) for person, _ in group]
        assert got == [False, True, True, True, True]
        assert not commands.keys.ciphers([UUID(request.profile_id) for _, request in group[1:]])

    async def start_again(self, commands: Commands, group: list[tuple[people.Person, Request]]) -> None:
        ids = [UUID(request.profile_id) for _, request in group]
        assert commands.erasures.since(0) & {*ids} == {ids[-1]}
        done = await asyncio.to_thread(commands.reconcile)
        assert done.destroyed == 1, "the one killed after the fence"
        standing = commands.reader.standing(ids)
        assert [standing[profile_id] for profile_id in ids] == [Standing.REGISTERED, *4 * [Standing.ERASED]]
        assert commands.erasures.since(0) & {*ids} == {*ids[1:]}, "the one killed before it was listed too"


class TestTheCheckersFindPlantedDefects:
    async def test_a_key_and_a_tag_without_a_profile(self, commands: Commands):
        person = people.new_person()
        request = people.register(person)
        await asyncio.to_thread(
            lambda: expect_end(
                start(ask, commands.places, 1, "register", type(request), request.SerializeToString()),
                -signal.SIGKILL,
            )
        )
        with pytest.raises(AssertionError):
            expect_no_leftovers(commands)

    async def test_a_competitor_that_takes_the_tag_without_giving_up_the_request(
        self, commands: Commands, monkeypatch: pytest.MonkeyPatch
    ):
        """Then the late owner, who died only nearly, appends as well."""
        monkeypatch.setattr(addresses.Addresses, "_abandon", _only_free)
        person = people.new_person()
        late = people.register(person)
        store = commands.log._store
        append = store.append

        def slowly(batch: Sequence[Append]) -> list[Outcome]:
            if batch[0].request_key == asked(late, "RegisterProfile").key:
                time.sleep(1)
            return append(batch)

        monkeypatch.setattr(store, "append", slowly)
        outcomes = await asyncio.gather(
            commands.register(late), commands.register(people.register(person)), return_exceptions=True
        )
        assert [type(outcome) for outcome in outcomes] == [Appended, Appended]
        with pytest.raises(AssertionError):
            expect_one_owner(commands)

    async def test_an_address_that_is_freed_before_the_move_is_decided(
        self, commands: Commands, monkeypatch: pytest.MonkeyPatch
    ):
        person, profile_id = await commands.new_person()
        for held in commands.keys.reservations_of(UUID(profile_id)):
            commands.keys.release(held)
        with pytest.raises(AssertionError):
            expect_no_leftovers(commands)
        await commands.register(people.register(person))
        with pytest.raises(AssertionError):
            expect_one_owner(commands)


async def _only_free(self: addresses.Addresses, held: Any) -> None:
    keys: KeyStore = self._keys
    # Not as abandoned: the key of the late owner stays usable.
    keys.release(held)
