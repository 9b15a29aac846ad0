"""Private files that are on the disk when they are said to be."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

BLOCK = 1 << 20


def make_private(directory: Path) -> None:
    """Make a new directory that only its owner can enter. Raises `FileExistsError`."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    directory.mkdir(mode=0o700)
    sync_directory(directory.parent)


def create_private(path: Path) -> int:
    """Create a file that only its owner can read; return its descriptor. Raises `FileExistsError`."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def write_blocks(path: Path, blocks: Iterable[bytes | bytearray | memoryview]) -> str:
    """Write a new private file, durably; return its SHA-256."""
    digest = hashlib.sha256()
    with os.fdopen(create_private(path), "wb") as file:
        for block in blocks:
            digest.update(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def write_last(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, after everything else in its directory is durable."""
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    write_blocks(partial, [content])
    sync_directory(path.parent)
    partial.rename(path)
    sync_directory(path.parent)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_file(path: Path) -> None:
    _sync(path, os.O_RDWR)


def sync_directory(path: Path) -> None:
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, how: int) -> None:
    descriptor = os.open(path, how)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
