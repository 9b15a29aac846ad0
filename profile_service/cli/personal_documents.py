"""`aprofile profile export`, `preview-erasure`: what is held of a person, and what an erasure would do."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import typer

from profile_service.cli.errors import CommandError, ExitCode
from profile_service.cli.options import Timeout, with_settings
from profile_service.cli.output import Format, print_json, print_table, to_plain
from profile_service.cli.reason import LegalBasis, OnBehalfOf, Purpose, enum_option
from profile_service.client import connect
from profile_service.copies.files import create_private
from profile_service.settings import Settings
from profile_service.v1 import profile_pb2, rights_service_pb2, rights_service_pb2_grpc
from profile_service.v1.annotations_pb2 import OpenGround

ProfileId = Annotated[UUID, typer.Argument(help="The id of the profile.", show_default=False)]
Language = Annotated[Literal["nl", "en"], typer.Option("--language", help="Of what is written for people.")]


def register(app: typer.Typer) -> None:
    app.command("export")(export)
    app.command("preview-erasure")(preview_erasure)


@with_settings("Client")
def export(
    settings: Settings,
    *,
    profile_id: ProfileId,
    output: Annotated[
        Path, typer.Option("--output", metavar="FILE", help="A new file; only its owner can read it.")
    ],
    purpose: Purpose,
    legal_basis: LegalBasis,
    on_behalf_of: OnBehalfOf,
    kind: Annotated[
        int | None,
        enum_option(
            rights_service_pb2.ExportKind,
            "EXPORT_KIND",
            "--kind",
            "Everything (GDPR Art. 15), or what the person provided (Art. 20).",
            "access",
        ),
    ] = None,
    form: Annotated[
        Literal["json", "html"], typer.Option("--format", help="For programs, or for the person.")
    ] = "json",
    language: Language = "nl",
    timeout: Timeout = 300.0,
) -> None:
    """Write what is held about a person into a file. Reading personal data needs a reason."""
    request = rights_service_pb2.ExportProfileRequest(
        profile_id=str(profile_id),
        kind=kind or rights_service_pb2.EXPORT_KIND_ACCESS,  # type: ignore[arg-type]  # a number of the enum
        format=f"EXPORT_FORMAT_{form.upper()}",
        language=language,
        reason=_reason(purpose, legal_basis, on_behalf_of),
    )
    with connect(settings) as channel:
        stub = rights_service_pb2_grpc.RightsServiceStub(channel)
        answers = stub.ExportProfile(request, timeout=timeout)
        size = _write_new(output, (answer.chunk for answer in answers))
    typer.echo(f"{output}: {size:,} bytes", err=True)


@with_settings("Client")
def preview_erasure(
    settings: Settings,
    *,
    profile_id: ProfileId,
    purpose: Purpose,
    legal_basis: LegalBasis,
    on_behalf_of: OnBehalfOf,
    language: Language = "en",
    timeout: Timeout = 30.0,
    form: Format = "table",
) -> None:
    """Show what erasing a person would destroy, and what would stay and why. No value is shown."""
    request = rights_service_pb2.PreviewErasureRequest(
        profile_id=str(profile_id), reason=_reason(purpose, legal_basis, on_behalf_of), language=language
    )
    with connect(settings) as channel:
        stub = rights_service_pb2_grpc.RightsServiceStub(channel)
        answer = stub.PreviewErasure(request, timeout=timeout)
    if form == "json":
        print_json(to_plain(answer))
        return
    goes = [(one.fact_type, one.facts, ", ".join(one.fields)) for one in answer.goes]
    print_table(("fact", "#facts", "fields"), goes, title="What goes")
    stays = [(one.fact_type, one.facts, one.field, _ground(one.ground), one.why) for one in answer.stays]
    print_table(("fact", "#facts", "field", "ground", "why"), stays, title="What stays")
    told = [(one.recipient_id, one.name) for one in answer.told]
    print_table(("recipient", "name"), told, title="Who is told")


def _reason(purpose: str, legal_basis: int, on_behalf_of: str) -> profile_pb2.ReadReason:
    return profile_pb2.ReadReason(
        purpose=purpose,
        legal_basis=legal_basis,  # type: ignore[arg-type]  # a number of the enum
        on_behalf_of=on_behalf_of,
    )


def _ground(ground: OpenGround) -> str:
    return OpenGround.Name(ground).removeprefix("OPEN_GROUND_").lower()


def _write_new(path: Path, chunks: Iterable[bytes]) -> int:
    """Write a file that was not there; if the chunks break off, it is not there again. Return its size."""
    try:
        descriptor = create_private(path)
    except FileExistsError:
        raise CommandError(f"{path} exists, and is not overwritten", ExitCode.USAGE) from None
    except OSError as error:
        raise CommandError(f"{path} can't be written: {error.strerror}", ExitCode.USAGE) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            size = sum(file.write(chunk) for chunk in chunks)
            file.flush()
            os.fsync(file.fileno())
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise CommandError(f"{path} can't be written: {error.strerror}") from None
        raise
    return size
