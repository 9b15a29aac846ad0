"""What a drill found: one claim a line, held or not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """`claim`: what is promised; `done`: what was done and counted to see it."""

    claim: str
    done: str
    held: bool

    def __str__(self) -> str:
        return f"{'held    ' if self.held else 'NOT HELD'}  {self.claim}: {self.done}"
