"""The id of a log. One that lost facts goes on under another, so that positions of the lost are refused."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import Connection, select, update

from profile_service.log.schema import incarnation


def log_id(connection: Connection) -> str:
    return str(connection.execute(select(incarnation.c.log_id)).scalar_one())


def renew(connection: Connection, known: str) -> str:
    """Give the log a new id if it still has the `known` one; return the id it has then."""
    connection.execute(update(incarnation).where(incarnation.c.log_id == known).values(log_id=str(uuid4())))
    return log_id(connection)
