"""The tables beside the views' own: which generation is read, how far it got, who waits, who works."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)

from projections.view import SQL_TYPES, ViewTable

MIGRATIONS = Path(__file__).parent / "migrations"

metadata = MetaData()

# A generation is one set of tables of a view. States:
# live: read and followed; following: a finished shadow, kept in step with the live one;
# building: a shadow; previous: was live before, kept to go back to.
generations = Table(
    "generations",
    metadata,
    Column("view", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("position", BigInteger, nullable=False, comment="everything up to here is in the tables"),
    Column("log_id", Text, nullable=False),
    Column("tables", Text, nullable=False, comment="their names without the generation"),
    Column("layout", Text, nullable=False, comment="digest of the tables"),
    Column("fingerprint", Text, nullable=False, comment="digest of the projector that built it"),
    Column("update_time", BigInteger, nullable=False, comment="microseconds since 1970 UTC"),
    Index(
        "generations_one_live",
        "view",
        unique=True,
        postgresql_where=text("state = 'live'"),
        sqlite_where=text("state = 'live'"),
    ),
)

# A number is never given twice: a worker that comes too late must find no other generation under it.
generation_numbers = Table(
    "generation_numbers",
    metadata,
    Column("view", Text, primary_key=True),
    Column("last", Integer, nullable=False, comment="the last number that was given"),
)

# What dropped generations leave: no transaction that locks the catalogue waits for who still reads a table.
dropped_tables = Table(
    "dropped_tables",
    metadata,
    Column("name", Text, primary_key=True, comment="of a table that is to be removed"),
)

# The slices of a shadow that are done; committed together with their rows.
slices = Table(
    "slices",
    metadata,
    Column("view", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("slice", Integer, primary_key=True, autoincrement=False),
    Column("events", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
)

# The last rebuild of each view: what it is to do, how far it is, and what an operator wants of it.
rebuilds = Table(
    "rebuilds",
    metadata,
    Column("view", Text, primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("fingerprint", Text, nullable=False, comment="digest of the projector that builds it"),
    Column("ending", Text, nullable=False, comment="swap, hold or check"),
    Column("workers", Integer, nullable=False, comment="0: as the server is set"),
    Column("executor", Text, nullable=False, comment="empty: as the server is set"),
    Column("state", Text, nullable=False),
    Column("wanted", Text, nullable=False, comment="pause or cancel, of whoever works on it"),
    Column("phase", Text, nullable=False),
    Column("slices_done", Integer, nullable=False),
    Column("events", BigInteger, nullable=False),
    Column("events_per_second", Double, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("seconds_left", Double, nullable=True),
    Column("position", BigInteger, nullable=False, comment="of the new generation"),
    Column("parked", BigInteger, nullable=False),
    Column("live_rows", BigInteger, nullable=False),
    Column("differing_rows", BigInteger, nullable=False),
    Column("differing", Text, nullable=False, comment="ids of some of them, no values"),
    Column("error", Text, nullable=False, comment="why it failed, no values"),
    Column("begin_time", BigInteger, nullable=False, comment="microseconds since 1970 UTC"),
    Column("update_time", BigInteger, nullable=False, comment="microseconds since 1970 UTC"),
    Column("parked_limit", BigInteger, comment="-1: none; empty: not known yet"),
    Column("parked_subjects", Text, comment="who waits in it: ids and positions, no values"),
    Column("run", Text, nullable=False, comment="who works on it, and writes here alone"),
)

# Subjects with a fact that could not be applied; their later facts queue behind it in the log.
parked = Table(
    "parked",
    metadata,
    Column("view", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("subject", Uuid, primary_key=True),
    Column("position", BigInteger, nullable=False, comment="of the fact that failed"),
    Column("error", Text, nullable=False, comment="name of the error's class, no values"),
    Column("time", BigInteger, nullable=False, comment="microseconds since 1970 UTC"),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("expires", BigInteger, nullable=False, comment="microseconds since 1970 UTC"),
)


@lru_cache(maxsize=512)
def generation_table(table: ViewTable, generation: int) -> Table:
    """Describe the table `<name>_g<generation>`. Its indexes are made by the catalogue."""
    columns = [
        # A sealed column is empty when the person is erased.
        Column(
            column.name,
            LargeBinary if column.message else SQL_TYPES[column.kind],
            nullable=column.message is not None,
        )
        for column in table.columns
    ]
    return Table(f"{table.name}_g{generation}", MetaData(), *columns)
