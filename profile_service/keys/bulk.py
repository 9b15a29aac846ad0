"""Many rows of the key database at once: what is in buckets, and what a close makes of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Table, text

from profile_service import arrays


class KeyRow(NamedTuple):
    """A profile key in its bucket."""

    profile_id: UUID
    bucket: int
    version: int
    wrapped: bytes


class TagRow(NamedTuple):
    """A tag in its bucket."""

    tag: bytes
    bucket: int
    version: int
    inner: bytes


class NewTag(NamedTuple):
    """What becomes of the row that has `tag` now."""

    tag: bytes
    new_tag: bytes
    version: int
    inner: bytes


class BucketRow(NamedTuple):
    """A bucket that had `version` and has `new_version` from now on, which may be the same."""

    bucket: int
    version: int
    new_version: int
    wrapped: bytes


# Plans are not to be made of statistics that are not there yet, or of a table that was small then.
_PLAN = (
    "SET LOCAL enable_seqscan = off",
    "SET LOCAL enable_hashjoin = off",
    "SET LOCAL enable_mergejoin = off",
)
_KEYS = "SELECT profile_id, bucket, bucket_version, wrapped FROM profile_keys WHERE bucket"
_TAGS = "SELECT tag, bucket, version, inner_value FROM tags WHERE bucket"
_POSTGRES_SET_KEYS = (
    "UPDATE profile_keys k SET bucket_version = u.version, wrapped = u.wrapped"
    " FROM unnest(%b, %b, %b) u(profile_id, version, wrapped) WHERE k.profile_id = u.profile_id"
)
_SQLITE_SET_KEYS = "UPDATE profile_keys SET bucket_version = ?, wrapped = ? WHERE profile_id = ?"
_POSTGRES_SET_TAGS = (
    "UPDATE tags t SET tag = u.new_tag, version = u.version, inner_value = u.inner_value"
    " FROM unnest(%b, %b, %b, %b) u(tag, new_tag, version, inner_value) WHERE t.tag = u.tag"
)
_SQLITE_SET_TAGS = "UPDATE tags SET tag = ?, version = ?, inner_value = ? WHERE tag = ?"


def use_indexes(connection: Connection) -> None:
    """Until the transaction ends, statements of this module look rows up rather than read whole tables."""
    if _is_postgres(connection):
        for statement in _PLAN:
            connection.execute(text(statement))


def keys_in(connection: Connection, buckets: Sequence[int]) -> list[KeyRow]:
    """The profile keys in these buckets."""
    if _is_postgres(connection):
        return [KeyRow(*row) for row in _fetch(connection, f"{_KEYS} = ANY(%b)", arrays.int4_array(buckets))]
    rows = _fetch(connection, f"{_KEYS} IN (SELECT value FROM json_each(?))", json.dumps(list(buckets)))
    return [KeyRow(UUID(row[0]), *row[1:]) for row in rows]


def tags_in(connection: Connection, buckets: Sequence[int]) -> list[TagRow]:
    """The tags in these buckets."""
    if _is_postgres(connection):
        return [TagRow(*row) for row in _fetch(connection, f"{_TAGS} = ANY(%b)", arrays.int4_array(buckets))]
    rows = _fetch(connection, f"{_TAGS} IN (SELECT value FROM json_each(?))", json.dumps(list(buckets)))
    return [TagRow(*row) for row in rows]


def all_buckets(connection: Connection, table: Table) -> list[tuple[int, int, int, bytes, bool]]:
    """Bucket, version, epoch, wrapped key, and whether it is current, of each."""
    return _fetch(connection, f"SELECT bucket, version, epoch, wrapped, current FROM {table.name}")


def bucket_versions(connection: Connection, table: Table) -> list[tuple[int, int]]:
    """Bucket and version of each."""
    return _fetch(connection, f"SELECT bucket, version FROM {table.name}")


def set_keys(connection: Connection, rows: Sequence[KeyRow]) -> None:
    """Give keys another bucket version and wrapping."""
    if _is_postgres(connection):
        parameters = (
            arrays.uuid_array([row.profile_id.bytes for row in rows]),
            arrays.int4_array([row.version for row in rows]),
            arrays.bytea_array([row.wrapped for row in rows]),
        )
        _execute(connection, _POSTGRES_SET_KEYS, parameters)
    else:
        values = [(row.version, row.wrapped, row.profile_id.hex) for row in rows]
        _driver(connection).executemany(_SQLITE_SET_KEYS, values)


def set_tags(connection: Connection, rows: Sequence[NewTag]) -> None:
    """Give rows another tag, bucket version and inner value."""
    if _is_postgres(connection):
        parameters = (
            arrays.bytea_array([row.tag for row in rows]),
            arrays.bytea_array([row.new_tag for row in rows]),
            arrays.int4_array([row.version for row in rows]),
            arrays.bytea_array([row.inner for row in rows]),
        )
        _execute(connection, _POSTGRES_SET_TAGS, parameters)
    else:
        values = [(row.new_tag, row.version, row.inner, row.tag) for row in rows]
        _driver(connection).executemany(_SQLITE_SET_TAGS, values)


def set_buckets(connection: Connection, table: Table, epoch: int, rows: Sequence[BucketRow]) -> None:
    """Give buckets another version and wrapping, in `epoch`. Nothing was destroyed in a new version yet."""
    if _is_postgres(connection):
        statement = (
            f"UPDATE {table.name} b SET version = u.new_version, wrapped = u.wrapped, epoch = %s,"
            " dirty = b.dirty AND u.version = u.new_version"
            " FROM unnest(%b, %b, %b, %b) u(bucket, version, new_version, wrapped)"
            " WHERE b.bucket = u.bucket AND b.version = u.version"
        )
        parameters = (
            epoch,
            arrays.int4_array([row.bucket for row in rows]),
            arrays.int4_array([row.version for row in rows]),
            arrays.int4_array([row.new_version for row in rows]),
            arrays.bytea_array([row.wrapped for row in rows]),
        )
        _execute(connection, statement, parameters)
    else:
        statement = (
            f"UPDATE {table.name} SET version = ?, wrapped = ?, epoch = ?, dirty = dirty AND ?"
            " WHERE bucket = ? AND version = ?"
        )
        values = [
            (row.new_version, row.wrapped, epoch, row.version == row.new_version, row.bucket, row.version)
            for row in rows
        ]
        _driver(connection).executemany(statement, values)


def _is_postgres(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _fetch(connection: Connection, statement: str, *parameters: Any) -> list[Any]:
    driver = _driver(connection)
    if _is_postgres(connection):
        return list(driver.execute(statement, parameters, prepare=False, binary=True).fetchall())
    return list(driver.execute(statement, parameters).fetchall())


def _execute(connection: Connection, statement: str, parameters: Sequence[Any]) -> None:
    # Not prepared: a plan made for few rows would stay.
    _driver(connection).execute(statement, parameters, prepare=False, binary=True)
