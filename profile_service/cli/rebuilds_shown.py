"""How the rebuild of a projection is shown: a bar while it goes, a row of a table, a line when it is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from profile_service.cli.errors import CommandError
from profile_service.cli.output import console
from profile_service.cli.parked import parks_too_many
from profile_service.v1 import operations_service_pb2 as operations
from profile_service.v1.operations_service_pb2 import Rebuild

# What `row_of` returns.
COLUMNS = ("name", "state", "phase", "#slices", "#events", "#events/s", "#left", "#lag", "#parked",
           "#generation", "#live", "#previous", "fingerprint")  # fmt: skip


@contextmanager
def progress_bar(name: str) -> Iterator[Callable[[Rebuild], None]]:
    """A live progress bar, if this is a terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.completed}/{task.total} slices"),
        TextColumn("{task.fields[pace]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(name, total=256, pace="")

        def show(current: Rebuild) -> None:
            doing = "paused" if current.state == operations.REBUILD_STATE_PAUSED else _phase(current)
            progress.update(
                bar,
                description=f"{name}: {doing}",
                completed=current.slices_done,
                total=current.slices,
                pace=_pace(current),
            )

        yield show


def _pace(current: Rebuild) -> str:
    left = f" · {_left(current)} left" if current.HasField("time_left") else ""
    return (
        f"{current.events_per_second:,.0f} events/s{left} · lag {current.lag:,} · {current.parked:,} parked"
    )


def _left(current: Rebuild) -> str:
    if not current.HasField("time_left"):
        return ""
    return str(timedelta(seconds=round(current.time_left.ToTimedelta().total_seconds())))


def _phase(current: Rebuild) -> str:
    return (
        operations.RebuildPhase.Name(current.phase).removeprefix("REBUILD_PHASE_").lower().replace("_", " ")
    )


def _state(current: Rebuild) -> str:
    if not current.state:
        return ""
    return (
        operations.RebuildState.Name(current.state).removeprefix("REBUILD_STATE_").lower().replace("_", " ")
    )


def row_of(answer: operations.GetRebuildResponse) -> tuple[Any, ...]:
    current = answer.rebuild
    if not current.state:
        return (current.name, *[""] * 8, 0, answer.live_generation, answer.previous_generation, "")
    return (
        current.name,
        _state(current),
        _phase(current),
        f"{current.slices_done}/{current.slices}",
        current.events,
        round(current.events_per_second),
        _left(current),
        current.lag,
        current.parked,
        current.generation,
        answer.live_generation,
        answer.previous_generation,
        current.fingerprint[:12],
    )


def say(current: Rebuild) -> None:
    console.print(
        f"{current.name}: {_state(current)}, {current.slices_done} of {current.slices} slices of generation "
        f"{current.generation} are built"
    )


def result_of(last: Rebuild) -> str:
    """What a rebuild came to. Raises `CommandError` if not to what was asked."""
    name, made = last.name, f"{last.rows:,} rows from {last.events:,} events"
    differing = f"{last.differing_rows:,} rows differ from the {last.live_rows:,} live ones"
    if last.differing:
        differing += f" ({' '.join(last.differing)})"
    summary = last.parked_summary
    parked = f"generation {last.generation} parks {summary.count:,}, {summary.limit:,} are allowed"
    match last.state:
        case operations.REBUILD_STATE_SWAPPED:
            pace = f"{last.events_per_second:,.0f} a second"
            return f"{name}: generation {last.generation} is live: {made}, {pace}"
        case operations.REBUILD_STATE_READY:
            return f"{name}: generation {last.generation} is ready to be swapped in: {made}; {differing}"
        case operations.REBUILD_STATE_CHECKED if parks_too_many(last):
            raise CommandError(f"{name}: a dry run made {made}; {differing}; {parked}")
        case operations.REBUILD_STATE_CHECKED if not last.differing_rows:
            return f"{name}: a dry run made {made}; {differing}"
        case operations.REBUILD_STATE_CHECKED:
            raise CommandError(f"{name}: a dry run made {made}; {differing}")
        case operations.REBUILD_STATE_DIFFERS:
            raise CommandError(f"{name}: nothing was swapped, for {differing}")
        case operations.REBUILD_STATE_PARKS_TOO_MANY:
            raise CommandError(f"{name}: nothing was swapped: {parked}")
        case operations.REBUILD_STATE_FAILED:
            raise CommandError(f"{name}: failed, and what is finished is kept: {last.error}")
    raise CommandError(f"{name}: {_state(last) or 'never rebuilt'}")
