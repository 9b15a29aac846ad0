"""A root key that no epoch here has: keys from before a switch know nothing of the root key after it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from profile_service.copies import copy_in, copy_out
from profile_service.keys import closing as closing_module
from profile_service.keys.closing import EpochClosing
from profile_service.keys.epochs import EpochState
from profile_service.keys.errors import CloseError, UnknownRootsError
from profile_service.keys.root_keys import RootKeys
from profile_service.keys.roots import FileRootProvider
from profile_service.keys.store import KeyStore
from tests.epochs.city import City, close


@pytest.fixture
def put_back(city: City, engine: Engine, new_store: Callable[..., KeyStore], tmp_path: Path) -> City:
    """Its keys are of the epoch before, whose root key was not destroyed yet."""
    city.settle(10)
    copy_out(engine, tmp_path / "copy")
    close(city.closing(), EpochState.BACKED_UP)
    city.store.stop()
    copy_in(tmp_path / "copy", engine, replace=True)
    city.store = new_store()
    return city


def expect_no_root_but(city: City, closing: EpochClosing) -> None:
    """The root key of the epoch in use is the only one."""
    assert FileRootProvider(city.roots).root_ids() == {closing.first_unclosed().root_id}


def test_a_close_stops_before_a_root_key_that_no_epoch_has_until_it_is_named(put_back: City):
    city, closing = put_back, put_back.closing()
    epoch = closing.first_unclosed()
    keys = city.store.root_keys()
    (unknown,) = keys.unknown
    assert keys == RootKeys(sorted([epoch.root_id, unknown]), [unknown])
    with pytest.raises(UnknownRootsError, match=unknown):
        close(closing)
    assert closing.first_unclosed().state is EpochState.OPEN
    for name in (epoch.root_id, "epoch-2-another"):
        with pytest.raises(CloseError, match="not there, or of an epoch here"):
            closing.destroy_unknown([unknown, name])
    assert city.store.root_keys() == keys, "not one of them, if one is not to go"
    closing.destroy_unknown([unknown])
    close(closing)
    expect_no_root_but(city, closing)
    city.expect_all_readable()


def test_a_root_key_that_was_destroyed_and_is_there_again_is_one(city: City):
    """A directory that somebody put back from a copy of it."""
    closing = city.closing()
    (path,) = city.roots.glob("epoch-*.key")
    key = path.read_bytes()
    close(closing)
    path.write_bytes(key)
    path.chmod(0o600)
    with pytest.raises(UnknownRootsError, match=path.stem):
        close(closing)


def test_a_close_that_was_stopped_has_no_unknown_root_key(city: City):
    closing = city.closing()
    for state in (EpochState.PREPARED, EpochState.SWITCHED, EpochState.BACKED_UP, EpochState.DESTROYED):
        close(closing, state)
        assert city.store.root_keys().unknown == []


def test_a_planted_close_that_does_not_look_leaves_it_for_ever(
    put_back: City, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(closing_module, "root_keys", lambda *_: RootKeys())
    closing = put_back.closing()
    close(closing)
    with pytest.raises(AssertionError):
        expect_no_root_but(put_back, closing)
