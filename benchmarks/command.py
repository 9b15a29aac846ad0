"""The command: measure what is named, show a table, write `results.jsonl`."""

from __future__ import annotations

import argparse
import signal
import sys
import traceback
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.table import Table

from benchmarks import (  # noqa: F401 - importing registers them
    append,
    ceiling,
    close,
    erase,
    importing,
    live,
    memory,
    reads,
    rebuild,
    register,
    stock_save,
    umadb,
    under_load,
)
from benchmarks.runner import BENCHMARKS, Measurement, Options, write_results

RESULTS = Path(__file__).parent / "results.jsonl"


def main(arguments: list[str]) -> int:
    """Run the benchmarks that are named, all by default; return 1 if one of them failed to run."""
    names, options = parse(arguments)
    # Ends like Ctrl-C: what was started is stopped.
    signal.signal(signal.SIGTERM, interrupt)
    console = Console(width=None if sys.stdout.isatty() else 200)
    measurements, failed = [], False
    for name in names:
        console.print(f"[bold]{name}[/] … {(BENCHMARKS[name].__doc__ or '').splitlines()[0]}")
        try:
            measurements += list(BENCHMARKS[name](options))
        except Exception:  # noqa: BLE001 - the others can still be measured
            traceback.print_exc()
            failed = True
        except KeyboardInterrupt:
            failed = True
            break
    console.print(table(measurements))
    write_results(RESULTS, measurements)
    return int(failed)


def parse(arguments: list[str]) -> tuple[list[str], Options]:
    """Return the names of the benchmarks to run, and the options."""
    defaults = Options()
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Names: " + ", ".join(BENCHMARKS)
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to measure; all if left out")
    parser.add_argument("--seconds", type=float, default=defaults.seconds, help="of each load")
    parser.add_argument("--rounds", type=int, default=defaults.rounds, help="of which the median counts")
    parser.add_argument("--minutes", type=float, default=defaults.minutes, help="of the memory benchmark")
    parser.add_argument("--profiles", type=int, help="whose epoch is closed, or whose views are rebuilt")
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)}")
    return chosen.names or list(BENCHMARKS), Options(
        chosen.seconds, chosen.rounds, chosen.minutes, chosen.profiles
    )


def interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def table(measurements: list[Measurement]) -> Table:
    shown = Table("name", "value", "peer", "its value", "ratio", "target", "met", "remark")
    for line in measurements:
        shown.add_row(
            line.name,
            f"{number(line.value)} {line.unit}",
            line.peer or "",
            number(line.peer_value),
            number(line.ratio),
            line.target or "",
            {True: "[green]yes[/]", False: "[red]no[/]", None: ""}[line.met],
            line.remark,
        )
    return shown


def number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
