"""Reserving addresses: what is asked, and what becomes of it.

A tag row says who reserved an address first. Whether that request became a profile, and so who
owns the address, is decided by the log and not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.tree import AddressTag, WrappedKey


class NewProfileKey:
    """A person to be: an id, a cipher, and the wrapped key that `reserve` stores, at most once.

    An id that nobody but its maker can know until it is stored, and is never stored again,
    can't come back after it was destroyed.
    """

    __slots__ = ("cipher", "offered", "profile_id", "stored")

    def __init__(self, profile_id: UUID, cipher: ProfileCipher, stored: WrappedKey) -> None:
        self.profile_id = profile_id
        self.cipher = cipher
        self.stored = stored
        self.offered = False


@dataclass(frozen=True, slots=True)
class Reservation:
    """A wish to have an address: of a new profile (with `key`) or of an existing one (without).

    `even_suppressed`: also if the address is never to be contacted again.
    """

    tag: AddressTag
    request_key: bytes
    profile_id: UUID
    key: NewProfileKey | None
    even_suppressed: bool = True


@dataclass(frozen=True, slots=True)
class Reserved:
    """The row is the caller's: fresh, or (for an existing profile) the same request's from before.

    `suppressed`: the address is never to be contacted again.
    """

    suppressed: bool = False


@dataclass(frozen=True, slots=True)
class Resumed:
    """The same request reserved it before, with this id and key: continue with those.

    `cipher` is None if the key was destroyed at this moment.
    """

    profile_id: UUID
    cipher: ProfileCipher | None
    suppressed: bool = False


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The address is never to be contacted again, and was wanted only if not. Nothing was stored."""


@dataclass(frozen=True, slots=True)
class Held:
    """A row that another request reserved. Times are of the database's clock."""

    tag: bytes = field(repr=False)
    profile_id: UUID
    request_key: bytes = field(repr=False)
    reserved_at: datetime
    age: float  # seconds since then, when it was read
    registration: bool  # reserved together with a new profile


@dataclass(frozen=True, slots=True)
class BucketMoved:
    """A bucket key is no longer current: make the tag and the key again. Nothing was stored."""


@dataclass(frozen=True, slots=True)
class ProfileGone:
    """The profile that wants another address has no key: it was erased. Nothing was stored."""


Reservable = Reserved | Resumed | Held | BucketMoved | ProfileGone | Suppressed


@dataclass(frozen=True, slots=True)
class Found:
    """The tag row that a reservation met; `stored` is its key, if the request is the same."""

    held: Held
    stored: WrappedKey | None
    suppressed: bool = False


class Vanished:
    """The row that was in the way went away in the same moment: reserve again."""


# `Reserved`: the row is the caller's own.
Stored = Reserved | Found | BucketMoved | ProfileGone | Suppressed | Vanished


class ReservationStore(Protocol):
    """The part that differs between databases: one transaction a call, durable when it returns."""

    def reserve(self, wanted: Sequence[Reservation], suppression_tags: Sequence[bytes]) -> list[Stored]:
        """Store what can be stored. No two of `wanted` have the same tag; each has a suppression tag.

        A suppression that is stored while this runs is either seen here or sees what was stored here.
        Raises `KeysUnavailableError`.
        """


def held_from(tag: bytes, row: Sequence[Any]) -> Held:
    """`row`: profile id, request key, reserved at and age in microseconds, registration."""
    profile_id, request_key, reserved_at, age, registration = row
    return Held(tag, profile_id, request_key, as_time(reserved_at), age / 1e6, bool(registration))


def as_time(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1e6, UTC)
