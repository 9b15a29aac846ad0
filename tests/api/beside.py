"""A service whose projector is a process of its own, which a test can hold up, and its files."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.engine import make_url

from tests.api.calls import SECONDS
from tests.support.service import Process, Service, Stubs


@dataclass
class Beside:
    """A service whose views are kept by a process of its own."""

    service: Service
    stubs: Stubs
    projector: Process

    @contextmanager
    def lagging(self) -> Iterator[None]:
        """The projector stands still."""
        self.projector.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.projector.send_signal(signal.SIGCONT)

    def damage(self, position: int) -> None:
        """Leave nothing of a fact in the log that can be read."""
        statement = "UPDATE facts SET record = x'ff' WHERE position = ?"
        assert self.execute(self.service.databases.events, statement, position) == 1

    def execute(self, url: str, statement: str, *values: object) -> int:
        """Change a database behind the back of the service; how many rows."""
        with sqlite3.connect(str(make_url(url).database), timeout=SECONDS) as connection:
            return connection.execute(statement, values).rowcount
