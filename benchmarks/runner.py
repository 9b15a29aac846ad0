"""What a benchmark is given and what it gives: options, measurements, fair rounds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

from benchmarks import generator
from benchmarks.generator import Load, LoadError, Outcome
from benchmarks.processes import settle

REGISTER = "/profile_service.v1.ProfileService/RegisterProfile"


@dataclass(frozen=True)
class Options:
    """How long and how often to measure: seconds of a load, rounds, minutes of the memory test.

    `profiles`: in a key database whose epoch is closed, or in a log that is rebuilt from; if it is left
    out, as many as the benchmark is about.
    """

    seconds: float = 5.0
    rounds: int = 5
    minutes: float = 10.0
    profiles: int | None = None


@dataclass(frozen=True)
class Measurement:
    """One figure. `ratio` is value over peer value; `target` says what must hold of one of them.

    `remark` is for the screen only.
    """

    name: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None
    target: str | None = None
    remark: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.peer_value if self.peer_value else None

    @property
    def met(self) -> bool | None:
        """Whether the target, such as "ratio >= 3" or "value <= 300", is reached."""
        if self.target is None:
            return None
        subject, sign, bound = self.target.split()
        figure = self.value if subject == "value" else self.ratio
        if figure is None:
            return None
        return figure >= float(bound) if sign == ">=" else figure <= float(bound)

    def line(self) -> str:
        """The measurement as one line of JSON."""
        fields = asdict(self)
        del fields["remark"]
        return json.dumps(
            {key: _rounded(value) for key, value in fields.items() if key != "target"}
            | {"ratio": _rounded(self.ratio), "target": self.target, "met": self.met}
        )


Benchmark = Callable[[Options], Iterator[Measurement]]
BENCHMARKS: dict[str, Benchmark] = {}


def benchmark(function: Benchmark) -> Benchmark:
    """Register a benchmark under its function's name."""
    BENCHMARKS[function.__name__] = function
    return function


def rounds(sides: Mapping[str, Load], options: Options) -> dict[str, Outcome]:
    """Load each side in turn, `options.rounds` times; return medians.

    The order turns round every round, so that neither side is always the first. Raises
    `LoadError` if a call was refused.
    """
    outcomes: dict[str, list[Outcome]] = {name: [] for name in sides}
    for number in range(options.rounds):
        for name in sorted(sides, reverse=number % 2 == 1):
            settle()
            outcome = generator.run(replace(sides[name], seconds=options.seconds))
            if outcome.failures:
                raise LoadError(f"{name}: {outcome.failures} calls failed: {outcome.refusals}")
            outcomes[name].append(outcome)
    return {name: _median(of_side) for name, of_side in outcomes.items()}


def _median(outcomes: list[Outcome]) -> Outcome:
    """The outcome whose rate is the median one; with an even number, the lower of the two."""
    return sorted(outcomes, key=lambda outcome: outcome.rate)[(len(outcomes) - 1) // 2]


def median_of(figures: list[float]) -> float:
    return median(figures)


def latencies(outcome: Outcome) -> str:
    """The latencies of a load, for the screen."""
    return f"p50 {outcome.p50 * 1e3:.1f} ms, p99 {outcome.p99 * 1e3:.1f} ms"


def write_results(path: Path, measurements: list[Measurement]) -> None:
    """Put the measurements in place of older ones of the same name; keep the rest."""
    kept = []
    if path.exists():
        measured = {measurement.name for measurement in measurements}
        kept = [line for line in path.read_text().splitlines() if json.loads(line)["name"] not in measured]
    path.write_text("\n".join([*kept, *(measurement.line() for measurement in measurements), ""]))


def _rounded(value: object) -> object:
    return float(f"{value:.6g}") if isinstance(value, float) else value
