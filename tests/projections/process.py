"""A follower of all views in a process of its own."""

from __future__ import annotations

from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from profile_service.log.wakeup import Wakeup
from projections.follow import Follower
from projections.views import VIEWS
from tests.projections.world import World
from tests.support.processes import FORKS, start
from tests.support.service import Databases
from tests.support.sources import open_sources


def follow(connection: Connection, databases: Databases, root: Path) -> None:
    with open_sources(databases, root) as sources:
        follower = Follower(sources, VIEWS, Wakeup(), batch=7)
        connection.send("following")
        follower.run()


def start_follower(world: World, root: Path) -> BaseProcess:
    connection, other_end = FORKS.Pipe()
    process = start(follow, other_end, world.databases, root)
    assert connection.recv() == "following"
    return process


def kill(process: BaseProcess) -> None:
    process.kill()
    process.join()
