"""The tables of an application, and how its events, tracking records and rows become one another."""

from __future__ import annotations

from typing import Any

from eventsourcing.persistence import ProgrammingError
from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from profile_service.log.persistence.datastore import OriginatorIDType

# PostgreSQL cuts names at 63 bytes, and two tables could become one; a function's name is 8 longer.
MAX_NAME = 63 - 8

# A SQLite integer key is the row's own number only if its type is spelled INTEGER.
NotificationID = BigInteger().with_variant(Integer, "sqlite")


def events_table(name: str, ids: OriginatorIDType, *, notifications: bool) -> Table:
    """Describe a table of stored events; with `notifications`, they also have a place in one order.

    Raises the library's `ProgrammingError` if the name is too long.
    """
    stream: list[Column[Any]] = [
        Column(
            "originator_id",
            Uuid() if ids == "uuid" else Text(),
            nullable=False,
            primary_key=not notifications,
        ),
        Column(
            "originator_version",
            BigInteger,
            nullable=False,
            primary_key=not notifications,
            autoincrement=False,
        ),
        Column("topic", Text, nullable=False),
        Column("state", LargeBinary, nullable=False),
    ]
    if not notifications:
        return Table(_checked(name), MetaData(), *stream)
    return Table(
        _checked(name),
        MetaData(),
        Column("notification_id", NotificationID, primary_key=True, autoincrement=False),
        *stream,
        UniqueConstraint("originator_id", "originator_version"),
    )


def tracking_table(name: str) -> Table:
    """Describe a table of the last notification processed of each application. Raises as above."""
    return Table(
        _checked(name),
        MetaData(),
        Column("application_name", Text, primary_key=True),
        Column("notification_id", BigInteger, nullable=False),
    )


def _checked(name: str) -> str:
    if len(name.encode()) > MAX_NAME:
        raise ProgrammingError(f"Identifier too long: {name}")
    return name
