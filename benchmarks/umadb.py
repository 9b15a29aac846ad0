"""UmaDB, an event store in Rust: its server from its wheel, called by its own client."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from multiprocessing import get_context
from statistics import median
from uuid import uuid4

from umadb import AppendCondition, Client, Event, Query, QueryItem

from benchmarks.databases import temporary_directory
from benchmarks.processes import listening, program
from benchmarks.runner import Measurement, Options, benchmark
from tests.support.service import free_port

THREADS = 64
RECORD_BYTES = 300
BATCH = 100


@benchmark
def umadb(options: Options) -> Iterator[Measurement]:
    """UmaDB for reference: one event an append, and 100."""
    with (
        serving() as address,
        ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as executor,
    ):
        for name, appends in (("umadb", unary_appends), ("umadb_batches", batch_appends)):
            rates = [
                executor.submit(appends, address, options.seconds).result() for _ in range(options.rounds)
            ]
            yield Measurement(name, median(rates), "events/s")


@contextmanager
def serving() -> Iterator[str]:
    """A UmaDB server on a temporary file; gives its address."""
    port = free_port()
    with temporary_directory() as directory:
        command = [program("umadb"), "--listen", f"127.0.0.1:{port}", "--db-path", f"{directory}/uma.db"]
        with listening(command, port):
            yield f"http://127.0.0.1:{port}"


def unary_appends(address: str, seconds: float) -> float:
    """Events a second of callers that append one event at an exact place of their stream."""
    return _appends(address, seconds, 1)


def batch_appends(address: str, seconds: float) -> float:
    """The same with `BATCH` events an append."""
    return _appends(address, seconds, BATCH)


def _appends(address: str, seconds: float, events: int) -> float:
    with closing(Client(address)) as client, ThreadPoolExecutor(THREADS) as threads:
        began = time.perf_counter()
        caller = partial(_append, client, end=began + seconds, events=events)
        appended = sum(threads.map(lambda _: caller(), range(THREADS)))
        return appended / (time.perf_counter() - began)


def _append(client: Client, end: float, events: int) -> int:
    """Append to a stream of one's own until `end`; return how many events."""
    stream, data, appended = f"profile/{uuid4()}", os.urandom(RECORD_BYTES), 0
    query = Query([QueryItem(tags=[stream])])
    position = None
    while time.perf_counter() < end:
        new = [Event("ProfileUpdated", data, [stream], uuid4()) for _ in range(events)]
        position = client.append(new, AppendCondition(query, position))
        appended += events
    return appended
