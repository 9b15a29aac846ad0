"""A world on SQLite; what is read here is the log, the same on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.projections.world import World, new_world
from tests.support.service import Databases


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    directory: Path = tmp_path_factory.mktemp("world")
    with new_world(Databases.sqlite(directory), directory / "root") as made:
        yield made
