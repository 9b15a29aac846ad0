"""What the key database has, without opening any of it: for comparing it with the log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Engine, delete, insert, select, update

from profile_service.keys.epochs import Epoch, EpochState, count_erasures, read_epochs
from profile_service.keys.schema import epochs, log_mark, profile_keys, tags, tombstones
from profile_service.keys.transactions import reading, writing

# Ids in one question.
PAGE = 10_000


@dataclass(frozen=True, slots=True)
class LogMark:
    """Keys and log were compared up to `position` of this log and up to this tombstone.

    `marked_at`: microseconds since 1970 UTC. The mark is part of the key database and of its backups.
    """

    log_id: str
    position: int
    tombstone: int
    marked_at: int


class KeyInventory:
    """Reads on an engine of the key database. Every method raises `KeysUnavailableError`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def mark(self) -> LogMark | None:
        """Up to where keys and log were compared; None if they never were."""
        with reading(self._engine) as connection:
            row = connection.execute(select(log_mark)).first()
        return LogMark(row.log_id, row.position, row.tombstone, row.marked_at) if row else None

    def set_mark(self, mark: LogMark) -> None:
        with writing(self._engine) as connection:
            connection.execute(delete(log_mark))
            connection.execute(
                insert(log_mark).values(
                    one=1,
                    log_id=mark.log_id,
                    position=mark.position,
                    tombstone=mark.tombstone,
                    marked_at=mark.marked_at,
                )
            )

    def closed_epochs(self) -> list[Epoch]:
        """The epochs whose close was written into a log."""
        with reading(self._engine) as connection:
            return read_epochs(connection, epochs.c.state == EpochState.CLOSED)

    def erasures(self, epoch: Epoch) -> int:
        """How many keys of people were destroyed in an epoch."""
        with reading(self._engine) as connection:
            return count_erasures(connection, epoch.epoch)

    def set_closed_position(self, epoch: Epoch, position: int) -> None:
        """Say where the log has `KeyEpochClosed` of an epoch."""
        with writing(self._engine) as connection:
            row = update(epochs).where(epochs.c.epoch == epoch.epoch)
            connection.execute(row.values(closed_position=position))

    def with_key(self, profile_ids: Collection[UUID]) -> set[UUID]:
        """Those of `profile_ids`, at most `PAGE`, that have a key."""
        statement = select(profile_keys.c.profile_id).where(profile_keys.c.profile_id.in_(list(profile_ids)))
        with reading(self._engine) as connection:
            return set(connection.execute(statement).scalars())

    def with_tombstone(self, profile_ids: Collection[UUID]) -> set[UUID]:
        """Those of `profile_ids`, at most `PAGE`, whose key was destroyed."""
        statement = select(tombstones.c.profile_id).where(tombstones.c.profile_id.in_(list(profile_ids)))
        with reading(self._engine) as connection:
            return set(connection.execute(statement).scalars())

    def reserved_by(self, profile_ids: Collection[UUID]) -> dict[UUID, list[bytes]]:
        """The keys of the requests that reserved the addresses of at most `PAGE` people."""
        statement = select(tags.c.profile_id, tags.c.request_key).where(
            tags.c.profile_id.in_(list(profile_ids))
        )
        found: dict[UUID, list[bytes]] = defaultdict(list)
        with reading(self._engine) as connection:
            for profile_id, request_key in connection.execute(statement):
                found[profile_id].append(bytes(request_key))
        return found
