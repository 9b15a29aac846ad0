"""All slices are looked at, in runs that fit a transaction."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from profile_service.log.streams import SLICES
from projections.slices import AT_ONCE, FACTS, runs, runs_left
from projections.storage.interface import slice_bounds


@given(st.integers(0, 10**9))
def test_every_slice_is_in_one_run_and_no_run_has_too_many_facts(facts: int) -> None:
    found = runs(facts)
    assert [number for run in found for number in run] == list(range(SLICES))
    assert len(found) >= SLICES / AT_ONCE
    for run in found:
        assert len(run) == 1 or facts * len(run) / SLICES <= FACTS
        first, last = slice_bounds(run)
        assert (first.bytes[0], last.bytes[0]) == (run[0], run[-1])
        assert (first.int - 1, last.int + 1) == (run.start * 2**120 - 1, run.stop * 2**120)


@given(st.integers(0, 10**6), st.sets(st.integers(0, SLICES - 1)), st.integers(0, 10**6))
def test_what_is_left_is_what_is_not_done(facts: int, alone: set[int], before: int) -> None:
    """Slices may have been done in runs of another length."""
    done = alone | set(runs(before)[-1])
    left = list(runs_left(facts, done))
    assert [number for run in left for number in run] == [n for n in range(SLICES) if n not in done]
    assert list(runs_left(facts, ())) == runs(facts)
