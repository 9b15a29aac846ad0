"""A stock `Application.save` over our persistence module, and over the library's own."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import median

from benchmarks.databases import temporary_postgres
from benchmarks.processes import settle
from benchmarks.runner import Measurement, Options, benchmark
from benchmarks.stock_application import library_environment, our_environment, saves_per_second

THREADS = 32


@benchmark
def stock_save(options: Options) -> Iterator[Measurement]:
    """32 threads that save new aggregates on PostgreSQL: 5x the library's own module."""
    rates: dict[str, list[float]] = {"library": [], "ours": []}
    with (
        temporary_postgres() as postgres,
        ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as executor,
    ):
        environments = {
            "library": library_environment(postgres.new_database()),
            "ours": our_environment(postgres.new_database()),
        }
        for _ in range(options.rounds):
            for side, environment in environments.items():
                settle()
                saving = executor.submit(saves_per_second, environment, THREADS, options.seconds)
                rates[side].append(saving.result())
    ours, theirs = median(rates["ours"]), median(rates["library"])
    yield Measurement("stock_save", ours, "events/s", "eventsourcing.postgres", theirs, "ratio >= 5")
