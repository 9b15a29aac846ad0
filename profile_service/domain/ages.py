"""Ages in whole years, and the bands by which people are counted. What day it is, the caller says."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from google.type.date_pb2 import Date


class AgeBand(NamedTuple):
    """The ages from `first` to `last`, both included; without `last`, all from `first` on."""

    first: int
    last: int | None


# One fixed set: of counts whose borders can be chosen, two that differ by a year tell who is of that age.
COUNTED_BANDS: Final = (
    AgeBand(0, 17),
    AgeBand(18, 24),
    AgeBand(25, 34),
    AgeBand(35, 44),
    AgeBand(45, 54),
    AgeBand(55, 64),
    AgeBand(65, 74),
    AgeBand(75, None),
)


def age_on(born: Date, day: date) -> int:
    """Return the age on a day of someone with a full date of birth.

    Who was born on 29 February is a year older on 1 March, if the year has no 29 February.
    """
    had_birthday = (day.month, day.day) >= (born.month, born.day)
    return day.year - int(born.year) - (0 if had_birthday else 1)


def is_within(age: int, band: AgeBand) -> bool:
    return band.first <= age and (band.last is None or age <= band.last)


def counted_band(age: int) -> int | None:
    """Return the place of an age in `COUNTED_BANDS`; None for the age of someone not born yet."""
    return next((place for place, band in enumerate(COUNTED_BANDS) if is_within(age, band)), None)
