"""`aprofile keys`: how the keys stand, in counts; never a key. And closing their epoch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from profile_service.cli.errors import CommandError
from profile_service.cli.options import Timeout, with_settings
from profile_service.cli.output import Format, console, print_json, print_table, time_text
from profile_service.client import connect
from profile_service.settings import Settings
from profile_service.v1 import operations_service_pb2 as operations
from profile_service.v1.operations_service_pb2_grpc import OperationsServiceStub

app = typer.Typer(no_args_is_help=True, help="How the keys stand; close their epoch.")


DestroyRoot = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ROOT_KEY",
        help="Destroy a root key of no epoch here first, as `status` names them; may be given again.",
    ),
]


@app.callback()
def keys() -> None:
    """How the keys stand, in counts and versions; never a key."""


@app.command()
@with_settings("Client")
def status(settings: Settings, timeout: Timeout = 10.0, form: Format = "table") -> None:
    """Show the epoch and its state, keys and buckets, and the erasures that wait for its close."""
    with connect(settings) as channel:
        answer = OperationsServiceStub(channel).GetKeyStatus(
            operations.GetKeyStatusRequest(), timeout=timeout
        )
    values = _values(answer)
    waiting = [_values(one) for one in answer.oldest_waiting]
    if form == "json":
        roots = {name: list(getattr(answer, name)) for name in ("root_keys", "unknown_root_keys")}
        print_json({**values, **roots, "oldest_waiting": waiting})
        return
    print_table(("what", "#value"), [(name.replace("_", " "), value) for name, value in values.items()])
    unknown = set(answer.unknown_root_keys)
    rows = [(name, "no epoch here has it" if name in unknown else "") for name in answer.root_keys]
    print_table(("root key", ""), rows, title="Root keys in the provider")
    if waiting:
        columns = ("profile id", "#epoch", "erased", "final by")
        print_table(columns, [tuple(one.values()) for one in waiting], title="Erasures that wait")


@app.command("close-epoch")
@with_settings("Client")
def close_epoch(
    settings: Settings, timeout: Timeout = 3600.0, form: Format = "table", destroy_root: DestroyRoot = None
) -> None:
    """Close the epoch of the keys: then no backup from before opens anything of those erased before."""
    with connect(settings) as channel:
        last = watch_close(OperationsServiceStub(channel), timeout, destroy_root or [])
    if form == "json":
        print_json({"epoch": last.epoch, "position": last.position})
    else:
        console.print(f"Epoch {last.epoch} is closed; the log says so at position {last.position:,}.")


def watch_close(
    stub: OperationsServiceStub, timeout: float, destroy_roots: Sequence[str] = ()
) -> operations.CloseEpochResponse:
    """Close with a progress bar; return the last message. Raises `grpc.RpcError`, `CommandError`."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    stream: Iterable[operations.CloseEpochResponse] = stub.CloseEpoch(
        operations.CloseEpochRequest(destroy_roots=destroy_roots), timeout=timeout
    )
    last = None
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("closing", total=None)
        for last in stream:
            description = f"epoch {last.epoch}: {_state(last.state).lower().replace('_', ' ')}"
            total = last.buckets or None
            progress.update(bar, description=description, completed=last.buckets_done, total=total)
    if last is None or last.state != operations.EPOCH_STATE_CLOSED:
        raise CommandError("the server stopped before the epoch was closed; it goes on when it starts again")
    return last


def _values(message: Any) -> dict[str, Any]:
    """The fields in their order, as they are shown; without lists."""
    values: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        if field.enum_type:
            value = _state(value)
        elif field.message_type and not field.is_repeated:
            value = time_text(value)
        if not field.is_repeated:
            values[field.name] = value
    return values


def _state(number: int) -> str:
    return operations.EpochState.Name(number).removeprefix("EPOCH_STATE_")
