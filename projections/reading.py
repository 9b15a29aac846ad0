"""Queries on the live generation of a view: one statement that also says which one it read.

The number of the live generation is remembered, so a query costs no extra round trip; the
statement reads the catalogue in the same snapshot, and is run again if that names another.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Engine,
    Select,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    exists,
    false,
    func,
    select,
    true,
)
from sqlalchemy.exc import DBAPIError

from profile_service.database import for_single_reads
from projections.catalogue import LIVE, ViewNotReadyError
from projections.schema import generation_table, generations, parked
from projections.view import CountTable, RowTable, View

# A swap between two tries is rare; so many in a row do not happen.
TRIES = 5

# Columns of the answer before those of the table: generation, position, parked subjects.
HEAD = 3


@dataclass(frozen=True, slots=True)
class Found:
    """Rows as stored, the position they are true at, and which of the subjects asked for are parked."""

    position: int
    rows: list[tuple[Any, ...]]
    parked: frozenset[UUID]


class ViewReader:
    """Reads live generations. Every method blocks; safe to share between threads.

    Each raises `ViewNotReadyError` while the view has no generation to read.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = for_single_reads(engine)
        self._live: dict[str, int] = {}
        self._dialect = engine.dialect.name

    def rows_of_subjects(
        self,
        view: View,
        table: RowTable[Any],
        subjects: Collection[UUID],
        equal: Mapping[str, Any] | None = None,
    ) -> Found:
        """Return the rows of subjects, in no order; with `equal`, those that have these values."""
        equal = equal or {}

        def statement(generation: int) -> Select[Any]:
            return _rows_of_subjects(view, table, generation, self._dialect, tuple(equal))

        return self._find(view, statement, {"subjects": list(subjects), **equal})

    def page_of_subject(
        self, view: View, table: RowTable[Any], subject: UUID, after: int, limit: int
    ) -> Found:
        """Return rows of one subject after a position, by position."""
        return self.page(view, table, {table.columns[0].name: subject}, after, limit)

    def page(
        self,
        view: View,
        table: RowTable[Any],
        equal: Mapping[str, Any],
        after: int,
        limit: int,
        *,
        by: str = "position",
    ) -> Found:
        """Return rows that have these values after a position, or after a number in another column, by it."""

        def statement(generation: int) -> Select[Any]:
            return _page(view, table, generation, tuple(equal), by)

        return self._find(view, statement, {"after": after, "limit": limit, **equal})

    def counts(self, view: View, table: CountTable[Any], keys: Collection[UUID]) -> dict[UUID, int]:
        """Return counts by a key that is one id; what was never counted is missing."""
        if not keys:
            return {}

        def statement(generation: int) -> Select[Any]:
            return _counts(view, table, generation, self._dialect)

        return dict(self._find(view, statement, {"subjects": list(keys)}).rows)

    def page_by_subject(
        self, view: View, table: RowTable[Any], equal: Mapping[str, Any], after: UUID, limit: int
    ) -> Found:
        """Return rows that have these values, of subjects after one, by subject; none of who is parked."""

        def statement(generation: int) -> Select[Any]:
            return _page_by_subject(view, table, generation, tuple(equal))

        return self._find(view, statement, {"after": after, "limit": limit, **equal})

    def between(self, view: View, table: CountTable[Any], first: Any, last: Any) -> list[tuple[Any, ...]]:
        """Return the rows whose key begins with a value from `first` to `last`, in no order."""

        def statement(generation: int) -> Select[Any]:
            return _between(view, table, generation)

        return self._find(view, statement, {"first": first, "last": last}).rows

    def position(self, views: Collection[View]) -> int:
        """Return the position of whichever of these views is least far; 0 if none is there."""
        least = select(func.min(generations.c.position)).where(
            generations.c.view.in_([view.name for view in views]), generations.c.state == LIVE
        )
        with self._engine.connect() as connection:
            return connection.execute(least).scalar() or 0

    def _find(self, view: View, statement: Any, parameters: dict[str, Any]) -> Found:
        for _ in range(TRIES):
            generation = self._live.get(view.name) or self._look_up(view)
            found = self._run(statement(generation), parameters)
            if found and found[0][0] == generation:
                return _found(found)
            # Another one is live since, or this one was dropped meanwhile.
            self._live.pop(view.name, None)
        raise ViewNotReadyError(view.name)

    def _run(self, statement: Select[Any], parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
        try:
            with self._engine.connect() as connection:
                return [tuple(row) for row in connection.execute(statement, parameters).all()]
        except DBAPIError as error:
            if _is_missing_table(error):
                return []
            raise

    def _look_up(self, view: View) -> int:
        wanted = select(generations.c.generation, generations.c.layout).where(
            generations.c.view == view.name, generations.c.state == LIVE
        )
        with self._engine.connect() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None or row.layout != view.layout:
            raise ViewNotReadyError(view.name)
        self._live[view.name] = row.generation
        return int(row.generation)


def _found(rows: list[tuple[Any, ...]]) -> Found:
    _, position, waiting = rows[0][:HEAD]
    subjects = frozenset(UUID(text) for text in waiting.split(",")) if waiting else frozenset()
    # The head is there even if nothing was found: then the rest is empty. A key never is.
    found = [row[HEAD:] for row in rows if row[HEAD] is not None]
    return Found(position, found, subjects)


@lru_cache(maxsize=512)
def _rows_of_subjects(
    view: View, table: RowTable[Any], generation: int, dialect: str, equal: tuple[str, ...]
) -> Select[Any]:
    described = generation_table(table, generation)
    subject = described.c[table.columns[0].name]
    wanted = select(described).where(_among(subject, dialect), *_equal(described, equal))
    return _with_head(view, wanted, _among(parked.c.subject, dialect))


@lru_cache(maxsize=512)
def _page(view: View, table: RowTable[Any], generation: int, equal: tuple[str, ...], by: str) -> Select[Any]:
    described = generation_table(table, generation)
    wanted = (
        select(described)
        .where(described.c[by] > bindparam("after"), *_equal(described, equal))
        .order_by(described.c[by])
        .limit(bindparam("limit"))
    )
    statement = _with_head(view, wanted, None)
    return statement.order_by(statement.selected_columns[by])


@lru_cache(maxsize=512)
def _page_by_subject(
    view: View, table: RowTable[Any], generation: int, equal: tuple[str, ...]
) -> Select[Any]:
    described = generation_table(table, generation)
    name = table.columns[0].name
    waits = exists().where(
        parked.c.view == view.name, parked.c.generation == generation, parked.c.subject == described.c[name]
    )
    wanted = (
        select(described)
        .where(described.c[name] > bindparam("after"), *_equal(described, equal), ~waits)
        .order_by(described.c[name])
        .limit(bindparam("limit"))
    )
    statement = _with_head(view, wanted, false())
    return statement.order_by(statement.selected_columns[name])


@lru_cache(maxsize=512)
def _between(view: View, table: CountTable[Any], generation: int) -> Select[Any]:
    described = generation_table(table, generation)
    first = described.c[table.columns[0].name]
    return _with_head(
        view, select(described).where(first.between(bindparam("first"), bindparam("last"))), None
    )


@lru_cache(maxsize=512)
def _counts(view: View, table: CountTable[Any], generation: int, dialect: str) -> Select[Any]:
    described = generation_table(table, generation)
    wanted = select(described).where(_among(described.c[table.columns[0].name], dialect))
    return _with_head(view, wanted, None)


def _with_head(view: View, wanted: Select[Any], asked_for: ColumnElement[bool] | None) -> Select[Any]:
    """Put generation, position and the parked subjects of the live generation before each row."""
    waiting = select(func.aggregate_strings(cast(parked.c.subject, Text), ",")).where(
        parked.c.view == generations.c.view, parked.c.generation == generations.c.generation
    )
    if asked_for is not None:
        waiting = waiting.where(asked_for)
    columns = (generations.c.generation, generations.c.position.label("head"), waiting.scalar_subquery())
    live = select(*columns).where(generations.c.view == view.name, generations.c.state == LIVE)
    # Looked up once: the planner would have the parked subjects looked for beside each row.
    head = live.cte("live").prefix_with("MATERIALIZED")
    rows = wanted.subquery("found")
    return select(*head.c, *rows.c).select_from(head.outerjoin(rows, true()))


def _among(column: ColumnElement[UUID], dialect: str) -> ColumnElement[bool]:
    if dialect == "postgresql":
        return column == any_(bindparam("subjects", type_=ARRAY(Uuid)))
    return column.in_(bindparam("subjects", expanding=True))


def _equal(described: Table, names: tuple[str, ...]) -> list[ColumnElement[bool]]:
    return [described.c[name] == bindparam(name) for name in names]


def _is_missing_table(error: DBAPIError) -> bool:
    text = str(error.orig)
    return "no such table" in text or getattr(error.orig, "sqlstate", None) == "42P01"
