"""kill -9 of followers and rebuilds at random points; `make soak` does it a thousand times."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.projections.killing import Killing, soak
from tests.projections.victims import CarelessFollower
from tests.projections.world import World

POINTS = 20


@pytest.mark.timeout(400)
def test_every_fact_counts_once_wherever_they_are_killed(world: World, tmp_path: Path) -> None:
    done = soak(world, tmp_path / "root", POINTS, every=POINTS, seed=7)
    assert sum(done.kills.values()) >= POINTS
    assert min(done.kills.values()) > 0
    # On a busy machine many die before they begin.
    assert done.busy >= POINTS // 5, "they were killed amid their work"


def test_a_follower_that_moves_its_position_in_a_second_transaction_is_found(
    world: World, tmp_path: Path
) -> None:
    killing = Killing(world, tmp_path / "root", random.Random(7), CarelessFollower)
    with pytest.raises(AssertionError):
        for _ in range(10):
            killing.points(POINTS // 2)
            killing.expect_everything_once()
