"""Whether a row can be stored as it is, on either database.

What a database refuses would stop the follower for everybody; refused in the fold, it parks its subject.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from types import NoneType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from projections.view import ViewColumn

_LOWEST, _HIGHEST = -(1 << 63), (1 << 63) - 1


class UnstorableRowError(Exception):
    """A view made a row that its table can't hold; the text says why, and holds no value of it."""


class RowCheck:
    """Looks at rows of one table. Types must be those of the columns, not derived from them."""

    def __init__(self, columns: Sequence[ViewColumn]) -> None:
        accepted = [(column.message, NoneType) if column.message else (column.kind,) for column in columns]
        self._accepted = frozenset(product(*accepted))
        self._texts = _places(columns, str)
        self._numbers = _places(columns, int)

    def __call__(self, row: tuple[Any, ...]) -> None:
        """Raise `UnstorableRowError` for a row with a missing or wrong value, or one beyond its column."""
        if tuple(map(type, row)) not in self._accepted:
            raise UnstorableRowError("a value is missing or has another type than its column")
        for place in self._numbers:
            if not _LOWEST <= row[place] <= _HIGHEST:
                raise UnstorableRowError("a number has more than 64 bits")
        for place in self._texts:
            text = row[place]
            if "\0" in text or not (text.isascii() or _is_unicode(text)):
                raise UnstorableRowError("a text holds what is no character, or NUL")


def _places(columns: Sequence[ViewColumn], kind: type) -> tuple[int, ...]:
    return tuple(place for place, column in enumerate(columns) if column.kind is kind)


def _is_unicode(text: str) -> bool:
    """Half of a surrogate pair is no character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
