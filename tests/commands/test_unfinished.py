"""An erasure that stopped behind its fence is finished while the service runs, and before any switch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from profile_service.commands.closing import EpochCloser
from profile_service.commands.epoch_facts import EpochFacts
from profile_service.commands.erasure import Eraser
from profile_service.commands.schedule import ClosingSchedule
from profile_service.commands.unfinished import Stopped, UnfinishedErasures
from profile_service.domain.errors import ServiceUnavailableError
from profile_service.keys.errors import KeysUnavailableError
from profile_service.keys.reservations import as_time
from tests.commands.service import Commands, Places, open_commands
from tests.support import people


def away(*_: object) -> None:
    """As the key database answers when it can't be reached."""
    raise KeysUnavailableError


@contextmanager
def keys_away() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Eraser, "finish", away)
        yield


async def stopped_behind_the_fence(commands: Commands) -> UUID:
    """A person whom the log erased and who has a key."""
    _, profile_id = await commands.new_person()
    with keys_away(), pytest.raises((KeysUnavailableError, ServiceUnavailableError)):
        await commands.erase(people.erase(profile_id))
    assert commands.reader.closed_at(UUID(profile_id)) is not None
    assert commands.keys.ciphers([UUID(profile_id)])
    return UUID(profile_id)


def closer_of(commands: Commands, directory: Path) -> EpochCloser:
    facts = EpochFacts(commands.keys, commands.reader, commands.log)
    unfinished = UnfinishedErasures(commands.keys, commands.reader, commands.eraser)
    return EpochCloser(commands.keys.closing(directory / "key-backups"), facts, unfinished)


async def test_a_close_takes_nobody_with_it_whom_the_log_erased(places: Places, tmp_path: Path):
    with open_commands(places) as commands:
        await commands.new_person()
        closer = closer_of(commands, tmp_path)
        erased = await stopped_behind_the_fence(commands)
        *_, last = closer.run()
        erasure = commands.keys.erasure_of(erased)
        assert erasure is not None
        assert erasure.epoch == last.epoch
        assert erasure.root_destroyed
        assert not commands.keys.ciphers([erased])
        assert erased in commands.erasures.since(0)


async def test_a_planted_close_that_does_not_look_takes_them_with_it(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(UnfinishedErasures, "finish", lambda self: 0)
    with pytest.raises(AssertionError):
        await test_a_close_takes_nobody_with_it_whom_the_log_erased(places, tmp_path)


async def test_a_service_finishes_it_without_a_close(places: Places, tmp_path: Path):
    with open_commands(places) as commands:
        closer = closer_of(commands, tmp_path)
        schedule = ClosingSchedule(closer, None)
        await commands.erase(people.erase((await commands.new_person())[1]))
        assert schedule.stopped_erasures() == Stopped(0, None)
        erased = await stopped_behind_the_fence(commands)
        await stopped_behind_the_fence(commands)
        with keys_away():
            assert not schedule._look()
            assert commands.keys.ciphers([erased])
        fence = commands.reader.fact_at(commands.reader.closed_at(erased) or 0)
        assert fence is not None
        assert schedule.stopped_erasures() == Stopped(2, as_time(fence.time))
        assert schedule._look()
        assert schedule.stopped_erasures() == Stopped(0, None)
        assert not commands.keys.ciphers([erased])
        assert commands.keys.erasure_of(erased) is not None
        assert closer.unfinished.finish() == 0
