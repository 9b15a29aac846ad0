"""Many facts at once, straight from the driver: through SQLAlchemy a row costs four times as much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from profile_service.log.facts import StoredFact
from profile_service.log.streams import KINDS

_SELECT = "SELECT position, time, stream, version, profile_id, type, record FROM facts"

# Parameters: after, up to and limit.
RANGE = f"{_SELECT} WHERE position > {{0}} AND position <= {{0}} ORDER BY position LIMIT {{0}}"

# Parameters: a range of stream names for each kind of stream, then after, up to and limit. The plus sign
# keeps SQLite from going through all positions instead of these streams; to PostgreSQL it says nothing.
SPAN = (
    f"{_SELECT} WHERE ("
    + " OR ".join(["stream >= {0} AND stream < {0}"] * len(KINDS))
    + ") AND +position > {0} AND +position <= {0} ORDER BY +position LIMIT {0}"
)


def fetch(connection: Connection, statement: str, parameters: Sequence[Any]) -> list[StoredFact]:
    """Run a statement of this module; `{0}` stands for a parameter."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        # Not prepared: a plan made while the table was small would stay.
        cursor = driver.execute(statement.format("%s"), parameters, prepare=False, binary=True)
        return list(map(StoredFact._make, cursor.fetchall()))
    rows = driver.execute(statement.format("?"), parameters).fetchall()
    return [StoredFact._make((*row[:4], UUID(row[4]) if row[4] else None, *row[5:])) for row in rows]
