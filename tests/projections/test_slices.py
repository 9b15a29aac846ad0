"""All slices are looked at, in runs that fit a transaction, and in spans that fit the memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from profile_service.log.streams import SLICES, SPANNED, span_of
from projections.slices import AT_ONCE, FACTS, MOST, parts_of, runs, runs_left, spans
from projections.storage.interface import span_bounds


@given(st.integers(0, 10**9))
def test_every_slice_is_in_one_run_and_no_run_has_too_many_facts(facts: int) -> None:
    found = runs(facts)
    assert [number for run in found for number in run] == list(range(SLICES))
    assert len(found) >= SLICES / AT_ONCE
    for run in found:
        assert len(run) == 1 or facts * len(run) / SLICES <= FACTS
        first, last = span_bounds(span_of(run))
        assert (first.bytes[0], last.bytes[0]) == (run[0], run[-1])
        assert (first.int - 1, last.int + 1) == (run.start * 2**120 - 1, run.stop * 2**120)


@given(st.integers(0, 10**9))
def test_everybody_is_in_one_span_however_many_facts_there_are(facts: int) -> None:
    found = spans(facts)
    assert [place for span in found for place in span] == list(span_of(range(SLICES)))
    most = max(map(len, found))
    assert most == 1 or facts * most / (SLICES * SPANNED) <= max(FACTS, MOST)
    for run in runs(facts):
        assert [place for span in parts_of(run, facts) for place in span] == list(span_of(run))


@given(st.integers(0, 10**6), st.sets(st.integers(0, SLICES - 1)), st.integers(0, 10**6))
def test_what_is_left_is_what_is_not_done(facts: int, alone: set[int], before: int) -> None:
    """Slices may have been done in runs of another length."""
    done = alone | set(runs(before)[-1])
    left = list(runs_left(facts, done))
    assert [number for run in left for number in run] == [n for n in range(SLICES) if n not in done]
    assert list(runs_left(facts, ())) == runs(facts)
