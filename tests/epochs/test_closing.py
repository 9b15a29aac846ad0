"""A close, step by step: who lives stays readable in every state, and who was erased is final at its end."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from profile_service.keys.epochs import EpochState
from profile_service.keys.errors import CloseElsewhereError, CloseOvertakenError
from profile_service.keys.reservations import BucketMoved, Reserved, Resumed
from profile_service.keys.schema import epochs, key_buckets, profile_keys, tag_buckets, tags
from profile_service.keys.store import KeyStore
from tests.epochs.city import City, close, step
from tests.keys.wishes import move, registered, wish

WAIT = 30.0
STATES = [state for state in EpochState if state is not EpochState.CLOSED]


def test_who_lives_is_readable_after_every_step(city: City, new_store: Callable[..., KeyStore]):
    city.settle(300)
    city.erase(20)
    other = new_store()
    closing = city.closing()
    for state in STATES:
        assert closing.first_unclosed().state is state
        step(closing, state)
        city.expect_all_readable()
        city.expect_all_readable(other)
        city.settle(5)
        city.expect_all_readable(new_store())
    assert closing.first_unclosed().epoch == 2
    assert [path.stem[:8] for path in city.roots.glob("*.key")] == ["epoch-2-"]
    assert len(list(city.backups.iterdir())) == 1


def test_dirty_buckets_and_only_they_have_new_keys(city: City, engine: Engine):
    # So many that some survivor surely shares a bucket with somebody erased.
    city.settle(600)
    city.erase(10)
    with engine.connect() as connection:
        dirty = {
            table.name: set(connection.execute(select(table.c.bucket).where(table.c.dirty)).scalars())
            for table in (key_buckets, tag_buckets)
        }
    close(city.closing())
    with engine.connect() as connection:
        for table in (key_buckets, tag_buckets):
            rows = connection.execute(select(table)).all()
            assert {row.bucket for row in rows if row.version == 2} == dirty[table.name]
            assert {row.epoch for row in rows} == {2}
            assert not any(row.dirty for row in rows)
        for table, version in ((profile_keys, "bucket_version"), (tags, "version")):
            rows = connection.execute(select(table)).all()
            buckets = dirty["key_buckets" if table is profile_keys else "tag_buckets"]
            assert all((getattr(row, version) == 2) == (row.bucket in buckets) for row in rows)
            assert any(getattr(row, version) == 2 for row in rows) or table is tags


def test_who_is_erased_before_the_switch_is_final_with_it_and_who_comes_later_waits(
    city: City, new_store: Callable[..., KeyStore]
):
    store = new_store(close_every=timedelta(hours=6))
    people = city.settle(60)
    before, prepared, after = (citizen.profile_id for citizen in people[:3])
    closing = city.closing(store)
    store.destroy(before)
    closing.prepare(closing.first_unclosed())
    for _ in closing.renew_buckets():
        pass
    store.destroy(prepared)
    closing.switch()
    store.destroy(after)
    close(closing)
    for profile_id, epoch in ((before, 1), (prepared, 1), (after, 2)):
        erasure = store.erasure_of(profile_id)
        assert erasure is not None
        assert erasure.epoch == epoch
        assert erasure.root_destroyed == (epoch == 1)
        assert erasure.final_by is not None
    assert [waiting.profile_id for waiting in store.waiting_erasures()] == [after]
    status = store.epoch_status()
    assert (status.state, status.erasures_waiting, status.overdue) == (EpochState.OPEN, 1, False)
    assert status.verified_backup_digest is not None


def test_an_epoch_after_another(city: City):
    city.settle(150)
    for epoch in range(1, 4):
        city.erase(10)
        assert close(city.closing()) == epoch
        city.settle(20)
        city.expect_all_readable()
        assert len(list(city.roots.glob("*.key"))) == 1
        assert len(list(city.backups.iterdir())) == 1


def test_a_stale_process_registers_under_no_key_that_is_gone(city: City, new_store: Callable[..., KeyStore]):
    """Its tags and keys are of buckets that got new keys; it is told, and makes them again."""
    city.settle(300)
    stale = new_store()
    made_before = [wish(stale, f"stale{number}@example.org", f"stale{number}") for number in range(20)]
    moving = move(stale, city.living[-1].profile_id, "new@example.org", "move")
    city.erase(250)
    close(city.closing())
    outcomes = {type(stale.reserve([item])[0]) for item in (*made_before, moving)}
    assert BucketMoved in outcomes
    assert outcomes <= {BucketMoved, Reserved}
    for number in range(20):
        item = wish(stale, f"stale{number}@example.org", f"stale{number}")
        (outcome,) = stale.reserve([item])
        profile_id = outcome.profile_id if isinstance(outcome, Resumed) else item.profile_id
        assert profile_id in stale.ciphers([profile_id])
    city.expect_all_readable(stale)


def test_an_address_that_was_read_before_the_close_can_be_released_after_it(city: City):
    """Its row has another tag by then."""
    item = registered(city.store, "an@example.org")
    (held,) = city.store.reservations_of(item.profile_id)
    bystander = registered(city.store, "by@example.org")
    city.store.destroy(bystander.profile_id)
    city.settle(300)
    city.erase(290)
    before = city.store.address_tag("an@example.org")
    close(city.closing())
    after = city.store.address_tag("an@example.org")
    city.store.release(held)
    assert city.store.reservations_of(item.profile_id) == []
    assert before.bucket == after.bucket


def test_a_secret_of_the_service_outlives_the_epoch(city: City, new_store: Callable[..., KeyStore]):
    def digest(store: KeyStore) -> bytes:
        context = store.secret("test")
        context.update(b"text")
        return context.digest()

    before = digest(city.store)
    other = new_store()
    close(city.closing())
    assert digest(city.store) == digest(other) == digest(new_store()) == before


def test_one_process_closes_at_a_time(city: City, new_store: Callable[..., KeyStore]):
    other = city.closing(new_store())
    with city.closing().leading(), pytest.raises(CloseElsewhereError), other.leading():
        pass
    with other.leading():
        pass


def test_nobody_waits_for_whoever_closes(city: City):
    """A close takes minutes: it holds its lock for its like, not for those who register or are suppressed."""
    with ThreadPoolExecutor(1) as pool, city.closing().leading():
        pool.submit(city.settle, 3).result(WAIT)
        address = city.store.address_tag("shunned@example.org")
        pool.submit(city.store.suppressions.suppress, address).result(WAIT)
        pool.submit(city.erase, 1).result(WAIT)


def test_who_was_overtaken_can_not_switch(city: City, new_store: Callable[..., KeyStore], engine: Engine):
    """It took a nap after preparing; its root key is gone, and its switch would lose everyone."""
    city.settle(50)
    late, next_one = city.closing(), city.closing(new_store())
    late.prepare(late.first_unclosed())
    next_one.prepare(next_one.first_unclosed())
    with pytest.raises(CloseOvertakenError):
        late.switch()
    with pytest.raises(CloseOvertakenError):
        list(late.renew_buckets())
        late.switch()
    next_one.switch()
    close(next_one)
    city.expect_all_readable()
    with engine.connect() as connection:
        assert connection.execute(select(epochs.c.state).order_by(epochs.c.epoch)).scalars().all() == [
            "CLOSED",
            "OPEN",
        ]
