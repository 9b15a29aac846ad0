"""The steps of closing an epoch on the key database, each resumable after a crash.

OPEN -> PREPARED: a root key for the next epoch. -> SWITCHED: buckets in which something was destroyed have
new keys, and everything is under the next epoch's. -> BACKED_UP: a backup of that was restored and
opened. -> DESTROYED: the old root key is gone. -> CLOSED: the log says so.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, Engine, select, update

from profile_service.keys import bulk
from profile_service.keys.epochs import Epoch, EpochState, count_erasures, current_epoch, read_epochs
from profile_service.keys.errors import (
    BucketMovedError,
    CloseError,
    CloseOvertakenError,
    RootError,
    RootMissingError,
    RootNotDestroyedError,
    UnknownRootsError,
)
from profile_service.keys.leading import leading
from profile_service.keys.lease import now
from profile_service.keys.lease_table import LeaseWatch
from profile_service.keys.material import zero
from profile_service.keys.places import epoch_place
from profile_service.keys.renewing import RENEWALS, Above, Renewal, dirty_buckets, read_ahead, store_renewals
from profile_service.keys.reservations import as_time
from profile_service.keys.root_keys import root_keys
from profile_service.keys.roots import RootProvider
from profile_service.keys.roots.provider import new_root_id
from profile_service.keys.schema import epochs, leases
from profile_service.keys.switching import Switch
from profile_service.keys.transactions import database_time, reading, rebuilding
from profile_service.keys.tree import KeyTree
from profile_service.keys.verifying import back_up, remove_older

# Rows that get new keys in one transaction, while nobody can register or erase: tens of ms.
ROWS = 500
# What is left dirty for the switch, because people are erased all the time.
FEW = 8
ROUNDS = 10
# Seconds that other processes have to go on to the next epoch; they look every second.
FOLLOWING = 30.0
_POLL = 0.05


class EpochClosing:
    """For one process that holds keys, whose `tree`, `refresh` and `follow` these are.

    Every step raises `CloseError`, `RootError`, `KeyDatabaseError` or `KeysUnavailableError`, and can
    then be taken again, in any process.
    """

    def __init__(
        self,
        engine: Engine,
        root: RootProvider,
        tree: Callable[[], KeyTree],
        refresh: Callable[[], None],
        follow: Callable[[], None],
        backups: Path,
    ) -> None:
        self._engine = engine
        self._root = root
        self._tree = tree
        self._refresh = refresh
        self._follow = follow
        self._backups = backups
        self._closer = uuid4()
        self._watch = LeaseWatch()

    def leading(self) -> AbstractContextManager[None]:
        """Be the one process that closes, for the length of a block. Raises `CloseElsewhereError`."""
        return leading(self._engine)

    def epoch(self, number: int) -> Epoch:
        with reading(self._engine) as connection:
            return read_epochs(connection, epochs.c.epoch == number)[0]

    def erasures(self, epoch: Epoch) -> int:
        """How many keys of people were destroyed in an epoch."""
        with reading(self._engine) as connection:
            return count_erasures(connection, epoch.epoch)

    def first_unclosed(self) -> Epoch:
        """The epoch to go on with: one whose close is under way, else the one in use."""
        with reading(self._engine) as connection:
            return read_epochs(connection, epochs.c.state != EpochState.CLOSED)[0]

    def now(self) -> datetime:
        """The time by the database's clock, which the times of epochs are of."""
        with reading(self._engine) as connection:
            return as_time(database_time(connection))

    def prepare(self, epoch: Epoch) -> None:
        """OPEN or PREPARED -> PREPARED: take the close over, and make a root key that nothing was under.

        A root key of an earlier try is destroyed: what that try wrote may be in a write-ahead log. Raises
        `UnknownRootsError` before anything if the provider has a root key of no epoch here.
        """
        if unknown := root_keys(self._engine, self._root).unknown:
            raise UnknownRootsError(unknown)
        taken = {"state": EpochState.PREPARED, "closer": self._closer}
        self._move(epoch, (EpochState.OPEN, EpochState.PREPARED), taken)
        with reading(self._engine) as connection:  # nobody else changes it from here on
            before = current_epoch(connection)
        if before.next_root_id is not None:
            self._destroy(before.next_root_id, before.next_root_place)
        root_id = new_root_id(epoch.epoch + 1)
        made = {"next_root_id": root_id, "next_root_place": self._root.place}
        self._move(epoch, (EpochState.PREPARED,), made, "prepared_at", mine=True)
        self._root.create(root_id)

    def destroy_unknown(self, root_ids: Collection[str]) -> None:
        """Destroy root keys of no epoch here, which an operator named. Raises `CloseError` for others."""
        if known := set(root_ids).difference(root_keys(self._engine, self._root).unknown):
            raise CloseError(f"not there, or of an epoch here: {', '.join(sorted(known))}")
        for root_id in root_ids:
            self._destroy(root_id, None)

    def renew_buckets(self) -> Iterator[tuple[int, int]]:
        """Give dirty buckets new keys, a few at a time; yield how many have them, and of how many."""
        done, before = 0, sys.maxsize
        for _ in range(ROUNDS):
            self._refresh()
            tree = self._tree()
            with reading(self._engine) as connection:
                dirty = [
                    (kind, bucket) for kind in RENEWALS for bucket in dirty_buckets(connection, kind.table)
                ]
            # Where people are erased faster than buckets renewed, another round brings nothing.
            if len(dirty) <= FEW or len(dirty) > before / 2:
                return
            before = len(dirty)
            for renewals in self._read_ahead(tree, dirty):
                began = time.monotonic()
                with rebuilding(self._engine) as connection:
                    self._check_mine(connection)
                    bulk.use_indexes(connection)
                    store_renewals(connection, renewals, tree.epoch)
                done += len(renewals)
                yield done, max(done, len(dirty))
                # Those who waited take their turn, whatever the database thinks of fairness.
                time.sleep(time.monotonic() - began)

    def switch(self) -> float:
        """PREPARED -> SWITCHED; return for how many seconds nobody could register or erase."""
        self._refresh()
        with reading(self._engine) as connection:
            epoch = current_epoch(connection)
        if epoch.next_root_id is None or epoch.closer != self._closer:
            raise CloseOvertakenError("another process took the close over")
        for _ in range(ROUNDS):
            switch = Switch(self._engine, self._tree(), self._root, epoch.next_root_id, self._closer)
            switch.prepare()
            try:
                seconds = switch.commit()
            except BucketMovedError:  # new buckets came; nothing was stored under the new epoch key
                self._refresh()
                continue
            self._refresh()
            return seconds
        raise CloseError("buckets are added all the time")

    def back_up(self, epoch: Epoch) -> None:
        """SWITCHED -> BACKED_UP: a copy that was restored, and in which every key was opened."""
        digest = back_up(self._engine, self._root, epoch.epoch + 1, self._backups)
        done = {"state": EpochState.BACKED_UP, "backup_digest": digest}
        self._move(epoch, (EpochState.SWITCHED,), done, "backed_up_at")

    def destroy(self, epoch: Epoch) -> None:
        """BACKED_UP -> DESTROYED: no process holds a key of the epoch, and its root key is proved gone."""
        self._wait_until_followed(epoch.epoch + 1)
        self._destroy(epoch.root_id, epoch.root_place)
        self._prove(epoch)
        with reading(self._engine) as connection:
            at = database_time(connection)
        final_at = self._root.destroy_final_at(as_time(at))
        done = {
            "state": EpochState.DESTROYED,
            "root_destroyed_at": at,
            "root_final_at": None if final_at is None else round(final_at.timestamp() * 1e6),
        }
        self._move(epoch, (EpochState.BACKED_UP,), done)

    def finish(self, epoch: Epoch, position: int) -> bool:
        """DESTROYED -> CLOSED; `position` is that of `KeyEpochClosed`.

        Returns whether the backups of earlier closes are gone; the next close tries again.
        """
        done = {"state": EpochState.CLOSED, "closed_position": position}
        self._move(epoch, (EpochState.DESTROYED,), done, "closed_at")
        assert epoch.backup_digest is not None
        try:
            remove_older(self._backups, epoch.backup_digest)
        except OSError:
            return False
        return True

    def _read_ahead(
        self, tree: KeyTree, dirty: Sequence[tuple[type[Renewal], int]]
    ) -> Iterator[list[Renewal]]:
        """Batches of one kind each, of about `ROWS` rows."""
        above = Above(tree.epoch, tree.epoch_key)
        batch: list[Renewal] = []
        rows = 0
        for kind, bucket in dirty:
            if batch and (rows >= ROWS or not isinstance(batch[0], kind)):
                yield batch
                batch, rows = [], 0
            renewal = kind(tree, bucket, above)
            with reading(self._engine) as connection:
                rows += read_ahead(connection, renewal)
            batch.append(renewal)
        yield batch

    def _move(
        self,
        epoch: Epoch,
        before: Sequence[EpochState],
        values: Mapping[str, object],
        stamp: str | None = None,
        *,
        mine: bool = False,
    ) -> None:
        """Change the row of an epoch if it is in one of the states `before`."""
        row = update(epochs).where(epochs.c.epoch == epoch.epoch, epochs.c.state.in_(before))
        if mine:
            row = row.where(epochs.c.closer == self._closer)
        with rebuilding(self._engine) as connection:
            times = {} if stamp is None else {stamp: database_time(connection)}
            if not connection.execute(row.values({**values, **times})).rowcount:
                raise CloseOvertakenError("another process took the close over")

    def _check_mine(self, connection: Connection) -> None:
        epoch = current_epoch(connection)
        if (epoch.state, epoch.closer) != (EpochState.PREPARED, self._closer):
            raise CloseOvertakenError("another process took the close over")

    def _destroy(self, root_id: str, place: str | None) -> None:
        """Whatever the provider answers, only a look at it counts; and only a look where the key was made."""
        if place is not None and place not in self._root.places:
            raise RootNotDestroyedError(
                f"root key {root_id} is in another provider: name it as the previous one"
            )
        try:
            self._root.destroy(root_id)
        except RootError as error:
            if self._root.exists(root_id):
                raise RootNotDestroyedError(f"root key {root_id}: {error}") from None
        if self._root.exists(root_id):
            raise RootNotDestroyedError(f"root key {root_id} is there after it was destroyed")

    def _prove(self, epoch: Epoch) -> None:
        """The provider must not open the epoch key any more, for lack of the root key and nothing else."""
        with reading(self._engine) as connection:
            row = select(epochs.c.wrapped).where(epochs.c.epoch == epoch.epoch)
            wrapped = connection.execute(row).scalar_one()
        try:
            zero(self._root.unwrap(epoch.root_id, wrapped, epoch_place(epoch.epoch)))
        except RootMissingError:
            return
        raise RootNotDestroyedError(f"root key {epoch.root_id} opens what it wrapped")

    def _wait_until_followed(self, epoch: int) -> None:
        """Until every process that holds keys is in this epoch, or lost its lease."""
        self._follow()
        deadline = now() + FOLLOWING
        while True:
            with reading(self._engine) as connection:
                behind = connection.execute(
                    select(leases.c.process, leases.c.renewals).where(leases.c.epoch < epoch)
                ).all()
            if len(self._watch.over(behind)) == len(behind):
                return
            if now() >= deadline:
                raise CloseError(f"{len(behind)} processes hold keys of an earlier epoch")
            time.sleep(_POLL)
