"""What a backup holds, and what a restore refuses before it writes anything."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, delete, inspect, text

from profile_service import presence
from profile_service.backup import restoring, running
from profile_service.backup.checking import KeysUselessError
from profile_service.backup.making import Databases as Engines
from profile_service.backup.making import back_up
from profile_service.backup.restoring import renew_log, restore
from profile_service.backup.running import ServiceRunningError
from profile_service.commands import addresses
from profile_service.commands.reconciling import KeysBehindLogError
from profile_service.copies import CopyDamagedError, DatabaseNotEmptyError, copy_in
from profile_service.database import open_engine
from profile_service.domain.email import canonical_address
from profile_service.keys.erasure_list import ErasureList
from profile_service.keys.roots import FileRootProvider
from profile_service.keys.roots.provider import new_root_id
from profile_service.keys.schema import tombstones
from profile_service.log.reader import LogReader, Standing
from profile_service.v1.profile_pb2 import Profile
from tests.commands.checks import expect_all_well
from tests.commands.service import Places, open_commands
from tests.support import people
from tests.support.service import Databases
from tests.support.templates import VIEW_DATABASE


@pytest.fixture
def places(databases: Databases, tmp_path: Path) -> Places:
    made = Places(databases.events, databases.keys, str(tmp_path / "roots"))
    made.fill()
    return made


@pytest.fixture
def engines(databases: Databases, places: Places) -> Iterator[Engines]:
    VIEW_DATABASE.fill(databases.views)
    made = [open_engine(url) for url in (databases.events, databases.keys, databases.views)]
    yield Engines(*made)
    for engine in made:
        engine.dispose()


@pytest.fixture
def root(places: Places) -> FileRootProvider:
    return FileRootProvider(Path(places.roots))


@pytest.fixture
def erasures(places: Places) -> ErasureList:
    return ErasureList(Path(places.roots).parent / "erasures")


async def register(places: Places, count: int = 1) -> list[UUID]:
    with open_commands(places) as commands:
        commands.reconcile()
        return [UUID((await commands.new_person())[1]) for _ in range(count)]


def log_id(engines: Engines) -> str:
    return LogReader(engines.events).log_id


async def test_a_backup_holds_three_databases_and_no_root_key(
    places: Places, engines: Engines, tmp_path: Path
):
    await register(places, 3)
    made = back_up(engines, tmp_path / "backup")
    files = [path for path in (tmp_path / "backup").rglob("*") if path.is_file()]
    content = b"".join(path.read_bytes() for path in files)
    roots = [path.read_bytes() for path in Path(places.roots).glob("*.key")]
    assert len(roots) == 1
    assert roots[0] not in content
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert set(made.parts) == {"events", "keys", "views"}
    # Three people, after the policy.
    assert (made.log_id, made.position, made.epoch) == (log_id(engines), 4, 1)
    assert made.keys_position >= made.position


async def test_a_link_from_before_a_backup_works_after_it_was_restored(
    places: Places, engines: Engines, root: FileRootProvider, erasures: ErasureList, tmp_path: Path
):
    """It is bound to the service, not to the log; one of somebody who is not in the backup does nothing."""
    (person,) = await register(places)
    with open_commands(places) as commands:
        await commands.set_consent(people.consent(str(person)))
        token = await commands.objector.token(person, None)
    back_up(engines, tmp_path / "backup")
    (later,) = await register(places)
    with open_commands(places) as commands:
        lost = await commands.objector.token(later, None)
    restore(tmp_path / "backup", engines, root, erasures, replace=True)
    with open_commands(places) as commands:
        commands.reconcile()
        head = commands.reader.head()
        await commands.unsubscribe(lost)
        assert commands.reader.head() == head
        await commands.unsubscribe(token)
        (fact,) = commands.reader.facts_after(head, 10)
        assert (fact.profile_id, fact.type.rpartition(".")[2]) == (person, "MarketingObjected")


async def test_a_restored_service_is_that_service_under_a_new_log_id(
    places: Places, engines: Engines, root: FileRootProvider, erasures: ErasureList, tmp_path: Path
):
    settled = await register(places, 3)
    before = log_id(engines)
    back_up(engines, tmp_path / "backup")
    later = await register(places, 2)
    back_up(engines, tmp_path / "later")
    done = restore(tmp_path / "backup", engines, root, erasures, keys_from=tmp_path / "later", replace=True)
    assert done.log_id == log_id(engines) != before
    with open_commands(places) as commands:
        assert commands.reconcile().complete
        assert len(commands.keys.ciphers(settled)) == 3
        assert commands.keys.ciphers(later).keys() == set(later), "reservations of nobody, for now"


async def test_nothing_is_restored_beneath_a_running_process(
    places: Places,
    engines: Engines,
    root: FileRootProvider,
    erasures: ErasureList,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    await register(places)
    back_up(engines, tmp_path / "backup")
    monkeypatch.setattr(presence, "PATIENCE", 0.1)
    with open_commands(places) as commands:
        before = log_id(engines)
        with pytest.raises(ServiceRunningError):
            restore(tmp_path / "backup", engines, root, erasures, replace=True)
        with pytest.raises(ServiceRunningError):
            renew_log(engines)
        assert log_id(engines) == before
        # Its session was cut, and its lease is renewed by another one.
        with monkeypatch.context() as patch, pytest.raises(ServiceRunningError, match="running"):
            patch.setattr(running, "alone", nullcontext)
            restore(tmp_path / "backup", engines, root, erasures, replace=True)
        # A process that was killed leaves its row; it is waited for, not taken for a running one.
        keeper = commands.keys._keeper
        assert keeper is not None
        keeper._stopping.set()
        for thread in keeper._threads:
            thread.join()
        keeper._table.close()
        assert restore(tmp_path / "backup", engines, root, erasures, replace=True).log_id != before


async def test_databases_that_hold_something_are_kept(
    places: Places, engines: Engines, root: FileRootProvider, erasures: ErasureList, tmp_path: Path
):
    await register(places)
    back_up(engines, tmp_path / "backup")
    before = log_id(engines)
    with pytest.raises(DatabaseNotEmptyError):
        restore(tmp_path / "backup", engines, root, erasures)
    assert log_id(engines) == before


@pytest.mark.parametrize("damage", ["no manifest", "another part", "a flipped bit"])
async def test_a_backup_that_is_not_whole_is_refused(
    places: Places,
    engines: Engines,
    root: FileRootProvider,
    erasures: ErasureList,
    tmp_path: Path,
    damage: str,
):
    await register(places)
    back_up(engines, tmp_path / "backup")
    await register(places)
    back_up(engines, tmp_path / "other")
    before = log_id(engines)
    if damage == "no manifest":
        (tmp_path / "backup/backup.json").unlink()
    elif damage == "another part":
        (tmp_path / "backup/keys").rename(tmp_path / "backup/put-away")
        (tmp_path / "other/keys").rename(tmp_path / "backup/keys")
    else:
        path = max((tmp_path / "backup/events").iterdir(), key=lambda one: one.stat().st_size)
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    with pytest.raises(CopyDamagedError):
        restore(tmp_path / "backup", engines, root, erasures, replace=True)
    assert log_id(engines) == before


async def test_keys_without_the_people_of_the_log_are_refused_by_name(
    places: Places, engines: Engines, root: FileRootProvider, erasures: ErasureList, tmp_path: Path
):
    await register(places, 2)
    back_up(engines, tmp_path / "old")
    late = await register(places, 2)
    back_up(engines, tmp_path / "new")
    before = log_id(engines)
    with pytest.raises(KeysBehindLogError) as caught:
        restore(tmp_path / "new", engines, root, erasures, keys_from=tmp_path / "old", replace=True)
    assert caught.value.missing.keys == set(late)
    assert log_id(engines) == before


async def test_an_older_log_is_restored_again_after_erasures_and_changes_of_address(
    places: Places,
    engines: Engines,
    root: FileRootProvider,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    """The keys are of the log that the first restore made: their order proves nothing."""
    monkeypatch.setattr(addresses, "PATIENCE", 0.2)
    with open_commands(places) as commands:
        before, moving = await commands.new_person()
    (erased, forgotten, _) = await register(places, 3)
    erasures = ErasureList(tmp_path / "erasures-of-one")
    back_up(engines, tmp_path / "old")
    restore(tmp_path / "old", engines, root, erasures, replace=True)
    moved = Profile(email=people.new_person().email)
    with open_commands(places) as commands:
        commands.reconcile()
        await commands.update(people.update(moving, moved, "email"))
        await commands.register(people.register(before))
        for profile_id in (erased, forgotten):
            await commands.erase(people.erase(str(profile_id)))
    # One of them is known by the list only, the other by the keys only.
    erasures.add([forgotten])
    with engines.keys.begin() as connection:
        connection.execute(delete(tombstones).where(tombstones.c.profile_id == forgotten))
    back_up(engines, tmp_path / "new")
    restore(tmp_path / "old", engines, root, erasures, keys_from=tmp_path / "new", replace=True)
    with open_commands(places) as commands:
        commands.reconcile()
        assert await commands.addresses.holder(canonical_address(before.email)) == UUID(moving)
        assert set(commands.reader.standing([erased, forgotten]).values()) == {Standing.ERASED}
        expect_all_well(commands, [canonical_address(moved.email)])


async def test_keys_from_before_a_change_of_address_are_refused_by_name(
    places: Places, engines: Engines, root: FileRootProvider, erasures: ErasureList, tmp_path: Path
):
    settled = await register(places, 2)
    back_up(engines, tmp_path / "old")
    with open_commands(places) as commands:
        moved = Profile(email=people.new_person().email)
        await commands.update(people.update(str(settled[0]), moved, "email"))
    back_up(engines, tmp_path / "new")
    with pytest.raises(KeysBehindLogError, match="older than the log") as caught:
        restore(tmp_path / "new", engines, root, erasures, keys_from=tmp_path / "old", replace=True)
    assert caught.value.missing.addresses == {settled[0]}


async def test_a_root_key_from_after_the_copied_keys_is_reported(
    places: Places, engines: Engines, root: FileRootProvider, erasures: ErasureList, tmp_path: Path
):
    await register(places)
    back_up(engines, tmp_path / "backup")
    assert restore(tmp_path / "backup", engines, root, erasures, replace=True).unknown_roots == []
    later = new_root_id(2)
    root.create(later)
    assert restore(tmp_path / "backup", engines, root, erasures, replace=True).unknown_roots == [later]


async def test_keys_whose_root_is_gone_are_refused(
    places: Places, engines: Engines, root: FileRootProvider, erasures: ErasureList, tmp_path: Path
):
    await register(places)
    made = back_up(engines, tmp_path / "backup")
    before = log_id(engines)
    root.destroy(made.root_id)
    with pytest.raises(KeysUselessError, match="destroyed"):
        restore(tmp_path / "backup", engines, root, erasures, replace=True)
    assert log_id(engines) == before


async def test_a_restore_that_was_cut_off_can_be_done_again(
    places: Places,
    engines: Engines,
    root: FileRootProvider,
    erasures: ErasureList,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    """Ended before each of the three databases was written: the next try restores."""
    settled = await register(places, 3)
    back_up(engines, tmp_path / "backup")
    for last in range(3):
        left = [last]

        def dying(directory: Path, engine: Engine, left: list[int] = left, **options: object) -> None:
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
            copy_in(directory, engine, **options)  # type: ignore[arg-type]  # passed on as they are

        monkeypatch.setattr(restoring, "copy_in", dying)
        with pytest.raises(KeyboardInterrupt):
            restore(tmp_path / "backup", engines, root, erasures, replace=True)
        monkeypatch.undo()
        restore(tmp_path / "backup", engines, root, erasures, replace=True)
        with open_commands(places) as commands:
            commands.reconcile()
            assert len(commands.keys.ciphers(settled)) == 3
            expect_all_well(commands)


async def test_views_of_the_same_backup_go_on_under_the_new_id(
    places: Places, engines: Engines, root: FileRootProvider, erasures: ErasureList, tmp_path: Path
):
    await register(places, 2)
    known = log_id(engines)
    row = {"log": known, "position": 2}
    with engines.views.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO generations VALUES ('v', 1, 'live', :position, :log, '', 'l', 'f', 1),"
                " ('w', 1, 'live', 1, 'another log', '', 'l', 'f', 1)"
            ),
            row,
        )
    back_up(engines, tmp_path / "backup")
    done = restore(tmp_path / "backup", engines, root, erasures, replace=True)
    with engines.views.connect() as connection:
        rows: dict[str, str] = dict(connection.execute(text("SELECT view, log_id FROM generations")).all())
    assert rows == {"v": done.log_id, "w": "another log"}


async def test_into_empty_databases(
    places: Places, engines: Engines, root: FileRootProvider, erasures: ErasureList, tmp_path: Path
):
    settled = await register(places, 2)
    back_up(engines, tmp_path / "backup", views=False)
    assert "views" not in json.loads((tmp_path / "backup/backup.json").read_bytes())["parts"]
    for engine in (engines.events, engines.keys, engines.views):
        empty(engine)
    done = restore(tmp_path / "backup", engines, root, erasures)
    assert not done.views
    with open_commands(places) as commands:
        commands.reconcile()
        assert len(commands.keys.ciphers(settled)) == 2


def empty(engine: Engine) -> None:
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
    else:
        engine.dispose()
        for path in Path(str(engine.url.database)).parent.glob(f"{Path(str(engine.url.database)).name}*"):
            path.unlink()
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
