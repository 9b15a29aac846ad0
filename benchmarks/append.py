"""Appending in process: exact versions, request ids and gapless positions, without gRPC and keys."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from uuid import uuid4

import profile_service.log
from benchmarks.databases import temporary_postgres
from benchmarks.processes import settle
from benchmarks.runner import Measurement, Options, benchmark
from benchmarks.umadb import serving, unary_appends
from profile_service.database import migrate, open_engine
from profile_service.log.append import Append, EventLog, NewFact
from profile_service.log.postgres import PostgresAppendStore
from profile_service.process import tune

IN_FLIGHT = 256
RECORD_BYTES = 300
MIGRATIONS = Path(profile_service.log.__file__).parent / "migrations"


@dataclass(frozen=True)
class Appends:
    """Events a second, and latencies in seconds."""

    rate: float
    p50: float
    p99: float


@benchmark
def append(options: Options) -> Iterator[Measurement]:
    """256 callers in one process on PostgreSQL: 25,000 events a second; beside UmaDB."""
    ours, theirs = [], []
    with (
        temporary_postgres() as postgres,
        serving() as umadb,
        ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as executor,
    ):
        url = postgres.new_database()
        migrate(open_engine(url), MIGRATIONS)
        for _ in range(options.rounds):
            settle()
            theirs.append(executor.submit(unary_appends, umadb, options.seconds).result())
            settle()
            ours.append(executor.submit(appends, url, options.seconds).result())
    result = sorted(ours, key=lambda one: one.rate)[len(ours) // 2]
    yield Measurement(
        "append",
        result.rate,
        "events/s",
        "UmaDB",
        sorted(theirs)[len(theirs) // 2],
        "value >= 25000",
        f"p50 {result.p50 * 1e3:.1f} ms, p99 {result.p99 * 1e3:.1f} ms",
    )


def appends(url: str, seconds: float) -> Appends:
    """Append to a migrated event database with `IN_FLIGHT` callers, an event a call; tuned as a server is."""
    tune()
    engine = open_engine(url)
    log = EventLog(PostgresAppendStore(engine, lambda: time.time_ns() // 1000))
    try:
        return asyncio.run(_append(log, seconds))
    finally:
        log.close()


async def _append(log: EventLog, seconds: float) -> Appends:
    latencies: list[float] = []
    record, digest = os.urandom(RECORD_BYTES), os.urandom(32)
    end = time.perf_counter() + seconds

    async def caller() -> None:
        profile_id, version = uuid4(), 0
        stream = f"profile/{profile_id}"
        while (began := time.perf_counter()) < end:
            version += 1
            fact = NewFact(stream, version, profile_id, "profile_service.v1.ProfileUpdated", record)
            await log.append(Append(os.urandom(32), digest, profile_id, profile_id, (fact,)))
            latencies.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(IN_FLIGHT)))
    ordered = sorted(latencies)
    rate = len(ordered) / (time.perf_counter() - began)
    return Appends(rate, ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100])
