"""Root keys as files of 32 random bytes, each readable by its owner only, in a directory of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from profile_service.keys.errors import (
    RootExistsError,
    RootRefusedError,
    RootUnavailableError,
    RootUnsafeError,
    UnwrapError,
)
from profile_service.keys.material import KEY_BYTES, random_key, unwrap, wrap, zeroed
from profile_service.keys.roots.place import place_of
from profile_service.keys.roots.private_files import (
    WRITABLE_BY_OTHERS,
    is_there,
    read_private,
    refuse_loose,
    sync_directory,
    write_durably,
)
from profile_service.keys.roots.provider import checked_root_id, is_of_epoch, root_place

_KEY, _UNFINISHED = ".key", ".new"
# Of files that were never a root key.
_TRIAL = ".trial"


class FileRootProvider:
    """A `RootProvider` over a directory. An exact copy of a file is the same root key."""

    name: Final = "file"

    def __init__(self, directory: Path, *, data_directory: Path | None = None) -> None:
        """Use `directory`, made if missing, and try out writing and destroying there.

        Raises `RootUnsafeError` or `RootUnavailableError`.

        `data_directory` is where database files live: a root key in it would be in its backups.
        """
        directory = directory.expanduser().resolve()
        if data_directory is not None:
            _refuse_nested(directory, data_directory.expanduser().resolve())
        with _or_unavailable(directory):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            status = directory.stat()
        refuse_loose(status, directory, WRITABLE_BY_OTHERS)
        self._directory = directory
        self._identity = _identity(status)
        with _or_unavailable(directory):
            _try_out(directory)
            self.place = place_of(directory)
        self.places = frozenset({self.place})

    def create(self, root_id: str) -> None:
        path = self._path(root_id)
        unfinished = _unfinished(path)
        if self.exists(root_id):
            raise RootExistsError(f"{path} exists")
        with _or_unavailable(path):
            with zeroed(random_key()) as key:
                write_durably(unfinished, key)
            unfinished.rename(path)
            sync_directory(self._directory)

    def wrap(self, root_id: str, key: bytearray, associated_data: bytes) -> bytes:
        return wrap(self._context(root_id), key, root_place(root_id, associated_data))

    def unwrap(self, root_id: str, wrapped: bytes, associated_data: bytes) -> bytearray:
        try:
            return unwrap(self._context(root_id), wrapped, root_place(root_id, associated_data))
        except UnwrapError:
            raise RootRefusedError(f"root key {root_id} does not open the key database") from None

    def exists(self, root_id: str) -> bool:
        path = self._path(root_id)
        with _or_unavailable(path):
            self._check_directory()
            return is_there(path) or is_there(_unfinished(path))

    def root_ids(self) -> frozenset[str]:
        with _or_unavailable(self._directory):
            self._check_directory()
            names = [path.stem for path in self._directory.iterdir() if path.suffix in (_KEY, _UNFINISHED)]
        return frozenset(filter(is_of_epoch, names))

    def destroy(self, root_id: str) -> None:
        """Overwrite the file where it lies, then remove it, each synced to the medium before the next."""
        path = self._path(root_id)
        with _or_unavailable(path):
            self._check_directory()
            for file in (path, _unfinished(path)):
                _overwrite(file)
                file.unlink(missing_ok=True)
            sync_directory(self._directory)

    def destroy_final_at(self, destroyed_at: datetime) -> datetime | None:
        """None: a copy of the file, a snapshot, or a block that the medium remapped may still hold it."""
        return None

    def _path(self, root_id: str) -> Path:
        return self._directory / f"{checked_root_id(root_id)}{_KEY}"

    def _context(self, root_id: str) -> AESGCMSIV:
        with zeroed(_read_root(self._path(root_id))) as key:
            return AESGCMSIV(key)

    def _check_directory(self) -> None:
        """In a directory that is no longer mounted every root key would seem destroyed."""
        if _identity(self._directory.stat()) != self._identity:
            raise RootUnavailableError(f"{self._directory} is another directory than at the start")


@contextmanager
def _or_unavailable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RootUnavailableError(f"{path}: {error.strerror or 'failed'}") from None


def _unfinished(path: Path) -> Path:
    """Where a root key is until it is durable; a crash may leave it there."""
    return path.with_suffix(_UNFINISHED)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _refuse_nested(directory: Path, data: Path) -> None:
    if directory.is_relative_to(data) or data.is_relative_to(directory):
        raise RootUnsafeError(f"root keys in {directory} are not apart from the data in {data}")


def _read_root(path: Path) -> bytearray:
    # One byte more than a key has, to notice a longer file.
    with zeroed(read_private(path, KEY_BYTES + 1)) as content:
        if len(content) != KEY_BYTES:
            raise RootRefusedError(f"{path} is not a root key")
        return content[:]


def _try_out(directory: Path) -> None:
    """Where nothing can be written or overwritten, no root key could be destroyed."""
    with zeroed(random_key()) as key:
        write_durably(directory / f"{uuid4().hex}{_TRIAL}", key)
    # Those of starts that were killed as well; one of a start at this moment may be gone already.
    for path in directory.glob(f"*{_TRIAL}"):
        _overwrite(path)
        path.unlink(missing_ok=True)


def _overwrite(path: Path) -> None:
    """Write other random bytes over a root key, then none, so that what is left is no key."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if os.write(descriptor, random_key()) != KEY_BYTES:
            raise OSError("a root key was overwritten in part")
        os.fsync(descriptor)
        os.ftruncate(descriptor, 0)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
