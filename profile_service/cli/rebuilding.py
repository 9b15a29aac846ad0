"""`aprofile projections`: rebuild, watch, pause, resume, cancel, swap, roll back."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Annotated

import typer

from profile_service.cli.errors import CommandError, ExitCode
from profile_service.cli.options import Timeout, with_settings
from profile_service.cli.output import Format, console, print_json, print_table, to_plain
from profile_service.cli.parked import print_too_many
from profile_service.cli.rebuilds_shown import COLUMNS, progress_bar, result_of, row_of, say
from profile_service.client import connect
from profile_service.settings import Settings
from profile_service.v1 import operations_service_pb2 as operations
from profile_service.v1.operations_service_pb2 import Rebuild
from profile_service.v1.operations_service_pb2_grpc import OperationsServiceStub

Names = Annotated[list[str] | None, typer.Argument(help="Names of projections.", show_default=False)]
Name = Annotated[str, typer.Argument(help="Name of the projection.", show_default=False)]
All = Annotated[bool, typer.Option("--all", help="Every projection, one after the other.")]
Patience = Annotated[
    float | None,
    typer.Option(
        "--timeout", min=0.01, metavar="SECONDS", help="How long to watch; the rebuild goes on without."
    ),
]
Workers = Annotated[int, typer.Option("--workers", min=0, max=64, help="Processes; 0: as the server is set.")]
Executor = Annotated[
    str,
    typer.Option(
        "--executor",
        metavar="NAME",
        help="processes, or the dask://HOST:PORT of the server's settings. Default: as the server is set.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Build and compare; swap nothing in.")]
NoSwap = Annotated[bool, typer.Option("--no-swap", help="Leave the new generation ready, for swap.")]
Accept = Annotated[
    bool, typer.Option("--accept-differences", help="Also if it is not equal to the live one.")
]
Watch = Annotated[bool, typer.Option("--watch", help="Draw the progress until the rebuild ends.")]

# Seconds between looks.
WATCH = 0.5
AT_WORK = (operations.REBUILD_STATE_RUNNING, operations.REBUILD_STATE_PAUSED)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (rebuild, status, pause, resume, cancel, swap, rollback):
        app.command()(command)


@with_settings("Client")
def rebuild(
    settings: Settings,
    names: Names = None,
    every: All = False,
    workers: Workers = 0,
    executor: Executor = "",
    dry_run: DryRun = False,
    no_swap: NoSwap = False,
    timeout: Patience = None,
) -> None:
    """Build a projection anew beside the live one, and swap it in when it is proved equal.

    It runs in the service, and goes on when this command is interrupted: see status --watch.
    """
    if dry_run and no_swap:
        raise CommandError("a dry run swaps nothing in anyway: leave --no-swap out", ExitCode.USAGE)
    ending = operations.REBUILD_ENDING_HOLD if no_swap else operations.REBUILD_ENDING_SWAP
    if dry_run:
        ending = operations.REBUILD_ENDING_CHECK
    with connect(settings) as channel:
        stub = OperationsServiceStub(channel)
        for name in chosen(stub, names, every):
            request = operations.RebuildProjectionRequest(
                name=name, ending=ending, workers=workers, executor=executor
            )
            last = rebuild_one(stub, request, timeout)
            print_too_many(last)
            console.print(result_of(last))


def rebuild_one(
    stub: OperationsServiceStub, request: operations.RebuildProjectionRequest, timeout: float | None
) -> Rebuild:
    """Rebuild with a progress bar; return how it ended. Raises `grpc.RpcError`."""
    stream: Iterable[operations.RebuildProjectionResponse] = stub.RebuildProjection(request, timeout=timeout)
    last = Rebuild(name=request.name, state="REBUILD_STATE_INTERRUPTED")
    with progress_bar(request.name) as show:
        for answer in stream:
            last = answer.rebuild
            show(last)
    return last


@with_settings("Client")
def status(
    settings: Settings,
    names: Names = None,
    watch: Watch = False,
    timeout: Timeout = 10.0,
    form: Format = "table",
) -> None:
    """How rebuilds stand, whichever server works on them; without names, of every projection."""
    with connect(settings) as channel:
        stub = OperationsServiceStub(channel)
        wanted = chosen(stub, names, not names)
        if watch:
            for name in wanted:
                console.print(result_of(_watched(stub, name, timeout)))
            return
        found = [_get(stub, name, timeout) for name in wanted]
    if form == "json":
        for answer in found:
            print_json(to_plain(answer))
        return
    print_table(COLUMNS, [row_of(answer) for answer in found])
    for answer in found:
        if answer.rebuild.state == operations.REBUILD_STATE_FAILED:
            console.print(f"{answer.rebuild.name}: {answer.rebuild.error}")


@with_settings("Client")
def pause(settings: Settings, name: Name, timeout: Timeout = 60.0) -> None:
    """Stop a rebuild and keep what is finished."""
    with connect(settings) as channel:
        request = operations.PauseRebuildRequest(name=name)
        answer = OperationsServiceStub(channel).PauseRebuild(request, timeout=timeout)
    say(answer.rebuild)


@with_settings("Client")
def resume(settings: Settings, name: Name, timeout: Timeout = 10.0) -> None:
    """Go on with a rebuild that was paused, that failed, or whose server died."""
    with connect(settings) as channel:
        request = operations.ResumeRebuildRequest(name=name)
        answer = OperationsServiceStub(channel).ResumeRebuild(request, timeout=timeout)
    say(answer.rebuild)


@with_settings("Client")
def cancel(settings: Settings, name: Name, timeout: Timeout = 60.0) -> None:
    """Give a rebuild up, and drop what it built."""
    with connect(settings) as channel:
        request = operations.CancelRebuildRequest(name=name)
        answer = OperationsServiceStub(channel).CancelRebuild(request, timeout=timeout)
    say(answer.rebuild)


@with_settings("Client")
def swap(settings: Settings, name: Name, accept: Accept = False, timeout: Timeout = 60.0) -> None:
    """Make the generation live that a rebuild left ready."""
    with connect(settings) as channel:
        request = operations.SwapProjectionRequest(name=name, accept_differences=accept)
        answer = OperationsServiceStub(channel).SwapProjection(request, timeout=timeout)
    say(answer.rebuild)


@with_settings("Client")
def rollback(settings: Settings, name: Name, timeout: Timeout = 3600.0) -> None:
    """Make the generation before the live one live again, once it has caught up with the log."""
    with connect(settings) as channel:
        stub = OperationsServiceStub(channel)
        before = _get(stub, name, min(timeout, 10.0)).previous_generation
        request = operations.RollBackProjectionRequest(name=name, generation=before)
        answer = stub.RollBackProjection(request, timeout=timeout)
    console.print(
        f"{name}: generation {answer.live_generation} is live again, at position {answer.position:,} after "
        f"{answer.events:,} facts that it had missed; generation {answer.previous_generation} is kept"
    )


def chosen(stub: OperationsServiceStub, names: list[str] | None, every: bool) -> list[str]:
    """The names to work on. Raises `CommandError` if neither names nor --all were given, or both."""
    if bool(names) == every:
        raise CommandError("name projections, or give --all", ExitCode.USAGE)
    if names:
        return names
    answer = stub.ListProjections(operations.ListProjectionsRequest(), timeout=10.0)
    return [one.name for one in answer.projections]


def _get(stub: OperationsServiceStub, name: str, timeout: float) -> operations.GetRebuildResponse:
    answer: operations.GetRebuildResponse = stub.GetRebuild(
        operations.GetRebuildRequest(name=name), timeout=timeout
    )
    return answer


def _watched(stub: OperationsServiceStub, name: str, timeout: float) -> Rebuild:
    """Draw the progress of a rebuild that was begun elsewhere, to its end."""
    with progress_bar(name) as show:
        while (current := _get(stub, name, timeout).rebuild).state in AT_WORK:
            show(current)
            time.sleep(WATCH)
    return current
