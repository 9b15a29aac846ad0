"""What the two storages have in common."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection

from projections.rows import RowKey
from projections.view import CountTable, RowTable

# A row as it is stored: in the order of the columns, sealed columns as bytes.
StoredRow = tuple[Any, ...]


class Storage(Protocol):
    """Every method works inside the transaction of `connection`. Empty collections are no work."""

    def load(
        self, connection: Connection, table: RowTable[Any], generation: int, subjects: Collection[UUID]
    ) -> list[StoredRow]:
        """Return every row of these subjects."""

    def load_span(
        self, connection: Connection, table: RowTable[Any], generation: int, span: range
    ) -> list[StoredRow]:
        """Return every row of the subjects in a span."""

    def load_counts(self, connection: Connection, table: CountTable[Any], generation: int) -> list[StoredRow]:
        """Return all counts."""

    def put(
        self, connection: Connection, table: RowTable[Any], generation: int, rows: Sequence[StoredRow]
    ) -> None:
        """Add rows or replace those with the same key. Keys in `rows` are distinct."""

    def fill(
        self, connection: Connection, table: RowTable[Any], generation: int, rows: Iterable[StoredRow]
    ) -> None:
        """Add rows that are not there yet, in the quickest way."""

    def remove(
        self, connection: Connection, table: RowTable[Any], generation: int, keys: Sequence[RowKey]
    ) -> None:
        """Remove rows by key."""

    def clear(
        self, connection: Connection, table: RowTable[Any], generation: int, subjects: Sequence[UUID]
    ) -> None:
        """Remove every row of these subjects."""

    def add(
        self,
        connection: Connection,
        table: CountTable[Any],
        generation: int,
        counts: Mapping[RowKey, Sequence[int]],
    ) -> None:
        """Add to counts; those that are not there start at 0."""

    def together(self, connection: Connection) -> AbstractContextManager[Any]:
        """While this is open, statements without an answer may be sent together."""


def span_bounds(span: range) -> tuple[UUID, UUID]:
    """Return the first and the last UUID of a span: the log cuts by the first two bytes."""
    return UUID(int=span.start << 112), UUID(int=(span.stop << 112) - 1)


def in_key_order(counts: Mapping[RowKey, Sequence[int]]) -> list[StoredRow]:
    """Rows to add, without those that add nothing.

    The one order keeps transactions that add to the same counts from a deadlock.
    """
    changing = [(key, by) for key, by in counts.items() if any(by)]
    return [(*key, *by) for key, by in sorted(changing, key=lambda item: item[0])]
