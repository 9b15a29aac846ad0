"""`aprofile keys`: how the keys stand, in counts; never a key."""

from __future__ import annotations

import typer

from profile_service.cli.options import Timeout, with_settings
from profile_service.cli.output import Format, print_json, print_table
from profile_service.client import connect
from profile_service.settings import Settings
from profile_service.v1 import operations_service_pb2, operations_service_pb2_grpc

app = typer.Typer(no_args_is_help=True, help="How the keys stand.")


@app.callback()
def keys() -> None:
    """How the keys stand, in counts and versions; never a key."""


@app.command()
@with_settings("Client")
def status(settings: Settings, timeout: Timeout = 10.0, form: Format = "table") -> None:
    """Show the epoch, the number of keys and buckets, and how many were destroyed."""
    with connect(settings) as channel:
        answer = operations_service_pb2_grpc.OperationsServiceStub(channel).GetKeyStatus(
            operations_service_pb2.GetKeyStatusRequest(), timeout=timeout
        )
    values = {field.name: getattr(answer, field.name) for field in answer.DESCRIPTOR.fields}
    if form == "json":
        print_json(values)
    else:
        print_table(("what", "#value"), [(name.replace("_", " "), value) for name, value in values.items()])
