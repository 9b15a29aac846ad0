"""Hearing of new facts: a hint from PostgreSQL or from the writer of this process, and a clock besides.

A lost hint costs a short wait, never a fact: whoever waits looks at the log again anyway.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import psycopg
import structlog
from sqlalchemy import Engine

log = structlog.get_logger()

CHANNEL = "profile_service_log"
# Seconds between looks without a hint.
POLL = 0.05
RECONNECT = 1.0
# At least between two hints of the database: each wakes the interpreter in the middle of other work.
SPACING = 0.005


class Wakeup:
    """Counts hints. `notify` may be called from any thread."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._count = 0
        self._waiting: set[Callable[[], object]] = set()

    def notify(self) -> None:
        """Say that there may be new facts."""
        with self._condition:
            self._count += 1
            self._condition.notify_all()
            for wake in self._waiting:
                with suppress(RuntimeError):  # its loop was closed
                    wake()

    def ticket(self) -> int:
        """Return what `wait` compares with; take it before looking at the log."""
        return self._count

    def wait_in_thread(self, ticket: int, timeout: float = POLL) -> None:
        """Return at a hint since `ticket`, or after `timeout` seconds."""
        with self._condition:
            self._condition.wait_for(lambda: self._count != ticket, timeout)

    async def wait(self, ticket: int) -> None:
        """The same in a coroutine: return at a hint since `ticket`, or after `POLL`."""
        hinted = asyncio.Event()
        wake = partial(asyncio.get_running_loop().call_soon_threadsafe, hinted.set)
        with self._condition:
            if self._count != ticket:
                return
            self._waiting.add(wake)
        try:
            async with asyncio.timeout(POLL):
                await hinted.wait()
        except TimeoutError:
            return
        finally:
            with self._condition:
                self._waiting.discard(wake)


class PostgresListener:
    """Turns NOTIFY of any process into hints. One connection of its own."""

    def __init__(self, engine: Engine, wakeup: Wakeup) -> None:
        self._engine = engine
        self._wakeup = wakeup
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="log-listener", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._connect() as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    while not self._stopping.is_set():
                        for _ in connection.notifies(timeout=0.5):
                            self._wakeup.notify()
                            self._stopping.wait(SPACING)
            except psycopg.Error:
                log.warning("log listener lost its connection")
                self._stopping.wait(RECONNECT)

    def _connect(self) -> psycopg.Connection[Any]:
        arguments, options = self._engine.dialect.create_connect_args(self._engine.url)
        return psycopg.connect(*arguments, **options, autocommit=True)
