"""Suppressed addresses in the key database: kept with the key's end, lifted once, and listed by nobody."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, Uuid, select, text

from profile_service.keys.errors import KeysUnavailableError
from profile_service.keys.schema import metadata, profile_keys, tags
from profile_service.keys.store import KeyStore
from profile_service.keys.suppression import suppressions
from profile_service.keys.tree import AddressTag
from tests.keys.wishes import move, registered

ADDRESS, OTHER = "an@example.org", "jan@example.org"


def is_suppressed(store: KeyStore, address: str) -> bool:
    return store.suppressions.since([store.address_tag(address)])[0] is not None


def rows(engine: Engine) -> dict[bytes, int]:
    with engine.connect() as connection:
        return {bytes(row.tag): row.since for row in connection.execute(select(suppressions))}


def test_an_address_is_suppressed_for_every_process_and_since_a_day(
    store: KeyStore, new_store: Callable[..., KeyStore]
):
    tag = store.address_tag(ADDRESS)
    assert store.suppressions.since([tag, store.address_tag(OTHER)]) == [None, None]
    store.suppressions.suppress(tag)
    store.suppressions.suppress(tag)
    since, nothing = new_store().suppressions.since([tag, store.address_tag(OTHER)])
    assert nothing is None
    assert since is not None
    assert since == since.replace(hour=0, minute=0, second=0, microsecond=0)
    assert 0 <= (datetime.now(UTC) - since).days <= 1
    assert store.suppressions.since([]) == []


def test_the_end_of_a_key_keeps_the_addresses_that_it_is_told_to(store: KeyStore, engine: Engine):
    item = registered(store, ADDRESS)
    later = move(store, item.profile_id, OTHER)
    store.reserve([later])
    first = store.destroy(item.profile_id, [later.request_key])
    assert is_suppressed(store, OTHER)
    assert not is_suppressed(store, ADDRESS)
    assert store.destroy(item.profile_id, [item.request_key, later.request_key]) == first
    assert len(rows(engine)) == 1, "the second time there is nothing left to know an address from"


def test_the_key_goes_and_the_address_is_kept_or_neither(
    store: KeyStore, engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    item = registered(store, ADDRESS)
    from profile_service.keys import erasure
    from profile_service.keys import store as store_module

    def destroyed_then_stopped(*arguments: object) -> None:
        erasure.destroy_key(*arguments)  # type: ignore[arg-type]
        raise KeysUnavailableError("the process ends here")

    with monkeypatch.context() as patched:
        patched.setattr(store_module, "destroy_key", destroyed_then_stopped)
        with pytest.raises(KeysUnavailableError):
            store.destroy(item.profile_id, [item.request_key])
    assert rows(engine) == {}
    assert store.ciphers([item.profile_id])
    store.destroy(item.profile_id, [item.request_key])
    assert is_suppressed(store, ADDRESS)
    assert not store.ciphers([item.profile_id])


def test_only_the_addresses_of_the_person_and_of_the_requests_are_looked_at(store: KeyStore):
    item, other = registered(store, ADDRESS), registered(store, OTHER)
    keys = [item.request_key, other.request_key]
    store.suppressions.suppress_of(item.profile_id, keys)
    assert is_suppressed(store, ADDRESS)
    assert not is_suppressed(store, OTHER)
    assert store.suppressions.of_profile(other.profile_id, keys) == {}
    assert store.suppressions.of_profile(item.profile_id, []) == {}
    assert len(store.suppressions.of_profile(item.profile_id, keys)) == 1


def test_what_was_suppressed_again_meanwhile_is_not_lifted(store: KeyStore):
    item = registered(store, ADDRESS)
    store.suppressions.suppress(item.tag)
    seen = store.suppressions.of_profile(item.profile_id, [item.request_key])
    store.suppressions.suppress(item.tag)
    store.suppressions.lift(seen)
    assert is_suppressed(store, ADDRESS)
    store.suppressions.lift(store.suppressions.of_profile(item.profile_id, [item.request_key]))
    assert not is_suppressed(store, ADDRESS)


def test_a_table_of_tags_and_days_is_all_there_is(store: KeyStore, engine: Engine):
    """No id beside a tag, no time of day; and no order of rows that would be that of the erasures."""
    people = [registered(store, f"{number}@example.org") for number in range(40)]
    for item in people:
        store.destroy(item.profile_id, [item.request_key])
    assert set(suppressions.columns.keys()) == {"tag", "since"}
    assert not any(isinstance(column.type, Uuid) for column in suppressions.columns)
    assert all(since % (24 * 3600 * 1_000_000) == 0 for since in rows(engine).values())
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            listed = [bytes(row.tag) for row in connection.execute(text("SELECT tag FROM suppressions"))]
        assert listed == sorted(listed)


def digests(address: str, values: list[bytes]) -> set[bytes]:
    """What could be made of an address with everything in the databases as a key."""
    plain = [address.encode(), bytes((1,)) + address.encode()]
    made = {hashlib.new(name, text).digest() for name in ("sha256", "sha512", "md5") for text in plain}
    for value in values:
        for text_ in plain:
            inner = hmac.digest(value, text_, "sha256")
            made |= {inner, *(hmac.digest(key, inner, "sha256") for key in values)}
    return made


def all_values(engine: Engine) -> list[bytes]:
    """Every stored value of up to 64 bytes, and every 32 bytes within a longer one."""
    found: set[bytes] = set()
    with engine.connect() as connection:
        for table in metadata.tables.values():
            if table.name in ("key_buckets", "tag_buckets"):
                continue  # thousands of wrapped keys, all of one form; one of each kind is in the others
            for row in connection.execute(select(table)):
                values = [value for value in row if isinstance(value, bytes | memoryview)]
                for value in map(bytes, values):
                    found |= {value, *(value[at : at + 32] for at in range(max(1, len(value) - 31)))}
    return sorted(found)


def test_with_the_database_alone_nobody_confirms_a_guess(store: KeyStore, engine: Engine):
    store.suppressions.suppress(store.address_tag(ADDRESS))
    stored = set(rows(engine))
    assert stored
    assert not stored & digests(ADDRESS, all_values(engine))


def test_the_stated_limit_with_the_live_key_a_guess_is_confirmed(store: KeyStore, engine: Engine):
    """And the planted defect of the test above: a tag under a key that lies in the database is found."""
    store.suppressions.suppress(store.address_tag(ADDRESS))
    digest = store.secret("suppression")
    digest.update(store.address_tag(ADDRESS).value)
    assert set(rows(engine)) == {digest.digest()}
    key = b"k" * 32
    planted = hmac.digest(key, hmac.digest(key, bytes((1,)) + ADDRESS.encode(), "sha256"), "sha256")
    assert planted in digests(ADDRESS, [key])


def test_the_tag_is_no_tag_of_a_reservation_and_is_the_same_in_every_bucket(store: KeyStore, engine: Engine):
    """What is re-tagged at a close stays suppressed: the inner value does not change."""
    item = registered(store, ADDRESS)
    store.suppressions.suppress_of(item.profile_id, [item.request_key])
    with engine.connect() as connection:
        reserved = {bytes(tag) for tag in connection.execute(select(tags.c.tag)).scalars()}
    assert not reserved & set(rows(engine))
    moved = AddressTag(b"another tag", 1, 2, b"", value=item.tag.value)
    assert store.suppressions.since([moved])[0] is not None


def test_a_process_without_a_lease_tells_nothing(new_store: Callable[..., KeyStore], roots: Path):
    store = new_store()
    tag = store.address_tag(ADDRESS)
    store.suppressions.suppress(tag)
    store.stop()
    for ask in (
        lambda: store.suppressions.since([tag]),
        lambda: store.suppressions.suppress(tag),
        lambda: store.suppressions.of_profile(uuid4(), [b"request"]),
    ):
        with pytest.raises(KeysUnavailableError):
            ask()


def test_the_erasure_without_a_wish_keeps_nothing(store: KeyStore, engine: Engine):
    item = registered(store, ADDRESS)
    store.destroy(item.profile_id)
    assert rows(engine) == {}
    with engine.connect() as connection:
        assert not connection.execute(
            select(profile_keys).where(profile_keys.c.profile_id == item.profile_id)
        ).all()
