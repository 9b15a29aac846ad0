"""What a benchmark reports, and the peers that every figure is measured beside."""

from __future__ import annotations

import json
from itertools import islice

import protovalidate
import pytest

from benchmarks import bodies
from benchmarks.command import parse
from benchmarks.generator import Load, LoadError
from benchmarks.processes import StartError, peer
from benchmarks.runner import BENCHMARKS, REGISTER, Measurement, Options, rounds, write_results
from profile_service.v1.profile_service_pb2 import ImportProfilesRequest, RegisterProfileRequest

BRIEF = Options(seconds=0.3, rounds=2)
FIELDS = {"name", "value", "unit", "peer", "peer_value", "ratio", "target", "met"}


@pytest.mark.parametrize("name", ["echo", "mirror"])
def test_a_peer_is_started_loaded_and_stopped(name: str):
    with peer(name) as address:
        sides = rounds({name: Load(address, REGISTER, bodies.registrations, prepared=5_000)}, BRIEF)
    assert sides[name].calls > 10
    with pytest.raises(ConnectionRefusedError):
        rounds({name: Load(address, REGISTER, bodies.registrations, prepared=1)}, BRIEF)


def test_the_crud_peer_refuses_a_taken_address(tmp_path):
    with (
        peer("crud", f"sqlite:///{tmp_path}/crud.sqlite") as address,
        pytest.raises(LoadError, match="is taken"),
    ):
        rounds({"crud": Load(address, REGISTER, the_same_address, warm_up=0.0)}, BRIEF)


def the_same_address():
    requests = [RegisterProfileRequest.FromString(body) for body in islice(bodies.registrations(), 20)]
    for request in requests:
        request.registration.email = "citizen@example.org"
        yield request.SerializeToString()


def test_a_peer_that_does_not_start_says_why():
    with pytest.raises(StartError, match="no_such_peer"), peer("no_such_peer"):
        pass


def test_the_requests_are_valid():
    request = RegisterProfileRequest.FromString(next(bodies.registrations()))
    protovalidate.validate(request)
    batches = [ImportProfilesRequest.FromString(body) for body in bodies.imports(1_200, 500)]
    assert [len(batch.items) for batch in batches] == [500, 500, 200]
    assert len({item.registration.email for batch in batches for item in batch.items}) == 1_200
    for batch in batches:
        protovalidate.validate(batch)


@pytest.mark.parametrize(
    ("target", "met"),
    [
        ("ratio >= 3", True),
        ("ratio >= 3.1", False),
        ("value <= 30", True),
        ("value <= 29", False),
        (None, None),
    ],
)
def test_a_target_is_met_or_not(target: str | None, met: bool | None):
    assert Measurement("x", 30.0, "calls/s", "peer", 10.0, target).met is met


def test_results_replace_those_of_the_same_name(tmp_path):
    path = tmp_path / "results.jsonl"
    write_results(path, [Measurement("one", 1.0, "ms"), Measurement("two", 2.0, "ms")])
    write_results(path, [Measurement("two", 3.0, "ms", "peer", 6.0, "ratio <= 1")])
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(line["name"], line["value"]) for line in lines] == [("one", 1.0), ("two", 3.0)]
    assert all(set(line) == FIELDS for line in lines)
    assert (lines[1]["ratio"], lines[1]["met"]) == (0.5, True)


def test_all_benchmarks_run_unless_named():
    assert parse([])[0] == list(BENCHMARKS)
    assert parse(["append", "--minutes", "2"]) == (["append"], Options(minutes=2.0))
    with pytest.raises(SystemExit):
        parse(["no_such_benchmark"])
