"""Which numbers of a table of counts may be shown: small ones say something about a person.

It protects one table. Two tables of different moments can still be compared, and are not looked at here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

# The smallest number that is shown.
THRESHOLD: Final = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, or why there is none.

    `count` is None in a cell that is hidden. Then `is_small` says that there are fewer than
    `THRESHOLD`, none included; a hidden one that is not small is there to keep the small one from being the
    rest of a sum.
    """

    count: int | None
    is_small: bool = False


SMALL: Final = Cell(None, is_small=True)
WITHHELD: Final = Cell(None)


def protected(table: Mapping[str, Sequence[int]]) -> dict[str, list[Cell]]:
    """Return the rows that may be shown, by name, and the rest together under "".

    A row of fewer than `THRESHOLD` people is not named, for its name would tell who; nor is the
    rest shown if it is as small.
    """
    shown = {name: list(counts) for name, counts in table.items() if name and sum(counts) >= THRESHOLD}
    others = [counts for name, counts in table.items() if name not in shown]
    if others:
        shown[""] = [sum(column) for column in zip(*others, strict=True)]
    return {name: protected_row(counts) for name, counts in sorted(shown.items()) if sum(counts) >= THRESHOLD}


def protected_row(counts: Sequence[int]) -> list[Cell]:
    """Hide small numbers, and one more: who knows the sum of a row learns no small number from it."""
    cells = [SMALL if count < THRESHOLD else Cell(count) for count in counts]
    others = [place for place, cell in enumerate(cells) if cell is not SMALL]
    if SMALL in cells and others:
        # The next one, whatever it holds. Were it chosen by its size, that would tell something too.
        later = [place for place in others if place > cells.index(SMALL)]
        cells[later[0] if later else others[-1]] = WITHHELD
    return cells
