"""Before a root key goes: a backup that opens, and nobody left behind. And a way back from any copy."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, Table, delete, select, update

from profile_service.copies import copy_in, copy_out
from profile_service.keys import closing as closing_module
from profile_service.keys import verifying
from profile_service.keys.closing import EpochClosing
from profile_service.keys.epochs import EpochState
from profile_service.keys.errors import (
    BackupUnusableError,
    CloseError,
    KeysUnavailableError,
    RootMissingError,
    RootUnavailableError,
)
from profile_service.keys.roots import FileRootProvider
from profile_service.keys.schema import leases, profile_keys, tags
from profile_service.keys.store import KeyStore
from profile_service.keys.tree import SERVICE_ID
from tests.epochs.city import City, close

COLUMNS = [(profile_keys, "wrapped"), (tags, "inner_value")]


@contextmanager
def damaged(engine: Engine, table: Table, column: str) -> Iterator[None]:
    """One bit of one person's row, for the length of a block."""
    somebody = select(table).where(table.c.profile_id != SERVICE_ID)
    with engine.connect() as connection:
        row = connection.execute(somebody).mappings().first()
    assert row is not None
    for value in (bytes((row[column][0] ^ 1,)) + row[column][1:], row[column]):
        with engine.execution_options(immediate=True).begin() as connection:
            here = [key == row[key.name] for key in table.primary_key]
            connection.execute(update(table).where(*here).values({column: value}))
        if value != row[column]:
            yield


def expect_root_is_there(city: City, closing: EpochClosing, state: EpochState) -> None:
    """The close is not further than that, and the root key of its epoch is not destroyed."""
    epoch = closing.first_unclosed()
    assert epoch.state is state
    assert FileRootProvider(city.roots).exists(epoch.root_id)


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda value: getattr(value, "name", value))
def test_a_backup_in_which_something_does_not_open_stops_the_close(
    city: City, engine: Engine, table: Table, column: str
):
    city.settle(30)
    closing = city.closing()
    close(closing, EpochState.SWITCHED)
    with damaged(engine, table, column):
        with pytest.raises(BackupUnusableError):
            closing.back_up(closing.first_unclosed())
        expect_root_is_there(city, closing, EpochState.SWITCHED)
        assert list(city.backups.iterdir()) == [], "nothing that is none is kept"
    close(closing)
    city.expect_all_readable()


@pytest.mark.parametrize("failure", [KeysUnavailableError(), RootUnavailableError("gone"), None])
def test_a_copy_that_was_not_verified_is_not_kept(
    city: City, monkeypatch: pytest.MonkeyPatch, failure: Exception | None
):
    """The provider or the database went away while it was opened; or not all of it was."""

    def short(*_: Any) -> tuple[int, int]:
        if failure is not None:
            raise failure
        return (1, 1)

    city.settle(5)
    closing = city.closing()
    close(closing, EpochState.SWITCHED)
    with monkeypatch.context() as patch:
        patch.setattr(verifying, "open_everything", short)
        with pytest.raises(type(failure) if failure else BackupUnusableError):
            closing.back_up(closing.first_unclosed())
    assert list(city.backups.iterdir()) == []
    close(closing)


def test_an_older_backup_that_stays_does_not_make_a_close_fail(city: City, monkeypatch: pytest.MonkeyPatch):
    def refused(*_: Any) -> None:
        raise PermissionError

    closing = city.closing()
    close(closing, EpochState.DESTROYED)
    epoch = closing.first_unclosed()
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", refused)
        (city.backups / "keys-epoch-1-old").mkdir()
        assert not closing.finish(epoch, 7)
    assert closing.epoch(epoch.epoch).state is EpochState.CLOSED
    close(closing)
    assert len(list(city.backups.iterdir())) == 1, "the next close removes it"


def test_a_planted_backup_that_nobody_opens_is_noticed(
    city: City, engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    def counted_only(restored: Engine, *_: Any) -> tuple[int, int]:
        with restored.connect() as connection:
            keys, found = (connection.execute(select(table)).all() for table in (profile_keys, tags))
        return len(keys), len(found)

    city.settle(30)
    closing = city.closing()
    close(closing, EpochState.SWITCHED)
    monkeypatch.setattr(verifying, "open_everything", counted_only)
    with damaged(engine, profile_keys, "wrapped"):
        close(closing, EpochState.DESTROYED)
        with pytest.raises(AssertionError):
            expect_root_is_there(city, closing, EpochState.SWITCHED)


def left_behind(new_store: Callable[..., KeyStore]) -> KeyStore:
    """A process that keeps its lease, and does not go on to the next epoch."""
    store = new_store()
    store._upkeep.stop()
    return store


def test_who_holds_keys_of_the_epoch_is_waited_for(
    city: City, new_store: Callable[..., KeyStore], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(closing_module, "FOLLOWING", 0.5)
    other = left_behind(new_store)
    closing = city.closing()
    close(closing, EpochState.BACKED_UP)
    with pytest.raises(CloseError, match="1 processes"):
        closing.destroy(closing.first_unclosed())
    expect_root_is_there(city, closing, EpochState.BACKED_UP)
    other.stop()
    close(closing)


def test_a_planted_close_that_waits_for_nobody_is_noticed(
    city: City, new_store: Callable[..., KeyStore], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(EpochClosing, "_wait_until_followed", lambda self, epoch: None)
    other = left_behind(new_store)
    closing = city.closing()
    close(closing, EpochState.DESTROYED)
    assert other._held_tree().epoch == 1, "it holds what is under a root key that is gone"
    with pytest.raises(AssertionError):
        expect_root_is_there(city, closing, EpochState.BACKED_UP)


def test_a_copy_from_the_midst_of_a_close_goes_on_where_it_was(city: City, engine: Engine, tmp_path: Path):
    """From the switch on it opens under a root key that stays; from before it opens nothing."""
    city.settle(40)
    city.erase(5)
    store = city.store
    store.stop()
    for state in (EpochState.PREPARED, EpochState.SWITCHED, EpochState.BACKED_UP, EpochState.DESTROYED):
        copy = tmp_path / state
        with running(city):
            closing = city.closing()
            if state is EpochState.PREPARED:
                closing.prepare(closing.first_unclosed())
            else:
                close(closing, state)
            copy_out(engine, copy)
            close(closing)
            copy_out(engine, tmp_path / f"after-{state}")
        put_back(engine, copy)
        if state is EpochState.PREPARED:
            with pytest.raises(RootMissingError):
                city.fresh().start()
            put_back(engine, tmp_path / f"after-{state}")
            continue
        with running(city):
            closing = city.closing()
            assert closing.first_unclosed().state is state
            city.expect_all_readable()
            close(closing)
            city.expect_all_readable()
            assert len(list(city.roots.glob("*.key"))) == 1


@contextmanager
def running(city: City) -> Iterator[None]:
    city.store = city.fresh()
    city.store.start()
    try:
        yield
    finally:
        city.store.stop()


def put_back(engine: Engine, copy: Path) -> None:
    """As `aprofile restore` does: those who held leases then are none of this time's."""
    copy_in(copy, engine, replace=True, prepare=_end_leases)


def _end_leases(connection: Any) -> None:
    connection.execute(delete(leases))
