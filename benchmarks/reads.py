"""Reading: one profile a call, and the consents of a hundred people a call."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from benchmarks import bodies, service
from benchmarks.databases import temporary_directory, temporary_postgres
from benchmarks.generator import Load, LoadError
from benchmarks.processes import peer
from benchmarks.runner import Measurement, Options, benchmark, latencies, rounds
from profile_service.v1.consent_service_pb2 import CheckConsentsRequest
from tests.support.service import Service

GET_PROFILE = "/profile_service.v1.ProfileService/GetProfile"
CHECK_CONSENTS = "/profile_service.v1.ConsentService/CheckConsents"
PEOPLE = 5_000
PEOPLE_PER_CHECK = 100


@benchmark
def get_profile(options: Options) -> Iterator[Measurement]:
    """One profile a call, 64 in flight on PostgreSQL, beside the echo."""
    yield _beside_echo("get_profile", GET_PROFILE, options)


@benchmark
def check_consents(options: Options) -> Iterator[Measurement]:
    """A hundred people a call, 64 in flight on PostgreSQL, beside the echo."""
    yield _beside_echo("check_consents", CHECK_CONSENTS, options)


def _beside_echo(name: str, path: str, options: Options) -> Measurement:
    with (
        temporary_directory() as directory,
        temporary_postgres() as postgres,
        peer("echo") as echo,
        service.on_postgresql(directory, postgres) as ours,
    ):
        profile_ids = service.registered(ours, PEOPLE)
        if path == CHECK_CONSENTS:
            _give_consents(ours, profile_ids)
            requests = partial(bodies.consent_checks, profile_ids, PEOPLE_PER_CHECK)
        else:
            requests = partial(bodies.reads, profile_ids)
        loads = {
            side: Load(at, path, requests, prepared=2_000)
            for side, at in (("echo", echo), ("ours", ours.address))
        }
        sides = rounds(loads, options)
    return Measurement(
        name, sides["ours"].rate, "calls/s", "gRPC echo", sides["echo"].rate, remark=latencies(sides["ours"])
    )


def _give_consents(ours: Service, profile_ids: list[str]) -> None:
    """Let every second person consent, and see that a check tells them from the others."""
    giving = profile_ids[::2]
    service.give_consents(ours, giving)
    request = CheckConsentsRequest.FromString(next(bodies.consent_checks(profile_ids, PEOPLE_PER_CHECK)))
    with ours.stubs() as stubs:
        given = list(stubs.consents.CheckConsents(request, timeout=30).given)
    if given != [number % 2 == 0 for number in range(PEOPLE_PER_CHECK)]:
        raise LoadError("the check does not tell who consented")
