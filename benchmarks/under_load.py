"""Rebuilding while the service is used: what readers notice of it, and what it costs writers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

import grpc

from benchmarks import generator, lives, service
from benchmarks.bodies import REASON
from benchmarks.databases import temporary_directory, temporary_postgres
from benchmarks.generator import LoadError, Outcome
from benchmarks.live import renamed
from benchmarks.lives import LIFE, Place
from benchmarks.processes import settle
from benchmarks.register import load
from benchmarks.runner import Measurement, Options, benchmark, latencies
from profile_service.v1.operations_service_pb2 import (
    ListProjectionsRequest,
    ListProjectionsResponse,
    RebuildPhase,
    RebuildProjectionRequest,
)
from profile_service.v1.profile_service_pb2 import GetProfileRequest
from projections import catalogue
from projections.views import VIEWS
from tests.support.postgres import PostgresServer
from tests.support.service import Databases, Service, Stubs
from tests.support.sources import open_sources

PROFILES = 40_000
VIEW = "profiles"
# How long a view may be behind of a commit (seconds).
LAG = 1.0
WRITE_EVERY = 20
TIMEOUT = 10.0
PATIENCE = 600.0


@benchmark
def rebuild_under_load(options: Options) -> Iterator[Measurement]:
    """Rebuilt and swapped again and again under load: no bad read, at least 75 % of the writes."""
    people = options.profiles or PROFILES
    with (
        temporary_directory() as directory,
        temporary_postgres() as postgres,
        populated(directory, postgres, people) as (ours, profile_ids),
    ):
        before, reads_before = used(ours, profile_ids, options, rebuilding=False)
        during, reads = used(ours, profile_ids, options, rebuilding=True)
    yield Measurement(
        "rebuild_under_load_writes",
        during.rate,
        "calls/s",
        "before",
        before.rate,
        "ratio >= 0.75",
        f"{during.rebuilds} rebuilds of {people * len(LIFE):,} events; {during.latencies}",
    )
    yield Measurement(
        "rebuild_under_load_reads",
        reads.bad,
        "bad reads",
        "before",
        reads_before.bad,
        "value <= 0",
        f"of {reads.good + reads.bad:,}: {reads.failed} failed, {reads.empty} empty, {reads.stale} stale,"
        f" {reads.late} late",
    )


@dataclass(frozen=True)
class Used:
    """Registrations a second beside reads, and how often the view was rebuilt and swapped meanwhile."""

    rate: float
    latencies: str
    rebuilds: int


@dataclass
class Reads:
    """What a reader met. Empty: not the person as they are. Stale: behind what was read before. Late:
    more than `LAG` behind what was committed."""

    good: int = 0
    failed: int = 0
    empty: int = 0
    stale: int = 0
    late: int = 0

    @property
    def bad(self) -> int:
        return self.failed + self.empty + self.stale + self.late


@contextmanager
def populated(
    directory: Path, postgres: PostgresServer, people: int
) -> Iterator[tuple[Service, Sequence[str]]]:
    """The service on a log of so many lives, when its views have them."""
    databases = Databases(*(postgres.new_database() for _ in range(3)))
    place = Place(databases, directory / "root-keys")
    profile_ids = [str(profile_id) for profile_id in lives.write(place, people)]
    with open_sources(databases, place.root_keys) as sources:
        catalogue.prepare(sources.views, VIEWS, sources.log.log_id)
    with service.on_postgresql(directory, postgres, databases) as ours, ours.stubs() as stubs:
        give_up = time.monotonic() + PATIENCE
        while any(one.lag for one in listed(stubs).projections):
            if time.monotonic() > give_up:
                raise LoadError("the views did not get to the head of the log")
            time.sleep(0.1)
        settle()
        yield ours, profile_ids


def listed(stubs: Stubs) -> ListProjectionsResponse:
    answer: ListProjectionsResponse
    answer = stubs.operations.ListProjections(ListProjectionsRequest(), timeout=TIMEOUT)
    return answer


def used(
    ours: Service, profile_ids: Sequence[str], options: Options, *, rebuilding: bool
) -> tuple[Used, Reads]:
    """Register with 64 calls in flight and read beside it; `rebuilding`: until one rebuild has ended."""
    settle()
    over, rebuilds, outcomes = threading.Event(), Rebuilds(), list[Outcome]()
    with ThreadPoolExecutor(2) as threads:
        reader = threads.submit(read, ours, profile_ids, over)
        rebuilder = threads.submit(rebuilds.run, ours, over) if rebuilding else None
        try:
            while len(outcomes) < options.rounds or (rebuilding and not rebuilds.done):
                outcomes.append(generator.run(load(ours.address, seconds=options.seconds)))
                if rebuilder is not None and rebuilder.done():
                    break
        finally:
            over.set()
        if rebuilder is not None:
            rebuilder.result()
        reads = reader.result()
    if any(outcome.failures for outcome in outcomes):
        raise LoadError(f"registrations failed: {[outcome.refusals for outcome in outcomes]}")
    rate = median(outcome.rate for outcome in outcomes)
    return Used(rate, latencies(outcomes[-1]), rebuilds.done), reads


class Rebuilds:
    """Rebuilds one after the other, and counts those that ended."""

    def __init__(self) -> None:
        self.done = 0

    def run(self, ours: Service, over: threading.Event) -> None:
        request = RebuildProjectionRequest(name=VIEW)
        with ours.stubs() as stubs:
            while not over.is_set():
                steps = list(stubs.operations.RebuildProjection(request, timeout=PATIENCE))
                if steps[-1].phase != RebuildPhase.REBUILD_PHASE_SWAPPED:
                    raise LoadError("a rebuild did not end with a swap")
                self.done += 1


def read(ours: Service, profile_ids: Sequence[str], over: threading.Event) -> Reads:
    """Read one person after the other, and change one now and then to see that change at once."""
    reads = Reads()
    with ours.stubs() as stubs:
        grpc.channel_ready_future(stubs.channel).result(TIMEOUT)
        reader = Reader(stubs.profiles, reads)
        for number, profile_id in enumerate(cycle(profile_ids)):
            if over.is_set():
                break
            given_name = lives.given_name(number % len(profile_ids))
            if number % WRITE_EVERY:
                reader.read(profile_id, given_name)
            else:
                reader.change_and_read(profile_id, given_name)
    return reads


class Reader:
    """One reader, who remembers how far answers have been; `profiles` is a stub of the service."""

    def __init__(self, profiles: Any, reads: Reads) -> None:
        self._profiles = profiles
        self._reads = reads
        self._seen = 0

    def read(self, profile_id: str, given_name: str) -> None:
        """No answer is behind an earlier one."""
        request = GetProfileRequest(profile_id=profile_id, reason=REASON)
        self._take(request, given_name, self._seen, TIMEOUT)

    def change_and_read(self, profile_id: str, given_name: str) -> None:
        """Give another name, then this one again; each is there at once."""
        for name in (f"{given_name} again", given_name):
            written = self._profiles.UpdateProfile(renamed(profile_id, name), timeout=TIMEOUT).position
            request = GetProfileRequest(profile_id=profile_id, reason=REASON, at_least_position=written)
            self._take(request, name, written.value, LAG)

    def _take(self, request: GetProfileRequest, given_name: str, expected: int, timeout: float) -> None:
        try:
            answer = self._profiles.GetProfile(request, timeout=timeout)
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED and timeout == LAG:
                self._reads.late += 1
            elif error.code() is grpc.StatusCode.NOT_FOUND:
                self._reads.empty += 1
            else:
                self._reads.failed += 1
            return
        if answer.profile.given_name != given_name:
            self._reads.empty += 1
        elif answer.position.value < expected:
            self._reads.stale += 1
        else:
            self._reads.good += 1
        self._seen = max(self._seen, answer.position.value)
