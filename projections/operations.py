"""What an operator asks about the views: list them, prove them. Rebuilding is in `control.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection, func, select

from projections import catalogue, tasks
from projections.building import SliceTask
from projections.catalogue import LIVE, Generation
from projections.crew import Crew, Staffing, in_this_process
from projections.schema import generation_table
from projections.sources import Sources
from projections.verify import Verified
from projections.view import View


@dataclass(frozen=True, slots=True)
class Listed:
    """A live view as operators see it; `update_time` in microseconds since 1970 UTC."""

    name: str
    position: int
    generation: int
    rows: int
    parked: int
    update_time: int
    rebuilding: bool


class Operations:
    """The operator's side of the views of one process."""

    def __init__(self, sources: Sources, views: Sequence[View], staff: Staffing | None = None) -> None:
        self._sources = sources
        self._views = views
        self._staff = staff or in_this_process(sources, partial(catalogue.find_view, views))

    def list(self) -> list[Listed]:
        """Return every view, in the order of their names. Blocks."""
        with self._sources.views.connect() as connection:
            known = catalogue.read_generations(connection)
            building = {one.view for one in known if one.state in (catalogue.BUILDING, catalogue.FOLLOWING)}
            live = {one.view: one for one in known if one.state == LIVE}
            return [
                self._listed(connection, view, live[view.name], rebuilding=view.name in building)
                for view in sorted(self._views, key=lambda view: view.name)
                if view.name in live
            ]

    def head(self) -> int:
        """Return the last position of the log. Blocks."""
        return self._sources.log.head()

    def verify(self, name: str) -> Verified:
        """Have a worker fold the log anew and compare. Blocks. Raises `ProjectionNotFoundError`."""
        view = catalogue.find_view(self._views, name)
        workforce = self._staff("", 0)
        log_id = self._sources.log.log_id
        task = SliceTask(
            workforce.open_sources, workforce.find_view, view.name, 0, 0, log_id, view.fingerprint
        )
        with Crew(workforce) as crew:
            (verified,) = [answer for answer in crew.one(tasks.verify_live, task) if answer is not None]
        return verified  # type: ignore[no-any-return]  # what the task answers

    def _listed(self, connection: Connection, view: View, one: Generation, *, rebuilding: bool) -> Listed:
        # Tables of another layout wait for their rebuild; what is in them can't be told.
        tables = view.tables if one.layout == view.layout else ()
        rows = sum(
            connection.execute(select(func.count()).select_from(generation_table(table, one.number))).scalar()
            or 0
            for table in tables
        )
        return Listed(
            name=one.view,
            position=one.position,
            generation=one.number,
            rows=rows,
            parked=one.parked,
            update_time=one.update_time,
            rebuilding=rebuilding,
        )
