"""`aprofile` with planted defects, each of which gives away a person or a value after a restore."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from profile_service import cli
from profile_service.api.freshness import Freshness
from profile_service.commands.reconciling import Reconciler
from profile_service.commands.taking_back import LostChanges
from profile_service.v1.profile_pb2 import Position
from projections import catalogue
from projections.schema import generations
from tests.support.forked import Forked
from tests.support.service import Service


@dataclass
class CarelessService(Service):
    """Every `serve` of it has the defect; other commands are as they are."""

    defect: str = "compares nothing"

    def spawn(self, *arguments: str) -> Forked:
        return Forked([self.defect, *arguments], self.settings, self.log, self.log, "tests.drills.careless")


def compare_nothing() -> None:
    """Serve without having compared keys and log."""
    defect: Any = Reconciler
    defect.run = lambda self: None


def take_nothing_back() -> None:
    """Take for done what was not: an address that a lost change gave back is not reserved again."""
    defect: Any = LostChanges
    defect.take_back = lambda self, people: frozenset(people)


def take_every_view() -> None:
    """Take views for those of this log, whichever they were made from."""
    prepare = catalogue.prepare

    def careless(engine: Any, views: Any, log_id: str, head: int | None = None) -> list[str]:
        with catalogue.write_transaction(engine).begin() as connection:
            connection.execute(generations.update().values(log_id=log_id))
        return prepare(engine, views, log_id, head)

    catalogue.prepare = careless


def take_every_position() -> None:
    """Wait for a position without asking of which log it is."""
    defect: Any = Freshness
    reach = defect.reach

    async def careless(self: Freshness, at_least: Position, deadline: float, *views: Any) -> None:
        await reach(self, Position(), deadline, *views)

    defect.reach = careless


DEFECTS: dict[str, Callable[[], None]] = {
    "compares nothing": compare_nothing,
    "takes nothing back": take_nothing_back,
    "takes every view": take_every_view,
    "takes every position": take_every_position,
}

if __name__ == "__main__":
    DEFECTS[sys.argv.pop(1)]()
    cli.main()
