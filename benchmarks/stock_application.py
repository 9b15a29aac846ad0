"""`Application.save` of the `eventsourcing` library, on its own PostgreSQL module and on ours."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate
from sqlalchemy.engine import make_url


@dataclass(frozen=True)
class SaveRates:
    """Events stored a second by a stock application, each saved alone."""

    ours: float
    stock: float
    threads: int

    @property
    def ratio(self) -> float:
        return self.ours / self.stock


def run(ours: str, library: str, *, threads: int = 32, seconds: float = 5.0) -> SaveRates:
    """Measure both, one after the other, with the same application and load.

    `ours` and `library` are SQLAlchemy URLs of two empty databases on one PostgreSQL server.
    """
    return SaveRates(
        stock=saves_per_second(library_environment(library), threads, seconds),
        ours=saves_per_second(our_environment(ours), threads, seconds),
        threads=threads,
    )


def our_environment(url: str) -> dict[str, str]:
    return {"PERSISTENCE_MODULE": "profile_service.log", "EVENTS_URL": url}


def library_environment(url: str) -> dict[str, str]:
    parsed = make_url(url)
    host = parsed.host or str(parsed.query["host"])
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": parsed.database or "",
        "POSTGRES_HOST": host,
        "POSTGRES_PORT": str(parsed.port or 5432),
        "POSTGRES_USER": parsed.username or "postgres",
        "POSTGRES_PASSWORD": parsed.password or "",
    }


def saves_per_second(environment: Mapping[str, str], threads: int, seconds: float) -> float:
    """Let `threads` threads save new aggregates for `seconds`, after one second to warm up."""
    with Application[UUID](env=environment) as application:
        _save_for(application, threads, 1.0)
        started = time.perf_counter()
        saved = _save_for(application, threads, seconds)
        elapsed = time.perf_counter() - started
        stored = application.recorder.max_notification_id()
        if stored is None or stored < saved:
            raise AssertionError("what was saved is not there")
    return saved / elapsed


def _save_for(application: Application[UUID], threads: int, seconds: float) -> int:
    stop = threading.Event()
    counts = [0] * threads

    def save(number: int) -> None:
        while not stop.is_set():
            application.save(Aggregate())
            counts[number] += 1

    workers = [threading.Thread(target=save, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    time.sleep(seconds)
    stop.set()
    for worker in workers:
        worker.join()
    return sum(counts)
