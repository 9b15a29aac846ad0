"""Never to be contacted again: what is refused, what is not, and what lifts it, over both databases."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from profile_service.commands.suppression import Suppressor
from profile_service.domain.email import canonical_address
from profile_service.domain.errors import (
    ContactSuppressedError,
    ProfileErasedError,
    ProfileNotFoundError,
    RequestIdReusedError,
)
from profile_service.keys.suppression import suppressions
from profile_service.log.append import Appended
from profile_service.v1.consent_service_pb2 import CONSENT_DECISION_WITHDRAWN
from profile_service.v1.error_reason_pb2 import ERROR_REASON_CONTACT_SUPPRESSED
from profile_service.v1.events_pb2 import SUPPRESSION_REASON_REQUEST
from profile_service.v1.profile_pb2 import (
    CHANNEL_IMPORT,
    CHANNEL_SERVICE,
    CHANNEL_WEB,
    LEGAL_BASIS_CONSENT,
    LEGAL_BASIS_PUBLIC_TASK,
    Profile,
)
from profile_service.v1.profile_service_pb2 import ImportItem, ImportItemStatus
from profile_service.v1.rights_service_pb2 import EraseProfileRequest, SuppressContactRequest
from tests.commands.checks import expect_all_well
from tests.commands.service import DEADLINE, Commands, Places, asked
from tests.support import people

OTHER_CHANNELS = (CHANNEL_IMPORT, CHANNEL_SERVICE)


def request(**subject: str) -> SuppressContactRequest:
    return SuppressContactRequest(
        request_id=people.new_id(),
        legal_basis=LEGAL_BASIS_CONSENT,
        suppression_reason=SUPPRESSION_REASON_REQUEST,
        channel=CHANNEL_WEB,
        **subject,
    )


def erase(profile_id: str) -> EraseProfileRequest:
    wanted = people.erase(profile_id)
    wanted.never_contact_again = True
    return wanted


def changed(wanted: Any, channel: int) -> Any:
    target = wanted.registration if hasattr(wanted, "registration") else wanted
    target.channel = channel
    return wanted


async def suppress(commands: Commands, wanted: SuppressContactRequest) -> Appended:
    write = asked(wanted, "SuppressContact")
    if wanted.email:
        address = canonical_address(wanted.email)
        return await commands.suppressor.suppress_address(write, address, wanted, time.monotonic() + DEADLINE)
    return await commands.suppressor.suppress_profile(write, UUID(wanted.profile_id), wanted)


def is_suppressed(commands: Commands, subject: str) -> bool:
    """Of an address or a profile id."""
    suppressor: Suppressor = commands.suppressor
    if "@" in subject:
        return suppressor.address_since(canonical_address(subject)) is not None
    return suppressor.profile_since(UUID(subject)) is not None


async def bring_in(
    commands: Commands, *persons: people.Person, import_id: str = ""
) -> list[ImportItemStatus]:
    items = [ImportItem(index=index, registration=one.registration) for index, one in enumerate(persons)]
    (done,) = await commands.import_all(import_id or people.new_id(), items)
    return list(done.statuses)


async def erased_for_good(commands: Commands) -> people.Person:
    person, profile_id = await commands.new_person()
    await commands.erase(erase(profile_id))
    return person


async def test_it_survives_the_erasure_and_stops_imports_of_an_equal_address(commands: Commands):
    person, other = await erased_for_good(commands), people.new_person()
    spelled = people.Person(person.mark)
    refused, accepted = await bring_in(commands, spelled, other)
    assert refused.refused == ERROR_REASON_CONTACT_SUPPRESSED
    assert accepted.profile_id
    shouting = spelled.registration
    shouting.email = shouting.email.upper()
    (again,) = await commands.import_all(people.new_id(), [ImportItem(index=0, registration=shouting)])
    assert again.statuses[0].refused == ERROR_REASON_CONTACT_SUPPRESSED
    assert is_suppressed(commands, person.email.swapcase())
    expect_all_well(commands)


@pytest.mark.parametrize("channel", OTHER_CHANNELS)
async def test_who_does_not_speak_for_the_person_registers_nobody(commands: Commands, channel: int):
    person = await erased_for_good(commands)
    wanted = changed(people.register(person), channel)
    with pytest.raises(ContactSuppressedError):
        await commands.register(wanted)
    wanted.registration.channel = CHANNEL_WEB  # nothing of the refusal is recorded
    assert (await commands.register(wanted)).version == 1
    expect_all_well(commands)


async def test_the_person_registers_anew_and_only_a_consent_lifts_it(commands: Commands):
    person = await erased_for_good(commands)
    profile_id = str((await commands.register(people.register(person))).subject)
    assert is_suppressed(commands, profile_id)
    await commands.set_consent(people.consent(profile_id, decision=CONSENT_DECISION_WITHDRAWN))
    await commands.update(people.update(profile_id, Profile(given_name="New"), "given_name"))
    assert is_suppressed(commands, person.email)
    for channel in OTHER_CHANNELS:
        with pytest.raises(ContactSuppressedError):
            await commands.set_consent(changed(people.consent(profile_id), channel))
    await commands.set_consent(people.consent(profile_id))
    assert not is_suppressed(commands, profile_id)
    assert not is_suppressed(commands, person.email)
    await commands.erase(people.erase(profile_id))
    (imported,) = await bring_in(commands, person)
    assert imported.profile_id
    expect_all_well(commands)


async def test_supplements_from_other_sources_are_refused_and_the_persons_own_are_not(commands: Commands):
    _, profile_id = await commands.new_person()
    await suppress(commands, request(profile_id=profile_id))
    wanted = people.update(profile_id, Profile(given_name="Other"), "given_name")
    for channel in OTHER_CHANNELS:
        with pytest.raises(ContactSuppressedError):
            await commands.update(changed(wanted, channel))
    assert (await commands.update(changed(wanted, CHANNEL_WEB))).version == 2


async def test_a_living_person_who_takes_a_suppressed_address_is_contacted_no_more(commands: Commands):
    gone = await erased_for_good(commands)
    _, profile_id = await commands.new_person()
    await commands.set_consent(people.consent(profile_id))
    wanted = people.update(profile_id, Profile(email=gone.email), "email")
    with pytest.raises(ContactSuppressedError):
        await commands.update(changed(wanted, CHANNEL_SERVICE))
    wanted.request_id = people.new_id()
    assert not is_suppressed(commands, profile_id)
    await commands.update(changed(wanted, CHANNEL_WEB), seconds=60)
    assert is_suppressed(commands, profile_id)


@pytest.mark.parametrize("by", ["profile_id", "email"])
async def test_doing_it_twice_is_doing_it_once(commands: Commands, by: str):
    person, profile_id = await commands.new_person()
    subject = {"profile_id": profile_id, "email": person.email}[by]
    wanted = request(**{by: subject})
    first = await suppress(commands, wanted)
    assert is_suppressed(commands, profile_id)
    assert is_suppressed(commands, person.email)
    again = await suppress(commands, wanted)
    assert (again.position, again.replayed) == (first.position, True)
    await suppress(commands, request(**{by: subject}))
    stream = commands.reader.stream(f"consents/{profile_id}")
    assert [fact.type.rpartition(".")[2] for fact in stream] == ["ContactSuppressed"]
    wanted.legal_basis = LEGAL_BASIS_PUBLIC_TASK
    with pytest.raises(RequestIdReusedError):
        await suppress(commands, wanted)
    expect_all_well(commands)


async def test_an_address_that_nobody_has_is_suppressed(commands: Commands):
    person = people.new_person()
    wanted = request(email=person.email)
    first = await suppress(commands, wanted)
    assert is_suppressed(commands, person.email)
    assert (await suppress(commands, wanted)).position == first.position
    (refused,) = await bring_in(commands, person)
    assert refused.refused == ERROR_REASON_CONTACT_SUPPRESSED
    profile_id = str((await commands.register(people.register(person))).subject)
    assert is_suppressed(commands, profile_id)
    assert (await suppress(commands, wanted)).position == first.position


@pytest.mark.parametrize("by", ["profile_id", "email"])
async def test_a_late_duplicate_does_not_suppress_again_what_a_consent_lifted(commands: Commands, by: str):
    person, profile_id = await commands.new_person()
    wanted = request(**{by: {"profile_id": profile_id, "email": person.email}[by]})
    await suppress(commands, wanted)
    await commands.set_consent(people.consent(profile_id))
    await suppress(commands, wanted)
    assert not is_suppressed(commands, profile_id)
    assert not is_suppressed(commands, person.email)


async def test_a_late_duplicate_of_a_consent_lifts_nothing(commands: Commands):
    person, profile_id = await commands.new_person()
    given = people.consent(profile_id)
    await commands.set_consent(given)
    await suppress(commands, request(profile_id=profile_id))
    assert (await commands.set_consent(given)).replayed
    assert is_suppressed(commands, profile_id)
    assert is_suppressed(commands, person.email)


async def test_a_consent_whose_process_died_before_the_lifting_lifts_when_it_is_repeated(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
):
    person, profile_id = await commands.new_person()
    await suppress(commands, request(profile_id=profile_id))
    given = people.consent(profile_id)
    with monkeypatch.context() as dying:
        dying.setattr(Suppressor, "lift", lambda *_: None)
        await commands.set_consent(given)
    assert is_suppressed(commands, person.email)
    await commands.set_consent(given)
    assert not is_suppressed(commands, person.email)


async def test_who_was_suppressed_alive_stays_so_when_erased_without_asking_for_it(commands: Commands):
    person, profile_id = await commands.new_person()
    await suppress(commands, request(profile_id=profile_id))
    new = people.new_person()
    await commands.update(people.update(profile_id, Profile(email=new.email), "email"))
    await commands.erase(people.erase(profile_id))
    statuses = await bring_in(commands, person, new)
    assert [status.refused for status in statuses] == [ERROR_REASON_CONTACT_SUPPRESSED] * 2


async def test_an_item_that_was_imported_before_gets_its_answer_again(commands: Commands):
    person, import_id = people.new_person(), people.new_id()
    first = await bring_in(commands, person, import_id=import_id)
    await suppress(commands, request(email=person.email))
    assert await bring_in(commands, person, import_id=import_id) == first


async def fence(commands: Commands, wanted: EraseProfileRequest) -> None:
    """What an erasure does before it touches the key."""
    write, profile_id = asked(wanted, "EraseProfile"), UUID(wanted.profile_id)
    await asyncio.to_thread(commands.eraser._close, write, profile_id, wanted)


async def test_an_erasure_that_died_after_the_fence_keeps_it_whoever_finishes(commands: Commands):
    """The log has the wish: the restart, and whoever wants the address, finish the erasure with it."""
    for finishes in ("restart", "registration"):
        person, profile_id = await commands.new_person()
        wanted = erase(profile_id)
        await fence(commands, wanted)
        assert not is_suppressed(commands, person.email)
        if finishes == "restart":
            await asyncio.to_thread(commands.eraser.finish, UUID(profile_id))
            assert is_suppressed(commands, person.email)
        else:
            again = await commands.register(people.register(person))
            assert is_suppressed(commands, str(again.subject))
    expect_all_well(commands)


async def test_the_check_above_sees_an_eraser_that_forgets(commands: Commands):
    """The planted defect: the key is destroyed without looking at what the log says."""
    person, profile_id = await commands.new_person()
    wanted = erase(profile_id)
    await fence(commands, wanted)
    commands.keys.destroy(UUID(profile_id))
    assert not is_suppressed(commands, person.email)


async def test_erasing_twice_is_erasing_once_also_with_another_wish(commands: Commands):
    person, profile_id = await commands.new_person()
    position = await commands.erase(people.erase(profile_id))
    assert await commands.erase(erase(profile_id)) == position
    assert not is_suppressed(commands, person.email)


async def test_the_unknown_and_the_erased_are_not_suppressed_by_id(commands: Commands):
    with pytest.raises(ProfileNotFoundError):
        await suppress(commands, request(profile_id=people.new_id()))
    with pytest.raises(ProfileNotFoundError):
        is_suppressed(commands, people.new_id())
    _, profile_id = await commands.new_person()
    await commands.erase(people.erase(profile_id))
    with pytest.raises(ProfileErasedError):
        await suppress(commands, request(profile_id=profile_id))
    with pytest.raises(ProfileErasedError):
        is_suppressed(commands, profile_id)


@pytest.mark.parametrize("moves", [False, True], ids=["imported", "taken over"])
async def test_no_race_leaves_somebody_at_a_suppressed_address_who_is_contacted(
    commands: Commands, more_commands: Callable[[Places], Commands], moves: bool
):
    """Whoever is first: an import is refused or its profile is suppressed, and so is who moves there."""
    other = more_commands(commands.places)
    for turn in range(12):
        person = people.new_person()
        if moves:
            _, profile_id = await commands.new_person()
            await commands.set_consent(people.consent(profile_id))
            move = people.update(profile_id, Profile(email=person.email), "email")
            taking: Any = commands.update(move)
        else:
            taking = bring_in(commands, person)

        async def late(action: Any, seconds: float) -> Any:
            await asyncio.sleep(seconds)
            return await action

        wish = suppress(other, request(email=person.email))
        took, _ = await asyncio.gather(late(taking, turn % 4 * 0.002), late(wish, turn % 3 * 0.002))
        assert is_suppressed(commands, person.email)
        if moves:
            assert is_suppressed(commands, profile_id)
        elif not took[0].refused:
            assert is_suppressed(commands, took[0].profile_id)
        else:
            assert took[0].refused == ERROR_REASON_CONTACT_SUPPRESSED
            assert await commands.addresses.holder(canonical_address(person.email)) is None
    expect_all_well(commands)


async def test_the_facts_name_no_address_and_the_table_names_no_profile(commands: Commands):
    person, profile_id = await commands.new_person()
    await suppress(commands, request(email=person.email))
    (fact,) = commands.reader.stream(f"consents/{profile_id}")
    assert person.mark.encode() not in fact.record
    with commands.keys_engine.connect() as connection:
        stored = connection.execute(select(suppressions)).all()
    assert stored
    assert not any(UUID(profile_id).bytes in bytes(row.tag) for row in stored)
