"""kill -9 on both sides of every commit and of every call that makes or destroys a root key."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from sqlalchemy import delete

from profile_service.keys.closing import EpochClosing
from profile_service.keys.epochs import EpochState
from profile_service.keys.roots import FileRootProvider
from profile_service.keys.schema import leases
from tests.epochs.city import City, close
from tests.epochs.process import STEPS, Moments, die_at
from tests.support.processes import expect_end, start

ERASED = 20


def moments_of_a_close(city: City) -> list[str]:
    """Every moment, by watching a close to its end."""
    seen: list[str] = []
    root = FileRootProvider(city.roots)
    closing = city.closing()
    closing._root = root
    Moments(seen.append).watch(city.engine, root, closing)
    close(closing)
    return list(seen)  # what the test itself commits later is none of it


def expect_one_root(city: City, closing: EpochClosing) -> None:
    """Of the epoch in use; those of tries that came to nothing are gone."""
    assert [path.stem for path in city.roots.glob("*.key")] == [closing.first_unclosed().root_id]
    assert not list(city.roots.glob("*.new"))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_whoever_finds_a_close_that_died_finishes_it(city: City, database_url: str):
    city.settle(40)
    city.settle(20)
    city.erase(ERASED)
    moments = moments_of_a_close(city)
    assert {moment.split()[0] for moment in moments} == set(STEPS)
    assert len(moments) == len(set(moments)) >= 2 * (2 + 1 + 1 + 1 + 1 + 1 + 2)
    closing = city.closing()
    for moment in moments:
        city.settle(ERASED)
        city.erase(ERASED)
        died = closing.first_unclosed().epoch
        expect_end(start(die_at, database_url, city.roots, city.backups, moment), -signal.SIGKILL)
        _forget(city)
        city.expect_all_readable()
        if closing.first_unclosed().epoch == died:
            assert close(closing) == died
        assert closing.epoch(died).state is EpochState.CLOSED, moment
        city.expect_all_readable()
        expect_one_root(city, closing)


def _forget(city: City) -> None:
    """The dead hold no keys: nobody needs to wait until their leases are over."""
    with city.engine.execution_options(immediate=True).begin() as connection:
        connection.execute(delete(leases).where(leases.c.process != city.store._process))


def test_a_planted_root_that_is_left_over_is_found(city: City):
    closing = city.closing()
    close(closing)
    expect_one_root(city, closing)
    Path(city.roots / "epoch-9-left.key").write_bytes(b"")
    with pytest.raises(AssertionError):
        expect_one_root(city, closing)
