"""The rows of one subject in one view, while its facts are folded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from uuid import UUID

from projections.storable import UnstorableRowError

if TYPE_CHECKING:
    from projections.view import CountTable, RowTable

RowT = TypeVar("RowT", bound=tuple[Any, ...])
RowKey = tuple[Any, ...]
# A table and a key without its first part: all rows here have the same subject.
Place = tuple["RowTable[Any]", RowKey]
Count = tuple["CountTable[Any]", RowKey, tuple[int, ...]]


# What `Rows` is made with if nobody looked what is stored.
UNREAD: Mapping[Place, tuple[Any, ...]] = MappingProxyType({})


class RowsUnreadError(Exception):
    """A view looks at rows in a function whose type of fact its `reads` does not name."""


class Mark(NamedTuple):
    """Where `Rows.back_to` goes back to."""

    changed: dict[Place, tuple[Any, ...] | None]
    cleared: bool
    counts: int


class Rows:
    """What a view's functions see and change. `loaded` is what was stored before, or `UNREAD`.

    `changed` maps a place to its new row, or to None if the row is gone; `cleared` says
    that every row from before is gone; `counts` is what is added to counts.
    """

    __slots__ = ("changed", "cleared", "counts", "loaded", "subject")

    def __init__(self, subject: UUID, loaded: Mapping[Place, tuple[Any, ...]] | None = None) -> None:
        self.subject = subject
        self.loaded: Mapping[Place, tuple[Any, ...]] = {} if loaded is None else loaded
        self.changed: dict[Place, tuple[Any, ...] | None] = {}
        self.cleared = False
        self.counts: list[Count] = []

    def get(self, table: RowTable[RowT], *rest_of_key: Any) -> RowT | None:
        """Return the row with this key (without its first part, the subject), or None.

        Raises `RowsUnreadError`.
        """
        place: Place = (table, rest_of_key)
        if place in self.changed:
            return self.changed[place]  # type: ignore[return-value]  # rows are stored under their table
        return self._before().get(place)  # type: ignore[return-value]

    def all(self, table: RowTable[RowT]) -> list[RowT]:
        """Return every row of the subject in a table, in no order. Raises `RowsUnreadError`."""
        merged = {**self._before(), **self.changed}
        return [row for (owner, _), row in merged.items() if owner is table and row is not None]  # type: ignore[misc]  # the same

    def put(self, table: RowTable[RowT], row: RowT) -> None:
        """Add a row, or replace the one with the same key. Raises `UnstorableRowError`."""
        table.check(row)
        # A UUID is compared in Python, and nearly always it is the same object.
        if row[0] is not self.subject and row[0] != self.subject:
            raise UnstorableRowError(
                "a row must begin with the subject of the fact: only its facts may change it"
            )
        self.changed[table, row[1 : table.key]] = row

    def remove(self, table: RowTable[Any], *rest_of_key: Any) -> None:
        self.changed[table, rest_of_key] = None

    def clear(self) -> None:
        """Remove every row of the subject from every table of the view."""
        self.changed.clear()
        self.cleared = True

    def add(self, table: CountTable[Any], key: RowKey, *by: int) -> None:
        """Add to the counts under `key`; they start at 0. Raises `UnstorableRowError`."""
        table.check((*key, *by))
        self.counts.append((table, key, by))

    def take_back(self, counts: Sequence[Count]) -> None:
        """Take from the counts what was added to them before."""
        self.counts += [(table, key, tuple(-value for value in by)) for table, key, by in counts]

    def mark(self) -> Mark:
        return Mark(dict(self.changed), self.cleared, len(self.counts))

    def back_to(self, mark: Mark) -> None:
        """Undo what happened since `mark`."""
        self.changed = dict(mark.changed)
        self.cleared = mark.cleared
        del self.counts[mark.counts :]

    def _before(self) -> Mapping[Place, tuple[Any, ...]]:
        if self.cleared:
            return {}
        if self.loaded is UNREAD:
            raise RowsUnreadError("a function that looks at rows has its type of fact in `reads`")
        return self.loaded
