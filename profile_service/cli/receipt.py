"""`aprofile receipt`: consent receipts, and checking them without the service."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from profile_service.cli.moments import Point, point
from profile_service.cli.options import Timeout, with_settings
from profile_service.cli.output import Format, print_json, print_table
from profile_service.cli.reason import LegalBasis, OnBehalfOf, Purpose
from profile_service.cli.signed import KeyFile, checked
from profile_service.client import connect
from profile_service.settings import Settings
from profile_service.v1 import consent_service_pb2, consent_service_pb2_grpc, profile_pb2

if TYPE_CHECKING:
    from profile_service.certificates.receipt import ConsentReceipt

app = typer.Typer(no_args_is_help=True, help="Consent receipts, and checking them offline.")


@app.command("get")
@with_settings("Client")
def get(
    settings: Settings,
    *,
    profile_id: Annotated[UUID, typer.Argument(help="The id of the profile.", show_default=False)],
    consent: Annotated[str, typer.Argument(help="The purpose that was decided on.", show_default=False)],
    at: Annotated[
        Point,
        typer.Option(
            "--at",
            parser=point,
            metavar="POSITION|TIME",
            help="What was decided by then; a number is a position.",
        ),
    ],
    purpose: Purpose,
    legal_basis: LegalBasis,
    on_behalf_of: OnBehalfOf,
    timeout: Timeout = 10.0,
) -> None:
    """Print a signed receipt of what a person had decided. Reading personal data needs a reason."""
    reason = profile_pb2.ReadReason(
        purpose=purpose,
        legal_basis=legal_basis,  # type: ignore[arg-type]  # a number of the enum
        on_behalf_of=on_behalf_of,
    )
    request = consent_service_pb2.GetConsentReceiptRequest(
        profile_id=str(profile_id), purpose=consent, reason=reason
    )
    if at.time is not None:
        request.time.FromDatetime(at.time)
    else:
        request.position.CopyFrom(profile_pb2.Position(value=at.position))
    with connect(settings) as channel:
        stub = consent_service_pb2_grpc.ConsentServiceStub(channel)
        typer.echo(stub.GetConsentReceipt(request, timeout=timeout).receipt)


@app.command("verify")
@with_settings("Client")
def verify(
    settings: Settings,
    *,
    file: Annotated[Path, typer.Argument(help="The receipt.", show_default=False)],
    key: KeyFile = None,
    timeout: Timeout = 10.0,
    form: Format = "table",
) -> None:
    """Check a receipt, every byte of it, and show what it says. Exit code 1: it is not genuine."""
    from profile_service.certificates.signing import verify_receipt

    receipt = checked(settings, verify_receipt, file, key, timeout)
    if form == "json":
        print_json(receipt.document())
    else:
        print_table(("what", "value"), _rows(receipt), title="The receipt is genuine.")


def _rows(receipt: ConsentReceipt) -> list[tuple[str, str]]:
    rows = [
        ("purpose", receipt.purpose),
        ("decision", receipt.decision),
        ("consent", receipt.status.value),
        ("decided at", receipt.decided_at.isoformat()),
        ("through", receipt.method),
        ("as it stood at", receipt.at.isoformat()),
        ("log id", receipt.log_id),
        ("position", str(receipt.position)),
        ("subject", str(receipt.subject)),
        ("receipt", str(receipt.receipt_id)),
        ("issued at", receipt.issued_at.isoformat()),
    ]
    if receipt.policy_version is not None and receipt.text_hash is not None:
        rows[2:2] = [("text", receipt.policy_version), ("SHA-256 of the text", receipt.text_hash.hex())]
    if receipt.by_guardian:
        rows.append(("given by", "a guardian"))
    if receipt.terms is not None:
        terms = receipt.terms
        rows += [
            ("controller", f"{terms.controller.name} <{terms.controller.email}>"),
            ("data protection", f"{terms.data_protection.name} <{terms.data_protection.email}>"),
            ("kept", f"{terms.months} months after {terms.kept_from.replace('_', ' ')}"),
        ]
    return rows
