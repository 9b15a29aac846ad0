"""kill -9 of a follower, followers that stand by, and what lies in the files of the views."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from profile_service.database import open_engine
from projections.catalogue import LIVE, read_generations
from projections.verify import verify
from projections.views import VIEWS
from projections.views.profiles import get_profiles
from tests.projections import victims
from tests.projections.killing import busy_history
from tests.projections.proof import differing
from tests.projections.test_rebuilding import rebuilt
from tests.projections.world import PEOPLE, Step, World
from tests.support.canaries import scan
from tests.support.processes import FORKS, START_SECONDS, start


def test_another_follower_takes_over_when_one_dies(world: World, tmp_path: Path) -> None:
    ready = FORKS.Event()
    process = start(victims.follow, world.databases, tmp_path / "root", ready)
    assert ready.wait(START_SECONDS)
    follower = world.follower()
    try:
        until(lambda: leases(world) == 1)
        follower.start()
        time.sleep(0.2)
        assert not follower.active
        world.happen([Step("register")])
    finally:
        process.kill()
        process.join()
    try:
        until(lambda: follower.active)
        world.happen([Step("update")])
        until(lambda: live_positions(world) == [world.log.head()] * len(VIEWS))
        profile_id = world.people[0].profile_id
        assert get_profiles(world.reader(), world.keys, [profile_id]).profiles[profile_id].phone
    finally:
        follower.stop()
    assert leases(world) == 0


def leases(world: World) -> int:
    with world.sources.views.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM leases")).scalar_one())


def until(condition) -> None:
    give_up = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def test_a_follower_needs_no_hint(world: World) -> None:
    """Without any wake-up the next look comes by itself."""
    seen: dict[str, int] = {}
    follower = world.follower(reached=seen.update)
    follower.start()
    try:
        until(lambda: follower.active)
        world.wakeup = type(world.wakeup)()
        world.happen([Step("register")])
        until(lambda: seen.get("profiles") == 1)
    finally:
        follower.stop()


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_a_follower_outlives_its_connections(world: World) -> None:
    world.happen([Step("open"), *(Step("register", who) for who in range(PEOPLE))])
    choose = random.Random(7)
    follower = world.follower(batch=3)
    follower.start()
    try:
        for _ in range(5):
            world.happen(busy_history(choose, 30))
            break_connections(world)
        seen = world.log.head()
        until(lambda: all(position == seen for position in live_positions(world)))
    finally:
        follower.stop()
    assert follower.failure is None
    assert {view.name: differing(world, view) for view in VIEWS} == {view.name: [] for view in VIEWS}


def break_connections(world: World) -> None:
    """Cut every connection to the database of the views but the one that says so."""
    statement = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    engine = open_engine(world.databases.views)
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def live_positions(world: World) -> list[int]:
    try:
        with world.sources.views.connect() as connection:
            return [one.position for one in read_generations(connection, states=[LIVE])]
    except DBAPIError:  # this connection was cut as well
        return [-1]


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_nothing_personal_lies_in_the_files_of_the_views(world: World, executor, tmp_path: Path) -> None:
    world.happen([Step("open"), *(Step("register", who) for who in range(PEOPLE))])
    for what in range(PEOPLE):
        world.happen([Step("update", what, what), Step("email", what), Step("sign_up", what)])
    world.follow()
    for view in VIEWS:
        rebuilt(world, view, executor)
        assert verify(world.sources, view).equal
    canaries = [person.mark for person in world.people.values()]
    files = [path for path in tmp_path.rglob("*views*") if path.is_file()]
    assert files
    assert scan(files, canaries) == []
    planted = tmp_path / "views-planted"
    planted.write_text(f"x{canaries[0]}x")
    assert scan([planted], canaries)
