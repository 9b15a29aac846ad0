"""A world of its own for each test: on either database, or on SQLite where both do the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.projections.conftest import executor, world
from tests.projections.world import World, new_world
from tests.support.service import Databases

__all__ = ["executor", "world"]


@pytest.fixture
def small_world(tmp_path: Path) -> Iterator[World]:
    with new_world(Databases.sqlite(tmp_path), tmp_path / "root") as made:
        yield made
