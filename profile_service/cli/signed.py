"""What the service signed, and the key that it is checked with: from files, or the key from the service."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from profile_service.cli.errors import CommandError, ExitCode
from profile_service.client import connect
from profile_service.settings import Settings
from profile_service.v1 import rights_service_pb2, rights_service_pb2_grpc

Found = TypeVar("Found")

# Bytes; what is signed and a key have about 2,000.
LARGEST_FILE = 65_536

KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key",
        metavar="FILE",
        help="The public key. With it nothing is asked of anybody; without it"
        " the service is asked for its key.",
    ),
]


def checked(
    settings: Settings, verify: Callable[[str, str], Found], file: Path, key: Path | None, timeout: float
) -> Found:
    """What `verify` finds in a file. Raises `CommandError`: it is not genuine, or can't be read."""
    from profile_service.certificates.certificate import CertificateError
    from profile_service.certificates.signing import CertificateKeyError

    text = _read(file)
    public = _read(key) if key is not None else public_key_of(settings, timeout)
    try:
        return verify(text, public)
    except CertificateKeyError as error:
        raise CommandError(f"{key or 'the service'}: {error}", ExitCode.USAGE) from None
    except CertificateError as error:
        raise CommandError(f"{file}: {error}") from None


def public_key_of(settings: Settings, timeout: float) -> str:
    """The public key of a service, a JSON Web Key."""
    with connect(settings) as channel:
        stub = rights_service_pb2_grpc.RightsServiceStub(channel)
        key: str = stub.GetCertificateKey(rights_service_pb2.GetCertificateKeyRequest(), timeout=timeout).key
        return key


def _read(path: Path) -> str:
    """The text of a small file, without the line end that an editor or `>` gave it."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE).decode("ascii").rstrip("\r\n")
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}", ExitCode.USAGE) from None
    except UnicodeDecodeError:
        raise CommandError(f"{path}: this is neither something signed nor a key") from None
