"""`aprofile projections parked` against the real service, as an operator uses it at night."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.engine import make_url

from profile_service.cli.errors import ExitCode
from profile_service.v1.profile_pb2 import Profile
from projections.schema import generation_table
from projections.views.profiles import PROFILES
from tests.api import calls
from tests.api.calls import SECONDS
from tests.cli.test_service import aprofile
from tests.support import people
from tests.support.service import Databases, Service, running_service

pytestmark = pytest.mark.service

PARKED = ("projections", "parked")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    directory: Path = tmp_path_factory.mktemp("parked")
    with running_service(directory, Databases.sqlite(directory)) as service:
        yield service


def execute(url: str, statement: str, *values: object) -> None:
    with sqlite3.connect(str(make_url(url).database), timeout=SECONDS) as connection:
        assert connection.execute(statement, values).rowcount == 1


def damage_fact(service: Service, position: int) -> None:
    execute(service.databases.events, "UPDATE facts SET record = x'ff' WHERE position = ?", position)


def held_up(service: Service) -> tuple[str, int]:
    """Someone who waits because their row was damaged; their id, and where."""
    with service.stubs() as stubs:
        registered = calls.register(stubs)
        calls.profile_of(stubs, registered.profile_id, registered.position.value)
        table = generation_table(PROFILES, 1).name
        damage = f"UPDATE {table} SET profile = x'ff' WHERE profile_id = ?"
        execute(service.databases.views, damage, registered.profile_id.replace("-", ""))
        change = people.update(registered.profile_id, Profile(given_name="Other"), "given_name")
        position = stubs.profiles.UpdateProfile(change, timeout=SECONDS).position.value
        parked = calls.refused(stubs.profiles.GetProfile, people.get(registered.profile_id, position))
    assert parked.reason == "PROFILE_PARKED"
    return registered.profile_id, position


def test_who_waits_is_listed_shown_retried_and_skipped(service: Service) -> None:
    profile_id, position = held_up(service)
    (listed,) = json.loads(aprofile(service, *PARKED, "list", "--format", "json").stdout)
    assert (listed["name"], listed["subject_id"], listed["position"]) == (
        "profiles",
        profile_id,
        str(position),
    )
    assert listed["error"] == "SealBrokenError"
    for words in (["list"], ["list", "profiles"], ["show", "profiles", profile_id]):
        shown = aprofile(service, *PARKED, *words)
        assert shown.returncode == ExitCode.OK, shown.stderr
        assert profile_id in shown.stdout
        assert "ProfileUpdated" in shown.stdout
    waiting = json.loads(
        aprofile(service, *PARKED, "show", "profiles", profile_id, "--format", "json").stdout
    )
    assert [one["position"] for one in waiting["waiting"]] == [str(position)]

    damage_fact(service, position)
    retried = aprofile(service, *PARKED, "retry", "profiles", "--all")
    assert retried.returncode == ExitCode.FAILED
    assert "0 of 1 go on" in retried.stdout
    assert profile_id in retried.stdout
    skip = ("skip", "profiles", profile_id, "--reason", "damaged", "--yes")
    elsewhere = aprofile(service, *PARKED, *skip, "--position", str(position - 1))
    assert elsewhere.returncode == ExitCode.REFUSED
    assert elsewhere.stderr.splitlines()[-1].startswith("aprofile: PARKED_ELSEWHERE (ABORTED)")
    skipped = aprofile(service, *PARKED, *skip, "--position", str(position))
    assert skipped.returncode == ExitCode.OK, skipped.stderr
    assert f"Nothing of {profile_id} waits any more." in skipped.stdout
    assert json.loads(aprofile(service, *PARKED, "list", "--format", "json").stdout) == []
    gone = aprofile(service, *PARKED, "show", "profiles", profile_id)
    assert gone.stderr.startswith("aprofile: NOT_PARKED (NOT_FOUND)")


def test_a_retry_mends_what_only_needed_its_row(service: Service) -> None:
    profile_id, _ = held_up(service)
    retried = aprofile(service, *PARKED, "retry", "profiles", profile_id)
    assert (retried.returncode, retried.stdout) == (ExitCode.OK, "1 of 1 go on\n")
    for wrong in (["retry", "profiles"], ["retry", "profiles", profile_id, "--all"]):
        assert aprofile(service, *PARKED, *wrong).returncode == ExitCode.USAGE


def test_a_rebuild_that_parks_more_says_whom(service: Service) -> None:
    with service.stubs() as stubs:
        registered = calls.register(stubs)
        calls.profile_of(stubs, registered.profile_id, registered.position.value)
    damage_fact(service, registered.position.value)
    rebuilt = aprofile(service, "projections", "rebuild", "registrations_per_day")
    assert rebuilt.returncode == ExitCode.FAILED
    assert "nothing was swapped: generation 2 parks 1, 0 are allowed" in rebuilt.stderr
    assert registered.profile_id in rebuilt.stdout
    assert "parks too many" in aprofile(service, "projections", "status", "registrations_per_day").stdout
    swapped = aprofile(service, "projections", "swap", "registrations_per_day", "--accept-differences")
    assert swapped.returncode == ExitCode.REFUSED
    assert swapped.stderr.startswith("aprofile: TOO_MANY_PARKED (FAILED_PRECONDITION)")
    listed = aprofile(service, *PARKED, "list", "registrations_per_day", "--generation", "2")
    assert registered.profile_id in listed.stdout
    checked = aprofile(service, "projections", "rebuild", "consents_per_day", "profiles", "--dry-run")
    assert checked.returncode == ExitCode.FAILED
    assert "profiles: a dry run" in checked.stderr
    assert "parks 1, 0 are allowed" in checked.stderr
    assert registered.profile_id in checked.stdout


def test_what_nobody_can_mean_is_refused(service: Service) -> None:
    nobody = str(uuid4())
    skip = ("skip", "profiles", nobody, "--position", "1", "--reason", "damaged")
    assert aprofile(service, *PARKED, *skip[:-1], "boredom", "--yes").returncode == ExitCode.USAGE
    assert aprofile(service, *PARKED, *skip, "--yes").returncode == ExitCode.REFUSED
    assert aprofile(service, *PARKED, "list", "shoes").returncode == ExitCode.REFUSED
