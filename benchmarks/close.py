"""Closing an epoch of the keys: how long registrations wait for it, and what it takes apart from that."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine

from benchmarks.bulk_keys import registered, reservation
from benchmarks.databases import temporary_directory, temporary_postgres
from benchmarks.generator import percentile
from benchmarks.runner import Measurement, Options, benchmark
from profile_service.database import migrate, open_engine
from profile_service.keys.reservations import Reserved
from profile_service.keys.roots import FileRootProvider
from profile_service.keys.schema import MIGRATIONS
from profile_service.keys.store import KeyStore

ERASURES = (1, 1_000)
PROFILES = 1_000_000
TARGETS = {1: "value <= 1000", 1_000: "value <= 10000"}
LONGEST_WAIT = "value <= 200"


@benchmark
def close(options: Options) -> Iterator[Measurement]:
    """PostgreSQL, a million profiles: switch <= 1 s for 1 erasure, <= 10 s for 1,000, waits <= 200 ms."""
    with (
        temporary_directory() as directory,
        temporary_postgres() as postgres,
        opened(postgres.new_database(), directory) as keys,
    ):
        profiles = options.profiles or PROFILES
        people = [one.profile_id for some in registered(keys.engine, keys.store, profiles) for one in some]
        for erasures in ERASURES:
            gone, people = people[:erasures], people[erasures:]
            # A million ids of this program's own, looked through by the collector, would be measured, too.
            gc.collect()
            gc.freeze()
            for profile_id in gone:
                keys.store.destroy(profile_id)
            yield from closed(keys, erasures, f"{profiles:,} profiles")


@dataclass(frozen=True)
class Keys:
    """A key database with a store on it."""

    engine: Engine
    store: KeyStore
    backups: Path


@contextmanager
def opened(url: str, directory: Path) -> Iterator[Keys]:
    with ExitStack() as stack:
        engine = open_engine(url)
        stack.callback(engine.dispose)
        migrate(engine, MIGRATIONS)
        root = FileRootProvider(directory / "roots")
        store = KeyStore(engine, root, cached=64, close_every=timedelta(days=1))
        store.start()
        stack.callback(store.stop)
        yield Keys(engine, store, directory / "backups")


class Registering:
    """One caller after another, each timed, until it is stopped; one that is told to try again does."""

    def __init__(self, store: KeyStore, name: str) -> None:
        self._store = store
        self._name = name
        self._stopping = threading.Event()
        self.waits: list[float] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            began = time.perf_counter()
            address = f"{self._name}{len(self.waits)}@example.org"
            while not isinstance(self._store.reserve([reservation(self._store, address)])[0], Reserved):
                pass
            self.waits.append(time.perf_counter() - began)


def closed(keys: Keys, erasures: int, remark: str) -> Iterator[Measurement]:
    """Close the epoch step by step while somebody registers all the time."""
    name = f"close.{erasures}"
    closing = keys.store.closing(keys.backups)
    epoch = closing.first_unclosed()
    with closing.leading():
        registering = Registering(keys.store, f"{name}.")
        try:
            closing.prepare(epoch)
            began = time.perf_counter()
            for _ in closing.renew_buckets():
                pass
            renewed = time.perf_counter() - began
            held = closing.switch()
        finally:
            registering.stop()
        waits = sorted(registering.waits)
        began = time.perf_counter()
        closing.back_up(closing.epoch(epoch.epoch))
        verified = time.perf_counter() - began
        closing.destroy(closing.epoch(epoch.epoch))
        closing.finish(closing.epoch(epoch.epoch), 0)
    yield Measurement(f"{name}.switch", held * 1e3, "ms", target=TARGETS[erasures], remark=remark)
    yield Measurement(
        f"{name}.wait",
        waits[-1] * 1e3,
        "ms",
        target=LONGEST_WAIT,
        remark=f"longest of {len(waits):,} calls; 99.9 % {percentile(waits, 0.999) * 1e3:.0f} ms",
    )
    yield Measurement(f"{name}.renew", renewed, "s", remark="new keys for dirty buckets, before the switch")
    yield Measurement(f"{name}.backup", verified, "s", remark="copied, restored, every key opened")
