"""`aprofile policy`: publish a version of the privacy policy, and look at what was published."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

import typer

from profile_service.cli.moments import moment
from profile_service.cli.options import Timeout, with_settings
from profile_service.cli.output import Format, print_json, print_table, time_text, to_plain
from profile_service.client import connect
from profile_service.policy_file import read_policy
from profile_service.settings import Settings
from profile_service.v1.policy_pb2 import Policy, PolicyPurpose, RetentionPeriod, RetentionStart
from profile_service.v1.policy_service_pb2 import GetPolicyRequest, PublishPolicyRequest
from profile_service.v1.policy_service_pb2_grpc import PolicyServiceStub
from profile_service.v1.profile_pb2 import CHANNEL_SERVICE, LegalBasis

app = typer.Typer(no_args_is_help=True, help="Versions of the privacy policy.")


@app.command()
@with_settings("Client")
def publish(
    settings: Settings,
    *,
    file: Annotated[Path, typer.Argument(help="The version, as TOML or JSON.", show_default=False)],
    request_id: Annotated[
        UUID | None, typer.Option("--request-id", help="To repeat an earlier call. Default: a new one.")
    ] = None,
    timeout: Timeout = 30.0,
) -> None:
    """Publish a version of the privacy policy. It stays for ever; the same one again changes nothing."""
    policy = read_policy(file)
    request = PublishPolicyRequest(
        request_id=str(request_id or uuid4()), policy=policy, channel=CHANNEL_SERVICE
    )
    with connect(settings) as channel:
        answer = PolicyServiceStub(channel).PublishPolicy(request, timeout=timeout)
    typer.echo(f"Published {policy.version}; the log is at position {answer.position.value}.")


@app.command()
@with_settings("Client")
def show(
    settings: Settings,
    *,
    version: Annotated[str, typer.Argument(help="Left out: the one in effect.", show_default=False)] = "",
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help="The version in effect then, instead.")
    ] = "",
    language: Annotated[str, typer.Option("--language", help="In this language only.")] = "",
    timeout: Timeout = 10.0,
    form: Format = "table",
) -> None:
    """Show a version of the privacy policy. Its JSON can be published again, elsewhere."""
    if version and at:
        raise typer.BadParameter("name a VERSION or a time --at, not both")
    request = GetPolicyRequest(language=language)
    if version:
        request.version = version
    elif at:
        request.time.FromDatetime(moment(at))
    with connect(settings) as channel:
        policy = PolicyServiceStub(channel).GetPolicy(request, timeout=timeout).policy
    if form == "json":
        print_json(to_plain(policy))
        return
    print_table(("what", "value"), _summary(policy))
    print_table(
        ("language", "text", "SHA-256"),
        [(one.language, one.url, one.text_hash.hex()) for one in policy.texts],
    )
    print_table(
        ("purpose", "legal basis", "retention", "asks consent", "marketing", "consent anew"),
        map(_purpose, policy.purposes),
    )


def _summary(policy: Policy) -> list[tuple[str, object]]:
    contacts = {"controller": policy.controller, "data protection": policy.data_protection_contact}
    return [
        ("version", policy.version),
        ("effective", time_text(policy.effective_time)),
        ("published", time_text(policy.publish_time)),
        *((name, f"{contact.office}, {contact.email}") for name, contact in contacts.items()),
        *((f"new ({change.language})", change.text) for change in policy.changes),
    ]


def _purpose(one: PolicyPurpose) -> tuple[object, ...]:
    basis = LegalBasis.Name(one.legal_basis).removeprefix("LEGAL_BASIS_").lower().replace("_", " ")
    return (
        one.purpose,
        basis,
        _retention(one.retention),
        one.asks_consent,
        one.direct_marketing,
        one.requires_reconsent,
    )


def _retention(retention: RetentionPeriod) -> str:
    start = RetentionStart.Name(retention.start).removeprefix("RETENTION_START_").lower().replace("_", " ")
    return f"{retention.months} months after {start}" if retention.months else f"until {start}"
