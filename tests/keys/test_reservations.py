"""An address is one person's at a time, whoever asks, however many at once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, func, select, text, update

from profile_service.keys.errors import BucketMovedError, KeysUnavailableError
from profile_service.keys.reservations import (
    BucketMoved,
    Held,
    ProfileGone,
    Reserved,
    Resumed,
)
from profile_service.keys.reserving import holders
from profile_service.keys.schema import key_buckets, profile_keys, tag_buckets, tags
from profile_service.keys.store import KeyStore
from tests.keys.process import CONTEXT, KeyProcess
from tests.keys.wishes import holder, move, registered, request_key, wish


def rows(engine: Engine, table) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_free_address_is_reserved_with_its_key(store: KeyStore, new_store: Callable[..., KeyStore]):
    item = registered(store, "an@example.org")
    sealed = item.key.cipher.seal(b"text", CONTEXT)
    assert store.cached_cipher(item.profile_id) is item.key.cipher
    other = new_store()
    assert other.ciphers([item.profile_id])[item.profile_id].open(sealed, CONTEXT) == b"text"


def test_a_taken_address_is_held_and_the_new_key_is_not_stored(store: KeyStore, engine: Engine):
    first = registered(store, "an@example.org")
    second = wish(store, "an@example.org")
    (held,) = store.reserve([second])
    assert isinstance(held, Held)
    assert (held.profile_id, held.request_key) == (first.profile_id, first.request_key)
    assert held.registration
    assert 0 <= held.age < 10
    assert store.ciphers([second.profile_id]) == {}
    assert rows(engine, profile_keys) == 2  # the service's and the first one's


def test_the_same_request_continues_with_its_id_and_key(store: KeyStore, new_store: Callable[..., KeyStore]):
    first = registered(store, "an@example.org")
    other = new_store()
    again = wish(other, "an@example.org")
    (resumed,) = other.reserve([replace(again, request_key=first.request_key)])
    assert isinstance(resumed, Resumed)
    assert resumed.profile_id == first.profile_id
    assert resumed.cipher is not None
    assert resumed.cipher.open(first.key.cipher.seal(b"text", CONTEXT), CONTEXT) == b"text"


def test_a_batch_is_answered_in_order(store: KeyStore):
    """Duplicates of a batch meet the one ahead of them."""
    registered(store, "taken@example.org")
    first = wish(store, "an@example.org", "first")
    batch = [
        wish(store, "taken@example.org"),
        first,
        wish(store, "other@example.org"),
        wish(store, "an@example.org", "second"),
        wish(store, "an@example.org", "first"),
        wish(store, "taken@example.org"),
    ]
    taken, reserved, other, held, resumed, taken_too = store.reserve(batch)
    assert isinstance(reserved, Reserved)
    assert isinstance(other, Reserved)
    assert isinstance(held, Held)
    assert (held.profile_id, held.request_key) == (first.profile_id, request_key("first"))
    assert isinstance(resumed, Resumed)
    assert resumed.profile_id == first.profile_id
    assert resumed.cipher is first.key.cipher
    assert isinstance(taken, Held)
    assert isinstance(taken_too, Held)
    assert taken.profile_id == taken_too.profile_id


def test_512_in_one_batch(store: KeyStore, engine: Engine):
    batch = [wish(store, f"{number}@example.org") for number in range(512)]
    assert all(isinstance(outcome, Reserved) for outcome in store.reserve(batch))
    assert rows(engine, tags) == 512
    assert rows(engine, profile_keys) == 513
    assert len(store.ciphers([item.profile_id for item in batch])) == 512


def test_an_empty_batch_is_no_batch(store: KeyStore):
    assert store.reserve([]) == []


def test_a_person_changes_address(store: KeyStore):
    """Reserve the new one, then release the old one: the key stays."""
    item = registered(store, "old@example.org")
    (reserved,) = store.reserve([move(store, item.profile_id, "new@example.org", "change")])
    assert isinstance(reserved, Reserved)
    (again,) = store.reserve([move(store, item.profile_id, "new@example.org", "change")])
    assert isinstance(again, Reserved)
    (other_request,) = store.reserve([move(store, item.profile_id, "new@example.org")])
    assert isinstance(other_request, Held)
    assert other_request.profile_id == item.profile_id
    old, new = store.reservations_of(item.profile_id)
    assert (old.registration, new.registration) == (True, False)
    store.release(old)
    assert store.holders([item.tag]) == [None]
    assert holder(store, "new@example.org").profile_id == item.profile_id
    assert item.profile_id in store.ciphers([item.profile_id])


def test_releasing_as_abandoned_never_takes_the_key_of_someone_with_another_address(store: KeyStore):
    item = registered(store, "old@example.org")
    store.reserve([move(store, item.profile_id, "new@example.org")])
    old, new = store.reservations_of(item.profile_id)
    assert store.release(new, abandoned=True) is None
    store.reserve([move(store, item.profile_id, "new@example.org")])
    assert store.release(old, abandoned=True) is None
    assert item.profile_id in store.ciphers([item.profile_id])


def test_an_abandoned_registration_goes_with_its_key(store: KeyStore, engine: Engine):
    item = registered(store, "an@example.org")
    held = holder(store, "an@example.org")
    destroyed = store.release(held, abandoned=True)
    assert destroyed is not None
    assert destroyed.profile_id == item.profile_id
    assert rows(engine, profile_keys) == 1
    registered(store, "an@example.org")


def test_a_release_that_comes_late_leaves_the_next_owner_alone(store: KeyStore):
    registered(store, "an@example.org")
    held = holder(store, "an@example.org")
    store.release(held)
    other = registered(store, "an@example.org")
    store.release(held)
    store.release(held, abandoned=True)
    assert holder(store, "an@example.org").profile_id == other.profile_id
    assert other.profile_id in store.ciphers([other.profile_id])


def test_someone_erased_reserves_nothing(store: KeyStore, engine: Engine):
    item = registered(store, "an@example.org")
    store.destroy(item.profile_id)
    outcomes = store.reserve(
        [
            move(store, item.profile_id, "new@example.org"),
            wish(store, "other@example.org"),
            move(store, item.profile_id, "new@example.org"),
            move(store, uuid4(), "unknown@example.org"),
        ]
    )
    assert [type(outcome) for outcome in outcomes] == [ProfileGone, Reserved, ProfileGone, ProfileGone]
    assert rows(engine, tags) == 1


def test_a_new_key_is_offered_once(store: KeyStore):
    """A key that could be stored twice could come back after it was destroyed."""
    item = wish(store, "an@example.org")
    store.reserve([item])
    with pytest.raises(ValueError):
        store.reserve([item])


def test_what_names_an_outdated_bucket_is_not_stored(store: KeyStore, engine: Engine):
    item, other = wish(store, "an@example.org"), wish(store, "other@example.org")
    outdated = wish(store, "third@example.org")
    with engine.begin() as connection:
        connection.execute(
            update(tag_buckets).where(tag_buckets.c.bucket == item.tag.bucket).values(current=False)
        )
        connection.execute(
            update(key_buckets)
            .where(key_buckets.c.bucket == outdated.key.stored.bucket)
            .values(current=False)
        )
    outcomes = store._reserver.reserve([item, other, outdated])[0]
    assert isinstance(outcomes[0], BucketMoved)
    assert isinstance(outcomes[2], BucketMoved)
    assert store.ciphers([item.profile_id, outdated.profile_id]) == {}
    if isinstance(outcomes[1], Reserved):
        assert other.profile_id in store.ciphers([other.profile_id])
    with pytest.raises(BucketMovedError):
        holders(engine, [item.tag], lambda: None)


def test_the_bucket_count_doubles_with_the_people(
    store: KeyStore, new_store: Callable[..., KeyStore], monkeypatch: pytest.MonkeyPatch, engine: Engine
):
    other = new_store()
    monkeypatch.setattr("profile_service.keys.upkeep.OCCUPANCY", 1)
    store.reserve([wish(store, f"{number}@example.org") for number in range(300)])
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("ANALYZE profile_keys"))
    store._upkeep.run()
    assert store.status().key_buckets == 512
    later = [registered(store, f"later{number}@example.org") for number in range(40)]
    assert any(item.key.stored.bucket >= 256 for item in later)
    assert len(other.ciphers([item.profile_id for item in later])) == 40


def test_threads_that_want_the_same_addresses(store: KeyStore):
    """Each address has exactly one owner, and nobody waits for ever."""
    names = [f"{number}@example.org" for number in range(60)]
    outcomes: list[tuple[str, object]] = []

    def work(turn: int) -> None:
        mine = names[turn * 7 :] + names[: turn * 7]  # in another order
        for start in range(0, len(mine), 20):
            batch = [wish(store, name) for name in mine[start : start + 20]]
            outcomes.extend(zip(mine[start : start + 20], store.reserve(batch), strict=True))

    threads = [threading.Thread(target=work, args=(turn,)) for turn in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    owners = Counter(name for name, outcome in outcomes if isinstance(outcome, Reserved))
    assert owners == Counter(names)
    assert len(outcomes) == 8 * 60


def test_processes_that_want_the_same_addresses(
    store: KeyStore, new_process: Callable[[], KeyProcess], engine: Engine
):
    processes = [new_process() for _ in range(3)]
    for process in processes:
        process.tell("reserve", "person", 160, f"request-of-{process.pid}-")
    assert sum(int(process.answer()) for process in processes) == 160
    assert rows(engine, tags) == 160
    assert rows(engine, profile_keys) == 161
    for process in processes:
        process.tell("reserve", "other", 160, "the-same-request-")
    assert sum(int(process.answer()) for process in processes) == 160


def test_two_processes_that_are_first_make_one_epoch(
    new_process: Callable[[], KeyProcess], unopened: Engine, roots: Path
):
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: new_process(), range(3)))
    with unopened.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM epochs")).scalar_one() == 1
    assert len(list(roots.glob("*.key"))) == 1


def test_nothing_is_reserved_without_a_lease(store: KeyStore, engine: Engine):
    item = wish(store, "an@example.org")
    store.stop()
    for use in (
        lambda: store.reserve([item]),
        lambda: store.address_tag("an@example.org"),
        store.new_profile_key,
        lambda: store.ciphers([uuid4()]),
        lambda: store.service_cipher,
        lambda: item.key.cipher.seal(b"", b""),
    ):
        with pytest.raises(KeysUnavailableError):
            use()
    assert rows(engine, tags) == 0


def test_a_tag_depends_on_address_and_rule_only(store: KeyStore, new_store: Callable[..., KeyStore]):
    tag = store.address_tag("an@example.org")
    assert new_store().address_tag("an@example.org").tag == tag.tag
    assert store.address_tag("am@example.org").tag != tag.tag
    assert store.address_tag("an@example.org", rule=2).tag != tag.tag
    assert store.address_tag("an@example.org").inner != tag.inner  # sealed anew each time
