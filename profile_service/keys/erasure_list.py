"""Who was erased, in a file apart from every database: what a restore of old databases can't forget."""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from pathlib import Path
from uuid import UUID

from profile_service.keys.roots.private_files import sync_directory

FILE = "erased.list"
# A profile id and the time of the erasure in microseconds since 1970 UTC, of fixed width.
_LINE = "{} {:020}\n"
# What is written is on the disk when the call returns.
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_DSYNC | os.O_CLOEXEC
_WIDTH = len(_LINE.format(UUID(int=0), 0))


class ErasureList:
    """A file in `directory`, made if missing, that only grows. Holds random ids and times, nothing else.

    Every method raises `OSError`. Several processes may share the directory.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = directory / FILE

    def add(self, profile_ids: Collection[UUID]) -> None:
        """Write down that these people are erased; durable when it returns. Twice is as good as once."""
        if not profile_ids:
            return
        at = time.time_ns() // 1000
        lines = "".join(_LINE.format(profile_id, at) for profile_id in profile_ids).encode()
        descriptor = os.open(self._path, _FLAGS, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            # A crash may have left part of a line: what follows must begin a line of its own.
            torn = size % _WIDTH
            added = b" " * (_WIDTH - torn - 1) + b"\n" + lines if torn else lines
            if os.write(descriptor, added) != len(added):
                raise OSError("the list of erasures was written in part")
        finally:
            os.close(descriptor)
        if not size:
            sync_directory(self._path.parent)

    def since(self, time: int) -> set[UUID]:
        """Everybody who was added at or after `time`, in microseconds since 1970 UTC."""
        found = set()
        try:
            with self._path.open("rb") as file:
                while len(line := file.read(_WIDTH)) == _WIDTH:
                    words = line.split()
                    if len(words) == 2 and len(words[0]) == 36 and int(words[1]) >= time:
                        found.add(UUID(words[0].decode()))
        except FileNotFoundError:
            pass
        return found
