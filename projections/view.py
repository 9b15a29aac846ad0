"""What a view is: tables, and a pure function for each type of fact that changes their rows.

Two rules make views quick, parallel and rebuildable. A row of a `RowTable` belongs to one
subject (a person, or a campaign) and only that subject's facts change it. Whatever
concerns many subjects is a count in a `CountTable`, to which facts only ever add.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from types import NoneType
from typing import Any, Generic, NamedTuple, TypeVar, get_args, get_type_hints
from uuid import UUID

from google.protobuf.message import Message
from sqlalchemy import BigInteger, Date, LargeBinary, Text, Uuid
from sqlalchemy.dialects.postgresql.base import RESERVED_WORDS
from sqlalchemy.types import TypeEngine

from profile_service.log.facts import Fact
from projections.fingerprint import fingerprint_of
from projections.rows import Rows
from projections.storable import RowCheck

RowT = TypeVar("RowT", bound=tuple[Any, ...])
Apply = Callable[[Rows, Fact], None]

SQL_TYPES: Mapping[type, TypeEngine[Any]] = {
    UUID: Uuid(),
    int: BigInteger(),
    str: Text(),
    bytes: LargeBinary(),
    date: Date(),
}


class ViewColumn(NamedTuple):
    """A column. With `message`, it holds such a message, sealed; NULL when the person is erased."""

    name: str
    kind: type
    message: type[Message] | None


def _columns(row: type[tuple[Any, ...]]) -> tuple[ViewColumn, ...]:
    hints = get_type_hints(row)
    return tuple(_column(name, hints[name]) for name in row._fields)  # type: ignore[attr-defined]  # a NamedTuple


def _described(columns: tuple[ViewColumn, ...]) -> list[tuple[str, str]]:
    return [(column.name, column.kind.__name__) for column in columns]


def _column(name: str, hint: Any) -> ViewColumn:
    if name in RESERVED_WORDS:
        raise ValueError(f"a column can not be named {name}: SQL reserves the word")
    (kind,) = [part for part in get_args(hint) or (hint,) if part is not NoneType]
    if issubclass(kind, Message):
        return ViewColumn(name, bytes, kind)
    return ViewColumn(name, kind, None)


@dataclass(frozen=True, eq=False)
class RowTable(Generic[RowT]):
    """A table of rows that each belong to one subject.

    `row` is a NamedTuple whose fields are the columns; the first `key` of them are the
    key, and the first of all is the subject. A field of a message type is sealed under
    the subject's key. Rows are never changed, only replaced.
    """

    name: str
    row: type[RowT]
    key: int = 1
    indexes: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def columns(self) -> tuple[ViewColumn, ...]:
        return _columns(self.row)

    @cached_property
    def check(self) -> RowCheck:
        return RowCheck(self.columns)

    @cached_property
    def sealed(self) -> tuple[tuple[int, ViewColumn], ...]:
        """The sealed columns, each with its place in the row."""
        return tuple((i, column) for i, column in enumerate(self.columns) if column.message)


@dataclass(frozen=True, eq=False)
class CountTable(Generic[RowT]):
    """A table of counts. The first `key` fields of `row` are the key, the others are added to."""

    name: str
    row: type[RowT]
    key: int = 1
    indexes: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def columns(self) -> tuple[ViewColumn, ...]:
        return _columns(self.row)

    @cached_property
    def check(self) -> RowCheck:
        return RowCheck(self.columns)


ViewTable = RowTable[Any] | CountTable[Any]


@dataclass(frozen=True, eq=False)
class View:
    """A view.

    `apply` says what each type of fact does to the rows of its subject; other types are
    passed over. `reads` names the types whose function looks at rows that exist: for the
    others the engine loads nothing. `source` is the file of the view.
    """

    name: str
    tables: tuple[ViewTable, ...]
    apply: Mapping[type[Message], Apply]
    source: Path
    reads: frozenset[type[Message]] = field(default_factory=frozenset)

    @cached_property
    def functions(self) -> dict[str, Apply]:
        """`apply` by the stored name of the type."""
        return {message.DESCRIPTOR.full_name: function for message, function in self.apply.items()}

    @cached_property
    def reading_types(self) -> frozenset[str]:
        return frozenset(message.DESCRIPTOR.full_name for message in self.reads)

    @cached_property
    def row_tables(self) -> tuple[RowTable[Any], ...]:
        return tuple(table for table in self.tables if isinstance(table, RowTable))

    @cached_property
    def count_tables(self) -> tuple[CountTable[Any], ...]:
        return tuple(table for table in self.tables if isinstance(table, CountTable))

    @cached_property
    def opens_seals(self) -> bool:
        """Whether the view keeps anything sealed; if not, it never needs a key."""
        return any(table.sealed for table in self.row_tables)

    @cached_property
    def layout(self) -> str:
        """A digest of the tables: generations of another layout can't be read or followed."""
        described = [
            (table.name, type(table).__name__, table.key, table.indexes, _described(table.columns))
            for table in self.tables
        ]
        return hashlib.sha256(repr(described).encode()).hexdigest()

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the projector: a rebuild begun by another one starts anew."""
        sealed = [column.message for table in self.row_tables for _, column in table.sealed if column.message]
        return fingerprint_of(self.layout, self.source, [*self.apply, *sealed])
