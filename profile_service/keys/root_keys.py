"""The root keys that the provider has, against those that the key database knows.

One that it does not know is of an epoch that a restore took back, or came back from a copy: it opens what was
copied under it, however often epochs are closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select

from profile_service.keys.roots import RootProvider
from profile_service.keys.schema import epochs
from profile_service.keys.transactions import reading


@dataclass(frozen=True, slots=True)
class RootKeys:
    """Names, in order. `unknown`: those of no epoch in the key database that may have one still."""

    there: Sequence[str] = ()
    unknown: Sequence[str] = ()


def root_keys(engine: Engine, root: RootProvider) -> RootKeys:
    """Compare the provider with the key database. Raises `RootError`."""
    # The provider first: the database has the name of a root key before there is one.
    there = root.root_ids()
    with reading(engine) as connection:
        return RootKeys(sorted(there), sorted(there - _known(connection)))


def _known(connection: Connection) -> set[str]:
    alive = select(epochs.c.root_id, epochs.c.next_root_id).where(epochs.c.root_destroyed_at.is_(None))
    return {name for row in connection.execute(alive) for name in row if name is not None}
