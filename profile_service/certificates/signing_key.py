"""The private key of certificates: a file of 32 random bytes for its owner only, made at the first start."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from profile_service.certificates.signing import Signer
from profile_service.keys.errors import RootError
from profile_service.keys.material import KEY_BYTES, random_key, zeroed
from profile_service.keys.roots.private_files import read_private


class SigningKeyError(Exception):
    """The file of the signing key can't be used; the text says why."""


def open_signer(path: Path) -> Signer:
    """The signer of this file, which is made if it is missing. Raises `SigningKeyError`.

    Of two processes that start at once, one makes the key and both use it.
    """
    path = path.expanduser()
    try:
        if not path.exists():
            _make(path)
        with zeroed(read_private(path, KEY_BYTES + 1)) as key:
            if len(key) != KEY_BYTES:
                raise SigningKeyError(f"{path} is not a signing key")
            return Signer(Ed25519PrivateKey.from_private_bytes(key))
    except RootError as error:
        raise SigningKeyError(str(error)) from None
    except OSError as error:
        raise SigningKeyError(f"{path} can't be made: {error.strerror}") from None


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{uuid4().hex}")
    with zeroed(random_key()) as key:
        _write_durably(unfinished, key)
    try:
        # Unlike a rename it does not replace the file of a process that was faster.
        os.link(unfinished, path)
    except FileExistsError:
        pass
    finally:
        unfinished.unlink()
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _write_durably(path: Path, key: bytearray) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(descriptor, 0o600)  # whatever the umask made of it
        if os.write(descriptor, key) != len(key):
            raise OSError("a signing key was written in part")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
