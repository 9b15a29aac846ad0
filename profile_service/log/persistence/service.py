"""What the infrastructure factory needs when its database is the service's."""

from __future__ import annotations

from typing import Any

from eventsourcing.persistence import Mapper
from eventsourcing.utils import Environment

from profile_service.database import check_schema, open_engine
from profile_service.keys.roots import open_root_provider
from profile_service.keys.schema import MIGRATIONS
from profile_service.keys.store import KeyStore
from profile_service.log.persistence.datastore import SQLDatastore
from profile_service.log.persistence.facts import FactRecorder, holds_service_log
from profile_service.log.persistence.mapper import FactMapper

KEYS_URL = "KEYS_URL"
ROOT_KEYS = "ROOT_KEYS"


def is_fact_mapper(mapper_class: type[Any]) -> bool:
    """Whether a mapper reads the service's facts."""
    return issubclass(mapper_class, FactMapper)


class ServiceLog:
    """The service's facts in a datastore, and the keys to their personal halves if any are given.

    Keys come with a lease of their own: an erasure waits until it is acknowledged here too.
    """

    def __init__(self, datastore: SQLDatastore, env: Environment) -> None:
        self._datastore = datastore
        self._env = env
        self._keys: KeyStore | None = None

    def is_here(self) -> bool:
        """Whether the datastore holds the service's facts at all."""
        return holds_service_log(self._datastore)

    def recorder(self) -> FactRecorder:
        """Raises the library's `ProgrammingError` if the facts are not here; else as `give_keys`."""
        keys = self._given_keys()
        return FactRecorder(self._datastore, keys.ciphers if keys else None)

    def give_keys(self, mapper: Mapper[Any]) -> None:
        """Let a mapper read personal halves, if keys are given.

        Raises `OSError` if only one of both settings is there, and what opening the keys raises:
        `SchemaVersionError`, `RootError`, `KeyDatabaseError`, `KeysUnavailableError`.
        """
        keys = self._given_keys()
        if keys is not None and isinstance(mapper, FactMapper):
            mapper.use_keys(keys.ciphers)

    def _given_keys(self) -> KeyStore | None:
        url, root_keys = self._env.get(KEYS_URL), self._env.get(ROOT_KEYS)
        if bool(url) != bool(root_keys):
            raise OSError(f"{KEYS_URL} and {ROOT_KEYS} are needed together")
        if self._keys is None and url and root_keys:
            self._keys = self._open(url, root_keys)
        return self._keys

    def _open(self, url: str, root_keys: str) -> KeyStore:
        engine = open_engine(url)
        self._datastore.on_close(engine.dispose)
        check_schema(engine, MIGRATIONS)
        keys = KeyStore(engine, open_root_provider(root_keys))
        keys.start()
        self._datastore.on_close(keys.stop)
        return keys
