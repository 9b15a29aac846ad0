"""A real second process that holds keys, and does what it is told line by line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import UUID

from profile_service.database import open_engine
from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.roots import FileRootProvider
from profile_service.keys.store import KeyStore
from tests.keys.wishes import wish

CONTEXT = b"the place of the test"


class KeyProcess:
    """The parent's side."""

    def __init__(self, url: str, roots: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.keys.process", url, str(roots)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        assert self.answer() == "ready"

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, *words: object) -> str:
        self.tell(*words)
        return self.answer()

    def tell(self, *words: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()

    def answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def stop(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


class _Child:
    """The other side: one method a command, each returning its answer."""

    def __init__(self, url: str, roots: str) -> None:
        self.engine = open_engine(url)
        self.store = KeyStore(self.engine, FileRootProvider(Path(roots)))
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
        changes: list[str] = []
        cipher, record = self.held[UUID(profile_id)], bytes.fromhex(sealed)
        print("opening", flush=True)  # noqa: T201 - the answer to the parent
        while time.clock_gettime(time.CLOCK_BOOTTIME) < until:
            began = time.clock_gettime(time.CLOCK_BOOTTIME)
            outcome = self._open(cipher, record)
            pause = time.clock_gettime(time.CLOCK_BOOTTIME) - began
            if pause > 1:
                outcome += ":after-a-stop"
            if not changes or changes[-1] != outcome:
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
        for start in range(0, int(count), 16):
            batch = [
                wish(self.store, f"{prefix}{number}@example.org", f"{request}{number}")
                for number in range(start, min(start + 16, int(count)))
            ]
            ours += sum(type(outcome).__name__ == "Reserved" for outcome in self.store.reserve(batch))
        return str(ours)

    def forever(self, prefix: str) -> str:
        """Reserve one after the other, and tell of each as soon as it is durable."""
        number = 0
        while True:
            item = wish(self.store, f"{prefix}{number}@example.org")
            self.store.reserve([item])
            print(item.profile_id, flush=True)  # noqa: T201 - the answer to the parent
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
        print(f"holding {len(ciphers)}", flush=True)  # noqa: T201 - the answer to the parent
        sys.stdin.readline()
        self.store.stop()
        return "dropped"


if __name__ == "__main__":
    child = _Child(*sys.argv[1:])
    print("ready", flush=True)  # noqa: T201 - the answer to the parent
    for line in sys.stdin:
        command, *words = line.split()
        print(getattr(child, command)(*words), flush=True)  # noqa: T201 - the answer to the parent
