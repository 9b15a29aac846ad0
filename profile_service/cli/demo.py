"""`aprofile demo`: the whole story on this machine, in a few minutes, with every promise checked."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import grpc
import typer

from profile_service.cli.demo_checks import check_erased, check_keys, check_living, check_log, wait_for_views
from profile_service.cli.errors import CommandError
from profile_service.cli.load import Citizens, Concurrency, Seed, run_load, show
from profile_service.cli.output import console, print_table
from profile_service.cli.rebuilding import chosen, rebuild_one
from profile_service.cli.service_process import ServiceProcess, started_service
from profile_service.client import connect
from profile_service.load.client import Plan
from profile_service.load.result import LoadResult
from profile_service.settings import load_settings
from profile_service.v1 import operations_service_pb2 as operations
from profile_service.v1.operations_service_pb2_grpc import OperationsServiceStub

REBUILD_SECONDS = 600.0


class Report:
    """The rows of the table at the end: what, how much, how long."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, str]] = []

    @contextmanager
    def step(self, what: str) -> Iterator[list[str]]:
        """Time the block; what it appends is shown beside it."""
        console.print(f"… {what}")
        said: list[str] = []
        started = time.perf_counter()
        yield said
        self.rows.append((what, ", ".join(said), f"{time.perf_counter() - started:.1f}"))


def demo(
    *,
    citizens: Citizens = 10_000,
    seed: Seed = 1,
    concurrency: Concurrency = 64,
    keep: Annotated[
        Path | None, typer.Option("--keep", help="Keep data and root keys in this directory.", metavar="PATH")
    ] = None,
) -> None:
    """Start a service, load it, replay its log, rebuild and verify its views, prove the erasures.

    Everything is in a temporary directory unless --keep; what fails leaves it there for a look.
    """
    directory = keep or Path(tempfile.mkdtemp(prefix="aprofile-demo-"))
    report = Report()
    try:
        _tell(directory, Plan(citizens, seed, concurrency), report)
    except (CommandError, grpc.RpcError):
        console.print(f"Failed; data and log are in {directory}")
        raise
    finally:
        print_table(("step", "what happened", "#seconds"), report.rows)
    if keep is None:
        shutil.rmtree(directory)
    console.print("Everything held.")


def _tell(directory: Path, plan: Plan, report: Report) -> None:
    with started_service(directory) as service:
        with report.step("start the service") as said:
            service.wait_until_serving()
            said.append(f"serving on {service.address}")
        _load_and_check(service, plan, report)
        with report.step("stop the service") as said:
            code = service.stop()
            if code != 0:
                raise CommandError(f"the service ended with exit code {code}; see {service.log}")
            said.append("SIGTERM, drained, exit code 0")


def _load_and_check(service: ServiceProcess, plan: Plan, report: Report) -> None:
    settings = load_settings(target=service.address)
    with report.step("load generated citizens") as said:
        result = run_load(settings, plan)
        said.append(
            f"{result.lived:,} lives, {result.calls:,} calls, {result.calls_per_second:,.0f} a second, "
            f"{len(result.erased):,} erased"
        )
    show(result)
    if result.failures:
        raise CommandError(f"{result.failures.total():,} lives failed")
    with connect(settings) as channel:
        _check(channel, result, report)


def _check(channel: grpc.Channel, result: LoadResult, report: Report) -> None:
    with report.step("wait for the views") as said:
        said.append(wait_for_views(channel))
    with report.step("replay the log") as said:
        said.append(check_log(channel))
    stub = OperationsServiceStub(channel)
    names = chosen(stub, None, every=True)
    for name in names:
        with report.step(f"rebuild {name}") as said:
            rebuilding = operations.RebuildProjectionRequest(name=name)
            last = rebuild_one(stub, rebuilding, REBUILD_SECONDS)
            if last.state != operations.REBUILD_STATE_SWAPPED:
                raise CommandError(f"{name}: the new generation was not swapped in")
            said.append(f"{last.events:,} facts, {last.events_per_second:,.0f} a second, {last.rows:,} rows")
    for name in names:
        with report.step(f"verify {name}") as said:
            request = operations.VerifyProjectionRequest(name=name)
            answer = stub.VerifyProjection(request, timeout=REBUILD_SECONDS)
            if not answer.equal:
                raise CommandError(f"{name}: {len(answer.differing)} rows or more differ from the log")
            said.append(f"{answer.rows:,} rows equal the log at position {answer.position:,}")
    with report.step("look for the living") as said:
        said.append(check_living(channel, result.living))
    with report.step("look for the erased") as said:
        said.append(check_erased(channel, result.erased))
    with report.step("count the keys") as said:
        said.append(check_keys(channel, result))
