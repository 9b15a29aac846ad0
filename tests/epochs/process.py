"""Real second processes: one that closes and dies on the spot, one that registers people without end."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, event

from profile_service.commands.epoch_facts import EpochFacts
from profile_service.database import open_engine
from profile_service.keys.closing import EpochClosing
from profile_service.keys.epochs import Epoch
from profile_service.keys.errors import KeysUnavailableError
from profile_service.keys.reservations import Reserved
from profile_service.keys.roots import FileRootProvider
from profile_service.keys.store import KeyStore
from profile_service.log.append import AppendStore, EventLog
from profile_service.log.reader import LogReader
from tests.epochs.city import PLACE, close
from tests.keys.wishes import wish
from tests.log.logs import Store, open_store
from tests.support.processes import FORKS, start

STEPS = ("prepare", "renew_buckets", "switch", "back_up", "destroy", "erasures", "finish")


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

    def watch(self, engine: Engine, root: FileRootProvider, closing: EpochClosing, log: AppendStore) -> None:
        event.listen(engine, "commit", self._before_commit)
        event.listen(engine, "checkin", self._after_commit)
        for name in ("create", "destroy"):
            self._around(root, name)
        self._around(log, "append")
        for name in STEPS:
            self._enter(closing, name)
        self._look_away(closing)

    def _name(self, what: str) -> str | None:
        # The log is written by a thread of its own, which only this one gives work to.
        if not self._step or (what != "append" and threading.get_ident() != self._thread):
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

    def _around(self, thing: Any, method: str) -> None:
        inner = getattr(thing, method)

        def around(argument: Any) -> Any:
            name = self._name(method)
            if name:
                self._reached(f"{name} before")
            result = inner(argument)
            if name:
                self._reached(f"{name} after")
            return result

        setattr(thing, method, around)

    def _look_away(self, closing: Any) -> None:
        """While it goes on to the next epoch itself: whether it did already is a matter of time."""
        follow = closing._follow

        def unseen() -> None:
            step, self._step = self._step, ""
            follow()
            self._step = step

        closing._follow = unseen

    def _enter(self, closing: Any, step: str) -> None:
        inner = getattr(closing, step)

        def entered(*arguments: Any) -> Any:
            self._step = step
            return inner(*arguments)

        setattr(closing, step, entered)


@dataclass
class Recording:
    """The log of a process that closes, and what it says of closes."""

    store: Store
    facts: EpochFacts

    def record(self, closing: EpochClosing) -> Callable[[Epoch], int]:
        """As a close does."""
        return lambda epoch: self.facts.record(epoch, closing.erasures(epoch))


def recording(url: str, keys: KeyStore) -> Recording:
    """Of the log in this database."""
    engine = open_engine(url)
    store = open_store(engine)
    return Recording(store, EpochFacts(keys, LogReader(engine), EventLog(store)))


def die_at(url: str, log_url: str, roots: Path, backups: Path, moment: str) -> None:
    """Close the epoch, and be no more at one moment of it."""

    def reached(name: str) -> None:
        if name == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    engine, root = open_engine(url), FileRootProvider(roots)
    store = KeyStore(engine, root)
    store.start()
    closing, log = store.closing(backups), recording(log_url, store)
    Moments(reached).watch(engine, root, closing, log.store)
    close(closing, record=log.record(closing))


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
