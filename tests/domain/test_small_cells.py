"""What a table of counts tells: nothing of few people, not even to who knows the sums."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profile_service.domain.small_cells import SMALL, THRESHOLD, WITHHELD, Cell, protected, protected_row

Protection = Callable[[Sequence[int]], list[Cell]]
ROWS = st.lists(st.integers(0, 9), min_size=2, max_size=6)


def possible(protect: Protection, counts: Sequence[int]) -> list[set[int]]:
    """What each small cell may hold, for somebody who knows the sum of the row and how numbers are hidden."""
    cells = protect(counts)
    small = [place for place, cell in enumerate(cells) if cell == SMALL]
    found: list[set[int]] = [set() for _ in small]
    for values in product(range(THRESHOLD), repeat=len(small)):
        row = [cell.count or 0 for cell in cells]
        for place, value in zip(small, values, strict=True):
            row[place] = value
        if WITHHELD in cells:
            row[cells.index(WITHHELD)] = sum(counts) - sum(row)
        if sum(row) == sum(counts) and protect(row) == cells:
            for place, value in enumerate(values):
                found[place].add(value)
    return found


def told(protect: Protection, counts: Sequence[int]) -> bool:
    """Whether the row and its sum tell of a small number of people how many they are."""
    if all(cell == SMALL for cell in protect(counts)):
        return False  # there is nothing else to hide
    # That there is nobody tells of nobody.
    return any(len(values) == 1 and values != {0} for values in possible(protect, counts))


@given(ROWS)
def test_a_number_that_is_shown_is_right_and_not_small(counts: list[int]):
    for count, cell in zip(counts, protected_row(counts), strict=True):
        assert cell in (Cell(count), SMALL, WITHHELD)
        assert (cell == SMALL) == (count < THRESHOLD)


@given(ROWS)
def test_the_sum_of_a_row_tells_no_small_number(counts: list[int]):
    assert not told(protected_row, counts)


def only_small_ones(counts: Sequence[int]) -> list[Cell]:
    return [SMALL if count < THRESHOLD else Cell(count) for count in counts]


def and_the_smallest_other(counts: Sequence[int]) -> list[Cell]:
    cells = only_small_ones(counts)
    if cells.count(SMALL) == 1:
        others = [place for place, cell in enumerate(cells) if cell != SMALL]
        cells[min(others, key=lambda place: counts[place])] = WITHHELD
    return cells


def and_one_more_if_need_be(counts: Sequence[int]) -> list[Cell]:
    """Hides more only where the sum would tell: which tells it."""
    hidden = [count for count in counts if count < THRESHOLD]
    needed = len(hidden) == 1 or set(hidden) == {THRESHOLD - 1}
    return protected_row(counts) if needed else only_small_ones(counts)


@pytest.mark.parametrize(
    ("protect", "counts"),
    [
        (only_small_ones, [3, 8, 9]),
        (only_small_ones, [4, 4, 9]),
        (and_the_smallest_other, [4, 7, 7]),
        (and_one_more_if_need_be, [4, 4, 9]),
    ],
)
def test_a_protection_that_is_too_weak_is_noticed(protect: Protection, counts: list[int]):
    assert told(protect, counts)
    assert not told(protected_row, counts)


def test_a_row_of_few_people_is_not_named_and_comes_with_the_others():
    table = {"2000": [20, 30], "2018": [1, 3], "SW1A 1AA": [1, 0], "": [2, 6]}
    assert protected(table) == {"": [SMALL, WITHHELD], "2000": [Cell(20), Cell(30)]}


@pytest.mark.parametrize("table", [{}, {"2000": [1, 3]}, {"2000": [4, 0], "": [0, 0]}])
def test_the_rest_is_not_shown_if_it_is_of_few_people_too(table: dict[str, list[int]]):
    assert protected(table) == {}


@given(
    st.dictionaries(
        st.sampled_from(["", "a", "b", "c", "d"]), st.lists(st.integers(0, 9), min_size=3, max_size=3)
    )
)
def test_no_name_and_no_number_of_few_people_is_in_a_table(table: dict[str, list[int]]):
    shown = protected(table)
    for name, cells in shown.items():
        assert not name or sum(table[name]) >= THRESHOLD
        assert all(cell.count is None or cell.count >= THRESHOLD for cell in cells)
