"""Reserving in batches: duplicates, keys that are resumed, and who holds an address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Engine, select

from profile_service.keys.cache import CipherCache, Load
from profile_service.keys.errors import BucketMovedError
from profile_service.keys.loading import KeyLoader
from profile_service.keys.reservations import (
    BucketMoved,
    Found,
    Held,
    ProfileGone,
    Reservable,
    Reservation,
    ReservationStore,
    Reserved,
    Resumed,
    Stored,
    Suppressed,
    Vanished,
    held_from,
)
from profile_service.keys.reserve_postgres import PostgresReservationStore
from profile_service.keys.reserve_sqlite import SqliteReservationStore
from profile_service.keys.schema import tag_buckets, tags
from profile_service.keys.transactions import database_time, is_postgres, reading
from profile_service.keys.tree import AddressTag


class Reserver:
    """Answers each of a batch as if it came alone, after those before it."""

    def __init__(
        self,
        engine: Engine,
        cache: CipherCache,
        loader: KeyLoader,
        suppression_tags: Callable[[Sequence[AddressTag]], list[bytes]],
    ) -> None:
        self._store: ReservationStore = (
            PostgresReservationStore(engine) if is_postgres(engine) else SqliteReservationStore(engine)
        )
        self._cache = cache
        self._loader = loader
        self._suppression_tags = suppression_tags

    def reserve(self, wanted: Sequence[Reservation]) -> tuple[list[Reservable], bool]:
        """Return the outcomes in order, and whether a bucket moved."""
        _offer(wanted)
        outcomes: dict[int, Reservable] = {}
        while len(outcomes) < len(wanted):
            self._round(wanted, outcomes)
        return [outcomes[place] for place in range(len(wanted))], any(
            isinstance(outcome, BucketMoved) for outcome in outcomes.values()
        )

    def _round(self, wanted: Sequence[Reservation], outcomes: dict[int, Reservable]) -> None:
        first: dict[bytes, int] = {}
        later: list[int] = []
        for place, item in enumerate(wanted):
            if place not in outcomes and first.setdefault(item.tag.tag, place) != place:
                later.append(place)
        with self._cache.loading() as load:
            ahead = [wanted[place] for place in first.values()]
            stored = self._store.reserve(ahead, self._suppression_tags([item.tag for item in ahead]))
            for place, outcome in zip(first.values(), stored, strict=True):
                answer = self._answer(load, wanted[place], outcome)
                if answer is not None:
                    outcomes[place] = answer
        for place in later:
            one = first[wanted[place].tag.tag]
            if one in outcomes:
                answer = self._behind(wanted[place], wanted[one], outcomes[one])
                if answer is not None:
                    outcomes[place] = answer

    def _answer(self, load: Load, item: Reservation, stored: Stored) -> Reservable | None:
        if isinstance(stored, Reserved):
            if item.key is not None:
                self._cache.keep(item.profile_id, item.key.cipher)
            return stored
        if isinstance(stored, Vanished):
            return None
        if not isinstance(stored, Found):
            return stored
        held = stored.held
        if held.request_key != item.request_key or (item.key is None and held.profile_id != item.profile_id):
            return held
        cipher = None
        if stored.stored is not None:
            cipher = self._loader.admit(load, held.profile_id, stored.stored)
        return Resumed(held.profile_id, cipher, stored.suppressed)

    def _behind(self, item: Reservation, ahead: Reservation, outcome: Reservable) -> Reservable | None:
        """The answer to an item whose tag is also that of one ahead of it. None: ask the database."""
        if isinstance(outcome, BucketMoved):
            return outcome
        # What refused the one ahead may not concern this one, and the other way round.
        if isinstance(outcome, ProfileGone | Suppressed) or item.even_suppressed != ahead.even_suppressed:
            return None
        held = outcome if isinstance(outcome, Held) else _held_by(ahead, outcome)
        if held.request_key != item.request_key or (item.key is None and held.profile_id != item.profile_id):
            return held
        suppressed = not isinstance(outcome, Held) and outcome.suppressed
        if item.key is None:
            return Reserved(suppressed)
        cipher = self._loader.ciphers([held.profile_id]).get(held.profile_id)
        return Resumed(held.profile_id, cipher, suppressed)


def _offer(wanted: Sequence[Reservation]) -> None:
    for item in wanted:
        if item.key is None:
            continue
        if item.key.offered or item.key.profile_id != item.profile_id:
            raise ValueError("a new profile key is offered once, for its own profile")
        item.key.offered = True


def _held_by(ahead: Reservation, outcome: Reserved | Resumed) -> Held:
    profile_id = outcome.profile_id if isinstance(outcome, Resumed) else ahead.profile_id
    registration = ahead.key is not None
    return Held(ahead.tag.tag, profile_id, ahead.request_key, datetime.now(UTC), 0.0, registration)


def holders(engine: Engine, wanted: Sequence[AddressTag], refresh: Callable[[], None]) -> list[Held | None]:
    """The row of each tag. Raises `BucketMovedError` if a tag is of an outdated bucket."""
    with reading(engine) as connection:
        columns = (tags.c.tag, *_HELD)
        rows = connection.execute(select(*columns).where(tags.c.tag.in_([tag.tag for tag in wanted]))).all()
        # After the rows: if the buckets are current now, they were when the rows were read.
        versions = select(tag_buckets.c.bucket, tag_buckets.c.version).where(
            tag_buckets.c.current, tag_buckets.c.bucket.in_([tag.bucket for tag in wanted])
        )
        current = {(row.bucket, row.version) for row in connection.execute(versions)}
        time = database_time(connection)
    if any((tag.bucket, tag.version) not in current for tag in wanted):
        refresh()
        raise BucketMovedError
    found = {tag: held_from(tag, (*row[:3], time - row[2], row[3])) for tag, *row in rows}
    return [found.get(tag.tag) for tag in wanted]


def reservations_of(engine: Engine, profile_id: UUID) -> list[Held]:
    """Every row of a profile, oldest first."""
    with reading(engine) as connection:
        rows = connection.execute(
            select(tags.c.tag, *_HELD).where(tags.c.profile_id == profile_id).order_by(tags.c.reserved_at)
        ).all()
        time = database_time(connection)
    return [held_from(tag, (*row[:3], time - row[2], row[3])) for tag, *row in rows]


_HELD = (tags.c.profile_id, tags.c.request_key, tags.c.reserved_at, tags.c.registration)
