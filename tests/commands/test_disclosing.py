"""What leaves is recorded before, and what it leads to is in the log once, however often it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from profile_service.commands.obligations import Obligations, Owed
from profile_service.commands.recipients import RecipientDesk
from profile_service.commands.requests import WriteRequest
from profile_service.commands.writing import Writer
from profile_service.domain.disclosure_errors import ConsentNotGivenError
from profile_service.domain.disclosures import Wanted
from profile_service.domain.errors import ProfileErasedError
from profile_service.log.append import Append, Appended
from profile_service.log.facts import open_fact
from profile_service.log.schema import facts
from profile_service.v1.events_pb2 import (
    OBLIGATION_KIND_ERASURE,
    OBLIGATION_KIND_RECTIFICATION,
    ObligationAcknowledged,
    ObligationOpened,
)
from profile_service.v1.profile_pb2 import CHANNEL_SERVICE, LEGAL_BASIS_CONSENT, Profile
from tests.commands.service import Commands
from tests.support import people, recipients


@dataclass(frozen=True, slots=True)
class Overtaken(Writer):
    """A writer that others are always faster than: `before` happens after the decision, before the record."""

    before: list[Callable[[], Awaitable[Any]]] = field(default_factory=list)

    async def append(self, append: Append) -> Appended:
        while self.before:
            await self.before.pop()()
        return await Writer.append(self, append)


def now() -> datetime:
    return datetime.now(UTC)


def written(request: Any, method: str) -> WriteRequest:
    body = request.SerializeToString(deterministic=True)
    return WriteRequest("tests", method, UUID(request.request_id), CHANNEL_SERVICE, body)


async def registered(desk: RecipientDesk, *fields: str) -> UUID:
    request = recipients.registration(recipients.supplier(*fields))
    return (await desk.register(written(request, "RegisterRecipient"), request.recipient)).subject


async def disclose(
    desk: RecipientDesk, profile_id: str, recipient_id: UUID, *fields: str, request: Any = None, **how: bool
) -> tuple[Appended, Profile]:
    request = request or recipients.disclosure(profile_id, str(recipient_id), *fields)
    wanted = Wanted(fields, "newsletter", LEGAL_BASIS_CONSENT, "", "tests")
    write = written(request, "DiscloseProfile")
    return await desk.disclose(write, UUID(profile_id), recipient_id, wanted, **{"consented": True, **how})


def renamed(profile_id: str, name: str) -> Any:
    return people.update(profile_id, Profile(family_name=name), "family_name")


@pytest.fixture
def obligations(commands: Commands) -> Obligations:
    return Obligations(commands.keys, commands.reader, commands.log)


@pytest.fixture
def desk(commands: Commands) -> RecipientDesk:
    return RecipientDesk(commands.writer, now)


def opened_since(commands: Commands, position: int) -> list[tuple[UUID, ObligationOpened, int]]:
    """Id, fact and causation of the obligations after a position."""
    found = []
    for stored in commands.reader.facts_after(position, 1_000):
        fact = open_fact(stored, None)
        if isinstance(fact.message, ObligationOpened):
            found.append((UUID(stored.stream[-36:]), fact.message, fact.header.causation))
    return found


def all_opened(obligations: Obligations, after: int) -> None:
    while (reached := obligations.open_after(after)) > after:
        after = reached


async def test_a_value_that_changes_before_the_record_leaves_as_it_is_then(commands: Commands):
    """Otherwise the change would stand before the disclosure, and the recipient never hear of it."""
    _, profile_id = await commands.new_person()
    changes: list[Appended] = []

    async def change() -> None:
        changes.append(await commands.update(renamed(profile_id, "Peeters")))

    desk = RecipientDesk(Overtaken(commands.log, commands.loader, [change]), now)
    recipient_id = await registered(RecipientDesk(commands.writer, now), "family_name")
    appended, profile = await disclose(desk, profile_id, recipient_id, "family_name")
    assert changes[0].position < appended.position
    assert profile == Profile(family_name="Peeters")


async def test_nothing_leaves_of_who_is_erased_before_the_record(commands: Commands):
    _, profile_id = await commands.new_person()
    recipient_id = await registered(RecipientDesk(commands.writer, now), "email")
    overtaken = Overtaken(commands.log, commands.loader, [lambda: commands.erase(people.erase(profile_id))])
    with pytest.raises(ProfileErasedError):
        await disclose(RecipientDesk(overtaken, now), profile_id, recipient_id, "email")


async def test_asked_again_it_is_recorded_once_and_leaves_only_if_it_may(
    commands: Commands, desk: RecipientDesk
):
    person, profile_id = await commands.new_person()
    recipient_id = await registered(desk, "email")
    request = recipients.disclosure(profile_id, str(recipient_id), "email")
    first = await disclose(desk, profile_id, recipient_id, "email", request=request)
    again = await disclose(desk, profile_id, recipient_id, "email", request=request)
    assert (again[0].position, again[0].replayed) == (first[0].position, True)
    assert again[1] == first[1] == Profile(email=person.email)
    with pytest.raises(ConsentNotGivenError):
        await disclose(desk, profile_id, recipient_id, "email", request=request, consented=False)


async def test_obligations_are_opened_once_however_often_and_by_however_many(
    commands: Commands, desk: RecipientDesk, obligations: Obligations
):
    _, profile_id = await commands.new_person()
    one, other = await registered(desk, "email", "family_name"), await registered(desk, "email")
    await disclose(desk, profile_id, one, "email", "family_name")
    await disclose(desk, profile_id, other, "email")
    renaming = await commands.update(renamed(profile_id, "Peeters"))
    all_opened(obligations, 0)
    before = renaming.position
    ((rectified, opened, causation),) = opened_since(commands, before)
    assert (opened.recipient_id, opened.kind) == (one.bytes, OBLIGATION_KIND_RECTIFICATION)
    assert (list(opened.fields), causation) == (["family_name"], before)
    erasure = await commands.erase(people.erase(profile_id))
    with ThreadPoolExecutor(4) as threads:
        for _ in range(2):
            list(threads.map(lambda _: all_opened(obligations, 0), range(4)))
    found = opened_since(commands, before)
    assert len(found) == 3
    assert {(message.recipient_id, cause) for _, message, cause in found[1:]} == {
        (one.bytes, erasure),
        (other.bytes, erasure),
    }
    owed = obligations.owed([rectified, *(ob for ob, _, _ in found[1:])])
    assert [one.opened.kind for one in owed[1:]] == [OBLIGATION_KIND_ERASURE] * 2
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: obligations.acknowledge(owed[number % 3], number), range(12)))
    names = [open_fact(one, None).message for one in commands.reader.facts_after(erasure, 1_000)]
    assert sum(isinstance(one, ObligationAcknowledged) for one in names) == 3
    assert obligations.owed([one.obligation_id for one in owed]) == []
    assert obligations.owed_after_erasure(UUID(profile_id)) == []


async def test_a_rectification_that_is_met_after_the_erasure_is_told_as_the_erasure(
    commands: Commands, desk: RecipientDesk, obligations: Obligations
):
    _, profile_id = await commands.new_person()
    recipient_id = await registered(desk, "email", "family_name")
    disclosed, _ = await disclose(desk, profile_id, recipient_id, "family_name")
    await commands.update(renamed(profile_id, "Peeters"))
    await commands.erase(people.erase(profile_id))
    # Known before it is opened: the certificate must not wait for a worker.
    (computed,) = await asyncio.to_thread(obligations.owed_after_erasure, UUID(profile_id))
    all_opened(obligations, 0)
    ((opened_id, opened, _),) = opened_since(commands, disclosed.position)
    assert (computed.obligation_id, computed.opened) == (opened_id, opened)
    assert opened.kind == OBLIGATION_KIND_ERASURE


async def test_a_damaged_rectification_is_told_as_one_about_everything(
    commands: Commands, desk: RecipientDesk, obligations: Obligations
):
    _, profile_id = await commands.new_person()
    recipient_id = await registered(desk, "email", "family_name")
    await disclose(desk, profile_id, recipient_id, "email", "family_name")
    position = (await commands.update(renamed(profile_id, "Peeters"))).position
    stored = commands.reader.fact_at(position)
    assert stored is not None
    damaged = stored.record[:-1] + bytes([stored.record[-1] ^ 1])
    with commands.events.begin() as connection:
        connection.execute(update(facts).where(facts.c.position == position).values(record=damaged))
    all_opened(obligations, position - 1)
    ((_, opened, _),) = opened_since(commands, position)
    assert list(opened.fields) == ["email", "family_name"]
    with commands.events.begin() as connection:
        connection.execute(update(facts).where(facts.c.position == position).values(record=stored.record))


async def test_what_was_never_opened_is_not_owed(obligations: Obligations):
    nobody = UUID(int=7)
    assert obligations.owed([nobody]) == []
    assert obligations.owed_after_erasure(nobody) == []
    obligations.acknowledge(Owed(nobody, ObligationOpened()), 1)
    assert obligations.owed([nobody]) == []
