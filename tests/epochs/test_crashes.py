"""kill -9 on both sides of every commit, of the log too, and of every call that makes or destroys a root."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from profile_service.keys.closing import EpochClosing
from profile_service.keys.epochs import EpochState
from profile_service.keys.roots import FileRootProvider
from profile_service.keys.schema import leases
from profile_service.keys.store import KeyStore
from tests.epochs.city import City, close, expect_closes_in_the_log
from tests.epochs.process import STEPS, Moments, Recording, die_at, recording
from tests.support.processes import expect_end, start
from tests.support.service import Databases
from tests.support.templates import EVENT_DATABASE

ERASED = 6


@pytest.fixture
def database_url(databases: Databases) -> str:
    return databases.keys


@pytest.fixture
def log(databases: Databases, store: KeyStore) -> Iterator[Recording]:
    EVENT_DATABASE.fill(databases.events)
    made = recording(databases.events, store)
    yield made
    made.facts.log.close()


def moments_of_a_close(city: City, log: Recording) -> list[str]:
    """Every moment, by watching a close to its end."""
    seen: list[str] = []
    root = FileRootProvider(city.roots)
    closing = city.closing()
    closing._root = root
    Moments(seen.append).watch(city.engine, root, closing, log.store)
    close(closing, record=log.record(closing))
    return list(seen)  # what the test itself commits later is none of it


def expect_one_root(city: City, closing: EpochClosing) -> None:
    """Of the epoch in use; those of tries that came to nothing are gone."""
    assert [path.stem for path in city.roots.glob("*.key")] == [closing.first_unclosed().root_id]
    assert not list(city.roots.glob("*.new"))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_whoever_finds_a_close_that_died_finishes_it(city: City, databases: Databases, log: Recording):
    city.settle(40)
    city.settle(20)
    city.erase(ERASED)
    moments = moments_of_a_close(city, log)
    assert {moment.split()[0] for moment in moments} == set(STEPS)
    assert {"erasures append 1 before", "erasures append 1 after"} <= set(moments)
    assert len(moments) == len(set(moments)) >= 2 * (2 + 1 + 1 + 1 + 1 + 1 + 2)
    closing = city.closing()
    for moment in moments:
        city.settle(ERASED)
        city.erase(ERASED)
        died = closing.first_unclosed().epoch
        urls = (databases.keys, databases.events)
        expect_end(start(die_at, *urls, city.roots, city.backups, moment), -signal.SIGKILL)
        _forget(city)
        city.expect_all_readable()
        if closing.first_unclosed().epoch == died:
            assert close(closing, record=log.record(closing)) == died
        assert closing.epoch(died).state is EpochState.CLOSED, moment
        city.expect_all_readable()
        expect_one_root(city, closing)
        expect_closes_in_the_log(city.engine, log.facts)


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


def test_a_planted_close_that_the_log_does_not_know_is_found(city: City, log: Recording):
    closing = city.closing()
    close(closing, record=log.record(closing))
    expect_closes_in_the_log(city.engine, log.facts)
    close(closing)
    with pytest.raises(AssertionError):
        expect_closes_in_the_log(city.engine, log.facts)
