"""Registering many people in the key database, a thousand a transaction."""

from __future__ import annotations

import os
from collections.abc import Iterator

from sqlalchemy import Engine, text

from profile_service.keys.opening import grow_buckets
from profile_service.keys.reservations import Reservation, Reserved
from profile_service.keys.store import KeyStore
from profile_service.keys.upkeep import OCCUPANCY

BATCH = 1_000


def registered(engine: Engine, store: KeyStore, people: int) -> Iterator[list[Reservation]]:
    """Yield people as they are registered, in as many buckets as the service would have for them."""
    buckets = store.status().key_buckets
    while people > OCCUPANCY * buckets:
        buckets *= 2
    grow_buckets(engine, store._held_tree(), buckets)  # noqa: SLF001 - as its upkeep would
    store.refresh()
    for start in range(0, people, BATCH):
        numbers = range(start, min(start + BATCH, people))
        wanted = [reservation(store, f"citizen{number}@example.org") for number in numbers]
        if not all(isinstance(outcome, Reserved) for outcome in store.reserve(wanted)):
            raise ValueError("somebody was not registered")
        yield wanted
    if engine.dialect.name == "postgresql":
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text("VACUUM ANALYZE"))


def reservation(store: KeyStore, address: str) -> Reservation:
    key = store.new_profile_key()
    return Reservation(store.address_tag(address), os.urandom(32), key.profile_id, key)
