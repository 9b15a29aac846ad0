"""What a value of a profile must be beyond the rules written in the proto files, and its normal form.

A fault is a sentence for a client's developer; it never contains the value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Final

from google.type.date_pb2 import Date

from profile_service.v1.profile_pb2 import Address

FIRST_BIRTH_YEAR: Final = 1900

# C0 and C1 controls, line and paragraph separators, and the marks that turn the direction of
# what follows, with which one name can be made to look like another.
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_BELGIAN_POST_CODE: Final = re.compile("[1-9][0-9]{3}")
_ADDRESS_TEXTS: Final = ("street", "house_number", "box", "municipality")


def normal_text(text: str) -> str:
    """Return `text` in Unicode NFC, without white space around it."""
    return unicodedata.normalize("NFC", text).strip()


def text_fault(text: str) -> str | None:
    """Return what is wrong with one line of text, such as a name."""
    if text.isascii() and text.isprintable():
        return None if text.strip() else "is empty"
    if _CONTROL.search(text):
        return "contains control characters"
    visible = any(character.isprintable() and not character.isspace() for character in text)
    return None if visible else "is empty"


def full_date(value: Date) -> date | None:
    """Return the day that `value` names; None if it names no real day, or leaves a part out."""
    try:
        return date(value.year, value.month, value.day)
    except ValueError:
        return None


def date_message(day: date) -> Date:
    return Date(year=day.year, month=day.month, day=day.day)


def date_of_birth_fault(value: Date, today: date) -> str | None:
    """Return what is wrong with a date of birth."""
    day = full_date(value)
    if day is None:
        return "is not a full, real date"
    if day >= today:
        return "is not in the past"
    return f"is before {FIRST_BIRTH_YEAR}" if day.year < FIRST_BIRTH_YEAR else None


def post_code_fault(code: str, country: str = "") -> str | None:
    """Return what is wrong with a post code. Four digits are a Belgian one, in whatever country."""
    belgian = country == "BE" or (len(code) == 4 and code.isdecimal())
    if belgian and not _BELGIAN_POST_CODE.fullmatch(code):
        return "is not a Belgian post code: four digits, 1000 to 9999"
    return None


def address_faults(address: Address) -> Iterator[tuple[str, str]]:
    """Yield the name of each faulty field of an address, and what is wrong with it."""
    for name in _ADDRESS_TEXTS:
        text = getattr(address, name)
        fault = text_fault(text) if text else None
        if fault:
            yield name, fault
    fault = post_code_fault(address.post_code, address.country)
    if fault:
        yield "post_code", fault


def normal_address(address: Address) -> Address:
    """Return an address with its texts in normal form."""
    normal = Address()
    normal.CopyFrom(address)
    for name in _ADDRESS_TEXTS:
        setattr(normal, name, normal_text(getattr(address, name)))
    return normal
