"""A key database of both kinds with its root key, and stores that are stopped at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from profile_service.database import open_engine
from profile_service.keys.roots import FileRootProvider
from profile_service.keys.store import KeyStore
from tests.keys.process import KeyProcess
from tests.support.templates import FIRST_EPOCH, KEY_DATABASE


@pytest.fixture
def engine(database_url: str, roots: Path) -> Iterator[Engine]:
    """The engine of a key database that was started once."""
    FIRST_EPOCH.fill_with_root(database_url, roots)
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def unopened(database_url: str) -> Iterator[Engine]:
    """The engine of a migrated key database that was never started."""
    KEY_DATABASE.fill(database_url)
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def roots(tmp_path: Path) -> Path:
    return tmp_path / "roots"


@pytest.fixture
def new_store(engine: Engine, roots: Path) -> Iterator[Callable[..., KeyStore]]:
    """Makes a started store; each is as a process of its own, with its own lease."""
    stores: list[KeyStore] = []

    def make(root: Any = None, **options: Any) -> KeyStore:
        store = KeyStore(engine, root or FileRootProvider(roots), **options)
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
