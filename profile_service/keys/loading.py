"""Reading wrapped profile keys and making ciphers of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from profile_service.keys.cache import CipherCache, Load
from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.errors import KeyDatabaseError
from profile_service.keys.lease import Lease
from profile_service.keys.material import zeroed
from profile_service.keys.transactions import is_postgres, reading
from profile_service.keys.tree import SERVICE_ID, KeyTree, WrappedKey

# A statement reads at most so many keys.
_PAGE = 5000
# A bucket does not get two new keys while a row is read.
_TRIES = 5

_POSTGRES = (
    "SELECT profile_id, bucket, bucket_version, wrapped FROM profile_keys WHERE profile_id = ANY(%b::uuid[])"
)
_SQLITE = (
    "SELECT profile_id, bucket, bucket_version, wrapped FROM profile_keys"
    " WHERE profile_id IN (SELECT value FROM json_each(?))"
)


class KeyLoader:
    """Ciphers from the cache, and from the database in one query for all that are missing."""

    def __init__(
        self,
        engine: Engine,
        cache: CipherCache,
        lease: Lease,
        tree: Callable[[], KeyTree],
        refresh: Callable[[], None],
    ) -> None:
        self._engine = (
            engine.execution_options(isolation_level="AUTOCOMMIT") if is_postgres(engine) else engine
        )
        self._cache = cache
        self._lease = lease
        self._tree = tree
        self._refresh = refresh

    def ciphers(self, profile_ids: Collection[UUID], *, keep: bool = True) -> dict[UUID, ProfileCipher]:
        found: dict[UUID, ProfileCipher] = {}
        missing: list[UUID] = []
        for profile_id in profile_ids:
            cipher = self._cache.get(profile_id)
            if cipher is None:
                missing.append(profile_id)
            else:
                found[profile_id] = cipher
        for start in range(0, len(missing), _PAGE):
            with self._cache.loading() as load:
                for profile_id, stored in self._rows(missing[start : start + _PAGE]):
                    admitted = self.admit(load, profile_id, stored, keep=keep)
                    if admitted is not None:
                        found[profile_id] = admitted
        return found

    def admit(
        self, load: Load, profile_id: UUID, stored: WrappedKey, *, keep: bool = True
    ) -> ProfileCipher | None:
        """Open a key that was read during `load`. None: destroyed meanwhile. Raises `KeyDatabaseError`."""
        found: WrappedKey | None = stored
        for _ in range(_TRIES):
            if found is None:
                return None
            if (tree := self._tree()).knows(found):
                cipher = self._cipher(tree, profile_id, found)
                return self._cache.admit(load, profile_id, cipher, keep=keep)
            self._refresh()
            if self._tree().knows(found):
                continue
            # Its bucket got a new key after the row was read: the row is another one now.
            found = next((row for _, row in self._rows([profile_id])), None)
        raise KeyDatabaseError(f"the key of profile {profile_id} is in a bucket that is not there")

    def load_service(self, tree: KeyTree) -> ProfileCipher | None:
        """The service's own cipher; needs no lease to be made. None: `tree` is older than its row.

        Raises `KeyDatabaseError`.
        """
        for profile_id, stored in self._rows([SERVICE_ID]):
            return self._cipher(tree, profile_id, stored) if tree.knows(stored) else None
        raise KeyDatabaseError("the service has no key")

    def _cipher(self, tree: KeyTree, profile_id: UUID, stored: WrappedKey) -> ProfileCipher:
        with zeroed(tree.unwrap(profile_id, stored)) as key:
            return ProfileCipher(key, self._lease)

    def _rows(self, profile_ids: Sequence[UUID]) -> Iterator[tuple[UUID, WrappedKey]]:
        with reading(self._engine) as connection:
            driver: Any = connection.connection.driver_connection
            if is_postgres(self._engine):
                # Not prepared: a plan made while the table was small would stay.
                rows = driver.execute(_POSTGRES, (list(profile_ids),), prepare=False, binary=True).fetchall()
            else:
                hexes = json.dumps([profile_id.hex for profile_id in profile_ids])
                rows = [(UUID(row[0]), *row[1:]) for row in driver.execute(_SQLITE, (hexes,)).fetchall()]
        return ((profile_id, WrappedKey(*stored)) for profile_id, *stored in rows)
