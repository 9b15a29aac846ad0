"""What a process opens before it works: three databases, the keys, and the lock of a SQLite directory."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from filelock import FileLock, Timeout
from sqlalchemy import Engine

from profile_service.backup.starting import consistent_log
from profile_service.commands.reconciling import NotReconciledError
from profile_service.copies import remove_leftovers
from profile_service.database import check_schema, open_engine
from profile_service.database import migrate as migrate_database
from profile_service.keys import schema as keys_schema
from profile_service.keys.errors import KeyDatabaseError
from profile_service.keys.inventory import KeyInventory
from profile_service.keys.roots import RootProvider, open_root_provider
from profile_service.keys.store import KeyStore
from profile_service.log import incarnation
from profile_service.log import schema as log_schema
from profile_service.log.postgres import PostgresAppendStore
from profile_service.log.reader import LogReader
from profile_service.log.sqlite import SQLiteAppendStore
from profile_service.log.wakeup import PostgresListener, Wakeup
from profile_service.presence import share
from profile_service.settings import Settings
from projections import schema as views_schema
from projections.sources import Sources

log = structlog.get_logger()


class StartError(Exception):
    """The service can't start, or must start anew; the text is one line for the operator."""


@dataclass(frozen=True)
class Stores:
    """The three databases and what reads and opens them."""

    events: Engine
    views: Engine
    reader: LogReader
    keys: KeyStore
    wakeup: Wakeup

    @property
    def sources(self) -> Sources:
        return Sources(log=self.reader, keys=self.keys, views=self.views)


def migrate(settings: Settings) -> None:
    """Bring the schemas of the three databases to this version."""
    for url, scripts in databases(settings):
        engine = open_engine(url)
        share(engine)
        migrate_database(engine, scripts)
        engine.dispose()


@contextmanager
def open_stores(settings: Settings) -> Iterator[Stores]:
    """Open everything, and have keys and log agree. Raises `StartError` if they can't."""
    with ExitStack() as stack:
        engines = []
        for url, scripts in databases(settings):
            engine = open_engine(url)
            share(engine)
            stack.callback(engine.dispose)
            if engine.dialect.name == "sqlite":
                migrate_database(engine, scripts)
            else:
                check_schema(engine, scripts)
            # A restore or a close that was killed: a copy that opens is kept no longer than it is needed.
            remove_leftovers(engine)
            engines.append(engine)
        events, keys_engine, views = engines
        root = root_provider(settings)
        keys = KeyStore(keys_engine, root, close_every=settings.close_every)
        keys.start()
        stack.callback(keys.stop)
        try:
            reader = consistent_log(
                events, views, KeyInventory(keys_engine), keys, append_store(events), settings.erasures
            )
        except NotReconciledError as error:
            raise StartError(str(error)) from None
        wakeup = Wakeup()
        if events.dialect.name == "postgresql":
            listener = PostgresListener(events, wakeup)
            stack.callback(listener.stop)
        same_log = _SameLog(events, reader.log_id)
        keys.before_reopening(same_log.check)
        yield Stores(events, views, reader, keys, wakeup)
    if same_log.lost:
        raise StartError("the databases were restored while this process was cut off: start it again")


@contextmanager
def only_server(settings: Settings) -> Iterator[None]:
    """Keep a second server away from SQLite files: its writer would not know of the other's."""
    settings.data.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.data / "server.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise StartError(f"another server uses {settings.data}") from None
    try:
        yield
    finally:
        lock.release()


class _SameLog:
    """Ends this process once the log is not the one that it started with: only a start compares keys and log.

    So it is when the process was cut off from the databases, which nothing kept from being restored then.
    """

    def __init__(self, events: Engine, log_id: str) -> None:
        self._events = events
        self._log_id = log_id
        self.lost = False

    def check(self) -> None:
        """Raise `KeyDatabaseError`, and have the process stop, if the log is another one by now."""
        with self._events.connect() as connection:
            if incarnation.log_id(connection) == self._log_id:
                return
        if not self.lost:
            self.lost = True
            log.critical("log was restored meanwhile, process ends")
            os.kill(os.getpid(), signal.SIGTERM)
        raise KeyDatabaseError("the log is another one than at the start")


def root_provider(settings: Settings) -> RootProvider:
    """Where the root keys are, and were before. Raises `RootError`."""
    return open_root_provider(
        settings.root_keys, previous=settings.previous_root_keys, data_directory=settings.data
    )


def databases(settings: Settings) -> tuple[tuple[str, Path], ...]:
    """URL and migrations of events, keys and views."""
    return (
        (settings.events_url, log_schema.MIGRATIONS),
        (settings.keys_url, keys_schema.MIGRATIONS),
        (settings.views_url, views_schema.MIGRATIONS),
    )


def append_store(events: Engine) -> PostgresAppendStore | SQLiteAppendStore:
    """The `AppendStore` of this kind of database, with the clock of this machine."""
    if events.dialect.name == "postgresql":
        return PostgresAppendStore(events, _microseconds)
    return SQLiteAppendStore(events, _microseconds)


def _microseconds() -> int:
    return time.time_ns() // 1000
