"""Importing: batches over bidirectional streams, from a Python gRPC client in its own process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import grpc

from benchmarks import bodies, service
from benchmarks.databases import temporary_directory, temporary_postgres
from benchmarks.generator import LoadError
from benchmarks.processes import peer, settle
from benchmarks.runner import Measurement, Options, benchmark
from profile_service.v1.profile_service_pb2 import ImportProfilesResponse

STREAMS = 4
BATCH = 500
PROFILES_PER_SECOND = 20_000
TIMEOUT = 600.0


@dataclass(frozen=True)
class Import:
    """Profiles a second, and the client's share of one core."""

    rate: float
    cpu: float


@benchmark
def import_postgresql(options: Options) -> Iterator[Measurement]:
    """Batches of 500 over four streams on PostgreSQL: 20,000 profiles a second."""
    profiles = round(options.seconds * PROFILES_PER_SECOND / STREAMS)
    sides: dict[str, list[Import]] = {"echo": [], "ours": []}
    with (
        temporary_directory() as directory,
        temporary_postgres() as postgres,
        peer("echo") as echo,
        service.on_postgresql(directory, postgres) as ours,
        ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as executor,
    ):
        for _ in range(options.rounds):
            for name, address in (("echo", echo), ("ours", ours.address)):
                settle()
                sides[name].append(executor.submit(imports, address, profiles).result())
    result, ceiling = (
        sorted(sides[name], key=lambda one: one.rate)[options.rounds // 2] for name in ("ours", "echo")
    )
    yield Measurement(
        "import_postgresql",
        result.rate,
        "profiles/s",
        "gRPC echo",
        ceiling.rate,
        "value >= 20000",
        f"the client takes {result.cpu:.0%} of a core",
    )


def imports(address: str, profiles: int) -> Import:
    """Import `profiles` people over each of the streams at once. Raises `LoadError` if one is refused."""
    prepared = [list(bodies.imports(profiles, BATCH)) for _ in range(STREAMS)]
    with grpc.insecure_channel(address) as channel, ThreadPoolExecutor(STREAMS) as threads:
        call: grpc.StreamStreamMultiCallable[bytes, bytes] = channel.stream_stream(service.IMPORT)
        grpc.channel_ready_future(channel).result(TIMEOUT)
        began, cpu = time.perf_counter(), time.process_time()
        answers = list(threads.map(lambda messages: list(call(iter(messages), timeout=TIMEOUT)), prepared))
        seconds = time.perf_counter() - began
        cpu = time.process_time() - cpu
    # Read only after the clock: the client is not what is measured.
    statuses = [
        status
        for stream in answers
        for answer in stream
        for status in ImportProfilesResponse.FromString(answer).statuses
    ]
    refused = [status for status in statuses if not status.profile_id]
    if refused or len(statuses) != profiles * STREAMS:
        raise LoadError(f"{len(refused)} of {len(statuses)} profiles refused: {refused[:3]}")
    return Import(len(statuses) / seconds, cpu / seconds)
