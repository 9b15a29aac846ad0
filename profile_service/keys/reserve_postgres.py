"""Reserving on PostgreSQL: one call of the server-side function `reserve_addresses` a batch.

The function (in `migrations`) locks, checks and inserts; one statement in autocommit is one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Engine

from profile_service import arrays
from profile_service.keys.reservations import (
    BucketMoved,
    Found,
    ProfileGone,
    Reservation,
    Reserved,
    Stored,
    Suppressed,
    Vanished,
    held_from,
)
from profile_service.keys.transactions import available
from profile_service.keys.tree import WrappedKey
from profile_service.postgres import PostgresSession

STATEMENT = (
    "SELECT place, found, profile_id, request_key, reserved_at, age_us, registration,"
    " bucket, bucket_version, wrapped, suppressed FROM reserve_addresses("
    "%b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b)"
)

# Values of `found`.
OURS, MOVED, GONE, TAKEN, VANISHED, SUPPRESSED = range(6)
_NOT_STORED: Mapping[int, Stored] = {
    MOVED: BucketMoved(),
    GONE: ProfileGone(),
    VANISHED: Vanished(),
    SUPPRESSED: Suppressed(),
}


class PostgresReservationStore:
    """See `ReservationStore`."""

    def __init__(self, engine: Engine) -> None:
        self._session = PostgresSession(engine)

    def reserve(self, wanted: Sequence[Reservation], suppression_tags: Sequence[bytes]) -> list[Stored]:
        # In the order of tags, so that two batches can't wait for each other both ways.
        order = sorted(range(len(wanted)), key=lambda place: wanted[place].tag.tag)
        parameters = _parameters(
            [wanted[place] for place in order], [suppression_tags[place] for place in order]
        )
        with available():
            rows = self._session.fetch(STATEMENT, parameters)
        stored: list[Stored] = [Reserved()] * len(wanted)
        moved = False
        for place, found, *row in rows:
            item = wanted[order[place - 1]]
            stored[order[place - 1]] = _stored(found, item, row)
            moved = moved or found == MOVED
        if moved:  # nothing of the batch was stored
            return [Vanished() if isinstance(outcome, Reserved) else outcome for outcome in stored]
        return stored


def _stored(found: int, item: Reservation, row: Sequence[Any]) -> Stored:
    *holder, bucket, version, wrapped, suppressed = row
    if found == OURS:
        return Reserved(suppressed)
    if found != TAKEN:
        return _NOT_STORED[found]
    key = None if wrapped is None else WrappedKey(bucket, version, wrapped)
    return Found(held_from(item.tag.tag, holder), key, suppressed)


def _parameters(wanted: Sequence[Reservation], suppression_tags: Sequence[bytes]) -> tuple[Any, ...]:
    tags = [item.tag for item in wanted]
    keys = [None if item.key is None else item.key.stored for item in wanted]
    return (
        arrays.bytea_array([tag.tag for tag in tags]),
        arrays.int4_array([tag.bucket for tag in tags]),
        arrays.int4_array([tag.version for tag in tags]),
        arrays.bytea_array([tag.inner for tag in tags]),
        arrays.int4_array([tag.rule for tag in tags]),
        arrays.uuid_array([item.profile_id.bytes for item in wanted]),
        arrays.bytea_array([item.request_key for item in wanted]),
        arrays.int4_array([None if key is None else key.bucket for key in keys]),
        arrays.int4_array([None if key is None else key.version for key in keys]),
        arrays.bytea_array([None if key is None else key.wrapped for key in keys]),
        arrays.bytea_array(suppression_tags),
        arrays.boolean_array([item.even_suppressed for item in wanted]),
    )
