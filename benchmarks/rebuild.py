"""Rebuilding views beside the live ones: every event opened, folded, sealed, compared, swapped in."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from statistics import median
from typing import Any

from benchmarks import lives, sampling
from benchmarks.databases import temporary_directory, temporary_postgres
from benchmarks.lives import LIFE, Place, keep_open
from benchmarks.peers import projecting
from benchmarks.processes import cpu_seconds, settle
from benchmarks.runner import Measurement, Options, benchmark
from profile_service.process import tune
from profile_service.v1.operations_service_pb2 import RebuildPhase
from projections.catalogue import LIVE, find_view, read_generations
from projections.crew import Workforce
from projections.rebuild import Rebuild
from projections.sources import Sources
from projections.view import View
from projections.views import VIEWS
from projections.views.consents_per_day import CONSENTS_PER_DAY_VIEW
from projections.views.profiles import PROFILES_VIEW
from tests.support.postgres import PostgresServer
from tests.support.service import Databases
from tests.support.sources import open_sources

PROFILES = 200_000
PROFILES_ON_SQLITE = 40_000
PEER_PROFILES = 2_000
WORKERS = 2


@benchmark
def rebuild(options: Options) -> Iterator[Measurement]:
    """A million events of 200,000 people on PostgreSQL: 150,000 events/s, 100x the stock runner."""
    people = options.profiles or PROFILES
    with temporary_directory() as directory, temporary_postgres() as postgres:
        place = Place(Databases(*(postgres.new_database() for _ in range(3))), directory / "roots")
        with written(place, people) as sources, workers(WORKERS) as executor, workers(1) as alone:
            ours = Rebuilds(place, sources, PROFILES_VIEW)
            open_data = Rebuilds(place, sources, CONSENTS_PER_DAY_VIEW)
            theirs = Runners(postgres, alone, min(people, PEER_PROFILES))
            for _ in range(options.rounds):
                theirs.run()
                ours.run(executor)
                open_data.run(executor)
            one_worker = Rebuilds(place, sources, PROFILES_VIEW)
            with sampling.sampled() as samples:
                one_worker.run_here()
    sampling.show(samples)
    yield Measurement(
        "rebuild_over_runner", ours.rate, "events/s", "ProjectionRunner", theirs.rate, "ratio >= 100"
    )
    yield ours.measurement("rebuild", "value >= 150000")
    yield open_data.measurement("rebuild_open_data", "value >= 500000")
    yield one_worker.measurement("rebuild_one_worker")


@benchmark
def rebuild_sqlite(options: Options) -> Iterator[Measurement]:
    """200,000 events of 40,000 people on SQLite: 50,000 events/s."""
    people = options.profiles or PROFILES_ON_SQLITE
    with temporary_directory() as directory:
        place = Place(Databases.sqlite(directory), directory / "roots")
        with written(place, people) as sources, workers(WORKERS) as executor:
            ours = Rebuilds(place, sources, PROFILES_VIEW)
            for _ in range(options.rounds):
                ours.run(executor)
    yield ours.measurement("rebuild_sqlite", "value >= 50000")


@dataclass(frozen=True)
class Rebuilt:
    """One rebuild: its events, the seconds of each phase, and the processor time of our own processes."""

    events: int
    seconds: dict[str, float]
    cpu: float

    @property
    def rate(self) -> float:
        return self.events / sum(self.seconds.values())

    @property
    def phases(self) -> str:
        seconds = [f"{phase} {seconds:.2f} s" for phase, seconds in self.seconds.items()]
        return ", ".join([*seconds, f"cpu {self.cpu:.2f} s"])


class Rebuilds:
    """Rebuilds of one view, of which the median counts. The first has no live view to be compared with, so
    it is not counted."""

    def __init__(self, place: Place, sources: Sources, view: View) -> None:
        self._place = place
        self._sources = sources
        self._view = view
        self._done: list[Rebuilt] = []

    def run(self, executor: Executor) -> None:
        if not self._is_live():
            self._rebuild(executor)
        settle()
        self._take(self._rebuild(executor))

    def run_here(self) -> None:
        """One rebuild by one worker, in this thread: so that it can be sampled."""
        self._take(self._rebuild(Here()))

    def _take(self, done: Rebuilt) -> None:
        print(f"  {self._view.name}: {done.rate:,.0f} events/s; {done.phases}")
        self._done.append(done)

    @property
    def rate(self) -> float:
        return self._median.rate

    def measurement(self, name: str, target: str | None = None) -> Measurement:
        return Measurement(name, self.rate, "events/s", target=target, remark=self._median.phases)

    @property
    def _median(self) -> Rebuilt:
        return sorted(self._done, key=lambda one: one.rate)[(len(self._done) - 1) // 2]

    def _is_live(self) -> bool:
        with self._sources.views.connect() as connection:
            return bool(read_generations(connection, self._view.name, [LIVE]))

    def _rebuild(self, executor: Executor) -> Rebuilt:
        """A phase lasts from its first step to that of the next."""
        there = partial(keep_open, self._place)
        open_sources = (lambda: self._sources) if isinstance(executor, Here) else there
        workforce = Workforce(lambda: nullcontext(executor), open_sources, find)
        work = Rebuild(self._sources, self._view, lambda _executor, _workers: workforce)
        seconds: dict[str, float] = defaultdict(float)
        phase, since, events, cpu = "begin", time.perf_counter(), 0, cpu_seconds()
        for progress in work.run():
            now = time.perf_counter()
            seconds[phase] += now - since
            phase = RebuildPhase.Name(progress.phase).removeprefix("REBUILD_PHASE_").lower()
            since, events = now, progress.events
        return Rebuilt(events, dict(seconds), cpu_seconds() - cpu)


class Runners:
    """Stock runners over a log of their own; each one fills an empty table, and the median counts."""

    def __init__(self, postgres: PostgresServer, executor: Executor, people: int) -> None:
        self._postgres = postgres
        self._executor = executor
        self._people = people
        self._events = postgres.new_database()
        self._rates: list[float] = []
        executor.submit(projecting.live, self._events, people).result()

    def run(self) -> None:
        settle()
        view = self._postgres.new_database()
        work = self._executor.submit(projecting.projected_per_second, self._events, view, self._people)
        self._rates.append(work.result())
        print(f"  ProjectionRunner: {self._rates[-1]:,.0f} events/s")

    @property
    def rate(self) -> float:
        return median(self._rates)


class Here(Executor):
    """Works in the thread that submits."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*args, **kwargs))
        return future


def find(name: str) -> View:
    """What a worker is given to find its view by; views themselves can't be sent to it."""
    return find_view(VIEWS, name)


@contextmanager
def workers(number: int) -> Iterator[Executor]:
    """Processes that have started before the clock does, tuned as those of the service are."""
    with ProcessPoolExecutor(number, mp_context=get_context("spawn"), initializer=tune) as executor:
        for started in [executor.submit(time.sleep, 0.5) for _ in range(number)]:
            started.result()
        yield executor


@contextmanager
def written(place: Place, people: int) -> Iterator[Sources]:
    """A log of so many lives, and what projecting it works on."""
    began = time.perf_counter()
    lives.write(place, people)
    print(f"  {people * len(LIFE):,} events written in {time.perf_counter() - began:.0f} s")
    with open_sources(place.databases, place.root_keys) as sources:
        yield sources
