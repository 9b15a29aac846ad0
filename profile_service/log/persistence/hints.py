"""Hints that something new may have been stored. A hint may get lost: who waits also polls."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any, Protocol
from weakref import WeakSet

import psycopg
from psycopg import sql
from sqlalchemy import Engine

# Seconds after which a waiting PostgreSQL connection looks up, to see whether it was stopped.
LOOK_UP = 0.05


class Hint(Protocol):
    """What a subscription waits on."""

    def wait(self, timeout: float) -> None:
        """Return after a hint, after `interrupt`, or after `timeout` seconds."""

    def interrupt(self) -> None:
        """Let a thread that waits return soon; no later wait lasts."""

    def close(self) -> None:
        """Give back what is held, unless a thread waits: then that thread does."""


def hint_for(engine: Engine, table: str) -> Hint:
    """Return a hint of what is stored in a table: of every process on PostgreSQL, else of this one."""
    if engine.dialect.name == "sqlite":
        return LocalHint(local_hints(engine, table))
    return PostgresHint(engine, table)


class LocalHints:
    """The subscriptions of this process that wait for one table: woken by its writers, once a batch."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: WeakSet[threading.Event] = WeakSet()

    def add(self, event: threading.Event) -> None:
        with self._guard:
            self._waiting.add(event)

    def wake_up(self) -> None:
        with self._guard:
            waiting = list(self._waiting)
        for event in waiting:
            event.set()


_hints_guard = threading.Lock()
_hints: defaultdict[tuple[str, str], LocalHints] = defaultdict(LocalHints)


def local_hints(engine: Engine, table: str) -> LocalHints:
    """Return the one object of this process for a table of a database file."""
    with _hints_guard:
        return _hints[str(Path(engine.url.database or "").resolve()), table]


class LocalHint:
    """Woken by writers of the same process."""

    def __init__(self, hints: LocalHints) -> None:
        self._event = threading.Event()
        self._interrupted = False
        hints.add(self._event)

    def wait(self, timeout: float) -> None:
        self._event.wait(timeout)
        if not self._interrupted:
            self._event.clear()

    def interrupt(self) -> None:
        self._interrupted = True
        self._event.set()

    def close(self) -> None:
        """Nothing is held."""


class PostgresHint:
    """Woken by NOTIFY, on a connection of its own that is opened when it first waits."""

    def __init__(self, engine: Engine, table: str) -> None:
        self._engine = engine
        self._channel = table
        self._using = threading.Lock()
        self._connection: psycopg.Connection[Any] | None = None
        self._interrupted = False

    def wait(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        with self._using:
            try:
                while not self._interrupted and (left := deadline - time.monotonic()) > 0:
                    if self._was_notified(min(left, LOOK_UP)):
                        return
            except psycopg.OperationalError:
                # Without a connection there are no hints: poll until there is one again.
                self._disconnect()
                time.sleep(min(LOOK_UP, timeout))
            finally:
                if self._interrupted:
                    self._disconnect()

    def interrupt(self) -> None:
        self._interrupted = True

    def close(self) -> None:
        if self._using.acquire(blocking=False):
            try:
                self._disconnect()
            finally:
                self._using.release()

    def _was_notified(self, timeout: float) -> bool:
        if self._connection is None:
            arguments, options = self._engine.dialect.create_connect_args(self._engine.url)
            self._connection = psycopg.connect(*arguments, **options, autocommit=True)
            self._connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
            return True  # something may have been stored before
        return any(True for _ in self._connection.notifies(timeout=timeout, stop_after=1))

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
