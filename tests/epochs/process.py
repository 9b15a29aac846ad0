"""Real second processes: one that closes and dies on the spot, one that registers people without end."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, event

from profile_service.database import open_engine
from profile_service.keys.closing import EpochClosing
from profile_service.keys.errors import KeysUnavailableError
from profile_service.keys.reservations import Reserved
from profile_service.keys.roots import FileRootProvider
from profile_service.keys.store import KeyStore
from tests.epochs.city import PLACE, close
from tests.keys.wishes import wish
from tests.support.processes import FORKS, start

STEPS = ("prepare", "renew_buckets", "switch", "back_up", "destroy", "finish")


class Moments:
    """Names every moment of a close at which a crash may tell; `reached` is called at each.

    A moment is before or after a commit, or a call of the provider, of one step: `switch commit 1 before`.
    """

    def __init__(self, reached: Callable[[str], None]) -> None:
        self._reached = reached
        self._step = ""
        self._counts: dict[str, int] = {}
        self._thread = threading.get_ident()
        self._committed: str | None = None

    def watch(self, engine: Engine, root: FileRootProvider, closing: EpochClosing) -> None:
        event.listen(engine, "commit", self._before_commit)
        event.listen(engine, "checkin", self._after_commit)
        for name in ("create", "destroy"):
            self._around(root, name)
        for name in STEPS:
            self._enter(closing, name)

    def _name(self, what: str) -> str | None:
        if not self._step or threading.get_ident() != self._thread:
            return None
        name = f"{self._step} {what}"
        self._counts[name] = self._counts.get(name, 0) + 1
        return f"{name} {self._counts[name]}"

    def _before_commit(self, connection: Any) -> None:
        if connection.get_execution_options().get("immediate"):
            self._committed = self._name("commit")
            if self._committed:
                self._reached(f"{self._committed} before")

    def _after_commit(self, *_: Any) -> None:
        if self._committed and threading.get_ident() == self._thread:
            self._reached(f"{self._committed} after")
            self._committed = None

    def _around(self, root: Any, method: str) -> None:
        inner = getattr(root, method)

        def around(root_id: str) -> None:
            name = self._name(method)
            if name:
                self._reached(f"{name} before")
            inner(root_id)
            if name:
                self._reached(f"{name} after")

        setattr(root, method, around)

    def _enter(self, closing: Any, step: str) -> None:
        inner = getattr(closing, step)

        def entered(*arguments: Any) -> Any:
            self._step = step
            return inner(*arguments)

        setattr(closing, step, entered)


def die_at(url: str, roots: Path, backups: Path, moment: str) -> None:
    """Close the epoch, and be no more at one moment of it."""

    def reached(name: str) -> None:
        if name == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    engine, root = open_engine(url), FileRootProvider(roots)
    store = KeyStore(engine, root)
    store.start()
    closing = store.closing(backups)
    Moments(reached).watch(engine, root, closing)
    close(closing)


def register_forever(connection: Connection, url: str, roots: Path, prefix: str) -> None:
    """Register one after the other; tell of each as soon as it is durable: id, number, sealed text."""
    store = KeyStore(open_engine(url), FileRootProvider(roots))
    store.start()
    number = 0
    while True:
        address = f"{prefix}{number}@example.org"
        try:
            item = wish(store, address, f"{prefix}{number}-{uuid4()}")
            done = isinstance(store.reserve([item])[0], Reserved)
            sealed = item.key.cipher.seal(b"text", PLACE)
        except KeysUnavailableError:  # a machine so busy that the lease was lost: with another address
            number += 1
            time.sleep(0.2)
            continue
        if done:
            connection.send((str(item.profile_id), address, sealed))
            number += 1


class Registering:
    """A process that registers people, and what it told of them."""

    def __init__(self, url: str, roots: Path, prefix: str) -> None:
        self._connection, other_end = FORKS.Pipe()
        self._process = start(register_forever, other_end, url, roots, prefix)
        other_end.close()
        self._told: list[tuple[str, str, bytes]] = []
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        with suppress(EOFError, OSError):  # killed between two, or in the middle of one
            while True:
                self._told.append(self._connection.recv())

    def __len__(self) -> int:
        return len(self._told)

    def stop(self) -> list[tuple[str, str, bytes]]:
        """Kill it; return profile id, address and sealed text of everyone it told of."""
        self._process.kill()
        self._process.join()
        self._thread.join()
        self._connection.close()
        return self._told
