"""`aprofile erasure`: certificates of erasures, and checking them without the service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from profile_service.cli.errors import CommandError, ExitCode
from profile_service.cli.options import Timeout, with_settings
from profile_service.cli.output import Format, print_json, print_table
from profile_service.client import connect
from profile_service.settings import Settings
from profile_service.v1 import rights_service_pb2, rights_service_pb2_grpc

# Bytes; a certificate and a key have about 1,000.
LARGEST_FILE = 65_536

app = typer.Typer(no_args_is_help=True, help="Certificates of erasures, and checking them offline.")


@app.callback()
def erasure() -> None:
    """Certificates of erasures, and checking them offline."""


@app.command()
@with_settings("Client")
def certificate(
    settings: Settings,
    *,
    profile_id: Annotated[UUID, typer.Argument(help="The id of the erased profile.", show_default=False)],
    timeout: Timeout = 10.0,
) -> None:
    """Print the signed certificate of an erasure: what was destroyed, and since when that is final."""
    request = rights_service_pb2.GetErasureCertificateRequest(profile_id=str(profile_id))
    with connect(settings) as channel:
        stub = rights_service_pb2_grpc.RightsServiceStub(channel)
        typer.echo(stub.GetErasureCertificate(request, timeout=timeout).certificate)


@app.command("public-key")
@with_settings("Client")
def public_key(settings: Settings, timeout: Timeout = 10.0) -> None:
    """Print the public key of the certificates, a JSON Web Key: what an auditor keeps."""
    with connect(settings) as channel:
        typer.echo(_ask_for_key(channel, timeout))


@app.command("verify-certificate")
@with_settings("Client")
def verify_certificate(
    settings: Settings,
    *,
    file: Annotated[Path, typer.Argument(help="The certificate.", show_default=False)],
    key: Annotated[
        Path | None,
        typer.Option(
            "--key",
            metavar="FILE",
            help="The public key. With it nothing is asked of anybody; without it"
            " the service is asked for its key.",
        ),
    ] = None,
    timeout: Timeout = 10.0,
    form: Format = "table",
) -> None:
    """Check a certificate, every byte of it, and show what it says. Exit code 1: it is not genuine."""
    from profile_service.certificates.certificate import CertificateError
    from profile_service.certificates.signing import CertificateKeyError, verify

    text = _read(file)
    if key is not None:
        public = _read(key)
    else:
        with connect(settings) as channel:
            public = _ask_for_key(channel, timeout)
    try:
        found = verify(text, public)
    except CertificateKeyError as error:
        raise CommandError(f"{key or 'the service'}: {error}", ExitCode.USAGE) from None
    except CertificateError as error:
        raise CommandError(f"{file}: {error}") from None
    claims = found.claims()
    if form == "json":
        print_json(claims)
    else:
        print_table(("what", "value"), _rows(claims), title="The certificate is genuine.")


def _rows(claims: dict[str, object]) -> list[tuple[str, str]]:
    """One row a value; what has none is left out."""
    rows: list[tuple[str, str]] = []
    for name, value in claims.items():
        label = name.replace("_", " ")
        if isinstance(value, dict):
            rows += [(f"{label} {inner}", str(part)) for inner, part in value.items()]
        elif isinstance(value, list):
            rows.append((label, ", ".join(value)))
        else:
            rows.append((label, str(value)))
    return rows


def _ask_for_key(channel: object, timeout: float) -> str:
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
        raise CommandError(f"{path}: this is neither a certificate nor a key") from None
