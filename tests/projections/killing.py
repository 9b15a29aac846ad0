"""kill -9 of followers and of rebuilds at random points, while facts come: nothing counts twice, nothing is
missing. `python -m tests.projections --points 1000` (`make soak`) on both databases."""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import func, select

from projections.catalogue import write_transaction
from projections.follow import Follower
from projections.schema import generations, leases, slices
from projections.views import VIEWS
from tests.projections import proof, victims
from tests.projections.world import PEOPLE, Step, World, new_world
from tests.support.postgres import start_postgres
from tests.support.processes import FORKS, START_SECONDS, start
from tests.support.service import Databases

KILLED = -9
KINDS = ["update", "email", "consent", "withdraw", "sign_up", "sign_off", "suppress", "object", "show"]
KINDS += ["erase", "register"]


def busy_history(choose: random.Random, length: int) -> list[Step]:
    """People who keep changing, leaving and coming back, with sign-ups and decisions that are counted."""
    steps = (Step(choose.choice(KINDS), choose.randrange(PEOPLE), choose.randrange(5)) for _ in range(length))
    return [Step("open"), Step("register", choose.randrange(PEOPLE)), *steps]


@dataclass
class Killing:
    """A follower and a rebuild at work, of which one dies at each point. `busy`: points with work done."""

    world: World
    root_keys: Path
    choose: random.Random
    follower: type[Follower] = Follower
    running: dict[str, BaseProcess] = field(default_factory=dict)
    kills: dict[str, int] = field(default_factory=lambda: {"follower": 0, "rebuild": 0})
    busy: int = 0

    def points(self, count: int) -> None:
        """Kill so often; everybody is dead afterwards."""
        try:
            for _ in range(count):
                for kind in self.kills:
                    if kind not in self.running:
                        self.running[kind] = self._started(kind)
                before = self._done()
                self.world.happen(busy_history(self.choose, self.choose.randrange(20)))
                time.sleep(self.choose.uniform(0, 0.15))
                self._kill(self.choose.choice(list(self.kills)))
                self.busy += self._done() != before
        finally:
            for kind in list(self.running):
                self._kill(kind)

    def expect_everything_once(self) -> None:
        """Each live view is the log, counts and all; what was half rebuilt goes on and is equal."""
        self.world.follow()
        proof.expect_live_is_the_log(self.world, lambda: VIEWS)

    def _started(self, kind: str) -> BaseProcess:
        ready = FORKS.Event()
        places = (self.world.databases, self.root_keys, ready)
        if kind == "follower":
            process = start(victims.follow, *places, self.follower)
        else:
            process = start(victims.rebuild_on_and_on, *places)
        assert ready.wait(START_SECONDS)
        return process

    def _kill(self, kind: str) -> None:
        process = self.running.pop(kind)
        assert process.is_alive(), f"the {kind} ended by itself"
        process.kill()
        process.join()
        assert process.exitcode == KILLED
        self.kills[kind] += 1
        # Nobody waits three seconds for the lease of the dead: it is no lock, the positions are.
        with write_transaction(self.world.sources.views).begin() as connection:
            connection.execute(leases.delete().where(leases.c.name.startswith(kind)))

    def _done(self) -> tuple[int, ...]:
        """What moves when work gets done."""
        with self.world.sources.views.connect() as connection:
            moved = connection.execute(
                select(func.sum(generations.c.position), func.max(generations.c.generation))
            ).one()
            return (*moved, connection.execute(select(func.count()).select_from(slices)).scalar_one())


def soak(world: World, root_keys: Path, points: int, every: int, seed: int) -> Killing:
    """Kill at so many points, look after `every` of them, and rebuild every view at the end."""
    killing = Killing(world, root_keys, random.Random(seed))
    for _ in range(points // every):
        killing.points(every)
        killing.expect_everything_once()
    with ThreadPoolExecutor(2) as pool:
        proof.expect_rebuilt_is_live(world, lambda: VIEWS, pool)
    return killing


@contextmanager
def new_databases(directory: Path) -> Iterator[dict[str, Databases]]:
    server = start_postgres()
    try:
        yield {
            "sqlite": Databases.sqlite(directory),
            "postgresql": Databases(*(server.new_database() for _ in range(3))),
        }
    finally:
        server.stop()
        shutil.rmtree(server.directory, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--every", type=int, default=50, help="points between two looks")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, new_databases(Path(name)) as databases:
        for kind in asked.database or databases:
            root_keys = Path(name, f"root-{kind}")
            began = time.monotonic()
            with new_world(databases[kind], root_keys) as world:
                done = soak(world, root_keys, asked.points, asked.every, asked.seed)
                sys.stdout.write(
                    f"{kind}: seed {asked.seed}, killed {done.kills}, {done.busy} points amid work,"
                    f" {world.log.head():,} facts, {time.monotonic() - began:,.0f} s: each counts once\n"
                )
