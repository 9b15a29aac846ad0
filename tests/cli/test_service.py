"""The commands against the real service, one after the other as an operator would use them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock
from uuid import uuid4

import pytest

from profile_service import cli
from profile_service.cli.errors import ExitCode
from profile_service.v1.profile_pb2 import Profile
from profile_service.v1.rights_pb2 import RIGHT_ACCESS
from tests.support import forked, people
from tests.support.forked import Forked
from tests.support.other_sources import supplement, with_sources
from tests.support.service import REPOSITORY, Databases, Service, running_service

pytestmark = pytest.mark.service

REASON = ["--purpose", "complaint-handling", "--legal-basis", "public-task", "--on-behalf-of", "employee-7"]
IDENTIFIED = ["--identified-by", "document", "--assurance", "substantial"]
ERASE = [
    *("--legal-basis", "legal-obligation", "--requested-by", "person", "--reason", "objection", "--yes"),
    *IDENTIFIED,
]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service in which 60 citizens have lived."""
    directory = tmp_path_factory.mktemp("cli")
    environment = with_sources(directory)
    with running_service(directory, Databases.sqlite(directory), environment=environment) as service:
        done = aprofile(service, "load", "--citizens", "60", "--seed", "3")
        assert done.returncode == ExitCode.OK, done.stdout + done.stderr
        yield service


def aprofile(service: Service, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in this process: starting an interpreter for each would take most of the time."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, service.settings),
        mock.patch.object(sys, "argv", ["aprofile", *arguments]),
        redirect_stdout(out),
        redirect_stderr(err),
        pytest.raises(SystemExit) as end,
    ):
        cli.main()
    return subprocess.CompletedProcess(arguments, int(end.value.code or 0), out.getvalue(), err.getvalue())


def facts(service: Service, *arguments: str) -> list[dict]:
    done = aprofile(service, "replay", "--format", "json", *arguments)
    assert done.returncode == ExitCode.OK, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def living_and_erased(service: Service) -> tuple[str, str]:
    everyone = facts(service)
    erased = {fact["profile_id"] for fact in everyone if fact["type"] == "ProfileErased"}
    registered = [fact["profile_id"] for fact in everyone if fact["type"] == "ProfileRegistered"]
    return next(one for one in registered if one not in erased), next(iter(erased))


def test_health(service: Service) -> None:
    done = aprofile(service, "health")
    assert (done.returncode, done.stdout) == (ExitCode.OK, "SERVING\n")


def test_the_same_load_again_changes_nothing(service: Service) -> None:
    before = facts(service)
    done = aprofile(service, "load", "--citizens", "60", "--seed", "3")
    assert done.returncode == ExitCode.OK, done.stdout + done.stderr
    assert "erased by an earlier run" in done.stdout
    assert facts(service) == before


def test_replay_has_every_position_once_and_no_personal_half(service: Service) -> None:
    replayed = facts(service)
    assert [fact["position"] for fact in replayed] == list(range(1, len(replayed) + 1))
    assert {fact["personal_half"] for fact in replayed} == {"none", "withheld"}
    assert "@example.org" not in json.dumps(replayed)


def test_replay_goes_on_after_a_position(service: Service) -> None:
    replayed = facts(service)
    assert facts(service, "--after", "10", "--limit", "5") == replayed[10:15]


def test_replay_filters(service: Service) -> None:
    person, _ = living_and_erased(service)
    assert {fact["type"] for fact in facts(service, "--type", "ConsentGiven")} == {"ConsentGiven"}
    assert {fact["profile_id"] for fact in facts(service, "--profile-id", person)} == {person}
    assert facts(service, "--until", "2020-01-01") == []
    assert facts(service, "--from", "2020-01-01") == facts(service)


def test_replay_opens_the_living_and_not_the_erased(service: Service) -> None:
    living, erased = living_and_erased(service)
    opened = facts(service, "--profile-id", living, "--personal", *REASON)
    assert opened[0]["personal_half"] == "included"
    assert opened[0]["fact"]["email"].endswith("@example.org")
    gone = facts(service, "--profile-id", erased, "--personal", *REASON)
    assert gone[0]["personal_half"] == "erased"
    assert "email" not in gone[0]["fact"]


def test_replay_as_a_table(service: Service) -> None:
    done = aprofile(service, "replay", "--limit", "3")
    assert done.returncode == ExitCode.OK
    assert len(done.stdout.splitlines()) == 4


