"""The last day for an answer, on every date of twenty years, against a second reading of the Regulation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from profile_service.domain import deadlines
from profile_service.domain.deadlines import EXTENDED_MONTHS, FIRST_MONTHS, due_on

ONE_DAY = timedelta(days=1)
DATES = [date(2020, 1, 1) + nth * ONE_DAY for nth in range((date(2040, 12, 31) - date(2020, 1, 1)).days + 1)]


def easter(year: int) -> date:
    """Easter Sunday, after Butcher (1876): not how the library counts it."""
    a, b, c = year % 19, *divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def holidays(year: int) -> set[date]:
    """The ten public holidays in Belgium: Royal Decree of 18 April 1974, Art. 1."""
    fixed = {(1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)}
    # Easter Monday, Ascension, Whit Monday.
    moving = {easter(year) + days * ONE_DAY for days in (1, 39, 50)}
    return {date(year, month, day) for month, day in fixed} | moving


def expected(received: date, months: int) -> date:
    """Count day by day: the months go by at each first of a month."""
    first = received.replace(day=1)
    for _ in range(months):
        first = (first + 31 * ONE_DAY).replace(day=1)
    last = first
    while last.day < received.day and (last + ONE_DAY).month == first.month:
        last += ONE_DAY
    while last.isoweekday() in (6, 7) or last in holidays(last.year):
        last += ONE_DAY
    return last


def differing(due: Callable[[date, int], date]) -> list[date]:
    return [
        received
        for received in DATES
        for months in (FIRST_MONTHS, EXTENDED_MONTHS)
        if due(received, months) != expected(received, months)
    ]


def test_every_date_of_twenty_years_is_counted_right():
    assert len(DATES) == 7671
    assert differing(due_on) == []


@pytest.mark.parametrize(
    ("received", "due"),
    [
        # EDPB Guidelines 01/2022 on the right of access, 159: from 5 March until 5 April.
        (date(2024, 3, 5), date(2024, 4, 5)),
        # The same, 160: the next month has no 31st.
        (date(2022, 8, 31), date(2022, 9, 30)),
        # A leap year and another.
        (date(2024, 1, 31), date(2024, 2, 29)),
        (date(2023, 1, 30), date(2023, 2, 28)),
        # A Sunday, then All Saints' Day.
        (date(2027, 9, 30), date(2027, 11, 2)),
        # Christmas on a Friday, then a week-end.
        (date(2026, 11, 25), date(2026, 12, 28)),
        # New Year's Day, in another year than the receipt.
        (date(2025, 12, 1), date(2026, 1, 2)),
    ],
)
def test_days_that_others_counted(received: date, due: date):
    assert due_on(received, FIRST_MONTHS) == due


@pytest.mark.parametrize("defect", ["no holidays", "no week-ends", "thirty days", "from the day after"])
def test_a_planted_defect_is_noticed(defect: str, monkeypatch: pytest.MonkeyPatch):
    due: Callable[[date, int], date] = due_on
    match defect:
        case "no holidays":
            monkeypatch.setattr(deadlines, "_holidays", lambda year: frozenset())
        case "no week-ends":
            monkeypatch.setattr(deadlines, "SATURDAY", 7)
        case "thirty days":
            monkeypatch.setattr(deadlines, "months_later", lambda day, months: day + 30 * months * ONE_DAY)
        case _:
            due = lambda received, months: due_on(received + ONE_DAY, months)  # noqa: E731
    assert differing(due)
