"""Moving many rows at once to and from the tables of a view, on either database."""

from __future__ import annotations

from sqlalchemy import Engine

from projections.storage.interface import Storage
from projections.storage.postgres import PostgresStorage
from projections.storage.sqlite import SQLiteStorage

__all__ = ["Storage", "storage_of"]


def storage_of(engine: Engine) -> Storage:
    """Return what moves rows in this engine's database."""
    return SQLiteStorage() if engine.dialect.name == "sqlite" else PostgresStorage()
