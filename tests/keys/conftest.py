"""A migrated key database of both kinds, a root directory, and stores that are stopped at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from profile_service.database import migrate, open_engine
from profile_service.keys.roots import FileRootProvider
from profile_service.keys.schema import MIGRATIONS
from profile_service.keys.store import KeyStore
from tests.keys.process import KeyProcess


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """The engine of a migrated, empty key database."""
    engine = open_engine(database_url)
    migrate(engine, MIGRATIONS)
    yield engine
    engine.dispose()


@pytest.fixture
def roots(tmp_path: Path) -> Path:
    return tmp_path / "roots"


@pytest.fixture
def new_store(engine: Engine, roots: Path) -> Iterator[Callable[..., KeyStore]]:
    """Makes a started store; each is as a process of its own, with its own lease."""
    stores: list[KeyStore] = []

    def make(**options: Any) -> KeyStore:
        store = KeyStore(engine, FileRootProvider(roots), **options)
        store.start()
        stores.append(store)
        return store

    yield make
    for store in stores:
        store.stop()


@pytest.fixture
def store(new_store: Callable[..., KeyStore]) -> KeyStore:
    return new_store()


@pytest.fixture
def new_process(database_url: str, roots: Path) -> Iterator[Callable[[], KeyProcess]]:
    """Starts a real second process with a started store on the same database."""
    processes: list[KeyProcess] = []

    def make() -> KeyProcess:
        process = KeyProcess(database_url, roots)
        processes.append(process)
        return process

    yield make
    for process in processes:
        process.kill()
