"""Waiting until views are as far as a read asks for, or as the log was when it arrived."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import NamedTuple

from profile_service.batching import Batcher
from profile_service.commands.policies import STREAM, PublishedPolicies
from profile_service.domain.errors import PositionNotReachedError, PositionOfAnotherLogError
from profile_service.domain.policies import Policies
from profile_service.log.reader import LogReader
from profile_service.v1.profile_pb2 import Position
from projections.view import View
from projections.waiting import ViewPositions

# What is left of the deadline to answer in, after waiting for a position.
ANSWER_TIME = 0.02


class CaughtUp(NamedTuple):
    """Everything that was acknowledged before: up to which position, and what was published."""

    position: int
    policies: Policies


class Freshness:
    """How far views are, for reads. Every method may raise `PositionNotReachedError`."""

    def __init__(self, log: LogReader, positions: ViewPositions, published: PublishedPolicies) -> None:
        self._log = log
        self._positions = positions
        self._published = published
        # The head, and how many versions of the privacy policy there are.
        self._heads: Batcher[None, tuple[int, int]] = Batcher(self._get_head, name="head-reader", limit=1024)

    def close(self) -> None:
        self._heads.stop()

    async def reach(self, at_least: Position, deadline: float, *views: View) -> None:
        """Wait until views have reached a position of a client.

        Raises `PositionOfAnotherLogError`, also if the position is ahead of the log.
        """
        if at_least.log_id and at_least.log_id != self._log.log_id:
            raise PositionOfAnotherLogError
        if all(self._positions.reached(view.name) >= at_least.value for view in views):
            return
        head, _ = await self._heads.submit(None)
        if at_least.value > head:
            raise PositionOfAnotherLogError
        for view in views:
            await self._wait_until(view, at_least.value, deadline)

    async def catch_up(self, deadline: float, *views: View) -> CaughtUp:
        """Wait until views have seen everything that was acknowledged before; return what that is."""
        head, versions = await self._heads.submit(None)
        for view in views:
            await self._wait_until(view, head, deadline)
        return CaughtUp(head, await self._published.at_least(versions))

    async def _wait_until(self, view: View, position: int, deadline: float) -> None:
        if self._positions.reached(view.name) >= position:
            return
        if not await self._positions.wait_for(view.name, position, deadline - monotonic() - ANSWER_TIME):
            raise PositionNotReachedError

    def _get_head(self, batch: Sequence[None]) -> list[tuple[int, int]]:
        return [self._log.head_and_version(STREAM)] * len(batch)
