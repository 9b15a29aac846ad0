"""`aprofile projections`: how far the views are, and whether they are right."""

from __future__ import annotations

from typing import Any

import typer

from profile_service.cli import parked, rebuilding
from profile_service.cli.errors import ExitCode
from profile_service.cli.options import Timeout, with_settings
from profile_service.cli.output import Format, print_json, print_table, time_text, to_plain
from profile_service.cli.rebuilding import All, Names, chosen
from profile_service.client import connect
from profile_service.settings import Settings
from profile_service.v1 import operations_service_pb2 as operations
from profile_service.v1.operations_service_pb2_grpc import OperationsServiceStub

app = typer.Typer(no_args_is_help=True, help="How far the views are; rebuild and verify them.")
rebuilding.register(app)
app.add_typer(parked.app, name="parked")


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
            for name in chosen(stub, names, every)
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


def _all_fields(message: Any) -> dict[str, Any]:
    values = {field.name: getattr(message, field.name) for field in message.DESCRIPTOR.fields}
    return {name: list(value) if name == "differing" else value for name, value in values.items()}
