"""Changing values and the address, and verifying it: idempotent, one owner, nothing left behind."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from profile_service.domain.email import canonical_address
from profile_service.domain.errors import (
    ConcurrentChangeError,
    EmailTakenError,
    EtagMismatchError,
    InvalidRequestError,
    ProfileErasedError,
    ProfileNotFoundError,
    RequestIdReusedError,
    TokenExpiredError,
    TokenInvalidError,
    TokenUsedError,
)
from profile_service.domain.profile import VERIFICATION_LIFETIME
from profile_service.log.append import Appended
from profile_service.v1.profile_pb2 import CHANNEL_WEB, Profile
from profile_service.v1.profile_service_pb2 import StartEmailVerificationRequest, VerifyEmailRequest
from tests.commands.checks import expect_all_well, expect_no_leftovers, expect_one_owner, living
from tests.commands.service import Commands, Places
from tests.support import people


def rename(profile_id: str, name: str = "Other") -> Any:
    return people.update(profile_id, Profile(given_name=name), "given_name")


def move(profile_id: str, email: str) -> Any:
    return people.update(profile_id, Profile(email=email), "email")


def start(profile_id: str) -> StartEmailVerificationRequest:
    return StartEmailVerificationRequest(
        request_id=people.new_id(), profile_id=profile_id, channel=CHANNEL_WEB
    )


def verify(token: str) -> VerifyEmailRequest:
    return VerifyEmailRequest(request_id=people.new_id(), token=token, channel=CHANNEL_WEB)


def canonical(person: people.Person) -> str:
    return canonical_address(person.email)


async def test_given_a_profile_when_it_is_completed_then_the_first_answer_for_every_repetition(
    commands: Commands,
):
    person, profile_id = await commands.new_person()
    request = people.update(profile_id, person.completion, *people.COMPLETED)
    first = await commands.update(request)
    assert first.version == 2
    await commands.update(rename(profile_id))
    again = await commands.update(request)
    assert again == Appended(first.subject, first.position, 2, replayed=True)
    request.profile.phone = "+3231234567"
    with pytest.raises(RequestIdReusedError):
        await commands.update(request)
    expect_all_well(commands)


async def test_given_values_as_they_are_when_updated_then_nothing_but_the_first_answer_is_kept(
    commands: Commands,
):
    person, profile_id = await commands.new_person()
    request = rename(profile_id, person.registration.given_name)
    head = commands.reader.head()
    first = await commands.update(request)
    assert (first.position, first.version) == (head, 1)
    await commands.update(rename(profile_id))
    again = await commands.update(request)
    assert again == Appended(first.subject, head, 1, replayed=True), "and the name is not changed back"
    assert commands.reader.stream_version(f"profile/{profile_id}") == 2


async def test_given_a_stale_etag_then_refused_but_a_repetition_is_answered(commands: Commands):
    _, profile_id = await commands.new_person()
    request = rename(profile_id)
    request.etag = "1"
    first = await commands.update(request)
    assert (await commands.update(request)).position == first.position
    stale = rename(profile_id, "Another")
    stale.etag = "1"
    with pytest.raises(EtagMismatchError):
        await commands.update(stale)


async def test_a_refused_update_changes_nothing_and_is_not_kept(commands: Commands):
    _, profile_id = await commands.new_person()
    head = commands.reader.head()
    request = people.update(profile_id, Profile(), "given_name")
    with pytest.raises(InvalidRequestError):
        await commands.update(request)
    request.profile.given_name = "Other"
    assert (await commands.update(request)).position == head + 1, "the same id, put right"
    with pytest.raises(ProfileNotFoundError):
        await commands.update(rename(str(uuid4())))


async def test_given_a_new_address_then_the_old_one_is_free_and_the_new_one_taken(commands: Commands):
    person, profile_id = await commands.new_person()
    new = people.new_person()
    request = move(profile_id, new.email)
    first = await commands.update(request)
    assert await commands.addresses.holder(canonical(new)) == UUID(profile_id)
    assert await commands.addresses.holder(canonical(person)) is None
    with pytest.raises(EmailTakenError):
        await commands.register(people.register(new))
    assert (await commands.register(people.register(person))).version == 1
    assert (await commands.update(request)).position == first.position
    expect_all_well(commands)


async def test_given_a_taken_address_when_somebody_moves_there_then_refused(commands: Commands):
    person, profile_id = await commands.new_person()
    other, _ = await commands.new_person()
    with pytest.raises(EmailTakenError):
        await commands.update(move(profile_id, other.email.upper()))
    assert living(commands)[UUID(profile_id)] == canonical(person)
    expect_all_well(commands)


async def test_moving_to_and_fro(commands: Commands):
    person, profile_id = await commands.new_person()
    other = people.new_person()
    for turn in range(6):
        await commands.update(move(profile_id, (other, person)[turn % 2].email))
        expect_no_leftovers(commands)


async def test_of_many_who_move_to_one_address_at_once_one_gets_it(commands: Commands):
    wanted = people.new_person()
    profiles = [(await commands.new_person())[1] for _ in range(8)]
    moves = [commands.update(move(profile_id, wanted.email)) for profile_id in profiles]
    registrations = [commands.register(people.register(wanted)) for _ in range(4)]
    outcomes = await asyncio.gather(*moves, *registrations, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Appended"] + 11 * ["EmailTakenError"]
    expect_all_well(commands)


async def test_two_people_who_swap_addresses_keep_one_each(commands: Commands):
    one, first = await commands.new_person()
    other, second = await commands.new_person()
    outcomes = await asyncio.gather(
        commands.update(move(first, other.email)),
        commands.update(move(second, one.email)),
        return_exceptions=True,
    )
    assert {type(outcome) for outcome in outcomes} == {EmailTakenError}
    expect_all_well(commands)


async def test_one_person_who_moves_to_many_addresses_at_once_has_one_and_the_others_are_free(
    commands: Commands,
):
    person, profile_id = await commands.new_person()
    wanted = [people.new_person() for _ in range(5)]
    outcomes = await asyncio.gather(
        *(commands.update(move(profile_id, new.email)) for new in wanted), return_exceptions=True
    )
    assert {type(outcome) for outcome in outcomes} <= {Appended, ConcurrentChangeError}
    has = living(commands)[UUID(profile_id)]
    for new in (person, *wanted):
        if canonical(new) != has:
            assert (await commands.register(people.register(new), seconds=2)).version == 1
    expect_one_owner(commands)
    expect_no_leftovers(commands)


async def test_one_request_id_with_two_addresses_at_once_blocks_none_and_frees_none(commands: Commands):
    """A reservation of the body that was refused must not pass for the person's address."""
    for _ in range(5):
        person, profile_id = await commands.new_person()
        one, other = people.new_person(), people.new_person()
        requests = [move(profile_id, new.email) for new in (one, other)]
        requests.append(rename(profile_id))
        for request in requests:
            request.request_id = requests[0].request_id
        outcomes = await asyncio.gather(*map(commands.update, requests), return_exceptions=True)
        assert sorted(type(outcome).__name__ for outcome in outcomes) == [
            "Appended",
            "RequestIdReusedError",
            "RequestIdReusedError",
        ]
        has = living(commands)[UUID(profile_id)]
        for new in (person, one, other):
            if canonical(new) == has:
                assert await commands.addresses.holder(has) == UUID(profile_id)
                with pytest.raises(EmailTakenError):
                    await commands.register(people.register(new), seconds=2)
            else:
                await commands.register(people.register(new), seconds=2)
        expect_one_owner(commands)
        expect_no_leftovers(commands)


