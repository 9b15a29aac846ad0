"""A process uses keys while its lease lasts, and a lost lease is known to all within seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, delete, insert, select, update

from profile_service.keys.errors import KeysUnavailableError
from profile_service.keys.lease import LEASE_SECONDS, MARGIN_SECONDS
from profile_service.keys.schema import leases, profile_keys, tombstones
from profile_service.keys.store import KeyStore
from tests.keys.process import CONTEXT, KeyProcess
from tests.keys.wishes import registered

LONG = 1 << 20


def eventually(condition: Callable[[], object], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.02)


def test_a_stopped_process_reads_nothing_when_it_wakes(
    store: KeyStore, new_process: Callable[[], KeyProcess], engine: Engine
):
    """SIGSTOP for longer than the lease: the erasure is answered, and the sleeper wakes to no plaintext.

    A text so long that the stop falls into the opening of it, not into the microsecond after its last check.
    """
    item = registered(store, "an@example.org")
    sealed = item.key.cipher.seal(bytes(LONG), CONTEXT).hex()
    process = new_process()
    assert process.ask("load", item.profile_id) == "loaded"
    process.tell("keep_opening", item.profile_id, sealed, LEASE_SECONDS + 4)
    assert process.answer() == "opening"
    time.sleep(0.5)
    process.stop(engine)
    began = time.monotonic()
    destroyed = store.destroy(item.profile_id)
    assert not store.wait_until_evicted_everywhere(destroyed, 1)
    assert store.wait_until_evicted_everywhere(destroyed, 10)
    assert time.monotonic() - began < LEASE_SECONDS + MARGIN_SECONDS + 2
    time.sleep(0.5)
    process.go_on()
    changes = process.answer().split(",")
    assert changes[0] == "plaintext"
    assert "plaintext" not in changes[1:]
    assert not any(change.startswith("plaintext:") for change in changes)
    assert changes[-1] in ("KeyDestroyedError", "KeysUnavailableError")
    eventually(lambda: process.ask("service") == "usable")
    assert process.ask("reload", item.profile_id) == "none"


def test_a_stopped_process_takes_up_again_what_was_not_destroyed(
    store: KeyStore, new_process: Callable[[], KeyProcess], engine: Engine
):
    item = registered(store, "an@example.org")
    process = new_process()
    process.ask("load", item.profile_id)
    process.stop(engine)
    time.sleep(LEASE_SECONDS + 1)
    process.go_on()
    eventually(lambda: process.ask("reload", item.profile_id) == "loaded")
    assert process.ask("load", item.profile_id) == "loaded"
    sealed = item.key.cipher.seal(b"text", CONTEXT).hex()
    assert process.ask("open", item.profile_id, sealed) == "plaintext"


def test_a_killed_process_is_waited_for_no_longer_than_its_lease(
    store: KeyStore, new_process: Callable[[], KeyProcess]
):
    item = registered(store, "an@example.org")
    process = new_process()
    process.kill()
    began = time.monotonic()
    assert store.wait_until_evicted_everywhere(store.destroy(item.profile_id), 10)
    assert time.monotonic() - began < LEASE_SECONDS + MARGIN_SECONDS + 2
    eventually(lambda: store.status().leases == 1)


def test_a_process_whose_lease_was_taken_away_drops_everything_and_takes_a_new_one(
    store: KeyStore, new_store: Callable[..., KeyStore], engine: Engine
):
    item = registered(store, "an@example.org")
    other = new_store()
    cipher = other.ciphers([item.profile_id])[item.profile_id]
    with engine.execution_options(immediate=True).begin() as connection:
        connection.execute(delete(leases).where(leases.c.process == other._process))
    eventually(lambda: not cipher.usable)
    with pytest.raises(KeysUnavailableError):
        cipher.seal(b"text", CONTEXT)
    eventually(lambda: store.status().leases == 2)
    eventually(lambda: not other._lease.is_over())
    assert item.profile_id in other.ciphers([item.profile_id])


def test_a_process_that_cannot_renew_drops_its_contexts_and_refuses(
    store: KeyStore, monkeypatch: pytest.MonkeyPatch
):
    """Also while the thread that talks to the database hangs in a call."""
    item = registered(store, "an@example.org")
    cipher = store.ciphers([item.profile_id])[item.profile_id]

    def hang(_acknowledged: int) -> bool:
        time.sleep(LEASE_SECONDS + 2)
        return True

    assert store._keeper is not None
    monkeypatch.setattr(store._keeper._table, "renew", hang)
    eventually(lambda: not cipher.usable, LEASE_SECONDS + 2)
    for use in (
        lambda: cipher.seal(b"text", CONTEXT),
        lambda: store.ciphers([item.profile_id]),
        lambda: store.service_cipher,
    ):
        with pytest.raises(KeysUnavailableError):
            use()
    monkeypatch.undo()
    eventually(lambda: not store._lease.is_over())
    assert item.profile_id in store.ciphers([item.profile_id])


def test_a_tombstone_that_nobody_was_told_of_is_found_with_the_next_one(
    store: KeyStore, new_store: Callable[..., KeyStore], engine: Engine
):
    """A hint may be lost; one that does not go on where a process stands is not all there is."""
    other = new_store()
    people = [registered(store, f"{number}@example.org").profile_id for number in range(2)]
    held = other.ciphers(people)
    with engine.execution_options(immediate=True).begin() as connection:
        connection.execute(delete(profile_keys).where(profile_keys.c.profile_id == people[0]))
        silent = {"sequence": 1, "profile_id": people[0], "destroyed_at": 0, "epoch": 1}
        connection.execute(insert(tombstones).values(silent))
    destroyed = store.destroy(people[1])
    assert destroyed.sequence == 2
    assert store.wait_until_evicted_everywhere(destroyed, 10)
    assert not any(held[profile_id].usable for profile_id in people)


def test_an_acknowledgement_that_the_database_lost_is_given_again(
    store: KeyStore, new_store: Callable[..., KeyStore], engine: Engine
):
    """It does not wait for the disk, so a crash may take it back; and with it a renewal."""
    other = new_store()
    destroyed = store.destroy(registered(store, "an@example.org").profile_id)
    assert store.wait_until_evicted_everywhere(destroyed, 10)
    mine = leases.c.process == other._process
    with engine.execution_options(immediate=True).begin() as connection:
        before = connection.execute(select(leases.c.renewals).where(mine)).scalar_one()
        lost = {"acknowledged": 0, "renewals": before - 1}
        connection.execute(update(leases).where(mine).values(lost))
    assert store.wait_until_evicted_everywhere(destroyed, 10)
    with engine.connect() as connection:
        assert connection.execute(select(leases.c.renewals).where(mine)).scalar_one() > before


def test_a_lease_is_given_back(store: KeyStore, new_store: Callable[..., KeyStore]):
    other = new_store()
    assert store.status().leases == 2
    other.stop()
    assert store.status().leases == 1
    item = registered(store, "an@example.org")
    assert store.wait_until_evicted_everywhere(store.destroy(item.profile_id), 0)
