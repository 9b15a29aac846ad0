"""Ages on a day, and bands that take in every age once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from google.type.date_pb2 import Date
from hypothesis import given
from hypothesis import strategies as st

from profile_service.domain.ages import COUNTED_BANDS, AgeBand, age_on, counted_band, is_within


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ((2000, 6, 15), date(2026, 6, 14), 25),
        ((2000, 6, 15), date(2026, 6, 15), 26),
        ((2000, 2, 29), date(2026, 2, 28), 25),
        ((2000, 2, 29), date(2026, 3, 1), 26),
        ((2000, 2, 29), date(2028, 2, 29), 28),
        ((2025, 12, 31), date(2026, 1, 1), 0),
        ((1900, 1, 1), date(2026, 12, 31), 126),
    ],
)
def test_an_age_is_that_of_the_last_birthday(born: tuple[int, int, int], day: date, age: int):
    year, month, day_of_month = born
    assert age_on(Date(year=year, month=month, day=day_of_month), day) == age


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.integers(0, 36_000))
def test_nobody_gets_younger_or_skips_a_year(born: date, days: int):
    birth = Date(year=born.year, month=born.month, day=born.day)
    today = born + timedelta(days=days)
    step = age_on(birth, today + timedelta(days=1)) - age_on(birth, today)
    assert step in (0, 1)


def test_every_age_is_in_one_band_and_nobody_is_counted_before_birth():
    for age in range(150):
        assert [place for place, band in enumerate(COUNTED_BANDS) if is_within(age, band)] == [
            counted_band(age)
        ]
    assert counted_band(-1) is None


def test_both_ends_of_a_band_are_in_it():
    assert [age for age in range(10) if is_within(age, AgeBand(3, 5))] == [3, 4, 5]
    assert is_within(200, AgeBand(75, None))
