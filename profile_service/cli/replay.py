"""`aprofile replay`: print the facts of the log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import grpc
import typer

from profile_service.cli.errors import CommandError, ExitCode
from profile_service.cli.moments import moment
from profile_service.cli.options import with_settings
from profile_service.cli.output import Format, console, print_json, time_text, to_plain
from profile_service.cli.reason import (
    LegalBasisIfPersonal,
    OnBehalfOfIfPersonal,
    PurposeIfPersonal,
    read_reason,
)
from profile_service.client import connect
from profile_service.settings import Settings
from profile_service.v1 import audit_service_pb2 as audit
from profile_service.v1 import events_pb2, profile_pb2
from profile_service.v1.audit_service_pb2_grpc import AuditServiceStub

RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
LINE = "{position:>10}  {time:27}  {type:26}  {stream:51}  {version:>7}  {half:9}  {fact}"


@with_settings("Client")
def replay(
    settings: Settings,
    *,
    after: Annotated[int, typer.Option("--after", min=0, help="Only facts after this position.")] = 0,
    profile_id: Annotated[
        list[UUID] | None, typer.Option("--profile-id", help="Only facts of this person; repeatable.")
    ] = None,
    fact_type: Annotated[
        list[str] | None, typer.Option("--type", help="Only this type, such as ConsentGiven; repeatable.")
    ] = None,
    start: Annotated[
        datetime | None,
        typer.Option("--from", parser=moment, metavar="TIME", help="At or after."),
    ] = None,
    end: Annotated[
        datetime | None, typer.Option("--until", parser=moment, metavar="TIME", help="Before.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Stop after so many facts.")] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with new facts until Ctrl-C.")] = False,
    personal: Annotated[
        bool,
        typer.Option("--personal", help="Open the personal halves; needs the reason."),
    ] = False,
    purpose: PurposeIfPersonal = None,
    legal_basis: LegalBasisIfPersonal = None,
    on_behalf_of: OnBehalfOfIfPersonal = None,
    form: Format = "table",
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", min=0.01, metavar="SECONDS", help="For the whole replay. Default: none."),
    ] = None,
) -> None:
    """Print the facts of the log in order: the open halves, unless --personal."""
    request = audit.ReplayEventsRequest(
        after_position=after,
        profile_ids=[str(one) for one in profile_id or ()],
        types=fact_type or (),
        start_time=start,
        end_time=end,
        follow=follow,
        include_personal=personal,
    )
    if personal:
        request.reason.CopyFrom(_reason(purpose, legal_basis, on_behalf_of))
    if form == "table":
        console.print(
            LINE.format(position="position", time="time", type="type", stream="stream", version="version",
                        half="personal", fact="fact"), soft_wrap=True
        )  # fmt: skip
    with connect(settings) as channel:
        for count, event in enumerate(replayed(AuditServiceStub(channel), request, timeout), 1):
            _print(event, form)
            if count == limit:
                return


def _reason(purpose: str | None, legal_basis: int | None, on_behalf_of: str | None) -> profile_pb2.ReadReason:
    if purpose is None or legal_basis is None or on_behalf_of is None:
        raise CommandError("--personal needs --purpose, --legal-basis and --on-behalf-of", ExitCode.USAGE)
    return read_reason(purpose, legal_basis, on_behalf_of)


def replayed_pages(
    stub: AuditServiceStub, request: audit.ReplayEventsRequest, timeout: float | None, *, patient: bool
) -> Iterator[audit.ReplayEventsResponse]:
    """Yield what is answered; `request` moves on with it. If `patient`, goes on after a break of the service.

    Raises `grpc.RpcError`, and `CommandError` when another log answers after a break.
    """
    log_id, failures = "", 0
    while True:
        try:
            for answer in stub.ReplayEvents(request, timeout=timeout):
                if log_id not in ("", answer.log_id):
                    raise CommandError(f"another log answers now: {answer.log_id}, not {log_id}")
                log_id, failures = answer.log_id, 0
                yield answer
                request.after_position = max(request.after_position, answer.position)
        except grpc.RpcError as error:
            is_a_break = error.code() is grpc.StatusCode.UNAVAILABLE
            if not (patient and is_a_break) or failures == len(RETRY_SECONDS):
                raise
            time.sleep(RETRY_SECONDS[failures])
            failures += 1
        else:
            return


def replayed(
    stub: AuditServiceStub, request: audit.ReplayEventsRequest, timeout: float | None
) -> Iterator[audit.ReplayedEvent]:
    """Yield the facts asked for. Raises as `replayed_pages` does, and says where to go on."""
    try:
        for answer in replayed_pages(stub, request, timeout, patient=request.follow):
            yield from answer.events
    except grpc.RpcError:
        typer.echo(f"Stopped; go on with --after {request.after_position}", err=True)
        raise


def fact_of(event: audit.ReplayedEvent) -> dict[str, Any]:
    """One fact as plain values: position, time, header, what became of the personal half, and the fact."""
    type_name = event.header.type.rpartition(".")[2]
    message = getattr(events_pb2, type_name, None)
    half = audit.PersonalHalf.Name(event.personal_half).removeprefix("PERSONAL_HALF_").lower()
    header = to_plain(event.header)
    return {
        "position": event.position,
        "time": time_text(event.time),
        "type": type_name,
        "stream": event.header.stream,
        "version": event.header.version,
        **{key: header[key] for key in ("profile_id", "actor", "channel", "request_id") if key in header},
        "causation": event.header.causation or None,
        "schema": event.header.schema,
        "personal_half": half,
        # A type of a newer service is shown by its bytes, never guessed at.
        "fact": to_plain(message.FromString(event.fact)) if message else event.fact.hex(),
    }


def _print(event: audit.ReplayedEvent, form: str) -> None:
    fact = fact_of(event)
    if form == "json":
        print_json(fact)
        return
    values = fact["fact"]
    if isinstance(values, dict):
        values = ", ".join(f"{key}={value}" for key, value in values.items())
    console.print(LINE.format(**{**fact, "half": fact["personal_half"], "fact": values}), soft_wrap=True)
