"""The private key of certificates: a file of 32 random bytes for its owner only, made at the first start."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from profile_service.certificates.signing import Signer
from profile_service.keys.errors import RootError
from profile_service.keys.material import KEY_BYTES, random_key, zeroed
from profile_service.keys.roots.private_files import make_once, read_private


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
    with zeroed(random_key()) as key:
        make_once(path, key)
