"""The root provider that a setting names."""

from __future__ import annotations

from pathlib import Path

from profile_service.keys.errors import RootUnavailableError
from profile_service.keys.roots.file import FileRootProvider
from profile_service.keys.roots.moving import MovingRootProvider
from profile_service.keys.roots.provider import RootProvider
from profile_service.keys.roots.token_uri import SCHEME, parse_token_uri


def open_root_provider(
    address: str, *, previous: str | None = None, data_directory: Path | None = None
) -> RootProvider:
    """Open `PATH`, `file:PATH` or a `pkcs11:` URI. Raises `RootError` if it can't be used or is not safe.

    `previous` is where root keys were before, if some are there still.
    """
    current = _open(address, data_directory)
    return current if previous is None else MovingRootProvider(current, _open(previous, data_directory))


def _open(address: str, data_directory: Path | None) -> RootProvider:
    if not address.startswith(SCHEME):
        return FileRootProvider(Path(address.removeprefix("file:")), data_directory=data_directory)
    try:
        from profile_service.keys.roots.pkcs11 import Pkcs11RootProvider
    except ImportError:
        raise RootUnavailableError(
            "root_keys: a token needs python-pkcs11: install a-profile[pkcs11]"
        ) from None
    return Pkcs11RootProvider(parse_token_uri(address))
