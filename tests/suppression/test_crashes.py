"""kill -9 between every two steps of an erasure: the wish never to be contacted again is not lost."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from profile_service.commands import addresses
from profile_service.domain.email import canonical_address
from tests.commands.checks import expect_all_well
from tests.commands.dying import ask
from tests.commands.service import Commands, Places, open_commands
from tests.support import people
from tests.support.processes import expect_end, start

# The fence, the key, and that every process knows: as in an erasure without the wish.
STEPS = 3


@pytest.fixture
def commands(places: Places, monkeypatch: pytest.MonkeyPatch) -> Iterator[Commands]:
    monkeypatch.setattr(addresses, "PATIENCE", 0.2)
    with open_commands(places) as made:
        yield made


@pytest.mark.parametrize("goes_on", ["retry", "competitor", "restart"])
async def test_whoever_goes_on_keeps_it(commands: Commands, goes_on: str):
    persons = [await commands.new_person() for _ in range(STEPS + 2)]
    requests = []
    for _, profile_id in persons:
        request = people.erase(profile_id)
        request.never_contact_again = True
        requests.append(request)
    for done, request in enumerate(requests):
        # One after the other: a process that is kept waiting for too long loses its lease on the keys.
        process = start(ask, commands.places, done, "erase", type(request), request.SerializeToString())
        expected = -signal.SIGKILL if done <= STEPS else 0
        await asyncio.to_thread(expect_end, process, expected)

    for (person, profile_id), request in zip(persons, requests, strict=True):
        address = canonical_address(person.email)
        fenced = commands.reader.closed_at(UUID(profile_id)) is not None
        if not fenced or goes_on == "retry":
            await commands.erase(request)
        elif goes_on == "restart":
            await asyncio.to_thread(commands.eraser.finish, UUID(profile_id))
        else:
            again = await commands.register(people.register(person))
            assert commands.suppressor.profile_since(again.subject) is not None
        assert commands.suppressor.address_since(address) is not None, (goes_on, fenced)
    expect_all_well(commands)


async def test_a_key_database_from_before_the_erasure_is_brought_up_to_the_wish(tmp_path: Path):
    """What the start after a restore does with everybody whom the log says to be erased."""
    places = Places(
        f"sqlite:///{tmp_path}/events.sqlite", f"sqlite:///{tmp_path}/keys.sqlite", str(tmp_path / "roots")
    )
    places.fill()
    with open_commands(places) as made:
        person, profile_id = await made.new_person()
    shutil.copy(tmp_path / "keys.sqlite", tmp_path / "backup")
    request = people.erase(profile_id)
    request.never_contact_again = True
    with open_commands(places) as made:
        await made.erase(request)
    for left in tmp_path.glob("keys.sqlite*"):
        left.unlink()
    shutil.copy(tmp_path / "backup", tmp_path / "keys.sqlite")
    with open_commands(places) as restored:
        address = canonical_address(person.email)
        assert restored.suppressor.address_since(address) is None, "the backup is from before"
        for erased, _ in restored.reader.closed_after(0):
            restored.eraser.finish(erased)
        assert restored.suppressor.address_since(address) is not None
        assert not restored.keys.ciphers([UUID(profile_id)])
