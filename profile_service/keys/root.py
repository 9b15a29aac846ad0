"""Where root keys live: a provider that wraps and unwraps small keys and never gives a root away.

Providers are asked a few times a start, never per person. Root keys are never in a database.
"""

from __future__ import annotations

import os
import re
import stat
from enum import Enum
from pathlib import Path
from typing import Final, Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from profile_service.keys.errors import (
    RootExistsError,
    RootMissingError,
    RootRefusedError,
    RootUnsafeError,
    UnwrapError,
)
from profile_service.keys.material import KEY_BYTES, random_key, unwrap, wrap, zero, zeroed

_ROOT_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")


class Destruction(Enum):
    """When a destroyed root key is gone for good."""

    AT_ONCE = "the device forgets it at once"
    WITH_THE_MEDIUM = "when no copy or remapped block of the medium holds the file any more"


class RootProvider(Protocol):
    """Root keys, each named by a root id of `[a-z0-9-]`. Every method raises `RootError`."""

    @property
    def name(self) -> str:
        """The kind of provider, as stored beside what it wrapped."""

    @property
    def destruction(self) -> Destruction: ...

    def create(self, root_id: str) -> None:
        """Make a random root key; durable when this returns. Raises `RootExistsError`."""

    def wrap(self, root_id: str, key: bytearray, associated_data: bytes) -> bytes:
        """Seal a 32-byte key. Raises `RootMissingError`."""

    def unwrap(self, root_id: str, wrapped: bytes, associated_data: bytes) -> bytearray:
        """Open what `wrap` made, to be zeroed by the caller.

        Raises `RootMissingError`, or `RootRefusedError` if this root did not wrap it for this place.
        """


class FileRootProvider:
    """Root keys as files of 32 random bytes in a directory of its own, for its owner only."""

    name: Final = "file"
    destruction: Final = Destruction.WITH_THE_MEDIUM

    def __init__(self, directory: Path, *, data_directory: Path | None = None) -> None:
        """Use `directory`, made if missing. Raises `RootUnsafeError`.

        `data_directory` is where database files live: a root key in it would be in its backups.
        """
        directory = directory.expanduser().resolve()
        if data_directory is not None:
            _refuse_nested(directory, data_directory.expanduser().resolve())
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _refuse_loose(directory.stat(), directory, forbidden=stat.S_IWGRP | stat.S_IWOTH)
        self._directory = directory

    def create(self, root_id: str) -> None:
        path = self._path(root_id)
        if path.exists():
            raise RootExistsError(f"{path} exists")
        unfinished = path.with_suffix(".new")
        with zeroed(random_key()) as key:
            _write_durably(unfinished, key)
        unfinished.rename(path)
        _sync(self._directory)

    def wrap(self, root_id: str, key: bytearray, associated_data: bytes) -> bytes:
        return wrap(self._context(root_id), key, _place(root_id, associated_data))

    def unwrap(self, root_id: str, wrapped: bytes, associated_data: bytes) -> bytearray:
        try:
            return unwrap(self._context(root_id), wrapped, _place(root_id, associated_data))
        except UnwrapError:
            raise RootRefusedError(f"root key {root_id} does not open the key database") from None

    def _path(self, root_id: str) -> Path:
        if not _ROOT_ID.fullmatch(root_id):
            raise RootMissingError("not the name of a root key")
        return self._directory / f"{root_id}.key"

    def _context(self, root_id: str) -> AESGCMSIV:
        with zeroed(_read_private(self._path(root_id))) as key:
            return AESGCMSIV(key)


def _place(root_id: str, associated_data: bytes) -> bytes:
    return b"root/" + root_id.encode() + b"\0" + associated_data


def _refuse_nested(directory: Path, data: Path) -> None:
    if directory.is_relative_to(data) or data.is_relative_to(directory):
        raise RootUnsafeError(f"root keys in {directory} are not apart from the data in {data}")


def _refuse_loose(status: os.stat_result, path: Path, *, forbidden: int) -> None:
    if status.st_mode & forbidden:
        raise RootUnsafeError(f"{path} has mode {stat.S_IMODE(status.st_mode):o}: others have access")
    if status.st_uid not in (os.geteuid(), 0):
        raise RootUnsafeError(f"{path} belongs to another user")


def _read_private(path: Path) -> bytearray:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise RootMissingError(f"{path} can't be opened: {error.strerror}") from None
    # One byte more than a key has, to notice a longer file.
    content = bytearray(KEY_BYTES + 1)
    try:
        _refuse_loose(os.fstat(descriptor), path, forbidden=stat.S_IRWXG | stat.S_IRWXO)
        length = os.readv(descriptor, [content])
        if length != KEY_BYTES:
            raise RootRefusedError(f"{path} is not a root key")
        return content[:KEY_BYTES]
    finally:
        zero(content)
        os.close(descriptor)


def _write_durably(path: Path, key: bytearray) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(descriptor, 0o600)  # whatever the umask made of it
        if os.write(descriptor, key) != len(key):
            raise OSError("a root key was written in part")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
