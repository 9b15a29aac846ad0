"""A wrapped key that was damaged, or put somewhere else, opens to nothing.

Every byte of what is stored is in `test_every_byte.py`; here is what a store makes of it.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from sqlalchemy import ColumnElement, Engine, Table, select, update

from profile_service.keys import material
from profile_service.keys.buckets import TagBucket
from profile_service.keys.errors import KeyDatabaseError, UnwrapError
from profile_service.keys.material import random_key, unwrap, wrap
from profile_service.keys.places import tag_place
from profile_service.keys.schema import key_buckets, secrets, tag_buckets
from profile_service.keys.store import KeyStore
from tests.keys.wishes import registered
from tests.tampering.damage import damaged


def test_a_damaged_wrapped_key_does_not_open(monkeypatch: pytest.MonkeyPatch):
    """And the buffer for it is zeroed, so that nothing of a key is given away."""
    context, key = AESGCMSIV(bytes(32)), random_key()
    wrapped = wrap(context, key, b"place")
    assert unwrap(context, wrapped, b"place") == key
    zeroed: list[bytearray] = []
    monkeypatch.setattr(material, "zero", lambda *buffers: zeroed.extend(buffers))
    for wrong in damaged(wrapped):
        with pytest.raises(UnwrapError):
            unwrap(context, wrong, b"place")
    assert len(zeroed) == len(wrapped), "one for each flipped byte; other lengths are not tried"
    with pytest.raises(UnwrapError):
        unwrap(context, wrapped, b"elsewhere")


def test_a_damaged_inner_value_of_a_tag_does_not_open():
    """Nor does one beside another tag, or in another bucket or version."""
    bucket = TagBucket(random_key())
    tag = bucket.tag(b"the inner value of an address")
    place = tag_place(tag, 7, 1)
    sealed = bucket.seal(b"the inner value of an address", place)
    assert bucket.open(sealed, place) == b"the inner value of an address"
    for wrong in damaged(sealed):
        with pytest.raises(UnwrapError):
            bucket.open(wrong, place)
    for elsewhere in (tag_place(bucket.tag(b"another"), 7, 1), tag_place(tag, 8, 1), tag_place(tag, 7, 2)):
        with pytest.raises(UnwrapError):
            bucket.open(sealed, elsewhere)


def change(
    engine: Engine,
    table: Table,
    column: str,
    with_value: Callable[[bytes], bytes],
    *only: ColumnElement[bool],
) -> None:
    with engine.execution_options(immediate=True).begin() as connection:
        for row in connection.execute(select(table).where(*only)).all():
            here = [key == row._mapping[key.name] for key in table.primary_key]
            value = with_value(bytes(row._mapping[column]))
            connection.execute(update(table).where(*here).values({column: value}))


def flipped(value: bytes) -> bytes:
    return value[:-1] + bytes((value[-1] ^ 1,))


@pytest.mark.parametrize(
    "damage", [flipped, lambda value: value[:-1], lambda value: b""], ids=["flip", "cut", "empty"]
)
def test_a_damaged_bucket_opens_nobody(
    store: KeyStore,
    new_store: Callable[..., KeyStore],
    engine: Engine,
    damage: Callable[[bytes], bytes],
):
    people = [registered(store, f"{number}@example.org").profile_id for number in range(3)]
    change(engine, key_buckets, "wrapped", damage)
    with pytest.raises(KeyDatabaseError):
        new_store().ciphers(people)


@pytest.mark.parametrize(
    "damage", [flipped, lambda value: value[:-1], lambda value: b""], ids=["flip", "cut", "empty"]
)
@pytest.mark.parametrize("table", [tag_buckets, secrets], ids=lambda table: table.name)
def test_under_a_damaged_key_no_suppression_is_made(
    store: KeyStore,
    new_store: Callable[..., KeyStore],
    engine: Engine,
    table: Table,
    damage: Callable[[bytes], bytes],
):
    """Made of something else, it would stop nobody: the erasure fails as a whole, and the key stays."""
    item = registered(store, "an@example.org")
    store.suppressions.suppress(store.address_tag("other@example.org"))
    only = [table.c.bucket == item.tag.bucket] if "bucket" in table.c else []
    change(engine, table, "wrapped", damage, *only)
    other = new_store()
    with pytest.raises(KeyDatabaseError):
        other.destroy(item.profile_id, suppressing=[item.request_key])
    assert item.profile_id in other.ciphers([item.profile_id])
    assert other.tombstones() == []


def test_buckets_that_were_exchanged_open_nobody(
    store: KeyStore, new_store: Callable[..., KeyStore], engine: Engine
):
    person = registered(store, "an@example.org")
    with engine.connect() as connection:
        rows = (
            connection.execute(select(key_buckets.c.wrapped).order_by(key_buckets.c.bucket)).scalars().all()
        )
    others = iter([*rows[1:], rows[0]])
    exchanged = dict(zip(map(bytes, rows), map(bytes, others), strict=True))
    change(engine, key_buckets, "wrapped", exchanged.__getitem__)
    with pytest.raises(KeyDatabaseError):
        new_store().ciphers([person.profile_id])
