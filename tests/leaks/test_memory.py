"""What the memory of the running service holds: keys in use, and nothing of keys that are not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from drills.lingering import VALUES, count_lingering, live
from profile_service.v1.operations_service_pb2 import CloseEpochRequest
from tests.support import people
from tests.support.memory import held
from tests.support.postgres import PostgresServer
from tests.support.recovered_keys import RecoveredKeys, derived, recover
from tests.support.service import Databases, Service, Stubs, running_service

pytestmark = [
    pytest.mark.service,
    pytest.mark.slow,
    pytest.mark.timeout(300),  # each look goes through all of the memory, once for every key
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

SECONDS = 20.0
OTHER_CALLS = 300


@dataclass
class Running:
    """A service that may be looked into, and where its keys are."""

    service: Service
    stubs: Stubs

    @property
    def pid(self) -> int:
        assert self.service.process is not None
        return self.service.process.pid

    def keys(self) -> RecoveredKeys:
        return recover(self.service.databases.keys, self.service.directory / "root-keys")

    def close_epoch(self) -> None:
        assert list(self.stubs.operations.CloseEpoch(CloseEpochRequest(), timeout=60))


def some_bucket_key(keys: RecoveredKeys) -> bytes:
    return keys.key_buckets[min(keys.key_buckets)]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One service for all looks: each test has people of its own, and says which keys are not to be there."""
    directory = tmp_path_factory.mktemp("memory")
    if request.param == "sqlite":
        databases = Databases.sqlite(directory)
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        databases = Databases(*(server.new_database() for _ in range(3)))
    with (
        running_service(directory, databases, module="tests.support.unguarded") as service,
        service.stubs() as stubs,
    ):
        yield Running(service, stubs)


def test_keys_that_are_not_in_use_are_not_in_memory(running: Running):
    lived = [live(running.stubs, people.new_person()) for _ in range(6)]
    erased = lived[::2]
    keys = running.keys()
    for profile_id in erased:
        running.stubs.rights.EraseProfile(people.erase(str(profile_id)), timeout=SECONDS)

    destroyed = {
        f"{name} of an erased person": secret
        for profile_id in erased
        for name, secret in derived(keys.profiles[profile_id]).items()
    }
    raw = {f"profile key {profile_id}": keys.profiles[profile_id] for profile_id in lived}
    tags = {f"tag bucket {place}": keys.tag_buckets[place] for place in list(keys.tag_buckets)[:4]}
    unused = {"root key": keys.root, "address key": keys.address, **raw, **tags, **destroyed}
    assert held(running.pid, unused) == set()

    # What has to be there for the next call: a scan that did not find it would show nothing.
    used = {"epoch key": keys.epoch, "bucket key": some_bucket_key(keys)}
    used |= derived(keys.profiles[lived[-1]])
    assert held(running.pid, used) == {"epoch key", "bucket key", "sealing key"}


def test_keys_of_an_epoch_that_closed_are_not_in_memory(running: Running):
    running.close_epoch()  # so that nobody else's bucket is exchanged by the next one
    lived = [live(running.stubs, people.new_person()) for _ in range(5)]
    before = running.keys()
    running.stubs.rights.EraseProfile(people.erase(str(lived[0])), timeout=SECONDS)
    running.close_epoch()

    after = running.keys()
    exchanged = {
        f"key of bucket {place}": key
        for place, key in before.key_buckets.items()
        if place not in after.key_buckets
    }
    assert len(exchanged) == 1
    old = {"root key": before.root, "epoch key": before.epoch, **exchanged}
    assert held(running.pid, old) == set()
    now = {"root key": after.root, "epoch key": after.epoch, "bucket key": some_bucket_key(after)}
    assert held(running.pid, now) == {"epoch key", "bucket key"}


def test_values_of_a_person_give_way_to_those_of_later_calls(running: Running):
    """Counted, not promised. The drill makes many more calls, and has a limit."""
    just_after, later = count_lingering(running.service, OTHER_CALLS)
    counted = f"{just_after} of {VALUES} values, {later} after {OTHER_CALLS} calls"
    assert just_after > 0, f"a scan that sees no value in use shows nothing: {counted}"
    assert 2 * later < VALUES, counted


def test_a_planted_service_that_keeps_its_answers_is_noticed(tmp_path: Path):
    databases = Databases.sqlite(tmp_path)
    with running_service(tmp_path, databases, module="tests.leaks.keeping") as service:
        _, later = count_lingering(service, OTHER_CALLS // 3)
    assert 10 * later > 9 * VALUES
