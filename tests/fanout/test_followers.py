"""Several followers on one PostgreSQL: one keeps the views, and another takes over when it is killed."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from projections.follow import STAND_BY
from projections.lease import TERM
from tests.api import calls
from tests.support import people
from tests.support.postgres import PostgresServer
from tests.support.service import Databases, Service, Stubs, running_service

pytestmark = pytest.mark.service

SECONDS = 60.0
# What the machine may add to what the lease allows.
SLACK = 15.0


def leaders(service: Service) -> list[int]:
    """The processes that followed the log so far, by what they say themselves."""
    lines = [json.loads(line) for line in service.log.read_text().splitlines() if line.startswith("{")]
    return [line["pid"] for line in lines if line["event"] == "this process follows the log for the views"]


def read_own_write(stubs: Stubs) -> None:
    registered = calls.register(stubs)
    request = people.get(registered.profile_id)
    request.at_least_position.CopyFrom(registered.position)
    assert stubs.profiles.GetProfile(request, timeout=SECONDS).profile.email


def test_another_follower_takes_over_within_seconds(postgres_server: PostgresServer, tmp_path: Path):
    databases = Databases(*(postgres_server.new_database() for _ in range(3)))
    with (
        running_service(tmp_path, databases, projector_inside=False) as service,
        service.stubs() as stubs,
    ):
        followers = {process.pid: process for process in (service.spawn("project") for _ in range(2))}
        try:
            read_own_write(stubs)
            (leader,) = leaders(service)
            followers[leader].kill()
            followers[leader].wait()
            began = time.monotonic()
            read_own_write(stubs)
            took = time.monotonic() - began
            assert leaders(service) == [leader, *(pid for pid in followers if pid != leader)]
            assert took < TERM + STAND_BY + SLACK
        finally:
            for process in followers.values():
                process.terminate()
                process.wait(SECONDS)
    postgres_server.give_back(databases.events, databases.keys, databases.views)
