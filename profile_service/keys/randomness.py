"""Random bytes of the operating system, fetched for many uses at a time.

Each call of the system gives up the interpreter's lock, and under load it takes milliseconds to get
it back: a registration needs five. What was taken is overwritten, and a forked process begins anew.
"""

from __future__ import annotations

import os
import threading
from io import FileIO

_POOL_BYTES = 4096
_ZEROS = bytes(256)


class _Pool(threading.local):
    """One a thread, so that no two can take the same bytes."""

    def __init__(self) -> None:
        os.urandom(1)  # waits until the system's generator is seeded; the device does not
        self._source = FileIO("/dev/urandom")
        self._bytes = bytearray(_POOL_BYTES)
        self._next = _POOL_BYTES

    def take(self, count: int) -> bytearray:
        if self._next + count > _POOL_BYTES:
            self._fill()
        start, end = self._next, self._next + count
        taken = self._bytes[start:end]
        self._bytes[start:end] = _ZEROS[:count]
        self._next = end
        return taken

    def _fill(self) -> None:
        # An immutable copy, as `os.urandom` makes, would stay in memory.
        if self._source.readinto(self._bytes) != _POOL_BYTES:
            raise OSError("the system's random generator gave too few bytes")
        self._next = 0


_pool = _Pool()


def take_random(count: int) -> bytearray:
    """1 to 256 random bytes that nobody else gets, in a buffer that the caller may overwrite."""
    return _pool.take(count)


def _forget() -> None:
    global _pool  # noqa: PLW0603 - the child must not use what the parent will
    _pool = _Pool()


os.register_at_fork(after_in_child=_forget)
