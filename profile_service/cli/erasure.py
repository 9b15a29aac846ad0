"""`aprofile erasure`: certificates of erasures, and checking them without the service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from profile_service.cli.options import Timeout, with_settings
from profile_service.cli.output import Format, print_json, print_table
from profile_service.cli.signed import KeyFile, checked, public_key_of
from profile_service.client import connect
from profile_service.settings import Settings
from profile_service.v1 import rights_service_pb2, rights_service_pb2_grpc

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
    """Print the public key of certificates and receipts, a JSON Web Key: what an auditor keeps."""
    typer.echo(public_key_of(settings, timeout))


@app.command("verify-certificate")
@with_settings("Client")
def verify_certificate(
    settings: Settings,
    *,
    file: Annotated[Path, typer.Argument(help="The certificate.", show_default=False)],
    key: KeyFile = None,
    timeout: Timeout = 10.0,
    form: Format = "table",
) -> None:
    """Check a certificate, every byte of it, and show what it says. Exit code 1: it is not genuine."""
    from profile_service.certificates.signing import verify

    claims = checked(settings, verify, file, key, timeout).claims()
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
