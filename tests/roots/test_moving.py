"""Root keys move with the close of an epoch: made anew in another provider, destroyed where they were."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from profile_service.database import migrate, open_engine
from profile_service.keys.epochs import EpochState
from profile_service.keys.errors import (
    KeyDatabaseError,
    RootError,
    RootMissingError,
    RootNotDestroyedError,
)
from profile_service.keys.roots import FileRootProvider, RootProvider, open_root_provider
from profile_service.keys.roots.moving import MovingRootProvider
from profile_service.keys.schema import MIGRATIONS, epochs
from profile_service.keys.store import KeyStore
from profile_service.v1.operations_service_pb2 import CloseEpochRequest, GetKeyStatusRequest
from tests.epochs.city import City, close
from tests.support import people
from tests.support.service import Databases, Service, running_service
from tests.support.tokens import Token, new_token

SECONDS = 20.0


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path}/keys.sqlite")
    migrate(engine, MIGRATIONS)
    yield engine
    engine.dispose()


@pytest.fixture
def addresses(token: Token, token_directory: Path, tmp_path: Path) -> dict[str, str]:
    """Where root keys may be, by name."""
    return {
        "a directory": f"file:{tmp_path}/roots",
        "another directory": f"file:{tmp_path}/other-roots",
        "a token": token.uri,
        "another token": new_token(token_directory).uri,
    }


def started(engine: Engine, root: RootProvider) -> KeyStore:
    store = KeyStore(engine, root)
    store.start()
    return store


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a directory", "a token"),
        ("a token", "another token"),
        ("a token", "a directory"),
        ("a directory", "another directory"),
    ],
)
def test_the_next_close_moves_them(
    engine: Engine, addresses: dict[str, str], tmp_path: Path, before: str, after: str
):
    old, new = (open_root_provider(addresses[name]) for name in (before, after))
    store = started(engine, old)
    city = City(store, engine, tmp_path / "unused", tmp_path / "backups")
    city.settle(20)
    city.erase(3)
    first = city.closing().first_unclosed().root_id
    store.stop()

    with pytest.raises((KeyDatabaseError, RootMissingError)):
        started(engine, new)

    both = open_root_provider(addresses[after], previous=addresses[before])
    city.store = started(engine, both)
    city.expect_all_readable()
    close(city.closing())
    city.expect_all_readable()
    city.store.stop()
    second = city.closing().first_unclosed().root_id
    assert [old.exists(first), new.exists(first), old.exists(second), new.exists(second)] == [
        False,
        False,
        False,
        True,
    ]

    alone = started(engine, new)
    city.expect_all_readable(alone)
    alone.stop()


@pytest.mark.parametrize(
    ("before", "after"),
    [("a directory", "another directory"), ("a directory", "a token"), ("a token", "another token")],
)
def test_a_provider_that_never_had_a_root_key_does_not_prove_that_it_is_gone(
    engine: Engine, addresses: dict[str, str], tmp_path: Path, before: str, after: str
):
    """Somebody who takes the old one out of the settings while the close is stopped."""
    names = [addresses[before], addresses[after]]
    old, both = open_root_provider(names[0]), open_root_provider(names[1], previous=names[0])
    city = City(started(engine, old), engine, tmp_path / "unused", tmp_path / "backups")
    city.settle(20)
    city.erase(3)
    city.store.stop()

    city.store = started(engine, both)
    close(city.closing(), EpochState.BACKED_UP)
    city.store.stop()

    city.store = started(engine, open_root_provider(names[1]))
    closing = city.closing()
    epoch = closing.first_unclosed()
    with pytest.raises(RootNotDestroyedError, match="another provider"):
        closing.destroy(epoch)
    assert closing.first_unclosed().state is EpochState.BACKED_UP
    assert old.exists(epoch.root_id)
    city.store.stop()

    city.store = started(engine, both)
    close(city.closing())
    assert not old.exists(epoch.root_id)
    city.expect_all_readable()
    city.store.stop()


def test_the_root_key_of_a_try_is_destroyed_where_it_was_made(
    engine: Engine, addresses: dict[str, str], tmp_path: Path
):
    """A close was prepared in one place, and the settings name another one now."""
    files, made_in, other = (addresses[name] for name in ("a directory", "a token", "another token"))
    city = City(started(engine, open_root_provider(files)), engine, tmp_path / "unused", tmp_path / "backups")
    city.settle(3)
    city.store.stop()
    city.store = started(engine, open_root_provider(made_in, previous=files))
    close(city.closing(), EpochState.PREPARED)
    tried = city.closing().first_unclosed().next_root_id
    assert tried is not None
    city.store.stop()

    city.store = started(engine, open_root_provider(other, previous=files))
    with pytest.raises(RootNotDestroyedError, match="another provider"):
        close(city.closing())
    assert city.closing().first_unclosed().next_root_id == tried, "it is not forgotten"
    assert open_root_provider(made_in).exists(tried)
    city.store.stop()

    city.store = started(engine, open_root_provider(made_in, previous=files))
    close(city.closing())
    assert open_root_provider(made_in).root_ids() == {city.closing().first_unclosed().root_id}
    city.expect_all_readable()
    city.store.stop()


def test_an_epoch_from_before_places_were_kept_is_closed_where_its_root_key_is(
    engine: Engine, addresses: dict[str, str], tmp_path: Path
):
    """There is nothing to compare with: the look for the key is all there is. The next epoch has a place."""
    files, token = open_root_provider(addresses["a directory"]), addresses["a token"]
    city = City(started(engine, files), engine, tmp_path / "unused", tmp_path / "backups")
    city.settle(3)
    city.store.stop()
    with engine.begin() as connection:
        connection.execute(update(epochs).values(root_place=None))
    both = open_root_provider(token, previous=addresses["a directory"])
    city.store = started(engine, both)
    closing = city.closing()
    before = closing.first_unclosed()
    assert before.root_place is None
    close(closing)
    assert files.root_ids() == frozenset()
    assert closing.first_unclosed().root_place == both.place
    city.expect_all_readable()
    city.store.stop()


@pytest.fixture
def moving(tmp_path: Path) -> tuple[FileRootProvider, FileRootProvider, MovingRootProvider]:
    current, previous = FileRootProvider(tmp_path / "current"), FileRootProvider(tmp_path / "previous")
    return current, previous, MovingRootProvider(current, previous)


def test_a_root_key_that_is_in_both_goes_from_both(
    moving: tuple[FileRootProvider, FileRootProvider, MovingRootProvider], tmp_path: Path
):
    current, previous, both = moving
    current.create("epoch-1")
    (tmp_path / "previous" / "epoch-1.key").write_bytes((tmp_path / "current" / "epoch-1.key").read_bytes())
    (tmp_path / "previous" / "epoch-1.key").chmod(0o600)
    assert previous.exists("epoch-1")
    both.destroy("epoch-1")
    assert not any(provider.exists("epoch-1") for provider in (current, previous, both))


def test_what_one_of_them_does_not_answer_is_not_gone(
    moving: tuple[FileRootProvider, FileRootProvider, MovingRootProvider], tmp_path: Path
):
    """The directory of before is not mounted: it may have the key all the same."""
    _, _, both = moving
    shutil.rmtree(tmp_path / "previous")
    with pytest.raises(RootError):
        both.exists("epoch-1")
    with pytest.raises(RootError):
        both.destroy("epoch-1")


class Promising(FileRootProvider):
    """A device, by its own account."""

    def destroy_final_at(self, destroyed_at: datetime) -> datetime:
        return destroyed_at


def test_a_time_is_promised_only_by_both(tmp_path: Path):
    device, files = Promising(tmp_path / "device"), FileRootProvider(tmp_path / "files")
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert MovingRootProvider(device, files).destroy_final_at(at) is None
    assert MovingRootProvider(files, device).destroy_final_at(at) is None
    assert MovingRootProvider(device, device).destroy_final_at(at) == at


def test_what_a_provider_promised_is_not_promised_by_the_next_one(engine: Engine, tmp_path: Path):
    """An erasure is as final as the provider that destroyed its root key says, whichever there is now."""
    files, device = FileRootProvider(tmp_path / "files"), Promising(tmp_path / "device")
    store = started(engine, files)
    city = City(store, engine, tmp_path / "unused", tmp_path / "backups")
    city.settle(3)
    (in_files,) = city.erase(1)
    close(city.closing())
    store.stop()
    for root in (MovingRootProvider(device, files), device):
        city.store = started(engine, root)
        (in_device,) = city.erase(1)
        close(city.closing())
        city.store.stop()
    city.store = started(engine, device)
    first, last = (city.store.erasure_of(one.profile_id) for one in (in_files, in_device))
    city.store.stop()
    assert first is not None
    assert last is not None
    assert (first.root_destroyed, first.final_at) == (True, None)
    assert last.final_at is not None
    assert last.final_by is not None
    assert abs(last.final_at - last.final_by) < timedelta(seconds=1)


@pytest.mark.service
def test_a_service_moves_from_a_directory_to_a_token(token: Token, tmp_path: Path):
    """As docs/root-keys.md has it: one restart with both, one close, one restart without the old one."""
    person = people.new_person()
    with running_service(tmp_path, Databases.sqlite(tmp_path)) as service:
        with service.stubs() as stubs:
            profile_id = stubs.profiles.RegisterProfile(people.register(person), timeout=SECONDS).profile_id
        service.stop()
        files = tmp_path / "root-keys"
        assert len(list(files.glob("*.key"))) == 1
        moved = {**token.environment, "APROFILE_ROOT_KEYS": token.uri}
        assert "under a root of provider file" in refused_start(service, moved)
        restart(service, {**moved, "APROFILE_PREVIOUS_ROOT_KEYS": str(files)})
        with service.stubs() as stubs:
            before = stubs.operations.GetKeyStatus(GetKeyStatusRequest(), timeout=SECONDS)
            assert list(stubs.operations.CloseEpoch(CloseEpochRequest(), timeout=60))
            after = stubs.operations.GetKeyStatus(GetKeyStatusRequest(), timeout=SECONDS)
        assert (before.root_provider, after.root_provider) == ("file", "pkcs11")
        assert list(files.glob("*.key")) == []
        service.stop()
        restart(service, moved)
        with service.stubs() as stubs:
            read = stubs.profiles.GetProfile(people.get(profile_id), timeout=SECONDS).profile
        assert person.mark in read.family_name


def refused_start(service: Service, environment: dict[str, str]) -> str:
    service.environment = environment
    with pytest.raises(subprocess.CalledProcessError) as refused:
        service.run("serve")
    return str(refused.value.stderr)


def restart(service: Service, environment: dict[str, str]) -> None:
    service.environment = environment
    service.start()
