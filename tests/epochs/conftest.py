"""Stores over a key database, as in their own tests, and an epoch that can be closed."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from profile_service.keys.store import KeyStore
from tests.epochs.city import City
from tests.keys.conftest import engine, new_store, roots, store

__all__ = ["engine", "new_store", "roots", "store"]


@pytest.fixture
def city(store: KeyStore, engine: Engine, roots: Path, tmp_path: Path) -> City:
    return City(store, engine, roots, tmp_path / "backups")
