"""The drills in small, on both kinds of databases; and that they notice what they are there to notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drills.restoring import (
    DRILLS,
    Drill,
    everything_of_a_closed_epoch,
    everything_old,
    forget_erasures,
    keys_older_than_the_log,
    old_keys_of_the_same_epoch,
    old_log_and_new_keys,
    views_of_another_log,
)
from drills.town import READABLE, Town, town_of
from profile_service.copies import copy_in
from profile_service.database import open_engine
from tests.drills.careless import CarelessService
from tests.support.service import Databases, Service, ServiceNotServingError

PEOPLE = 12


def doing_nothing(town: Town) -> Callable[..., str]:
    def restore(backup: Path, *arguments: str) -> str:
        town.service.stop()
        return ""

    return restore


@pytest.fixture
def town(databases: Databases, tmp_path: Path) -> Iterator[Town]:
    with town_of(Service(tmp_path, databases)) as made:
        yield made


@pytest.mark.slow
@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.__name__)
def test_every_claim_holds(town: Town, drill: Drill):
    claims = list(drill(town, PEOPLE))
    assert claims
    assert [str(claim) for claim in claims if not claim.held] == []


@pytest.mark.parametrize(
    ("defect", "drill", "fallen"),
    [
        ("compares nothing", old_keys_of_the_same_epoch, "nobody erased has a key"),
        ("compares nothing", everything_of_a_closed_epoch, "says again which epochs were closed"),
        ("takes nothing back", old_log_and_new_keys, "who changed address"),
        ("takes every view", views_of_another_log, "views ahead of a restored log"),
        ("takes every position", old_log_and_new_keys, "positions of the log before"),
    ],
)
def test_a_planted_defect_makes_a_claim_fall(tmp_path: Path, defect: str, drill: Drill, fallen: str):
    with town_of(CarelessService(tmp_path, Databases.sqlite(tmp_path), defect=defect)) as town:
        claims = list(drill(town, PEOPLE))
    assert [claim for claim in claims if fallen in claim.claim and not claim.held], claims


def test_the_list_of_erasures_is_what_remembers_when_everything_is_old(tmp_path: Path):
    """Its loss together with the databases is the limit that docs/backup.md states."""
    with town_of(Service(tmp_path, Databases.sqlite(tmp_path))) as town:
        stop = town.restore

        def restore(backup: Path, *arguments: str) -> str:
            refused = stop(backup, *arguments)
            forget_erasures(town)
            return refused

        town.restore = restore  # type: ignore[method-assign]  # what the test is about
        claims = list(everything_old(town, PEOPLE))
    assert [claim for claim in claims if "not for one call" in claim.claim and not claim.held]


def test_keys_that_were_put_back_by_hand_are_refused_at_start(databases: Databases, tmp_path: Path):
    """Without `aprofile restore`: the key database alone is older than the log."""
    with town_of(Service(tmp_path, databases)) as town:
        town.settle(PEOPLE)
        old = town.back_up("old")
        lost = town.settle(5)
        town.service.stop()
        engine = open_engine(databases.keys)
        copy_in(old / "keys", engine, replace=True)
        engine.dispose()
        before = town.service.log.stat().st_size
        with pytest.raises(ServiceNotServingError):
            town.service.start()
        said = town.service.log.read_bytes()[before:].decode()
    assert "older than the log" in said
    assert all(town.living[number] in said for number in lost)


def test_a_log_that_was_put_back_by_hand_is_noticed(databases: Databases, tmp_path: Path):
    """Without `aprofile restore`: the log alone is older than keys and views."""
    with town_of(Service(tmp_path, databases)) as town:
        town.settle(PEOPLE)
        old = town.back_up("old")
        erased = list(town.living)[:6]
        town.erase(erased)
        lost = town.head()
        late = town.settle(5)
        town.service.stop()
        engine = open_engine(databases.events)
        copy_in(old / "events", engine, replace=True)
        engine.dispose()
        for number in late:
            del town.living[number]
        seen = town.start_reading([town.erased[number] for number in erased])
        assert set(seen) == {"PROFILE_ERASED"}
        assert set(town.read(town.living.values())) == {READABLE}
        somebody = next(iter(town.living.values()))
        assert town.read_at(somebody, lost) == "POSITION_OF_ANOTHER_LOG"
        assert town.head().log_id != lost.log_id


def test_a_drill_says_what_does_not_hold(town: Town, monkeypatch: pytest.MonkeyPatch):
    """Planted: a restore that takes keys which are too old without a word."""
    monkeypatch.setattr(town, "restore", doing_nothing(town))
    assert not all(claim.held for claim in keys_older_than_the_log(town, PEOPLE))
