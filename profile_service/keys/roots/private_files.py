"""Files that only their owner may touch: root keys, and the PIN of a token."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from uuid import uuid4

from profile_service.keys.errors import RootMissingError, RootUnavailableError, RootUnsafeError
from profile_service.keys.material import zero

# Also for a directory, which may show the names of its files.
WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_ANY_ACCESS_OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def refuse_loose(status: os.stat_result, path: Path, forbidden: int = _ANY_ACCESS_OF_OTHERS) -> None:
    """Raises `RootUnsafeError` if others have one of the `forbidden` permissions, or own it."""
    if status.st_mode & forbidden:
        raise RootUnsafeError(f"{path} has mode {stat.S_IMODE(status.st_mode):o}: others have access")
    if status.st_uid not in (os.geteuid(), 0):
        raise RootUnsafeError(f"{path} belongs to another user")


def is_there(path: Path) -> bool:
    """Raises `OSError`: a directory that can't be looked into may have it."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


def read_private(path: Path, limit: int) -> bytearray:
    """At most `limit` (256) bytes of a file, to be zeroed by the caller.

    Raises `RootMissingError`, `RootUnsafeError` or `RootUnavailableError`. Links are not followed.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        # A link in its place is no root key either.
        absent = error.errno in (errno.ENOENT, errno.ELOOP)
        refused = RootMissingError if absent else RootUnavailableError
        raise refused(f"{path} can't be opened: {error.strerror}") from None
    content = bytearray(limit)
    try:
        refuse_loose(os.fstat(descriptor), path)
        length = os.readv(descriptor, [content])
        return content[:length]
    except OSError as error:
        raise RootUnavailableError(f"{path} can't be read: {error.strerror}") from None
    finally:
        zero(content)
        os.close(descriptor)


def write_durably(path: Path, content: bytes | bytearray) -> None:
    """Make a file for its owner only. Raises `OSError`."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(descriptor, 0o600)  # whatever the umask made of it
        if os.write(descriptor, content) != len(content):
            raise OSError(f"{path.name} was written in part")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_once(path: Path, content: bytes | bytearray) -> None:
    """Make a file for its owner only, durably; of several processes that are first, one does.

    Raises `OSError`.
    """
    unfinished = path.with_name(f"{path.name}.{uuid4().hex}")
    write_durably(unfinished, content)
    try:
        # Unlike a rename it does not replace the file of a process that was faster.
        os.link(unfinished, path)
    except FileExistsError:
        pass
    finally:
        unfinished.unlink()
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
