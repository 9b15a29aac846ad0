"""What a process does for its keys now and then: it follows the epoch, adds buckets, lets old ciphers go."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import Engine, func, select, text, update

from profile_service.keys.cache import CipherCache
from profile_service.keys.errors import EpochMovedError
from profile_service.keys.opening import grow_buckets
from profile_service.keys.schema import epochs, leases
from profile_service.keys.transactions import available, is_postgres, reading
from profile_service.keys.tree import KeyTree

# Mean number of keys in a bucket from which on there are twice as many buckets: a close wraps the
# other keys of each dirty bucket anew, and every bucket key once.
OCCUPANCY = 400

_INTERVAL = 1.0
# Looks at the number of keys, one in so many intervals.
_GROWING = 5

# Estimates that cost nothing, however many rows there are; a doubling may come a little late.
_POSTGRES = text(
    "SELECT greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0)::int8"
    " FROM pg_class c WHERE c.oid = 'profile_keys'::regclass"
)
_SQLITE = text("SELECT coalesce(max(rowid), 0) FROM profile_keys")

log = logging.getLogger(__name__)


class Upkeep:
    """A thread of its own, because adding thousands of buckets must not delay the lease."""

    def __init__(
        self,
        engine: Engine,
        process: UUID,
        cache: CipherCache,
        tree: Callable[[], KeyTree],
        refresh: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._process = process
        self._cache = cache
        self._tree = tree
        self._refresh = refresh
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="keys-upkeep", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def follow_epoch(self) -> None:
        """Go on to the epoch in use, and say so when nothing of an earlier one is held any more.

        Raises `KeysUnavailableError`, `RootError` or `KeyDatabaseError`.
        """
        mine = select(leases.c.epoch).where(leases.c.process == self._process).scalar_subquery()
        with reading(self._engine) as connection:
            epoch, followed = connection.execute(select(func.max(epochs.c.epoch), mine)).one()
        if self._tree().epoch < epoch:
            self._refresh()
        if followed is not None and followed < epoch:
            row = update(leases).where(leases.c.process == self._process, leases.c.epoch < epoch)
            with available(), self._engine.execution_options(immediate=True).begin() as connection:
                connection.execute(row.values(epoch=epoch))

    def run(self) -> None:
        """Let go of what is old, and have enough buckets. Raises `KeysUnavailableError`."""
        self._cache.drop_old()
        with reading(self._engine) as connection:
            keys = connection.execute(_POSTGRES if is_postgres(self._engine) else _SQLITE).scalar_one()
        tree = self._tree()
        wanted = tree.key_buckets
        while keys > OCCUPANCY * wanted:
            wanted *= 2
        if wanted > tree.key_buckets:
            try:
                grow_buckets(self._engine, tree, wanted)
            except EpochMovedError:
                return  # the next time
            self._refresh()
            log.info("key_buckets_added", extra={"count": wanted - tree.key_buckets})

    def _work(self) -> None:
        turn = 0
        while not self._stopping.wait(_INTERVAL):
            turn += 1
            try:
                self.follow_epoch()
                if turn % _GROWING == 0:
                    self.run()
            except Exception as error:  # noqa: BLE001 - done again soon; nothing depends on the moment
                log.warning("key_upkeep_failed", extra={"reason": type(error).__name__})
