"""What every root provider does, whatever it keeps the keys in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from profile_service.database import migrate, open_engine
from profile_service.keys.errors import RootError, RootExistsError, RootMissingError, RootRefusedError
from profile_service.keys.material import WRAPPED_BYTES, random_key
from profile_service.keys.roots import RootProvider
from profile_service.keys.roots.provider import new_root_id
from profile_service.keys.schema import MIGRATIONS
from profile_service.keys.store import KeyStore
from tests.keys.wishes import registered

Reopen = Callable[[], RootProvider]


def test_a_wrapped_key_opens_under_its_root_for_its_place_only(provider: RootProvider):
    key = random_key()
    wrapped = provider.wrap("epoch-1", key, b"place")
    assert provider.unwrap("epoch-1", wrapped, b"place") == key
    with pytest.raises(RootRefusedError):
        provider.unwrap("epoch-1", wrapped, b"elsewhere")


def test_any_flipped_bit_and_any_other_length_is_refused(provider: RootProvider):
    wrapped = provider.wrap("epoch-1", random_key(), b"place")
    assert len(wrapped) == WRAPPED_BYTES
    for bit in range(0, 8 * len(wrapped), 5):
        changed = bytearray(wrapped)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(RootRefusedError):
            provider.unwrap("epoch-1", bytes(changed), b"place")
    for other in (*(wrapped[:length] for length in range(len(wrapped))), wrapped + b"\0"):
        with pytest.raises(RootRefusedError):
            provider.unwrap("epoch-1", other, b"place")


def test_it_names_the_root_keys_of_epochs_and_nothing_else(provider: RootProvider, open_again: Reopen):
    names = {new_root_id(epoch) for epoch in (1, 12)}
    for name in names:
        provider.create(name)
    assert open_again().root_ids() == names, "and not `epoch-1`, which was made by no epoch"
    provider.destroy(names.pop())
    assert provider.root_ids() == names


def test_another_root_does_not_open_it(provider: RootProvider):
    wrapped = provider.wrap("epoch-1", random_key(), b"")
    provider.create("epoch-2")
    with pytest.raises(RootRefusedError):
        provider.unwrap("epoch-2", wrapped, b"")


def test_a_root_is_there_after_a_restart(provider: RootProvider, open_again: Reopen):
    key = random_key()
    wrapped = provider.wrap("epoch-1", key, b"place")
    again = open_again()
    assert again.exists("epoch-1")
    assert again.unwrap("epoch-1", wrapped, b"place") == key


def test_a_root_is_made_once(provider: RootProvider, open_again: Reopen):
    for again in (provider, open_again()):
        with pytest.raises(RootExistsError):
            again.create("epoch-1")


def test_a_destroyed_root_is_gone_for_every_process_and_opens_nothing(
    provider: RootProvider, open_again: Reopen
):
    wrapped = provider.wrap("epoch-1", random_key(), b"")
    provider.create("epoch-2")
    kept = provider.wrap("epoch-2", random_key(), b"")
    provider.destroy("epoch-1")
    for process in (provider, open_again()):
        assert not process.exists("epoch-1")
        with pytest.raises(RootMissingError):
            process.unwrap("epoch-1", wrapped, b"")
        with pytest.raises(RootMissingError):
            process.wrap("epoch-1", random_key(), b"")
        process.destroy("epoch-1")
        assert process.unwrap("epoch-2", kept, b"")


def test_a_root_made_again_under_the_name_of_a_destroyed_one_is_another(provider: RootProvider):
    wrapped = provider.wrap("epoch-1", random_key(), b"")
    provider.destroy("epoch-1")
    provider.create("epoch-1")
    with pytest.raises(RootRefusedError):
        provider.unwrap("epoch-1", wrapped, b"")


def test_neither_promises_a_time_that_its_store_can_not_keep(provider: RootProvider):
    """Files and tokens in software leave copies in backups and in blocks that the medium remapped."""
    assert provider.destroy_final_at(datetime(2026, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize("root_id", ["absent", "../epoch-1", "", "/etc/passwd", "Epoch-1", "a" * 101])
def test_a_root_that_is_not_there_is_missing(provider: RootProvider, root_id: str):
    with pytest.raises(RootMissingError):
        provider.unwrap(root_id, bytes(WRAPPED_BYTES), b"")
    with pytest.raises(RootMissingError):
        provider.wrap(root_id, random_key(), b"")


def test_nothing_it_raises_shows_a_key(provider: RootProvider):
    key = random_key()
    wrapped = provider.wrap("epoch-1", key, b"place")
    with pytest.raises(RootError) as refused:
        provider.unwrap("epoch-1", wrapped, b"elsewhere")
    assert refused.value.__cause__ is None
    assert wrapped.hex() not in str(refused.value)


@pytest.fixture
def engine(tmp_path: object) -> Engine:
    engine = open_engine(f"sqlite:///{tmp_path}/keys.sqlite")
    migrate(engine, MIGRATIONS)
    return engine


def test_keys_of_people_live_under_it(provider: RootProvider, open_again: Reopen, engine: Engine):
    store = KeyStore(engine, provider)
    store.start()
    item = registered(store, "an@example.org")
    sealed = item.key.cipher.seal(b"text", b"")
    store.stop()
    again = KeyStore(engine, open_again())
    again.start()
    assert again.ciphers([item.profile_id])[item.profile_id].open(sealed, b"") == b"text"
    again.stop()
    engine.dispose()