def test_replay_into_a_reader_that_leaves(service: Service) -> None:
    command = f"{sys.executable} -m profile_service replay --format json | head -n 1"
    done = subprocess.run(
        command, shell=True, cwd=REPOSITORY, env=service.settings, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert json.loads(done.stdout)["position"] == 1


def test_replay_follows(service: Service, tmp_path: Path) -> None:
    head = len(facts(service))
    command = ["replay", "--format", "json", "--follow", "--after", str(head), "--limit", "1"]
    follower = Forked(command, service.settings, tmp_path / "output", tmp_path / "errors")
    aprofile(service, "load", "--citizens", "1", "--seed", "4")
    assert follower.wait(30) == ExitCode.OK
    assert json.loads((tmp_path / "output").read_text())["position"] == head + 1


def test_projections_are_listed_rebuilt_and_verified(service: Service) -> None:
    listed = json.loads(aprofile(service, "projections", "list", "--format", "json").stdout)
    names = [one["name"] for one in listed["projections"]]
    assert names
    rebuilt = aprofile(service, "projections", "rebuild", names[0])
    assert rebuilt.returncode == ExitCode.OK, rebuilt.stderr
    assert "generation" in rebuilt.stdout
    verified = aprofile(service, "projections", "verify", "--all", "--format", "json")
    assert verified.returncode == ExitCode.OK, verified.stdout + verified.stderr
    assert [json.loads(line)["equal"] for line in verified.stdout.splitlines()] == [True] * len(names)
    assert names[0] in aprofile(service, "projections", "list").stdout


def test_an_unknown_projection_is_refused(service: Service) -> None:
    done = aprofile(service, "projections", "verify", "nothing")
    assert done.returncode == ExitCode.REFUSED
    assert done.stderr.startswith("aprofile: PROJECTION_NOT_FOUND")


def test_a_profile_is_shown_then_erased(service: Service) -> None:
    person, _ = living_and_erased(service)
    shown = aprofile(service, "profile", "show", person, *REASON)
    assert shown.returncode == ExitCode.OK, shown.stderr
    assert "@example.org" in shown.stdout
    assert json.loads(aprofile(service, "profile", "show", person, *REASON, "--format", "json").stdout)[
        "email"
    ]
    begin = facts(service, "--profile-id", person)[0]
    for point in (str(begin["position"]), begin["time"]):
        past = aprofile(service, "profile", "show", person, *REASON, "--at", point, "--format", "json")
        assert past.returncode == ExitCode.OK, past.stderr
        profile = json.loads(past.stdout)
        # A time takes in whatever was committed together.
        assert profile["as_of_position"] >= begin["position"]
        assert profile["update_time"] == profile["create_time"] == begin["time"]
    past = aprofile(service, "profile", "show", person, *REASON, "--at", str(begin["position"]))
    assert f"as of position {begin['position']}" in past.stdout
    early = aprofile(service, "profile", "show", person, *REASON, "--at", "2020-01-01")
    assert early.stderr.startswith("aprofile: PROFILE_NOT_FOUND")
    request = ["--request-id", str(uuid4())]
    first = aprofile(service, "profile", "erase", person, *ERASE, *request, "--format", "json")
    assert first.returncode == ExitCode.OK, first.stderr
    assert json.loads(first.stdout)["erased_live"]
    again = aprofile(service, "profile", "erase", person, *ERASE, "--format", "json")
    assert json.loads(again.stdout)["position"] == json.loads(first.stdout)["position"]
    gone = aprofile(service, "profile", "show", person, *REASON)
    assert gone.returncode == ExitCode.REFUSED
    assert gone.stderr.startswith("aprofile: PROFILE_ERASED (FAILED_PRECONDITION)")
    past = aprofile(service, "profile", "show", person, *REASON, "--at", begin["time"])
    assert past.stderr.startswith("aprofile: PROFILE_ERASED (FAILED_PRECONDITION)")


def test_requests_by_right_are_listed(service: Service) -> None:
    _, gone = living_and_erased(service)
    done = aprofile(service, "rights", "list", gone, *REASON, "--format", "json")
    assert done.returncode == ExitCode.OK, done.stderr
    (request,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert (request["right"], request["state"]) == ("RIGHT_ERASURE", "RIGHTS_REQUEST_STATE_FULFILLED")
    assert request["receive_date"] < request["due_date"]
    done = aprofile(service, "rights", "list", gone, *REASON)
    assert "erasure" in done.stdout
    assert "fulfilled" in done.stdout


def test_what_is_overdue_is_listed(service: Service) -> None:
    living, _ = living_and_erased(service)
    with service.stubs() as stubs:
        opened = stubs.rights.OpenRequest(people.ask(living, RIGHT_ACCESS), timeout=10)
    for day, expected in (("2026-01-01", []), ("2099-01-01", [opened.rights_request_id])):
        done = aprofile(service, "rights", "overdue", "--at", day, *REASON, "--format", "json")
        assert done.returncode == ExitCode.OK, done.stderr
        found = [json.loads(line)["rights_request_id"] for line in done.stdout.splitlines()]
        assert found == expected
    done = aprofile(service, "rights", "overdue", "--at", "2099-01-01", *REASON)
    assert opened.rights_request_id in done.stdout
    assert aprofile(service, "rights", "overdue", "--at", "soon", *REASON).returncode == ExitCode.USAGE


def test_who_was_not_told_is_listed(service: Service) -> None:
    gone = {fact["profile_id"] for fact in facts(service, "--type", "ProfileErased")}
    everybody = {fact["profile_id"] for fact in facts(service, "--type", "ProfileRegistered")}
    with service.stubs() as stubs:
        found = [stubs.profiles.GetProfile(people.get(one), timeout=10).profile for one in everybody - gone]
        one = next(profile for profile in found if not profile.phone)
        supplied = stubs.profiles.SupplementProfile(
            supplement(one.profile_id, Profile(phone="+3231234567")), timeout=10
        )
    due = ["rights", "notices-due", *REASON]
    for options, late in (([], False), (["--at", "2099-01-01", "--overdue"], True)):
        done = aprofile(service, *due, *options, "--format", "json")
        assert done.returncode == ExitCode.OK, done.stderr
        (due_one,) = [json.loads(line) for line in done.stdout.splitlines()]
        assert due_one["supplement_id"] == supplied.supplement_id
        assert due_one["overdue"] is late
    assert aprofile(service, *due, "--overdue", "--format", "json").stdout == ""
    assert supplied.supplement_id in aprofile(service, *due).stdout
    assert aprofile(service, *due, "--at", "soon").returncode == ExitCode.USAGE


def test_an_audience_is_printed_and_goes_on_where_it_was_stopped(service: Service) -> None:
    everybody = ["audience", "select", "newsletter", *REASON]
    ids = aprofile(service, *everybody).stdout.split()
    assert ids == sorted(ids)
    assert set(ids) == consenting(service, "newsletter")
    assert aprofile(service, *everybody, "--after", ids[4]).stdout.split() == ids[5:]
    adults = aprofile(service, *everybody, "--age", "18-64", "--age", "65-", "--language", "nl")
    assert 0 < len(adults.stdout.split()) <= len(ids)
    shown = aprofile(service, *everybody, "--field", "email", "--format", "json")
    members = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [member["profile_id"] for member in members] == ids
    assert all(member["email"].endswith("@example.org") for member in members)
    assert "email=" in aprofile(service, *everybody, "--field", "email").stdout
    wrong = aprofile(service, *everybody, "--age", "young")
    assert wrong.returncode == ExitCode.USAGE
    assert "such as 18-30" in wrong.stderr


def consenting(service: Service, purpose: str) -> set[str]:
    """Who consents, by the log."""
    given: set[str] = set()
    kinds = ("ConsentGiven", "ConsentWithdrawn", "MarketingObjected")
    for fact in facts(service, *(argument for kind in kinds for argument in ("--type", kind))):
        if fact["fact"].get("purpose", purpose) == purpose:  # an objection without one is to all
            (given.add if fact["type"] == "ConsentGiven" else given.discard)(fact["profile_id"])
    return given - {fact["profile_id"] for fact in facts(service, "--type", "ProfileErased")}


def test_statistics_are_shown(service: Service) -> None:
    registered = len(facts(service, "--type", "ProfileRegistered"))
    shown = aprofile(service, "statistics", "days", "--format", "json")
    days = [json.loads(line) for line in shown.stdout.splitlines()]
    assert sum(int(day["registrations"]) for day in days) == registered
    assert "consents given" in aprofile(service, "statistics", "days").stdout
    assert aprofile(service, "statistics", "days", "--until", "2020-01-01").stdout.count("2020") == 0
    living = aprofile(service, "statistics", "living", *REASON)
    assert living.returncode == ExitCode.OK, living.stderr
    assert "elsewhere" in living.stdout
    assert "<5" in living.stdout
    answer = json.loads(aprofile(service, "statistics", "living", *REASON, "--format", "json").stdout)
    assert len(answer["age_bands"]) == len(answer["post_codes"][0]["cells"])


def test_keys_are_counted(service: Service) -> None:
    status = json.loads(aprofile(service, "keys", "status", "--format", "json").stdout)
    assert status["profile_keys"] > 0
    assert status["tombstones"] > 0
    assert "profile keys" in aprofile(service, "keys", "status").stdout


def test_a_second_server_on_the_same_data_is_refused(service: Service) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refusal:
        service.run("serve", "--listen", "127.0.0.1:0")
    assert refusal.value.returncode == ExitCode.FAILED
    assert refusal.value.stderr.startswith("aprofile: another server uses ")
    assert refusal.value.stderr.count("\n") == 1


@pytest.mark.slow
def test_the_demonstration_holds(tmp_path: Path) -> None:
    command = ["demo", "--citizens", "100", "--keep", str(tmp_path)]
    done = forked.run(command, os.environ, 110, check=False)
    assert done.returncode == ExitCode.OK, done.stdout + done.stderr
    assert "Everything held." in done.stdout
    assert (tmp_path / "root-keys").is_dir()
