"""Addresses that are never to be contacted again: keyed tags, which outlive people and epochs.

A tag is HMAC(suppression key, inner value of the address). It stands beside no profile and no time of
day: who has the databases alone can neither list the addresses nor tell whose they were.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Connection,
    Engine,
    LargeBinary,
    Table,
    any_,
    bindparam,
    delete,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from profile_service.database import for_single_reads
from profile_service.keys.errors import BucketMovedError, KeyDatabaseError, UnwrapError
from profile_service.keys.places import tag_place
from profile_service.keys.reservations import as_time
from profile_service.keys.schema import metadata, tags
from profile_service.keys.transactions import available, database_time, lock_suppressions, writing
from profile_service.keys.tree import AddressTag, KeyTree

# The name of the service's secret that makes the tags.
SECRET = "suppression"  # noqa: S105 - a name, no secret

Result = TypeVar("Result")

_DAY = 24 * 3600 * 1_000_000
_TRIES = 5

suppressions = Table(
    "suppressions",
    metadata,
    Column("tag", LargeBinary, primary_key=True),
    # The day, in microseconds since 1970 UTC: a moment would be that of an erasure. Each later
    # suppression of the same address adds one, so that what was looked at is known to be unchanged.
    Column("since", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)


# Asked with every batch of reservations, so made once, and on PostgreSQL of one text whatever the number.
_STORED = select(suppressions).where(suppressions.c.tag.in_(bindparam("tags", expanding=True)))
_STORED_POSTGRES = select(suppressions).where(
    suppressions.c.tag == any_(bindparam("tags", type_=ARRAY(LargeBinary)))
)


class Suppressions:
    """The suppressed addresses. Every method blocks, and raises `KeysUnavailableError`."""

    def __init__(
        self,
        engine: Engine,
        tree: Callable[[], KeyTree],
        refresh: Callable[[], None],
        secret: Callable[[str], hmac.HMAC],
    ) -> None:
        self._engine = engine
        self._single = for_single_reads(engine)
        self._tree = tree
        self._refresh = refresh
        self._secret = secret

    def suppress(self, address: AddressTag) -> None:
        """Suppress an address, whether anybody has it or not; durable when it returns."""
        (tag,) = self._tags([address.value])
        with writing(self._engine) as connection:
            _store(connection, [tag])

    def suppress_of(self, profile_id: UUID, request_keys: Collection[bytes]) -> None:
        """Suppress the addresses that a person reserved by these requests."""
        self.with_current_buckets(lambda connection: self.keep(connection, profile_id, request_keys))

    def tags(self, addresses: Sequence[AddressTag]) -> list[bytes]:
        """The tags under which these addresses are suppressed, if they are."""
        return self._tags([address.value for address in addresses])

    def since(self, addresses: Sequence[AddressTag]) -> list[datetime | None]:
        """Since which day each address is suppressed; None: it is not."""
        wanted = self.tags(addresses)
        found = self._read(wanted)
        return [as_time(found[tag] // _DAY * _DAY) if tag in found else None for tag in wanted]

    def of_profile(self, profile_id: UUID, request_keys: Collection[bytes]) -> Mapping[bytes, int]:
        """Which addresses that a person reserved by these requests are suppressed; for `lift`."""
        return self.with_current_buckets(
            lambda connection: _stored(connection, self._tags_of(connection, profile_id, request_keys))
        )

    def lift(self, suppressed: Mapping[bytes, int]) -> None:
        """Suppress them no longer, unless they were suppressed again since `of_profile` returned this."""
        with writing(self._engine) as connection:
            for tag, since in suppressed.items():
                connection.execute(
                    delete(suppressions).where(suppressions.c.tag == tag, suppressions.c.since == since)
                )

    def keep(self, connection: Connection, profile_id: UUID, request_keys: Collection[bytes]) -> None:
        """Suppress the addresses of a person in a transaction of `writing`, for one that destroys the key.

        No address is opened for it. Raises `BucketMovedError`: the tree is older than the rows.
        """
        if request_keys:
            _store(connection, self._tags_of(connection, profile_id, request_keys))

    def with_current_buckets(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` in a transaction of `writing`, again with a newer tree if its buckets moved."""
        self._secret(SECRET)  # made at its first use, in a transaction that would wait for this one
        for _ in range(_TRIES):
            try:
                with writing(self._engine) as connection:
                    return work(connection)
            except BucketMovedError:
                self._refresh()
        raise BucketMovedError

    def _tags_of(
        self, connection: Connection, profile_id: UUID, request_keys: Collection[bytes]
    ) -> list[bytes]:
        tree = self._tree()
        rows = connection.execute(
            select(tags.c.tag, tags.c.bucket, tags.c.version, tags.c.inner_value).where(
                tags.c.profile_id == profile_id, tags.c.request_key.in_(list(request_keys))
            )
        )
        return self._tags(_inner_value(tree, *row) for row in rows)

    def _tags(self, values: Iterable[bytes]) -> list[bytes]:
        secret = self._secret(SECRET)
        made = []
        for value in values:
            digest = secret.copy()
            digest.update(value)
            made.append(digest.digest())
        return made

    def _read(self, wanted: Collection[bytes]) -> Mapping[bytes, int]:
        with available(), self._single.connect() as connection:
            return _stored(connection, wanted)


def _inner_value(tree: KeyTree, tag: bytes, bucket: int, version: int, sealed: bytes) -> bytes:
    if not tree.tags.knows(bucket, version):
        raise BucketMovedError
    try:
        return tree.tags.context(bucket, version).open(sealed, tag_place(tag, bucket, version))
    except UnwrapError:
        raise KeyDatabaseError("the inner value of an address does not open") from None


def _stored(connection: Connection, wanted: Collection[bytes]) -> Mapping[bytes, int]:
    if not wanted:
        return {}
    statement = _STORED_POSTGRES if connection.dialect.name == "postgresql" else _STORED
    return {bytes(tag): since for tag, since in connection.execute(statement, {"tags": list(wanted)})}


def _store(connection: Connection, wanted: Collection[bytes]) -> None:
    if not wanted:
        return
    lock_suppressions(connection)
    day = database_time(connection) // _DAY * _DAY
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # Sorted, so that two transactions can't wait for each other both ways.
    rows = [{"tag": tag, "since": day} for tag in sorted(set(wanted))]
    connection.execute(
        insert(suppressions)
        .values(rows)
        .on_conflict_do_update(index_elements=["tag"], set_={"since": suppressions.c.since + 1})
    )
