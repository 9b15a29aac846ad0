"""`aprofile export`: the open half of the log as files that analysts read with tools of their own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import grpc
import typer

from profile_service.cli.errors import CommandError
from profile_service.cli.moments import Point, point
from profile_service.cli.options import with_settings
from profile_service.cli.output import Format, print_json, print_table
from profile_service.cli.replay import replayed_pages
from profile_service.client import connect
from profile_service.export.errors import ExportError
from profile_service.settings import Settings
from profile_service.v1.audit_service_pb2 import ReplayedEvent, ReplayEventsRequest
from profile_service.v1.audit_service_pb2_grpc import AuditServiceStub

if TYPE_CHECKING:
    from profile_service.export.dataset import Dataset
    from profile_service.export.run import Export

app = typer.Typer(no_args_is_help=True, help="Write the open half of the log into files for analysts.")


@app.callback()
def export() -> None:
    """Write the open half of the log into files for analysts."""


@app.command()
@with_settings("Client")
def parquet(
    settings: Settings,
    *,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where the files are. One that has some goes on.")
    ],
    after: Annotated[
        int | None, typer.Option("--after", min=0, help="Begin after this position; for a new DIR.")
    ] = None,
    until: Annotated[
        Point | None,
        typer.Option(
            "--until", parser=point, metavar="POSITION|TIME", help="Up to a position, or before a time."
        ),
    ] = None,
    fact_type: Annotated[
        list[str] | None, typer.Option("--type", help="Only this type, such as ConsentGiven; repeatable.")
    ] = None,
    form: Format = "table",
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", min=0.01, metavar="SECONDS", help="For the whole export. Default: none."),
    ] = None,
) -> None:
    """Write the facts of the log into Parquet files: headers and open halves, nothing personal.

    A second run goes on where the first one ended, also after it broke off. Needs a-profile[parquet].
    """
    try:
        from profile_service.export.dataset import open_dataset
        from profile_service.export.run import Export
    except ImportError:
        raise CommandError("Parquet needs pyarrow: install a-profile[parquet]") from None
    try:
        with open_dataset(out, fact_type or (), after) as dataset, connect(settings) as channel:
            written = Export(dataset, lambda event: until is not None and _is_behind(event, until))
            _export(AuditServiceStub(channel), dataset, written, timeout)
    except ExportError as error:
        raise CommandError(str(error)) from None
    manifest = dataset.manifest
    result = {
        "facts": written.facts,
        "facts_in_all": manifest.facts,
        "files": len(manifest.files),
        "position": manifest.position,
        "log_id": manifest.log_id,
    }
    if form == "json":
        print_json(result)
    else:
        print_table(("what", "value"), list(result.items()))


def _export(stub: AuditServiceStub, dataset: Dataset, written: Export, timeout: float | None) -> None:
    manifest = dataset.manifest
    request = ReplayEventsRequest(after_position=manifest.position, types=manifest.types)
    try:
        for page in replayed_pages(stub, request, timeout, patient=True):
            if not written.take(page):
                break
    except (grpc.RpcError, ExportError):
        written.finish()  # what has come until then stays
        raise
    written.finish()


def _is_behind(event: ReplayedEvent, until: Point) -> bool:
    if until.time is not None:
        return event.time.ToMicroseconds() >= round(until.time.timestamp() * 1_000_000)
    return event.position > (until.position or 0)
