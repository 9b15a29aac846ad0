"""What a process does for its keys now and then: more buckets as people come, and old ciphers let go."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sqlalchemy import Engine, text

from profile_service.keys.cache import CipherCache
from profile_service.keys.transactions import is_postgres, reading
from profile_service.keys.tree import KeyTree, grow_buckets

# Mean number of keys in a bucket from which on there are twice as many buckets: a close wraps the
# other keys of each dirty bucket anew, and every bucket key once.
OCCUPANCY = 400

_INTERVAL = 5.0

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
        self, engine: Engine, cache: CipherCache, tree: Callable[[], KeyTree], refresh: Callable[[], None]
    ) -> None:
        self._engine = engine
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

    def run(self) -> None:
        """Do it once. Raises `KeysUnavailableError`."""
        self._cache.drop_old()
        with reading(self._engine) as connection:
            keys = connection.execute(_POSTGRES if is_postgres(self._engine) else _SQLITE).scalar_one()
        tree = self._tree()
        wanted = tree.key_buckets
        while keys > OCCUPANCY * wanted:
            wanted *= 2
        if wanted > tree.key_buckets:
            grow_buckets(self._engine, tree, wanted)
            self._refresh()
            log.info("key_buckets_added", extra={"count": wanted - tree.key_buckets})

    def _work(self) -> None:
        while not self._stopping.wait(_INTERVAL):
            try:
                self.run()
            except Exception as error:  # noqa: BLE001 - done again soon; nothing depends on the moment
                log.warning("key_upkeep_failed", extra={"reason": type(error).__name__})
