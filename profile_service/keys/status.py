"""How the keys stand: counts and versions, never a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Select, Table, func, select

from profile_service.keys.epochs import current_epoch
from profile_service.keys.schema import key_buckets, leases, profile_keys, tag_buckets, tombstones
from profile_service.keys.transactions import reading


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """As `GetKeyStatusResponse`."""

    epoch: int
    profile_keys: int
    key_buckets: int
    dirty_key_buckets: int
    tag_buckets: int
    dirty_tag_buckets: int
    tombstones: int  # keys destroyed since the epoch began
    leases: int  # processes that hold keys; one that was killed counts until its lease is over
    root_provider: str  # of the epoch in use


def key_status(engine: Engine) -> KeyStatus:
    with reading(engine) as connection:

        def number(statement: Select[Any]) -> int:
            return int(connection.execute(statement).scalar_one())

        def buckets(table: Table, *conditions: Any) -> int:
            return number(select(func.count()).where(table.c.current, *conditions))

        current = current_epoch(connection)
        return KeyStatus(
            epoch=current.epoch,
            profile_keys=max(
                number(select(func.count()).select_from(profile_keys)) - 1, 0
            ),  # less the service's
            key_buckets=buckets(key_buckets),
            dirty_key_buckets=buckets(key_buckets, key_buckets.c.dirty),
            tag_buckets=buckets(tag_buckets),
            dirty_tag_buckets=buckets(tag_buckets, tag_buckets.c.dirty),
            tombstones=number(select(func.count()).where(tombstones.c.epoch == current.epoch)),
            leases=number(select(func.count()).select_from(leases)),
            root_provider=current.root_provider,
        )
