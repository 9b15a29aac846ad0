"""The catalogue: which generations of each view exist, which one is read, and how far each has got."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, func, insert, select, tuple_, update

from projections.dropped import remove_dropped
from projections.schema import (
    dropped_tables,
    generation_numbers,
    generation_table,
    generations,
    parked,
    rebuilds,
    slices,
)
from projections.sources import now
from projections.view import View

LIVE = "live"
FOLLOWING = "following"
BUILDING = "building"
PREVIOUS = "previous"

# Generations that the follower keeps in step with the log.
IN_STEP = (LIVE, FOLLOWING)


# Microseconds after which a view that nobody follows any more is removed: until then an earlier or later
# version that knows it may serve beside this one.
ABANDONED = 24 * 3600 * 1_000_000


class ProjectionNotFoundError(Exception):
    """No view has this name."""


class ViewNotReadyError(Exception):
    """The view has no live generation that this version can read: it must be rebuilt first."""


@dataclass(frozen=True, slots=True)
class Generation:
    """One row of the catalogue; `parked` is a count."""

    view: str
    number: int
    state: str
    position: int
    log_id: str
    layout: str
    fingerprint: str
    update_time: int
    parked: int


def write_transaction(engine: Engine) -> Engine:
    """Return the engine for transactions that write: on SQLite they begin IMMEDIATE."""
    return engine.execution_options(immediate=True)


def find_view(views: Iterable[View], name: str) -> View:
    """Return the view with a name. Raises `ProjectionNotFoundError`."""
    for view in views:
        if view.name == name:
            return view
    raise ProjectionNotFoundError(name)


def furthest(engine: Engine, log_id: str) -> int:
    """Return the last position of a log that any generation has seen; 0 if none saw any."""
    with engine.connect() as connection:
        seen = select(func.max(generations.c.position)).where(generations.c.log_id == log_id)
        return connection.execute(seen).scalar() or 0


def prepare(engine: Engine, views: Iterable[View], log_id: str, head: int | None = None) -> list[str]:
    """Give every view a live generation; return the names of those that must be rebuilt.

    That is when the tables have another layout, or when the log is another incarnation
    than the one they were made from. A view without facts is made anew at once, unless
    the log has some. What is left of a view that is no more goes, since no erasure reaches it.
    """
    views = list(views)
    outdated = []
    with write_transaction(engine).begin() as connection:
        _lock_catalogue(connection)
        _remove_abandoned(connection, {view.name for view in views})
        live = {row.view: row for row in read_generations(connection, states=[LIVE])}
        for view in views:
            current = live.get(view.name)
            if current and current.layout == view.layout and current.log_id == log_id:
                continue
            if current and current.position:
                outdated.append(view.name)
                continue
            if current:
                drop(connection, view.name, current.number)
            if head:
                outdated.append(view.name)
                continue
            number = next_number(connection, view)
            add(connection, view, number, state=LIVE, position=0, log_id=log_id)
            make_indexes(connection, view, number)
    remove_dropped(engine)
    return outdated


def read_generations(
    connection: Connection,
    view: str | None = None,
    states: Sequence[str] | None = None,
    *,
    lock: bool = False,
) -> list[Generation]:
    """Return generations by view and number; with `lock`, nobody else moves them in this transaction."""
    waiting = select(func.count()).where(
        parked.c.view == generations.c.view, parked.c.generation == generations.c.generation
    )
    statement = select(
        generations.c.view,
        generations.c.generation,
        generations.c.state,
        generations.c.position,
        generations.c.log_id,
        generations.c.layout,
        generations.c.fingerprint,
        generations.c.update_time,
        waiting.scalar_subquery(),
    ).order_by(generations.c.view, generations.c.generation)
    if view is not None:
        statement = statement.where(generations.c.view == view)
    if states is not None:
        statement = statement.where(generations.c.state.in_(states))
    if lock:
        statement = statement.with_for_update(of=generations)
    rows: Iterable[Any] = connection.execute(statement)
    return [Generation(*row) for row in rows]


def next_number(connection: Connection, view: View) -> int:
    """Return a generation number that the view never had. The caller keeps others from asking."""
    this = generation_numbers.c.view == view.name
    given = connection.execute(select(generation_numbers.c.last).where(this)).scalar() or 0
    # An earlier version beside this one looks only at what there is.
    existing = select(func.max(generations.c.generation)).where(generations.c.view == view.name)
    number = max(given, connection.execute(existing).scalar() or 0) + 1
    connection.execute(delete(generation_numbers).where(this))
    connection.execute(insert(generation_numbers).values(view=view.name, last=number))
    return number


def add(connection: Connection, view: View, number: int, *, state: str, position: int, log_id: str) -> None:
    """Make the tables of a generation, without indexes, and its row in the catalogue."""
    for table in view.tables:
        generation_table(table, number).create(connection)
    connection.execute(
        insert(generations).values(
            view=view.name,
            generation=number,
            state=state,
            position=position,
            log_id=log_id,
            tables=",".join(table.name for table in view.tables),
            layout=view.layout,
            fingerprint=view.fingerprint,
            update_time=now(),
        )
    )
    # Counts are added to while slices are written, so their key is needed from the start.
    for table in view.count_tables:
        _make_key(connection, table.name, number, [c.name for c in table.columns[: table.key]])


def make_indexes(connection: Connection, view: View, number: int) -> None:
    """Make the indexes of a generation, once it is filled."""
    for table in view.tables:
        described = generation_table(table, number)
        if table in view.row_tables:
            _make_key(connection, table.name, number, [c.name for c in table.columns[: table.key]])
        for columns in table.indexes:
            name = f"{described.name}_{'_'.join(columns)}"
            names = ", ".join(columns)
            connection.exec_driver_sql(f"CREATE INDEX IF NOT EXISTS {name} ON {described.name} ({names})")
    if connection.dialect.name == "postgresql":
        for table in view.tables:
            connection.exec_driver_sql(f"ANALYZE {table.name}_g{number}")


def _make_key(connection: Connection, name: str, number: int, columns: Sequence[str]) -> None:
    names = ", ".join(columns)
    connection.exec_driver_sql(
        f"CREATE UNIQUE INDEX IF NOT EXISTS {name}_g{number}_key ON {name}_g{number} ({names})"
    )


def move(connection: Connection, targets: Collection[Generation], position: int) -> None:
    """Write down that these generations, whose rows are locked, have got to `position`."""
    if not targets:
        return
    moved = [(target.view, target.number) for target in targets]
    connection.execute(
        update(generations)
        .where(tuple_(generations.c.view, generations.c.generation).in_(moved))
        .values(position=position, update_time=now())
    )


def set_state(connection: Connection, view: str, number: int, state: str) -> None:
    connection.execute(
        update(generations)
        .where(generations.c.view == view, generations.c.generation == number)
        .values(state=state)
    )


def swap(connection: Connection, view: View, number: int) -> None:
    """Let readers read generation `number` from the commit on; keep the one before, drop older ones.

    One of another layout or log is not kept: an erasure could not reach into it. Swapping in the one
    before is going back: then that one is kept which was live. One that is live already stays so.
    """
    known = read_generations(connection, view.name, lock=True)
    if LIVE in [one.state for one in known if one.number == number]:
        return
    kinds = {(one.layout, one.log_id) for one in known if one.number == number}
    for one in known:
        if one.state == LIVE and (one.layout, one.log_id) in kinds:
            set_state(connection, view.name, one.number, PREVIOUS)
        elif one.state in (LIVE, PREVIOUS) and one.number != number:
            drop(connection, view.name, one.number)
    set_state(connection, view.name, number, LIVE)


def drop(connection: Connection, view: str, number: int) -> None:
    """Remove every word of a generation from the catalogue; its tables are left to `remove_dropped`."""
    this = (generations.c.view == view, generations.c.generation == number)
    names = connection.execute(select(generations.c.tables).where(*this)).scalar()
    if names:
        tables = [{"name": f"{name}_g{number}"} for name in names.split(",")]
        connection.execute(insert(dropped_tables), tables)
    for table in (generations, slices, parked):
        connection.execute(delete(table).where(table.c.view == view, table.c.generation == number))


def parked_subjects(
    connection: Connection, view: str, generation: int, subjects: Collection[UUID] | None = None
) -> dict[UUID, int]:
    """Return parked subjects (of those asked for) and the position each is parked at."""
    statement = select(parked.c.subject, parked.c.position).where(
        parked.c.view == view, parked.c.generation == generation
    )
    found = {row.subject: row.position for row in connection.execute(statement)}
    return found if subjects is None else {s: at for s, at in found.items() if s in subjects}


def _remove_abandoned(connection: Connection, known: Collection[str]) -> None:
    """Drop the views that are not known, and stand a day longer than one that is."""
    found = read_generations(connection)
    moved = max((one.update_time for one in found if one.view in known), default=0)
    left = [one for one in found if one.view not in known]
    for name in {one.view for one in left}:
        its = [one for one in left if one.view == name]
        if max(one.update_time for one in its) < moved - ABANDONED:
            for one in its:
                drop(connection, name, one.number)
            connection.execute(delete(rebuilds).where(rebuilds.c.view == name))


def _lock_catalogue(connection: Connection) -> None:
    # Two processes that start at once must not both make generation 1.
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE generations IN SHARE ROW EXCLUSIVE MODE")
