"""The tables of the event database.

`facts` has one index beside its key: a stream's head, a person's facts and a slice
are all ranges of stream names.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table, Text, UniqueConstraint, Uuid

MIGRATIONS = Path(__file__).parent / "migrations"

metadata = MetaData()

# Byte order, the same in both databases and fastest in PostgreSQL.
Name = Text().with_variant(Text(collation="C"), "postgresql")

facts = Table(
    "facts",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("time", BigInteger, nullable=False, comment="microseconds since 1970 UTC; never decreases"),
    Column("stream", Name, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("profile_id", Uuid),
    Column("type", Name, nullable=False),
    Column("record", LargeBinary, nullable=False),
    UniqueConstraint("stream", "version", name="facts_stream_version"),
)

requests = Table(
    "requests",
    metadata,
    Column("request_key", LargeBinary, primary_key=True),
    Column("digest", LargeBinary, nullable=False, comment="keyed; empty if the request was abandoned"),
    Column("subject", Uuid, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
)

# The fence: nothing is ever appended again for these people.
closed_profiles = Table(
    "closed_profiles",
    metadata,
    Column("profile_id", Uuid, primary_key=True),
    Column("position", BigInteger, nullable=False),
)

# One row. A restored log gets a new id, so that positions of the lost one are refused.
incarnation = Table("incarnation", metadata, Column("log_id", Text, primary_key=True))
