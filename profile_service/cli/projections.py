"""`aprofile projections`: how far the views are, rebuild them, prove them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import grpc
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from profile_service.cli import parked
from profile_service.cli.errors import CommandError, ExitCode
from profile_service.cli.options import Timeout, with_settings
from profile_service.cli.output import Format, console, print_json, print_table, time_text, to_plain
from profile_service.client import connect
from profile_service.settings import Settings
from profile_service.v1 import operations_service_pb2 as operations
from profile_service.v1.operations_service_pb2_grpc import OperationsServiceStub

app = typer.Typer(no_args_is_help=True, help="How far the views are; rebuild and verify them.")
app.add_typer(parked.app, name="parked")

Names = Annotated[list[str] | None, typer.Argument(help="Names of projections.", show_default=False)]
All = Annotated[bool, typer.Option("--all", help="Every projection.")]


@app.command("list")
@with_settings("Client")
def list_(settings: Settings, timeout: Timeout = 10.0, form: Format = "table") -> None:
    """List the projections: position, lag, rows, people that are parked."""
    with connect(settings) as channel:
        answer = OperationsServiceStub(channel).ListProjections(
            operations.ListProjectionsRequest(), timeout=timeout
        )
    if form == "json":
        print_json({"head": answer.head_position, "log_id": answer.log_id,
                    "projections": [to_plain(one) for one in answer.projections]})  # fmt: skip
        return
    columns = ("name", "#position", "#lag", "#generation", "#rows", "#parked", "updated", "rebuilding")
    rows = [
        (one.name, one.position, one.lag, one.generation, one.rows, one.parked, time_text(one.update_time),
         one.rebuilding)
        for one in answer.projections
    ]  # fmt: skip
    print_table(columns, rows, title=f"Log {answer.log_id}, head {answer.head_position:,}")


@app.command()
@with_settings("Client")
def rebuild(
    settings: Settings,
    names: Names = None,
    every: All = False,
    timeout: Timeout = 3600.0,
) -> None:
    """Build a projection anew beside the live one, and swap it in when it is proved equal."""
    with connect(settings) as channel:
        stub = OperationsServiceStub(channel)
        for name in chosen(stub, names, every, timeout):
            last = rebuild_one(stub, name, timeout)
            console.print(
                f"{name}: generation {last.generation}, {last.rows:,} rows from {last.events:,} events, "
                f"{last.events_per_second:,.0f} a second"
            )


def rebuild_one(
    stub: OperationsServiceStub, name: str, timeout: float
) -> operations.RebuildProjectionResponse:
    """Rebuild with a progress bar; return the last message. Raises `grpc.RpcError`, `CommandError`."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    stream: Iterable[operations.RebuildProjectionResponse] = stub.RebuildProjection(
        operations.RebuildProjectionRequest(name=name), timeout=timeout
    )
    last = None
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(name, total=None)
        for last in _told(name, stream):
            phase = operations.RebuildPhase.Name(last.phase).removeprefix("REBUILD_PHASE_").lower()
            progress.update(
                bar,
                description=f"{name}: {phase.replace('_', ' ')}",
                completed=last.slices_done,
                total=last.slices or None,
            )
    if last is None or last.phase != operations.REBUILD_PHASE_SWAPPED:
        raise CommandError(f"{name}: the rebuild ended before the new generation was swapped in")
    return last


def _told(
    name: str, stream: Iterable[operations.RebuildProjectionResponse]
) -> Iterable[operations.RebuildProjectionResponse]:
    """The same steps; whoever is the reason that nothing was swapped is shown before the refusal."""
    last = None
    try:
        for last in stream:
            yield last
    except grpc.RpcError:
        parked.print_too_many(name, last)
        raise


@app.command()
@with_settings("Client")
def verify(
    settings: Settings,
    names: Names = None,
    every: All = False,
    timeout: Timeout = 3600.0,
    form: Format = "table",
) -> None:
    """Fold the log anew and compare with the live rows; exit code 1 if anything differs."""
    with connect(settings) as channel:
        stub = OperationsServiceStub(channel)
        answers = {
            name: stub.VerifyProjection(operations.VerifyProjectionRequest(name=name), timeout=timeout)
            for name in chosen(stub, names, every, timeout)
        }
    if form == "json":
        for name, answer in answers.items():
            print_json({"name": name, **_all_fields(answer)})
    else:
        columns = ("name", "equal", "#position", "#rows", "#expected", "differing")
        print_table(columns, [(name, a.equal, a.position, a.rows, a.expected_rows, " ".join(a.differing))
                              for name, a in answers.items()])  # fmt: skip
    if not all(answer.equal for answer in answers.values()):
        raise typer.Exit(ExitCode.FAILED)


def chosen(stub: OperationsServiceStub, names: list[str] | None, every: bool, timeout: float) -> list[str]:
    """The names to work on. Raises `CommandError` if neither names nor --all were given, or both."""
    if bool(names) == every:
        raise CommandError("name projections, or give --all", ExitCode.USAGE)
    if names:
        return names
    answer = stub.ListProjections(operations.ListProjectionsRequest(), timeout=min(timeout, 10.0))
    return [one.name for one in answer.projections]


def _all_fields(message: Any) -> dict[str, Any]:
    values = {field.name: getattr(message, field.name) for field in message.DESCRIPTOR.fields}
    return {name: list(value) if name == "differing" else value for name, value in values.items()}
