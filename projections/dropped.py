"""Removing the tables of generations that were dropped: after the catalogue let go of them, never with it.

A backup reads every table to its end. Whoever waited for that with the catalogue locked would have all
views stand still as long.
"""

from __future__ import annotations

import psycopg
from sqlalchemy import Engine, delete, select
from sqlalchemy.exc import DBAPIError

from projections.schema import dropped_tables

# How long a table is waited for that somebody still reads.
PATIENCE = "100ms"


def remove_dropped(engine: Engine) -> list[str]:
    """Remove the tables that nobody reads any more; return those that stay for the next time."""
    with engine.connect() as connection:
        names = (
            connection.execute(select(dropped_tables.c.name).order_by(dropped_tables.c.name)).scalars().all()
        )
    return [name for name in names if not _is_removed(engine.execution_options(immediate=True), name)]


def _is_removed(engine: Engine, name: str) -> bool:
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
            connection.execute(delete(dropped_tables).where(dropped_tables.c.name == name))
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.errors.LockNotAvailable):
            return False
        raise
    return True
