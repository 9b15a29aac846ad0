"""A destroyed key is gone from the database and from every process, and never comes back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select

from profile_service.keys.erasure import Destroyed
from profile_service.keys.errors import KeyDestroyedError
from profile_service.keys.reservations import Reserved
from profile_service.keys.schema import key_buckets, profile_keys, tag_buckets, tags
from profile_service.keys.store import KeyStore
from profile_service.keys.tree import SERVICE_ID
from tests.keys.process import CONTEXT, KeyProcess
from tests.keys.wishes import move, registered, wish
from tests.support.templates import FEW_TAG_BUCKETS


def dirty(engine: Engine, table) -> set[int]:
    with engine.connect() as connection:
        return set(connection.execute(select(table.c.bucket).where(table.c.dirty)).scalars())


def test_destroying_takes_key_and_tags_and_marks_their_buckets(store: KeyStore, engine: Engine):
    item = registered(store, "an@example.org")
    second = move(store, item.profile_id, "new@example.org")
    store.reserve([second])
    bystander = registered(store, "by@example.org")
    sealed = item.key.cipher.seal(b"text", CONTEXT)

    destroyed = store.destroy(item.profile_id)

    with pytest.raises(KeyDestroyedError):
        item.key.cipher.open(sealed, CONTEXT)
    assert store.ciphers([item.profile_id]) == {}
    assert store.cached_cipher(item.profile_id) is None
    assert store.reservations_of(item.profile_id) == []
    assert store.holders([item.tag, second.tag]) == [None, None]
    assert dirty(engine, key_buckets) == {item.key.stored.bucket}
    assert dirty(engine, tag_buckets) == {item.tag.bucket, second.tag.bucket}
    assert (destroyed.sequence, destroyed.profile_id, destroyed.epoch) == (1, item.profile_id, 1)
    assert bystander.profile_id in store.ciphers([bystander.profile_id])


def test_destroying_again_answers_the_same(store: KeyStore, new_store: Callable[..., KeyStore]):
    item = registered(store, "an@example.org")
    first = store.destroy(item.profile_id)
    store.destroy(uuid4())
    assert store.destroy(item.profile_id) == first
    assert new_store().destroy(item.profile_id) == first
    assert [tombstone.sequence for tombstone in store.tombstones()] == [1, 2]
    assert store.tombstones(after=1)[0].sequence == 2


def test_a_cipher_that_is_not_kept_is_reached_while_somebody_holds_it(
    store: KeyStore, new_store: Callable[..., KeyStore]
):
    item, other = registered(store, "an@example.org"), registered(store, "by@example.org")
    reader = new_store()
    passing = reader.ciphers([item.profile_id, other.profile_id], keep=False)
    assert reader.cached_cipher(item.profile_id) is None
    # Who asks while it is held gets the same one, and keeps it.
    assert reader.ciphers([other.profile_id])[other.profile_id] is passing[other.profile_id]
    assert reader.cached_cipher(other.profile_id) is passing[other.profile_id]

    sealed = passing[item.profile_id].seal(b"text", CONTEXT)
    reader.destroy(item.profile_id)
    with pytest.raises(KeyDestroyedError):
        passing[item.profile_id].open(sealed, CONTEXT)
    assert reader.last_destroyed() == store.last_destroyed() == 1


def test_the_address_is_free_again_for_a_new_person(store: KeyStore):
    item = registered(store, "an@example.org")
    store.destroy(item.profile_id)
    again = registered(store, "an@example.org")
    assert again.profile_id != item.profile_id


def test_the_key_of_the_service_is_not_destroyed(store: KeyStore):
    with pytest.raises(ValueError):
        store.destroy(SERVICE_ID)
    assert store.service_cipher.digest(b"test", b"")


def test_a_cipher_that_left_the_cache_is_evicted_all_the_same(new_store: Callable[..., KeyStore]):
    """A caller may hold on to it for as long as a request lasts."""
    store = new_store(cached=2)
    people = [registered(store, f"{number}@example.org") for number in range(10)]
    held = people[0].key.cipher
    assert store.cached_cipher(people[0].profile_id) is None
    assert store.ciphers([people[0].profile_id])[people[0].profile_id] is held
    store.destroy(people[0].profile_id)
    with pytest.raises(KeyDestroyedError):
        held.seal(b"text", CONTEXT)


def test_a_key_read_before_and_opened_after_a_destroy_stays_out(
    store: KeyStore, monkeypatch: pytest.MonkeyPatch, new_store: Callable[..., KeyStore]
):
    """The load has the row in its hands when the key is destroyed, here or by another process."""
    other = new_store()
    loader = store._loader
    read = loader._rows
    for destroyer in (store, other):
        item = registered(other, f"{uuid4()}@example.org")

        def and_then_destroyed(ids, by=destroyer):
            rows = list(read(ids))
            destroyed = by.destroy(UUID(int=ids[0].int))
            assert other.wait_until_evicted_everywhere(destroyed, 5)
            return iter(rows)

        monkeypatch.setattr(loader, "_rows", and_then_destroyed)
        assert store.ciphers([item.profile_id]) == {}
        assert store.cached_cipher(item.profile_id) is None


def test_readers_and_a_destroyer_at_the_same_time(store: KeyStore, new_store: Callable[..., KeyStore]):
    """When everywhere is evicted, no thread of any process opens anything again."""
    other = new_store(cached=4)
    people = [registered(store, f"{number}@example.org") for number in range(40)]
    sealed = {item.profile_id: item.key.cipher.seal(b"text", CONTEXT) for item in people}
    gone: set[UUID] = set()
    wrong: list[UUID] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            for profile_id, text in sealed.items():
                was_gone = profile_id in gone
                cipher = other.ciphers([profile_id]).get(profile_id)
                try:
                    opened = cipher is not None and cipher.open(text, CONTEXT)
                except KeyDestroyedError:
                    opened = False
                if opened and was_gone:
                    wrong.append(profile_id)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for item in people[::2]:
        destroyed = store.destroy(item.profile_id)
        assert store.wait_until_evicted_everywhere(destroyed, 10)
        gone.add(item.profile_id)
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_an_address_change_and_an_erasure_at_the_same_time_leave_no_tag(store: KeyStore, engine: Engine):
    for number in range(15):
        item = registered(store, f"{number}@example.org")
        change = move(store, item.profile_id, f"new{number}@example.org")
        threads = [
            threading.Thread(target=store.reserve, args=([change],)),
            threading.Thread(target=store.destroy, args=(item.profile_id,)),
        ]
        for thread in threads if number % 2 else reversed(threads):
            thread.start()
        for thread in threads:
            thread.join()
        assert store.reservations_of(item.profile_id) == []
    with engine.connect() as connection:
        assert connection.execute(select(tags.c.tag)).all() == []
        assert len(connection.execute(select(profile_keys.c.profile_id)).all()) == 1


def test_destroying_from_many_threads_numbers_without_gaps(store: KeyStore):
    people = [registered(store, f"{number}@example.org").profile_id for number in range(24)]
    destroyed: list[Destroyed] = []

    def work(mine: list[UUID]) -> None:
        destroyed.extend(store.destroy(profile_id) for profile_id in mine)

    threads = [threading.Thread(target=work, args=(people[start::4] + people[:2],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [tombstone.sequence for tombstone in store.tombstones()] == list(range(1, 25))
    assert set(destroyed) == set(store.tombstones())


def test_another_process_evicts_and_says_so(store: KeyStore, new_process: Callable[[], KeyProcess]):
    item = registered(store, "an@example.org")
    sealed = item.key.cipher.seal(b"text", CONTEXT).hex()
    process = new_process()
    assert process.ask("load", item.profile_id) == "loaded"
    assert process.ask("open", item.profile_id, sealed) == "plaintext"
    destroyed = store.destroy(item.profile_id)
    assert store.wait_until_evicted_everywhere(destroyed, 2)
    assert process.ask("open", item.profile_id, sealed) == "KeyDestroyedError"
    assert process.ask("reload", item.profile_id) == "none"


def test_status_counts(store: KeyStore, new_store: Callable[..., KeyStore]):
    new_store()
    people = [registered(store, f"{number}@example.org") for number in range(3)]
    store.destroy(people[0].profile_id)
    status = store.status()
    assert (status.epoch, status.profile_keys, status.tombstones, status.leases) == (1, 2, 1, 2)
    assert (status.key_buckets, status.dirty_key_buckets) == (256, 1)
    assert (status.tag_buckets, status.dirty_tag_buckets) == (FEW_TAG_BUCKETS, 1)
    assert status.root_provider == "file"


def test_a_reservation_that_never_became_a_profile_is_destroyed_too(store: KeyStore):
    item = wish(store, "an@example.org")
    assert store.reserve([item]) == [Reserved()]
    store.destroy(item.profile_id)
    assert store.holders([item.tag]) == [None]
