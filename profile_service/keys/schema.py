"""The tables of the key database. Nothing of a person is in them in clear; every key is wrapped."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, Table, Text, Uuid

MIGRATIONS = Path(__file__).parent / "migrations"

metadata = MetaData()

# Times are microseconds since 1970 UTC, by the clock of the database.

epochs = Table(
    "epochs",
    metadata,
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("root_provider", Text, nullable=False),
    Column("root_id", Text, nullable=False),
    # the directory or token it was made in
    Column("root_place", Text),
    # the epoch key, under the root key
    Column("wrapped", LargeBinary, nullable=False),
    # the inner key of addresses, under the epoch key
    Column("address_key", LargeBinary, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    # of its close: who is at it, and the root key made for the epoch after it
    Column("closer", Uuid),
    Column("next_root_id", Text),
    Column("next_root_place", Text),
    Column("prepared_at", BigInteger),
    Column("switched_at", BigInteger),
    Column("backed_up_at", BigInteger),
    # SHA-256 of the manifest of the backup that was restored and opened
    Column("backup_digest", LargeBinary),
    Column("root_destroyed_at", BigInteger),
    # by when no copy of it is left in its provider, as that one said; NULL: it can't tell
    Column("root_final_at", BigInteger),
    Column("closed_at", BigInteger),
    # of `KeyEpochClosed` in the log
    Column("closed_position", BigInteger),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    # a key of the service, under the epoch key
    Column("wrapped", LargeBinary, nullable=False),
)


def _buckets(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("bucket", Integer, primary_key=True, autoincrement=False),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("epoch", BigInteger, nullable=False),
        # the bucket key, under the epoch key
        Column("wrapped", LargeBinary, nullable=False),
        Column("current", Boolean, nullable=False),
        # something in it was destroyed since its key was made
        Column("dirty", Boolean, nullable=False),
    )


key_buckets = _buckets("key_buckets")
tag_buckets = _buckets("tag_buckets")

profile_keys = Table(
    "profile_keys",
    metadata,
    Column("profile_id", Uuid, primary_key=True),
    Column("bucket", Integer, nullable=False),
    Column("bucket_version", Integer, nullable=False),
    # the profile key, under the bucket key
    Column("wrapped", LargeBinary, nullable=False),
    Index("profile_keys_of_bucket", "bucket"),
)

tags = Table(
    "tags",
    metadata,
    # keyed digest of an address
    Column("tag", LargeBinary, primary_key=True),
    Column("bucket", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    # what the tag is made of anew, sealed under the bucket
    Column("inner_value", LargeBinary, nullable=False),
    # which rule made the address canonical
    Column("rule", Integer, nullable=False),
    Column("profile_id", Uuid, nullable=False),
    Column("request_key", LargeBinary, nullable=False),
    Column("reserved_at", BigInteger, nullable=False),
    # reserved together with a new profile key
    Column("registration", Boolean, nullable=False),
    Index("tags_of_profile", "profile_id"),
    Index("tags_of_bucket", "bucket"),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("profile_id", Uuid, nullable=False, unique=True),
    Column("destroyed_at", BigInteger, nullable=False),
    # the epoch whose close makes it final
    Column("epoch", BigInteger, nullable=False),
    Index("tombstones_of_epoch", "epoch"),
)

leases = Table(
    "leases",
    metadata,
    Column("process", Uuid, primary_key=True),
    # changes with each renewal: how others see it live
    Column("renewals", BigInteger, nullable=False),
    Column("renewed_at", BigInteger, nullable=False),
    # tombstones up to here are out of its caches
    Column("acknowledged", BigInteger, nullable=False),
    # no key of an earlier epoch is in its memory; 0 before it opened any
    Column("epoch", BigInteger, nullable=False, server_default="0"),
)

# One row: up to where the keys were found to fit the log.
log_mark = Table(
    "log_mark",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("log_id", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("tombstone", BigInteger, nullable=False),
    Column("marked_at", BigInteger, nullable=False),
)