async def test_concurrent_updates_all_land_or_are_refused_cleanly(commands: Commands):
    _, profile_id = await commands.new_person()
    outcomes = await asyncio.gather(
        *(commands.update(rename(profile_id, f"Name {number}")) for number in range(20)),
        return_exceptions=True,
    )
    landed = [outcome for outcome in outcomes if isinstance(outcome, Appended)]
    refused = [outcome for outcome in outcomes if not isinstance(outcome, Appended)]
    assert landed
    assert {type(outcome) for outcome in refused} <= {ConcurrentChangeError}
    assert sorted(outcome.version for outcome in landed) == list(range(2, len(landed) + 2))
    assert commands.reader.stream_version(f"profile/{profile_id}") == len(landed) + 1


async def test_an_update_sent_many_times_at_once_is_one(commands: Commands):
    _, profile_id = await commands.new_person()
    request = rename(profile_id)
    request.etag = "1"
    answers = await asyncio.gather(*(commands.update(request) for _ in range(20)))
    assert {(answer.position, answer.version) for answer in answers} == {(answers[0].position, 2)}


async def test_a_twin_that_commits_while_it_is_loaded_gives_the_first_answer(
    commands: Commands, more_commands: Callable[[Places], Commands], monkeypatch: pytest.MonkeyPatch
):
    """Decided on over its own facts, the request would be refused: its etag is stale, its token used."""
    twin = more_commands(commands.places)
    _, profile_id = await commands.new_person()
    token = (await commands.start_verification(start(profile_id))).token
    update, verification = rename(profile_id), verify(token)
    update.etag = "2"
    for send, send_twin in (
        (commands.update(update), lambda: twin.update(update)),
        (commands.verify(verification), lambda: twin.verify(verification)),
    ):
        answers: list[Appended] = []
        read = commands.reader.streams

        def streams(names: Any, read: Any = read, send: Any = send_twin, answers: Any = answers) -> Any:
            if not answers:
                answers.append(asyncio.run(send()))
            return read(names)

        with monkeypatch.context() as patched:
            patched.setattr(commands.reader, "streams", streams)
            answer = await send
        assert (answer.position, answer.version) == (answers[0].position, answers[0].version)
        assert answer.replayed


