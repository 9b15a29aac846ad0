"""A backup reads the tables of views for as long as it takes, and nothing stands still meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import inspect, text

from projections import follow
from projections.catalogue import LIVE, PREVIOUS
from projections.dropped import remove_dropped
from projections.verify import verify
from projections.views.profiles import PROFILES_VIEW
from tests.projections.test_control import EVERYBODY, ON_POSTGRESQL
from tests.projections.test_rebuilding import generations, rebuilt
from tests.projections.world import Step, World

SECONDS = 60.0


def tables(world: World) -> set[str]:
    names = inspect(world.sources.views).get_table_names()
    return {name for name in names if name.startswith("profiles_g")}


@contextmanager
def read_as_by_a_backup(world: World, table: str) -> Iterator[None]:
    with world.sources.views.connect() as connection:
        connection.execute(text(f"SELECT count(*) FROM {table}"))
        yield


@pytest.fixture
def rebuilt_once(world: World, executor: Executor) -> World:
    world.happen(EVERYBODY)
    world.follow()
    rebuilt(world, PROFILES_VIEW, executor)
    return world


@ON_POSTGRESQL
def test_a_swap_waits_for_no_reader_of_what_it_drops(rebuilt_once: World, executor: Executor) -> None:
    """Nor does the follower, which would wait for the catalogue; the table goes when nobody reads it."""
    world = rebuilt_once
    with ThreadPoolExecutor(1) as beside:
        with read_as_by_a_backup(world, "profiles_g1"):
            beside.submit(rebuilt, world, PROFILES_VIEW, executor).result(SECONDS)
            assert generations(world, PROFILES_VIEW) == {2: PREVIOUS, 3: LIVE}
            world.happen([Step("update")])
            beside.submit(world.follow).result(SECONDS)
            assert verify(world.sources, PROFILES_VIEW).equal
            assert remove_dropped(world.sources.views) == ["profiles_g1"]
            assert tables(world) == {"profiles_g1", "profiles_g2", "profiles_g3"}
        assert remove_dropped(world.sources.views) == []
    assert tables(world) == {"profiles_g2", "profiles_g3"}


def test_a_follower_removes_what_was_dropped(
    rebuilt_once: World, executor: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "TIDYING", 0.0)
    world = rebuilt_once
    rebuilt(world, PROFILES_VIEW, executor)
    follower = world.follower()
    follower.start()
    try:
        give_up = time.monotonic() + SECONDS
        while tables(world) != {"profiles_g2", "profiles_g3"}:
            assert time.monotonic() < give_up
            time.sleep(0.05)
    finally:
        follower.stop()
