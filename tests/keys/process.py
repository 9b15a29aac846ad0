"""A real second process that holds keys, and does what it is told."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from contextlib import closing, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine

from profile_service.database import open_engine
from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.roots import FileRootProvider
from profile_service.keys.store import KeyStore
from tests.keys.wishes import wish
from tests.support.processes import FORKS, start

CONTEXT = b"the place of the test"
# Seconds: what took longer was stopped meanwhile, for longer than a lease; no busy machine takes so long.
LONGEST_PAUSE = 2.0


class KeyProcess:
    """The parent's side."""

    def __init__(self, url: str, roots: Path) -> None:
        self._connection, other_end = FORKS.Pipe()
        self._process = start(obey, other_end, url, roots)
        other_end.close()
        assert self.answer() == "ready"

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def ask(self, *words: object) -> str:
        self.tell(*words)
        return self.answer()

    def tell(self, *words: object) -> None:
        self._connection.send([str(word) for word in words])

    def answer(self) -> str:
        return str(self._connection.recv())

    def stop(self, engine: Engine) -> None:
        """Stop it, but not while it writes: on SQLite nobody else could write until it goes on.

        It renews its lease twice a second, and takes long for it while another thread of it is busy.
        """
        os.kill(self.pid, signal.SIGSTOP)
        while not _is_writable(engine):
            self.go_on()
            time.sleep(0.01)
            os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self._connection.close()


def _is_writable(engine: Engine) -> bool:
    if engine.dialect.name != "sqlite":
        return True
    assert engine.url.database is not None
    with closing(sqlite3.connect(engine.url.database, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return False
    return True


class _Child:
    """The other side: one method a command, each returning its answer."""

    def __init__(self, connection: Connection, url: str, roots: Path) -> None:
        self.connection = connection
        self.engine = open_engine(url)
        self.store = KeyStore(self.engine, FileRootProvider(roots))
        self.store.start()
        self.held: dict[UUID, ProfileCipher] = {}

    def load(self, profile_id: str) -> str:
        """Hold the cipher in a variable of our own, as a request under way does."""
        found = self.store.ciphers([UUID(profile_id)])
        self.held.update(found)
        return "loaded" if found else "none"

    def open(self, profile_id: str, sealed: str) -> str:
        return self._open(self.held[UUID(profile_id)], bytes.fromhex(sealed))

    def _open(self, cipher: ProfileCipher, sealed: bytes) -> str:
        try:
            cipher.open(sealed, CONTEXT)
        except Exception as error:  # noqa: BLE001 - the name of any error is the answer
            return type(error).__name__
        return "plaintext"

    def keep_opening(self, profile_id: str, sealed: str, seconds: str) -> str:
        """Open as fast as possible; answer with each change of the outcome, and if a stop came before."""
        until = time.clock_gettime(time.CLOCK_BOOTTIME) + float(seconds)
        cipher, record = self.held[UUID(profile_id)], bytes.fromhex(sealed)
        changes = [self._open(cipher, record)]
        self.connection.send("opening")
        while time.clock_gettime(time.CLOCK_BOOTTIME) < until:
            began = time.clock_gettime(time.CLOCK_BOOTTIME)
            outcome = self._open(cipher, record)
            pause = time.clock_gettime(time.CLOCK_BOOTTIME) - began
            if pause > LONGEST_PAUSE:
                outcome += ":after-a-stop"
            if changes[-1] != outcome:
                changes.append(outcome)
        return ",".join(changes)

    def reload(self, profile_id: str) -> str:
        try:
            return "loaded" if self.store.ciphers([UUID(profile_id)]) else "none"
        except Exception as error:  # noqa: BLE001 - the name of any error is the answer
            return type(error).__name__

    def service(self) -> str:
        try:
            self.store.service_cipher.digest(b"test", b"")
        except Exception as error:  # noqa: BLE001 - the name of any error is the answer
            return type(error).__name__
        return "usable"

    def reserve(self, prefix: str, count: str, request: str) -> str:
        """Reserve `count` addresses in batches of 16; answer with how many became ours."""
        ours = 0
        for first in range(0, int(count), 16):
            batch = [
                wish(self.store, f"{prefix}{number}@example.org", f"{request}{number}")
                for number in range(first, min(first + 16, int(count)))
            ]
            ours += sum(type(outcome).__name__ == "Reserved" for outcome in self.store.reserve(batch))
        return str(ours)

    def forever(self, prefix: str) -> str:
        """Reserve one after the other, and tell of each as soon as it is durable."""
        number = 0
        while True:
            item = wish(self.store, f"{prefix}{number}@example.org")
            self.store.reserve([item])
            self.connection.send(str(item.profile_id))
            number += 1

    def destroy_all(self, *profile_ids: str) -> str:
        for profile_id in profile_ids:
            self.store.destroy(UUID(profile_id))
        return "destroyed"

    def load_and_drop(self, *profile_ids: str) -> str:
        """Load and use keys, then let the store drop every context."""
        ciphers = self.store.ciphers([UUID(profile_id) for profile_id in profile_ids])
        for cipher in ciphers.values():
            cipher.open(cipher.seal(b"x", CONTEXT), CONTEXT)
        self.connection.send(f"holding {len(ciphers)}")
        self.connection.recv()
        self.store.stop()
        return "dropped"


def obey(connection: Connection, url: str, roots: Path) -> None:
    """Carry out one command after the other, until nobody gives any."""
    child = _Child(connection, url, roots)
    connection.send("ready")
    with suppress(EOFError):
        while True:
            command, *words = connection.recv()
            connection.send(getattr(child, command)(*words))
