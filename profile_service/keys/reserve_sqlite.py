"""Reserving on SQLite: one `BEGIN IMMEDIATE` transaction a batch, item by item in the driver."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Engine

from profile_service.keys.reservations import (
    BucketMoved,
    Found,
    ProfileGone,
    Reservation,
    Reserved,
    Stored,
    Suppressed,
    held_from,
)
from profile_service.keys.transactions import writing
from profile_service.keys.tree import WrappedKey

_TAG_CURRENT = "SELECT 1 FROM tag_buckets WHERE bucket = ? AND version = ? AND current"
_KEY_CURRENT = "SELECT 1 FROM key_buckets WHERE bucket = ? AND version = ? AND current"
_KEY_EXISTS = "SELECT 1 FROM profile_keys WHERE profile_id = ?"
_SUPPRESSED = "SELECT 1 FROM suppressions WHERE tag = ?"
_TAKE = (
    "INSERT INTO tags (tag, bucket, version, inner_value, rule, profile_id, request_key, reserved_at,"
    " registration) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_STORE_KEY = "INSERT INTO profile_keys (profile_id, bucket, bucket_version, wrapped) VALUES (?, ?, ?, ?)"
_HOLDER = (
    "SELECT t.profile_id, t.request_key, t.reserved_at, t.registration, k.bucket, k.bucket_version, k.wrapped"
    " FROM tags t LEFT JOIN profile_keys k ON k.profile_id = t.profile_id AND t.request_key = ?"
    " WHERE t.tag = ?"
)


class SqliteReservationStore:
    """See `ReservationStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def reserve(self, wanted: Sequence[Reservation], suppression_tags: Sequence[bytes]) -> list[Stored]:
        with writing(self._engine) as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            now = time.time_ns() // 1000
            return [
                _reserve(driver, item, _is_there(driver, _SUPPRESSED, tag), now)
                for item, tag in zip(wanted, suppression_tags, strict=True)
            ]


def _reserve(driver: sqlite3.Connection, item: Reservation, suppressed: bool, now: int) -> Stored:
    tag, key = item.tag, item.key
    if not _is_there(driver, _TAG_CURRENT, tag.bucket, tag.version):
        return BucketMoved()
    if key is None and not _is_there(driver, _KEY_EXISTS, item.profile_id.hex):
        return ProfileGone()
    if key is not None and not _is_there(driver, _KEY_CURRENT, key.stored.bucket, key.stored.version):
        return BucketMoved()
    if suppressed and not item.even_suppressed:
        return Suppressed()
    row = (tag.tag, tag.bucket, tag.version, tag.inner, tag.rule, item.profile_id.hex, item.request_key, now)
    if driver.execute(_TAKE, (*row, key is not None)).rowcount == 0:
        return _holder(driver, item, suppressed, now)
    if key is not None:
        stored = key.stored
        driver.execute(_STORE_KEY, (item.profile_id.hex, stored.bucket, stored.version, stored.wrapped))
    return Reserved(suppressed)


def _is_there(driver: sqlite3.Connection, statement: str, *parameters: int | str | bytes) -> bool:
    return driver.execute(statement, parameters).fetchone() is not None


def _holder(driver: sqlite3.Connection, item: Reservation, suppressed: bool, now: int) -> Stored:
    profile_id, request_key, reserved_at, registration, *key = driver.execute(
        _HOLDER, (item.request_key, item.tag.tag)
    ).fetchone()
    if item.key is None and profile_id == item.profile_id.hex and request_key == item.request_key:
        return Reserved(suppressed)
    row = (UUID(profile_id), request_key, reserved_at, now - reserved_at, registration)
    return Found(held_from(item.tag.tag, row), None if key[2] is None else WrappedKey(*key), suppressed)
