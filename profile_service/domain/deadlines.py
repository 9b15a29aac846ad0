"""Until which day an answer is due: months counted by Regulation (EEC, Euratom) 1182/71, Art. 3.

Which days are holidays is told by a library; there is no clock here.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from functools import cache

# GDPR Art. 12(3): a month, and two further ones.
FIRST_MONTHS = 1
EXTENDED_MONTHS = 3

SATURDAY = 5
MONTHS = 12


def due_on(received: date, months: int) -> date:
    """Return the last day of a period of months that runs from the day of `received`.

    It is the day with the same number, or the last one of a shorter month (Art. 3(2)(c)); if
    that is a Saturday, a Sunday or a public holiday in Belgium, the next working day (Art. 3(4)).
    """
    last = months_later(received, months)
    while not is_working_day(last):
        last += timedelta(days=1)
    return last


def months_later(day: date, months: int) -> date:
    """Return the day with the same number some months later, or the last one of a shorter month."""
    years, month = divmod(day.month - 1 + months, MONTHS)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def is_working_day(day: date) -> bool:
    return day.weekday() < SATURDAY and day not in _holidays(day.year)


@cache
def _holidays(year: int) -> frozenset[date]:
    # A quarter of a second to import, which a server that nobody asks for a deadline need not spend.
    from holidays import country_holidays

    return frozenset(country_holidays("BE", years=year))
