"""`aprofile audience`: who may be contacted for a purpose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

import grpc
import typer
from google.protobuf.field_mask_pb2 import FieldMask

from profile_service.cli.options import Timeout, with_settings
from profile_service.cli.output import Format, console, print_json, to_plain
from profile_service.cli.reason import LegalBasis, OnBehalfOf, Purpose, read_reason
from profile_service.client import connect
from profile_service.settings import Settings
from profile_service.v1 import audience_service_pb2 as audience
from profile_service.v1 import profile_pb2
from profile_service.v1.audience_service_pb2_grpc import AudienceServiceStub

app = typer.Typer(no_args_is_help=True, help="Who may be contacted for a purpose.")


@app.callback()
def who_may_be_contacted() -> None:
    """Who may be contacted for a purpose."""


def _ages(text: str) -> profile_pb2.AgeBand:
    found = re.fullmatch(r"(\d{1,3})-(\d{1,3})?", text)
    if found is None:
        raise typer.BadParameter("must be ages from-to, such as 18-30, or from-, such as 65-")
    return profile_pb2.AgeBand(from_age=int(found[1]), to_age=int(found[2]) if found[2] else None)


@app.command()
@with_settings("Client")
def select(
    settings: Settings,
    *,
    consent: Annotated[str, typer.Argument(help="What they consented to, such as newsletter.")],
    purpose: Purpose,
    legal_basis: LegalBasis,
    on_behalf_of: OnBehalfOf,
    post_code: Annotated[list[str] | None, typer.Option(help="Who lives there; repeatable.")] = None,
    age: Annotated[
        list[profile_pb2.AgeBand] | None,
        typer.Option(parser=_ages, metavar="FROM-TO", help="Ages today, both included; repeatable."),
    ] = None,
    language: Annotated[
        list[str] | None, typer.Option(help="A language; nl takes in nl-BE. Repeatable.")
    ] = None,
    topic: Annotated[list[str] | None, typer.Option(help="An interest; repeatable.")] = None,
    field: Annotated[
        list[str] | None, typer.Option(help="Show this field, such as email, if allowed; repeatable.")
    ] = None,
    after: Annotated[UUID | None, typer.Option(help="Go on after this person.")] = None,
    timeout: Timeout = 600.0,
    form: Format = "table",
) -> None:
    """Print everybody who may be contacted for CONSENT and fits: ids, unless fields are asked for.

    Of the same option one is enough; of different options each counts.
    """
    request = audience.SelectAudienceRequest(
        purpose=consent,
        selection=audience.AudienceSelection(
            post_codes=post_code, age_bands=age, languages=language, topics=topic
        ),
        contact_mask=FieldMask(paths=field),
        after_profile_id=str(after or ""),
        reason=read_reason(purpose, legal_basis, on_behalf_of),
    )
    with connect(settings) as channel:
        for member in selected(AudienceServiceStub(channel), request, timeout):
            _print(member, form)


def selected(
    stub: AudienceServiceStub, request: audience.SelectAudienceRequest, timeout: float
) -> Iterator[audience.AudienceMember]:
    """Yield the members. Raises `grpc.RpcError`, after saying where to go on."""
    last = request.after_profile_id
    try:
        for answer in stub.SelectAudience(request, timeout=timeout):
            for member in answer.members:
                yield member
                last = member.profile_id
    except grpc.RpcError:
        if last != request.after_profile_id:
            typer.echo(f"Stopped; go on with --after {last}", err=True)
        raise


def _print(member: audience.AudienceMember, form: str) -> None:
    contact: dict[str, Any] = to_plain(member.contact)
    if form == "json":
        print_json({"profile_id": member.profile_id, **contact})
        return
    values = ", ".join(f"{name}={value}" for name, value in contact.items())
    console.print(f"{member.profile_id}  {values}".rstrip(), soft_wrap=True)
