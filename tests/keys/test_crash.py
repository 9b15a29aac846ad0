"""kill -9 of a process that reserves: what it was told is durable, and nothing is half stored."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import Engine, select

from profile_service.keys.reservations import Reserved, Resumed
from profile_service.keys.schema import profile_keys, tags
from profile_service.keys.store import KeyStore
from profile_service.keys.tree import SERVICE_ID
from tests.keys.process import CONTEXT, KeyProcess
from tests.keys.wishes import holder, registered, wish


def test_a_killed_process_leaves_whole_reservations(
    store: KeyStore, new_process: Callable[[], KeyProcess], engine: Engine
):
    for turn in range(3):
        process = new_process()
        process.tell("forever", f"turn{turn}-")
        told = [UUID(process.answer()) for _ in range(30)]
        process.kill()
        assert set(store.ciphers(told)) == set(told)
    with engine.connect() as connection:
        with_key = set(connection.execute(select(profile_keys.c.profile_id)).scalars()) - {SERVICE_ID}
        with_tag = set(connection.execute(select(tags.c.profile_id)).scalars())
    assert with_key == with_tag


def test_after_a_crash_the_same_request_goes_on_and_another_finds_the_way_free(
    store: KeyStore, new_process: Callable[[], KeyProcess]
):
    process = new_process()
    assert process.ask("reserve", "an", 2, "request-") == "2"
    process.kill()
    (resumed,) = store.reserve([wish(store, "an0@example.org", "request-0")])
    assert isinstance(resumed, Resumed)
    assert resumed.cipher is not None
    assert resumed.cipher.open(resumed.cipher.seal(b"text", CONTEXT), CONTEXT) == b"text"
    held = holder(store, "an1@example.org")
    assert held.registration
    store.release(held, abandoned=True)
    assert store.reserve([wish(store, "an1@example.org")]) == [Reserved()]


def test_a_process_killed_while_it_destroys_is_finished_by_another(
    store: KeyStore, new_store: Callable[..., KeyStore], new_process: Callable[[], KeyProcess]
):
    people = [registered(store, f"{number}@example.org").profile_id for number in range(200)]
    process = new_process()
    process.tell("destroy_all", *people)
    time.sleep(0.1)
    process.kill()
    tombstones = {tombstone.profile_id for tombstone in store.tombstones()}
    assert set(new_store().ciphers(people)) == set(people) - tombstones
    for profile_id in people:
        store.destroy(profile_id)
    assert [tombstone.sequence for tombstone in store.tombstones()] == list(range(1, 201))
    assert store.ciphers(people) == {}
