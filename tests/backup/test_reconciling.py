"""Keys, log and list of erasures agree before anything is served, whichever of them forgot."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, delete, text

from profile_service.commands import addresses, taking_back
from profile_service.commands.closing import EpochCloser
from profile_service.commands.epoch_facts import STREAM, EpochFacts
from profile_service.commands.reconciling import AddressesStayAwayError, KeysBehindLogError
from profile_service.commands.taking_back import LostChanges
from profile_service.commands.unfinished import UnfinishedErasures
from profile_service.copies import copy_in, copy_out
from profile_service.database import open_engine
from profile_service.domain.email import canonical_address
from profile_service.domain.errors import EmailTakenError
from profile_service.keys.inventory import KeyInventory
from profile_service.keys.schema import profile_keys, tags
from profile_service.log.facts import open_fact
from profile_service.log.reader import Standing
from profile_service.log.streams import PROFILE, stream_name
from profile_service.v1.events_pb2 import KeyEpochClosed
from profile_service.v1.profile_pb2 import Profile
from tests.commands.checks import expect_all_well, expect_silence_after_erasure
from tests.commands.service import Commands, Places, open_commands
from tests.epochs.city import expect_closes_in_the_log
from tests.support import people


def keep(url: str, directory: Path) -> None:
    """Copy a database, to be put back later."""
    engine = open_engine(url)
    copy_out(engine, directory)
    engine.dispose()


def put_back(url: str, directory: Path) -> None:
    engine = open_engine(url)
    copy_in(directory, engine, replace=True)
    engine.dispose()


async def some_people(commands: Commands, count: int) -> list[UUID]:
    return [UUID((await commands.new_person())[1]) for _ in range(count)]


def erased_in_all(commands: Commands, profile_ids: list[UUID]) -> None:
    assert not commands.keys.ciphers(profile_ids)
    assert set(commands.reader.standing(profile_ids).values()) == {Standing.ERASED}
    assert set(profile_ids) <= commands.erasures.since(0)
    expect_silence_after_erasure(commands)


async def test_an_ordinary_start_looks_at_what_is_new_only(places: Places):
    with open_commands(places) as commands:
        await some_people(commands, 3)
        assert commands.reconcile().complete
        await some_people(commands, 2)
        again = commands.reconcile()
        assert (again.complete, again.destroyed, again.closed) == (False, 0, 0)
        mark = KeyInventory(commands.keys_engine).mark()
        assert mark is not None
        assert (mark.log_id, mark.position) == (commands.reader.log_id, commands.reader.head())
        expect_all_well(commands)


async def test_what_was_compared_is_not_looked_at_again(places: Places):
    """The other side of being cheap: damage before the mark is not what a start looks for."""
    with open_commands(places) as commands:
        (profile_id,) = await some_people(commands, 1)
        commands.reconcile()
        remove(commands.keys_engine, profile_id)
        commands.reconcile()
        with commands.events.begin() as connection:
            connection.execute(text("UPDATE incarnation SET log_id = 'restored'"))
    with open_commands(places) as commands, pytest.raises(KeysBehindLogError) as caught:
        commands.reconcile()
    assert caught.value.missing.keys == {profile_id}


async def test_old_keys_forget_again_who_was_erased(places: Places, tmp_path: Path):
    with open_commands(places) as commands:
        profile_ids = await some_people(commands, 4)
        commands.reconcile()
        keep(places.keys, tmp_path / "keys")
        for profile_id in profile_ids[:3]:
            await commands.erase(people.erase(str(profile_id)))
    put_back(places.keys, tmp_path / "keys")
    shutil.rmtree(tmp_path / "erasures")
    with open_commands(places) as commands:
        assert len(commands.keys.ciphers(profile_ids)) == 4, "they came back"
        done = commands.reconcile()
        assert (done.complete, done.destroyed, done.closed) == (False, 3, 0)
        erased_in_all(commands, profile_ids[:3])
        expect_all_well(commands)


async def test_an_old_log_learns_again_who_was_erased(places: Places, tmp_path: Path):
    with open_commands(places) as commands:
        profile_ids = await some_people(commands, 4)
        keep(places.events, tmp_path / "events")
        for profile_id in profile_ids[:3]:
            await commands.erase(people.erase(str(profile_id)))
        commands.reconcile()
    put_back(places.events, tmp_path / "events")
    shutil.rmtree(tmp_path / "erasures")
    renew(places)
    with open_commands(places) as commands:
        done = commands.reconcile()
        assert (done.complete, done.destroyed, done.closed) == (True, 0, 3)
        erased_in_all(commands, profile_ids[:3])
        last = commands.reader.stream(stream_name(PROFILE, profile_ids[0]))[-1]
        fact = open_fact(last, None)
        assert fact.header.actor == "aprofile"
        assert fact.message.ListFields() == [], "nothing is made up"
        assert commands.reconcile().closed == 0
        expect_all_well(commands)


async def test_an_old_log_learns_again_which_epochs_were_closed(places: Places, tmp_path: Path):
    with open_commands(places) as commands:
        (gone,) = await some_people(commands, 1)
        keep(places.events, tmp_path / "events")
        await commands.erase(people.erase(str(gone)))
        await some_people(commands, 2)  # so that no position is by chance what it was
        said = [close_epoch(commands, tmp_path) for _ in range(2)]
        expect_closes_in_the_log(commands.keys_engine, closes(commands))
        assert commands.reconcile().epochs == 0
    put_back(places.events, tmp_path / "events")
    renew(places)
    with open_commands(places) as commands:
        with pytest.raises(AssertionError):
            expect_closes_in_the_log(commands.keys_engine, closes(commands))
        assert commands.reconcile().epochs == 2
        expect_closes_in_the_log(commands.keys_engine, closes(commands))
        again = [open_fact(stored, None).message for stored in commands.reader.stream(STREAM)]
        assert again == said
        assert (said[0].erasures, said[1].erasures) == (1, 0)
        erasure = commands.keys.erasure_of(gone)
        assert erasure is not None
        assert commands.reader.fact_at(erasure.closed_position or 0) == commands.reader.stream(STREAM)[0]
        assert commands.reconcile().epochs == 0


def closes(commands: Commands) -> EpochFacts:
    return EpochFacts(commands.keys, commands.reader, commands.log)


def close_epoch(commands: Commands, directory: Path) -> KeyEpochClosed:
    """Close it; return what the log says of it."""
    unfinished = UnfinishedErasures(commands.keys, commands.reader, commands.eraser)
    *_, last = EpochCloser(
        commands.keys.closing(directory / "key-backups"), closes(commands), unfinished
    ).run()
    stored = commands.reader.fact_at(last.position)
    assert stored is not None
    message = open_fact(stored, None).message
    assert isinstance(message, KeyEpochClosed)
    return message


async def test_when_everything_is_old_the_list_of_erasures_remembers(places: Places, tmp_path: Path):
    with open_commands(places) as commands:
        profile_ids = await some_people(commands, 4)
        commands.reconcile()
        keep(places.keys, tmp_path / "keys")
        keep(places.events, tmp_path / "events")
        for profile_id in profile_ids[:3]:
            await commands.erase(people.erase(str(profile_id)))
    put_back(places.keys, tmp_path / "keys")
    put_back(places.events, tmp_path / "events")
    with open_commands(places) as commands:
        done = commands.reconcile()
        assert (done.destroyed, done.closed) == (3, 3)
        erased_in_all(commands, profile_ids[:3])
        expect_all_well(commands)


async def test_keys_from_before_a_registration_are_refused(places: Places, tmp_path: Path):
    with open_commands(places) as commands:
        await some_people(commands, 2)
        commands.reconcile()
        keep(places.keys, tmp_path / "keys")
        later = await some_people(commands, 3)
        await commands.erase(people.erase(str(later[0])))
    put_back(places.keys, tmp_path / "keys")
    with open_commands(places) as commands, pytest.raises(KeysBehindLogError) as caught:
        commands.reconcile()
    assert caught.value.missing.keys == set(later[1:]), "who was erased needs no key"


async def test_keys_from_before_a_change_of_address_are_refused(places: Places, tmp_path: Path):
    with open_commands(places) as commands:
        _, profile_id = await commands.new_person()
        await some_people(commands, 1)
        commands.reconcile()
        keep(places.keys, tmp_path / "keys")
        moved = Profile(email=people.new_person().email)
        await commands.update(people.update(profile_id, moved, "email"))
        assert not commands.reconcile().complete
    put_back(places.keys, tmp_path / "keys")
    with open_commands(places) as commands, pytest.raises(KeysBehindLogError) as caught:
        commands.reconcile()
    assert caught.value.missing.keys == frozenset()
    assert caught.value.missing.addresses == {UUID(profile_id)}


async def test_who_changed_address_after_the_log_was_copied_has_the_old_one_again(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(addresses, "PATIENCE", 0.2)
    before, profile_id, moved = await lose_a_change(places, tmp_path)
    with open_commands(places) as commands:
        commands.reconcile()
        assert await commands.addresses.holder(canonical_address(before.email)) == profile_id
        with pytest.raises(EmailTakenError):
            await commands.register(people.register(before))
        expect_all_well(commands, [canonical_address(moved.email)])
        assert not commands.reconcile().complete


async def lose_a_change(places: Places, tmp_path: Path) -> tuple[people.Person, UUID, Profile]:
    """Make the keys newer than the log: there she gave the old address back, and somebody else took it."""
    with open_commands(places) as commands:
        before, profile_id = await commands.new_person()
        keep(places.events, tmp_path / "events")
        moved = Profile(email=people.new_person().email)
        await commands.update(people.update(profile_id, moved, "email"))
        await commands.register(people.register(before))
    put_back(places.events, tmp_path / "events")
    return before, UUID(profile_id), moved


async def test_an_address_that_is_not_free_yet_is_told_apart_from_keys_that_are_too_old(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Somebody else's reservation is in the way, and is not old enough to be given up."""
    monkeypatch.setattr(taking_back, "SECONDS", 0.2)
    before, profile_id, _ = await lose_a_change(places, tmp_path)
    with open_commands(places) as commands:
        with pytest.raises(AddressesStayAwayError, match="changed address after the log ends") as caught:
            commands.reconcile()
        assert caught.value.missing.addresses == {profile_id}
        assert "older" not in str(caught.value)
        monkeypatch.setattr(addresses, "PATIENCE", 0.0)
        commands.reconcile()
        assert await commands.addresses.holder(canonical_address(before.email)) == profile_id


async def test_a_planted_start_that_takes_nothing_back_is_refused(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(LostChanges, "take_back", lambda self, people: frozenset())
    with pytest.raises(AddressesStayAwayError):
        await test_who_changed_address_after_the_log_was_copied_has_the_old_one_again(
            places, tmp_path, monkeypatch
        )


async def test_a_reservation_that_was_abandoned_is_nobodys_erasure(places: Places):
    with open_commands(places) as commands:
        key = commands.keys.new_profile_key()
        commands.keys.destroy(key.profile_id)
        await some_people(commands, 1)
        done = commands.reconcile()
        assert (done.destroyed, done.closed, done.listed) == (0, 0, 0)
        assert commands.erasures.since(0) == set()


def remove(keys: Engine, profile_id: UUID) -> None:
    with keys.begin() as connection:
        connection.execute(delete(profile_keys).where(profile_keys.c.profile_id == profile_id))
        connection.execute(delete(tags).where(tags.c.profile_id == profile_id))


def renew(places: Places) -> None:
    engine = open_engine(places.events)
    with engine.begin() as connection:
        connection.execute(text("UPDATE incarnation SET log_id = 'restored'"))
    engine.dispose()
