"""Secrets of the service: keys of its own that concern no one person, and outlive every epoch.

Each is a row under the epoch key, wrapped anew by each close; here they are HMAC contexts only.
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable

from sqlalchemy import Connection, Engine, insert, select

from profile_service.keys.errors import EpochMovedError, KeyDatabaseError
from profile_service.keys.material import random_key, wrap, zeroed
from profile_service.keys.opening import check_epoch
from profile_service.keys.places import secret_place
from profile_service.keys.schema import secrets
from profile_service.keys.transactions import reading, rebuilding
from profile_service.keys.tree import KeyTree

_TRIES = 5


class Secrets:
    """The secrets that this process uses, each made by whichever process first asked for it."""

    def __init__(self, engine: Engine, tree: Callable[[], KeyTree], refresh: Callable[[], None]) -> None:
        self._engine = engine
        self._tree = tree
        self._refresh = refresh
        self._lock = threading.Lock()
        self._opened: dict[str, hmac.HMAC] = {}

    def get(self, name: str) -> hmac.HMAC:
        """An HMAC-SHA-256 context to copy. Raises `KeysUnavailableError` or `KeyDatabaseError`."""
        tree = self._tree()
        with self._lock:
            found = self._opened.get(name)
            if found is None:
                found = self._opened[name] = self._open(tree, name)
            return found.copy()

    def drop(self) -> None:
        with self._lock:
            self._opened.clear()

    def _open(self, tree: KeyTree, name: str) -> hmac.HMAC:
        for _ in range(_TRIES):
            try:
                with zeroed(self._key(tree, name)) as key:
                    return hmac.new(key, None, "sha256")
            except EpochMovedError:
                self._refresh()
                tree = self._tree()
        raise KeyDatabaseError(f"the secret {name} is not of the last epoch")

    def _key(self, tree: KeyTree, name: str) -> bytearray:
        with reading(self._engine) as connection:
            found = _read(connection, tree, name)
        if found is not None:
            return found
        with rebuilding(self._engine) as connection:
            check_epoch(connection, tree)
            found = _read(connection, tree, name)  # another process may have been first
            return _create(connection, tree, name) if found is None else found


def _read(connection: Connection, tree: KeyTree, name: str) -> bytearray | None:
    row = connection.execute(select(secrets).where(secrets.c.name == name)).first()
    if row is None:
        return None
    if row.epoch != tree.epoch:
        raise EpochMovedError
    return tree.unwrap_secret(name, row.epoch, row.wrapped)


def _create(connection: Connection, tree: KeyTree, name: str) -> bytearray:
    key = random_key()
    wrapped = wrap(tree.epoch_key, key, secret_place(name, tree.epoch))
    connection.execute(insert(secrets).values(name=name, epoch=tree.epoch, wrapped=wrapped))
    return key
