"""A world of its own for each test, on either database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest

from projections import rebuild, slices, tasks
from projections.building import RunDone, SliceTask
from projections.tasks import TaskFailed
from tests.projections.world import World, new_world
from tests.support.service import Databases

# Seconds.
PAUSE = 0.03


@pytest.fixture
def world(databases: Databases, tmp_path: Path) -> Iterator[World]:
    with new_world(databases, tmp_path / "root") as made:
        yield made


@pytest.fixture
def short_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rebuild of a short log has many tasks, too: so there is time to strike half-way."""
    monkeypatch.setattr(slices, "AT_ONCE", 2)


@pytest.fixture
def attentive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever rebuilds has some tasks to stop between, too, and looks after each at what is wanted.

    Workers leave the database to whoever wants something for a while before each.
    """
    build = tasks.build

    def unhurried(task: SliceTask, run: range) -> RunDone | TaskFailed:
        time.sleep(PAUSE)
        return build(task, run)

    monkeypatch.setattr(slices, "AT_ONCE", 4)
    monkeypatch.setattr(rebuild, "POLL", 0.0)
    monkeypatch.setattr(tasks, "build", unhurried)


@pytest.fixture(scope="session")
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool
