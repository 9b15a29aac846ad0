"""Reservations as a registration asks for them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID, uuid4

from profile_service.keys.reservations import Held, NewProfileKey, Reservation
from profile_service.keys.store import KeyStore


@dataclass(frozen=True, slots=True)
class Wish(Reservation):
    """The reservation of a new profile."""

    key: NewProfileKey


def request_key(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def wish(store: KeyStore, address: str, request: str | None = None) -> Wish:
    """A new profile wants `address`."""
    key = store.new_profile_key()
    return Wish(store.address_tag(address), request_key(request or str(uuid4())), key.profile_id, key)


def move(store: KeyStore, profile_id: UUID, address: str, request: str | None = None) -> Reservation:
    """An existing profile wants `address`."""
    return Reservation(store.address_tag(address), request_key(request or str(uuid4())), profile_id, None)


def registered(store: KeyStore, address: str) -> Wish:
    """A new profile that has got `address`."""
    item = wish(store, address)
    (outcome,) = store.reserve([item])
    assert type(outcome).__name__ == "Reserved"
    return item


def holder(store: KeyStore, address: str) -> Held:
    """Who holds `address`; somebody does."""
    (held,) = store.holders([store.address_tag(address)])
    assert held is not None
    return held
