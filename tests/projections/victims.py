"""Processes that follow and rebuild until they are killed, and one that is careless."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from profile_service.domain.operator_errors import RebuildUnderWayError
from profile_service.log.wakeup import Wakeup
from projections import catalogue
from projections.catalogue import find_view, write_transaction
from projections.follow import Follower
from projections.rebuild import rebuild
from projections.views import VIEWS
from tests.support.service import Databases
from tests.support.sources import open_sources

# Few, so that there are many transactions to die in.
BATCH = 7


class CarelessFollower(Follower):
    """The planted defect: rows and position are two transactions, and there is time to die in between."""

    def step(self) -> int:
        moves: list[tuple[Any, int]] = []

        def note(_connection: Any, targets: Any, position: int) -> None:
            moves.append((targets, position))

        with mock.patch.object(catalogue, "move", note):
            taken = super().step()
        time.sleep(0.02)
        with write_transaction(self._sources.views).begin() as connection:
            for targets, position in moves:
                real_move(connection, targets, position)
        return taken


real_move = catalogue.move


def follow(databases: Databases, root_keys: Path, ready: Any, kind: type[Follower] = Follower) -> None:
    with open_sources(databases, root_keys) as sources:
        follower = kind(sources, VIEWS, Wakeup(), batch=BATCH)
        ready.set()
        follower.run()
        raise SystemExit(f"the follower ended by itself: {follower.failure}")


def rebuild_on_and_on(databases: Databases, root_keys: Path, ready: Any) -> None:
    with open_sources(databases, root_keys) as sources, ThreadPoolExecutor(2) as pool:
        ready.set()
        while True:
            try:
                list(rebuild(sources, random.choice(VIEWS), pool, partial(find_view, VIEWS)))
            except RebuildUnderWayError:
                time.sleep(0.01)
