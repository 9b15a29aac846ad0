"""Reads that wait for a position."""

from __future__ import annotations

import asyncio
import time

from projections.waiting import ViewPositions
from tests.projections.world import Step, World


async def test_many_wait_for_a_follower_of_another_process(world: World) -> None:
    """Without being told, those who wait see that the view got there."""
    positions = ViewPositions(world.sources.views)
    waiting = [asyncio.create_task(positions.wait_for("profiles", 2, 10.0)) for _ in range(50)]
    await asyncio.sleep(0.05)
    assert not any(task.done() for task in waiting)
    await asyncio.to_thread(world.happen, [Step("register"), Step("update")])
    await asyncio.to_thread(world.follow)
    assert all(await asyncio.gather(*waiting))
    assert positions.reached("profiles") == 2


async def test_a_follower_of_this_process_wakes_them_itself(world: World) -> None:
    positions = ViewPositions(world.sources.views)
    follower = world.follower(reached=positions.moved)
    follower.start()
    try:
        await asyncio.to_thread(world.happen, [Step("register")])
        assert await positions.wait_for("profiles", 1, 10.0)
        assert await positions.wait_for("consents_per_day", 1, 10.0)
    finally:
        await asyncio.to_thread(follower.stop)


async def test_whoever_waits_too_long_is_told(world: World) -> None:
    positions = ViewPositions(world.sources.views)
    began = time.monotonic()
    assert not await positions.wait_for("profiles", 1, 0.1)
    assert 0.05 < time.monotonic() - began < 5
    assert not await positions.wait_for("profiles", 1, -1.0)
