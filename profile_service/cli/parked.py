"""`aprofile projections parked`: who waits because a fact could not be applied, and what is done about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated
from uuid import UUID, uuid4

import grpc
import typer

from profile_service.cli.errors import CommandError, ExitCode
from profile_service.cli.options import Timeout, with_settings
from profile_service.cli.output import Format, console, print_json, print_table, time_text, to_plain
from profile_service.cli.reason import enum_option
from profile_service.client import connect, error_reason
from profile_service.settings import Settings
from profile_service.v1 import events_pb2, operations_service_pb2, parked_pb2
from profile_service.v1.operations_service_pb2_grpc import OperationsServiceStub
from profile_service.v1.profile_pb2 import Position

app = typer.Typer(no_args_is_help=True, help="Who waits because a fact could not be applied: retry or skip.")

COLUMNS = ("projection", "subject", "#position", "type", "error", "since")
PAGE = 500

Name = Annotated[str, typer.Argument(help="Name of the projection.", show_default=False)]
SubjectId = Annotated[UUID, typer.Argument(help="A profile id, or of a campaign.", show_default=False)]
Generation = Annotated[
    int, typer.Option("--generation", min=0, help="Another generation than the live one.", show_default=False)
]


@app.command("list")
@with_settings("Client")
def list_(
    settings: Settings,
    *,
    name: Annotated[str | None, typer.Argument(help="Name of a projection. Default: all.")] = None,
    generation: Generation = 0,
    timeout: Timeout = 10.0,
    form: Format = "table",
) -> None:
    """List who waits, by the position of the fact that could not be applied."""
    with connect(settings) as channel:
        stub = OperationsServiceStub(channel)
        names = [name] if name else _with_someone_parked(stub, timeout)
        found = [(each, one) for each in names for one in _all(stub, each, generation, timeout)]
    if form == "json":
        print_json([{"name": each, **to_plain(one)} for each, one in found])
    else:
        print_parked(found)


@app.command()
@with_settings("Client")
def show(
    settings: Settings,
    *,
    name: Name,
    subject_id: SubjectId,
    generation: Generation = 0,
    timeout: Timeout = 10.0,
    form: Format = "table",
) -> None:
    """Show what waits of one subject: positions and types, never a value."""
    request = parked_pb2.GetParkedRequest(name=name, subject_id=str(subject_id), generation=generation)
    with connect(settings) as channel:
        answer = OperationsServiceStub(channel).GetParked(request, timeout=timeout)
    if form == "json":
        print_json(to_plain(answer))
        return
    print_parked([(name, answer.parked)])
    title = f"{answer.waiting_count:,} wait, the first {len(answer.waiting):,}:"
    print_table(("#position", "type"), [(one.position, one.type) for one in answer.waiting], title=title)


@app.command()
@with_settings("Client")
def retry(
    settings: Settings,
    *,
    name: Name,
    subject_id: Annotated[UUID | None, typer.Argument(help="A profile id, or of a campaign.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Everyone who waits.")] = False,
    timeout: Timeout = 10.0,
) -> None:
    """Apply again what waits, after a repair; exit code 1 if something still can't be applied."""
    if (subject_id is not None) == every:
        raise CommandError("name a subject, or give --all", ExitCode.USAGE)
    with connect(settings) as channel:
        stub = OperationsServiceStub(channel)
        chosen = [str(subject_id)] if subject_id else [one.subject_id for one in _all(stub, name, 0, timeout)]
        waiting = [one for each in chosen if (one := _retried(stub, name, each, timeout)) is not None]
    console.print(f"{len(chosen) - len(waiting):,} of {len(chosen):,} go on")
    if waiting:
        print_parked((name, one) for one in waiting)
        raise typer.Exit(ExitCode.FAILED)


@app.command()
@with_settings("Client")
def skip(
    settings: Settings,
    *,
    name: Name,
    subject_id: SubjectId,
    position: Annotated[int, typer.Option("--position", min=1, help="Of the fact that is meant.")],
    skip_reason: Annotated[
        int, enum_option(events_pb2.SkipReason, "SKIP_REASON", "--reason", "Why it is passed over.")
    ],
    request_id: Annotated[
        UUID | None, typer.Option("--request-id", help="To repeat an earlier call. Default: a new one.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    timeout: Timeout = 10.0,
) -> None:
    """Pass over the fact that failed, in this projection, for ever; the log keeps who decided it and why."""
    if not yes:
        typer.confirm(f"Pass over position {position} in {name} for ever?", abort=True)
    request = parked_pb2.SkipParkedRequest(
        request_id=str(request_id or uuid4()),
        name=name,
        subject_id=str(subject_id),
        position=position,
        skip_reason=skip_reason,  # type: ignore[arg-type]  # a number of the enum
    )
    typer.echo(f"Request id {request.request_id}", err=True)
    with connect(settings) as channel:
        stub = OperationsServiceStub(channel)
        answer = stub.SkipParked(request, timeout=timeout)
        console.print(f"Skipped; the log says so at position {answer.position.value:,}.")
        waiting = _waiting(stub, name, str(subject_id), timeout, answer.position)
    if waiting is None:
        console.print(f"Nothing of {subject_id} waits any more.")
    else:
        print_parked([(name, waiting)])


def print_parked(found: Iterable[tuple[str, parked_pb2.ParkedSubject]]) -> None:
    """Show parked subjects, each beside the name of its projection."""
    print_table(
        COLUMNS,
        [
            (name, one.subject_id, one.position, one.type, one.error, time_text(one.time))
            for name, one in found
        ],
    )


def print_too_many(rebuild: operations_service_pb2.Rebuild) -> None:
    """Show whom a rebuild parked, if they are more than it may."""
    if parks_too_many(rebuild):
        print_parked((rebuild.name, one) for one in rebuild.parked_summary.subjects)


def parks_too_many(rebuild: operations_service_pb2.Rebuild) -> bool:
    return 0 <= rebuild.parked_summary.limit < rebuild.parked_summary.count


def _with_someone_parked(stub: OperationsServiceStub, timeout: float) -> list[str]:
    answer = stub.ListProjections(operations_service_pb2.ListProjectionsRequest(), timeout=timeout)
    return [one.name for one in answer.projections if one.parked]


def _all(
    stub: OperationsServiceStub, name: str, generation: int, timeout: float
) -> Iterator[parked_pb2.ParkedSubject]:
    token = ""
    while True:
        request = parked_pb2.ListParkedRequest(
            name=name, generation=generation, page_size=PAGE, page_token=token
        )
        page = stub.ListParked(request, timeout=timeout)
        yield from page.parked
        token = page.next_page_token
        if not token:
            return


def _retried(
    stub: OperationsServiceStub, name: str, subject_id: str, timeout: float
) -> parked_pb2.ParkedSubject | None:
    """Retry one; return where it waits now, if it does."""
    request = parked_pb2.RetryParkedRequest(name=name, subject_id=subject_id)
    answer = stub.RetryParked(request, timeout=timeout)
    return answer.parked if answer.HasField("parked") else None


def _waiting(
    stub: OperationsServiceStub, name: str, subject_id: str, timeout: float, position: Position
) -> parked_pb2.ParkedSubject | None:
    """Where a subject waits when the view has got to a position; None if it does not."""
    request = parked_pb2.GetParkedRequest(name=name, subject_id=subject_id, at_least_position=position)
    try:
        found: parked_pb2.ParkedSubject = stub.GetParked(request, timeout=timeout).parked
    except grpc.RpcError as error:
        if error_reason(error) != "NOT_PARKED":
            raise
        return None
    return found
