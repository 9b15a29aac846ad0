"""What views are rebuilt from when rebuilding is measured, in small: a log like any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import lives
from benchmarks.live import lags_under_load
from benchmarks.lives import LIFE, Place
from benchmarks.peers import projecting
from benchmarks.rebuild import rebuild_sqlite
from benchmarks.runner import Options
from profile_service.commands.reconciling import find_missing
from profile_service.database import open_engine
from profile_service.keys.inventory import KeyInventory
from profile_service.log.wakeup import Wakeup
from profile_service.v1.profile_pb2 import Profile
from projections import catalogue
from projections.follow import Follower
from projections.reading import ViewReader
from projections.verify import verify
from projections.views import VIEWS
from projections.views.profiles import PROFILES_VIEW, get_profiles
from tests.support.postgres import PostgresServer
from tests.support.service import Databases
from tests.support.sources import open_sources

PEOPLE = 30


def test_a_log_of_lives_is_whole_and_its_people_are_as_they_end(databases: Databases, tmp_path: Path):
    place = Place(databases, tmp_path / "root")
    ids = lives.write(place, PEOPLE)
    with open_sources(databases, place.root_keys) as sources:
        found = sources.log.facts_after(0, 1_000)
        assert [fact.position for fact in found] == list(range(1, PEOPLE * len(LIFE) + 1))
        assert [fact.time for fact in found] == sorted(fact.time for fact in found)
        inventory = KeyInventory(open_engine(databases.keys))
        assert not any(find_missing(sources.log, inventory, 0, sources.log.head()))
        catalogue.prepare(sources.views, VIEWS, sources.log.log_id)
        Follower(sources, VIEWS, Wakeup()).catch_up()
        assert verify(sources, PROFILES_VIEW).equal
        profiles = get_profiles(ViewReader(sources.views), sources.keys, ids).profiles
    assert [profiles[one].given_name for one in ids] == [lives.given_name(n) for n in range(PEOPLE)]
    assert len({profile.email for profile in profiles.values()}) == PEOPLE
    assert all(profile.phone and profile.etag == "4" for profile in profiles.values())


def test_the_peer_makes_the_same_rows_of_the_same_lives(postgres_server: PostgresServer):
    events, view = postgres_server.new_database(), postgres_server.new_database()
    projecting.live(events, 3)
    assert projecting.projected_per_second(events, view, 3) > 0
    with open_engine(view).connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM profiles ORDER BY given_name").mappings().all()
    ours = [_of(number) for number in range(3)]
    for row, profile in zip(rows, ours, strict=True):
        for name in ("email", "given_name", "family_name", "post_code", "language", "phone"):
            assert row[name] == getattr(profile, name)
        assert row["address"] == f"{profile.address.street} {profile.address.house_number}"
        assert row["version"] == projecting.EVENTS
    postgres_server.give_back(events, view)


def _of(number: int) -> Profile:
    """The profile that a life ends with."""
    profile = Profile()
    for stage in LIFE:
        message = stage.says(number)
        for field, value in message.ListFields():
            if field.name in Profile.DESCRIPTOR.fields_by_name:
                profile.ClearField(field.name)
                profile.MergeFrom(Profile(**{field.name: value}))
    return profile


def test_a_rebuild_is_measured_in_its_phases(capsys: pytest.CaptureFixture[str]):
    (measured,) = rebuild_sqlite(Options(rounds=1, profiles=40))
    assert measured.value > 0
    assert {"slices", "compare", "cpu"} <= {phase.split()[0] for phase in measured.remark.split(", ")}
    assert "200 events written" in capsys.readouterr().out


def test_the_lag_of_every_event_is_measured(postgres_server: PostgresServer, tmp_path: Path):
    databases = Databases(*(postgres_server.new_database() for _ in range(3)))
    fed, lags = lags_under_load(Place(databases, tmp_path / "root"), 20, 0.1)
    assert fed > 0
    assert len(lags) == 500
    assert lags == sorted(lags)
    assert lags[0] >= 0
    postgres_server.give_back(databases.events, databases.keys, databases.views)
