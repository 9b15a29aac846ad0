"""The memory of the server while it registers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import mean

import psutil  # type: ignore[import-untyped]  # carries no types

from benchmarks import generator, service
from benchmarks.databases import temporary_directory, temporary_postgres
from benchmarks.register import load
from benchmarks.runner import Measurement, Options, benchmark

SAMPLE_SECONDS = 1.0
# From how long a run on it can be told whether memory stays flat.
MINUTES = 10
MIB = 1 << 20


@benchmark
def memory(options: Options) -> Iterator[Measurement]:
    """Resident memory under 64 registrations in flight: at most 300 MiB, and flat."""
    with (
        temporary_directory() as directory,
        temporary_postgres() as postgres,
        service.on_postgresql(directory, postgres) as ours,
        ThreadPoolExecutor(1) as thread,
    ):
        assert ours.process is not None
        server = psutil.Process(ours.process.pid)
        outcome = thread.submit(generator.run, load(ours.address, seconds=options.minutes * 60, prepared=0))
        samples = []
        while not outcome.done():
            samples.append(server.memory_info().rss / MIB)
            time.sleep(SAMPLE_SECONDS)
    remark = f"{outcome.result().calls:,} profiles in {options.minutes:g} minutes"
    yield Measurement("memory_peak", max(samples), "MiB", target="value <= 300", remark=remark)
    # The first fifth fills caches and pools, which takes minutes; flat means flat from there on.
    fifth = max(1, len(samples) // 5)
    flat = "ratio <= 1.05" if options.minutes >= MINUTES else None
    early, late = mean(samples[fifth : 2 * fifth]), mean(samples[-fifth:])
    yield Measurement("memory_flat", late, "MiB", "after a fifth", early, flat, remark)