async def test_given_a_token_when_it_comes_back_then_the_address_is_verified_once(commands: Commands):
    _, profile_id = await commands.new_person()
    request = start(profile_id)
    started = await commands.start_verification(request)
    await commands.update(rename(profile_id))
    assert await commands.start_verification(request) == started, "a retry gives the same token"
    verification = verify(started.token)
    first = await commands.verify(verification)
    assert first.subject == UUID(profile_id)
    assert await commands.verify(verification) == Appended(first.subject, first.position, 4, replayed=True)
    with pytest.raises(TokenUsedError):
        await commands.verify(verify(started.token))
    with pytest.raises(RequestIdReusedError):
        other = (await commands.start_verification(start(profile_id))).token
        await commands.verify(VerifyEmailRequest(request_id=verification.request_id, token=other))


async def test_a_token_of_before_the_address_changed_is_worth_nothing(commands: Commands):
    _, profile_id = await commands.new_person()
    token = (await commands.start_verification(start(profile_id))).token
    await commands.update(move(profile_id, people.new_person().email))
    with pytest.raises(TokenInvalidError):
        await commands.verify(verify(token))


async def test_a_token_expires(commands: Commands, monkeypatch: pytest.MonkeyPatch):
    _, profile_id = await commands.new_person()
    started = await commands.start_verification(start(profile_id))
    monkeypatch.setattr(commands, "now", started.expire_time - timedelta(seconds=1))
    soon = started.expire_time - datetime.now(UTC)
    assert timedelta(0) < soon <= VERIFICATION_LIFETIME
    monkeypatch.setattr(commands, "now", started.expire_time)
    with pytest.raises(TokenExpiredError):
        await commands.verify(verify(started.token))


async def test_no_other_token_is_accepted(commands: Commands):
    _, profile_id = await commands.new_person()
    _, other_id = await commands.new_person()
    token = (await commands.start_verification(start(profile_id))).token
    raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    forged = [b"", b"x", bytes(raw[:-1]), UUID(other_id).bytes + raw[16:], uuid4().bytes + raw[16:]]
    for place in range(16, len(raw)):
        damaged = bytearray(raw)
        damaged[place] ^= 1
        forged.append(bytes(damaged))
    for bad in forged:
        with pytest.raises(TokenInvalidError):
            await commands.verify(verify(base64.urlsafe_b64encode(bad).rstrip(b"=").decode()))
    for text in ("%", "é", token + "!"):
        with pytest.raises(TokenInvalidError):
            await commands.verify(verify(text))
    assert (await commands.verify(verify(token))).version == 3


async def test_given_an_erased_person_then_every_request_is_refused(commands: Commands):
    _, profile_id = await commands.new_person()
    begun = start(profile_id)
    token = (await commands.start_verification(begun)).token
    renamed, verified = rename(profile_id), verify(token)
    await commands.update(renamed)
    await commands.verify(verified)
    await commands.erase(people.erase(profile_id))
    for refused in (
        commands.update(renamed),
        commands.update(rename(profile_id)),
        commands.update(move(profile_id, people.new_person().email)),
        commands.start_verification(begun),
        commands.start_verification(start(profile_id)),
        commands.verify(verified),
        commands.verify(verify(token)),
    ):
        with pytest.raises(ProfileErasedError):
            await refused
    expect_all_well(commands)
