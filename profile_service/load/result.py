"""What a load run did, in counts and times."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from profile_service.load.citizens import Kind

ERASED = "PROFILE_ERASED"


class ErasedPerson(NamedTuple):
    """Someone who was erased in this run, so that it can be checked that they are gone."""

    profile_id: str
    email: str


class Latency(NamedTuple):
    """Seconds; of a call from its first try to its answer."""

    median: float
    p99: float
    longest: float


@dataclass
class LoadResult:
    """Counts of one run. `seconds` is 0 while it runs."""

    seconds: float = 0.0
    lived: int = 0
    tries_again: int = 0
    failures: Counter[tuple[Kind, str]] = field(default_factory=Counter)
    # People whom an earlier run with the same seed has erased: the right answer, no failure.
    erased_before: int = 0
    erased: list[ErasedPerson] = field(default_factory=list)
    # Profile ids of a few who were not erased.
    living: list[str] = field(default_factory=list)
    _seconds: dict[Kind, array[float]] = field(default_factory=lambda: {kind: array("f") for kind in Kind})

    def done(self, kind: Kind, seconds: float) -> None:
        self._seconds[kind].append(seconds)

    def refused(self, kind: Kind, reason: str) -> None:
        if kind is Kind.REGISTER and reason == ERASED:
            self.erased_before += 1
        else:
            self.failures[kind, reason] += 1

    def count(self, kind: Kind) -> int:
        return len(self._seconds[kind])

    @property
    def calls(self) -> int:
        return sum(map(len, self._seconds.values()))

    @property
    def calls_per_second(self) -> float:
        return self.calls / self.seconds if self.seconds else 0.0

    def latency(self, kind: Kind) -> Latency | None:
        """None if there was no such call."""
        ordered = sorted(self._seconds[kind])
        if not ordered:
            return None
        last = len(ordered) - 1
        return Latency(ordered[last // 2], ordered[round(last * 0.99)], ordered[last])
