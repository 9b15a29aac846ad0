"""`aprofile load`: generated citizens against a running service."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from profile_service.cli.errors import ExitCode
from profile_service.cli.options import Timeout, with_settings
from profile_service.cli.output import console, print_table
from profile_service.client import connect_asynchronously
from profile_service.load.citizens import Kind
from profile_service.load.client import Load, Plan
from profile_service.load.result import LoadResult
from profile_service.settings import Settings

Citizens = Annotated[int, typer.Option("--citizens", min=1, help="How many people.")]
Seed = Annotated[
    int,
    typer.Option("--seed", min=0, max=2**32 - 1, help="The same seed gives the same requests."),
]
Concurrency = Annotated[int, typer.Option("--concurrency", min=1, max=4096, help="How many lives at a time.")]


@with_settings("Client")
def load(
    settings: Settings,
    *,
    citizens: Citizens = 1_000,
    seed: Seed = 1,
    concurrency: Concurrency = 64,
    timeout: Timeout = 10.0,
    patience: Annotated[
        float, typer.Option("--patience", min=0, metavar="SECONDS", help="How long to try again.")
    ] = 60.0,
) -> None:
    """Bring generated citizens through their life: register, verify, consent, sign up, correct, erase.

    The same seed against the same service repeats every request and changes nothing.
    """
    result = run_load(settings, Plan(citizens, seed, concurrency, timeout, patience))
    show(result)
    if result.failures:
        raise typer.Exit(ExitCode.FAILED)


def run_load(settings: Settings, plan: Plan) -> LoadResult:
    """Run a plan with a progress bar. Raises `grpc.RpcError`."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:,.0f} calls/s"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("citizens", total=plan.citizens, rate=0.0)

        async def run() -> LoadResult:
            async with connect_asynchronously(settings) as channel:
                load = Load(channel, plan)
                watcher = asyncio.create_task(watch(load))
                try:
                    return await load.run()
                finally:
                    watcher.cancel()

        async def watch(load: Load) -> None:
            # Looks a few times a second; a bar that moved with every life would cost more than the life.
            before = 0
            while True:
                await asyncio.sleep(0.25)
                calls = load.result.calls
                progress.update(bar, completed=load.finished, rate=(calls - before) / 0.25)
                before = calls

        return asyncio.run(run())


def show(result: LoadResult) -> None:
    """Print what happened, and how fast."""
    rows = []
    for kind in Kind:
        if latency := result.latency(kind):
            times = (f"{1000 * seconds:.1f}" for seconds in latency)
            rows.append((kind.value, result.count(kind), *times))
    print_table(("what", "#calls", "#p50 ms", "#p99 ms", "#max ms"), rows)
    console.print(
        f"{result.lived:,} lives, {result.calls:,} calls in {result.seconds:.1f} s: "
        f"{result.calls_per_second:,.0f} calls a second; tried again {result.tries_again:,} times"
    )
    if result.erased_before:
        console.print(f"{result.erased_before:,} people were erased by an earlier run with this seed.")
    for (kind, reason), count in result.failures.most_common():
        console.print(f"FAILED {count:,}: {kind.value}: {reason}")
