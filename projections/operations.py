"""What an operator asks about the views: list them, prove them. Rebuilding is in `control.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy import Connection, func, select

from profile_service.domain.errors import ServiceUnavailableError
from projections import catalogue, tasks
from projections.building import SliceTask
from projections.catalogue import LIVE, Generation
from projections.crew import Crew, Staffing, Workforce, in_this_process
from projections.schema import generation_table
from projections.slices import spans
from projections.sources import Sources
from projections.verify import SwappedMeanwhileError, Verification, Verified
from projections.view import View

log = structlog.get_logger()

# How often it is begun anew because another generation became live.
TRIES = 5


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

    def verify(self, name: str, stopping: Callable[[], bool] = lambda: False) -> Verified:
        """Have workers fold the log anew and compare, some slices at a time. Blocks.

        Raises `ProjectionNotFoundError`, and `ServiceUnavailableError` once `stopping` says so.
        """
        view = catalogue.find_view(self._views, name)
        workforce = self._staff("", 0)
        log.info("verification begins", projection=name)
        with Crew(workforce) as crew:
            for left in reversed(range(TRIES)):
                try:
                    verified = self._verified(crew, workforce, view, stopping)
                except SwappedMeanwhileError:
                    if not left:
                        raise
                else:
                    log.info("verification ended", projection=name, equal=verified.equal)
                    return verified
        raise AssertionError("the last try returns")

    def _verified(
        self, crew: Crew, workforce: Workforce, view: View, stopping: Callable[[], bool]
    ) -> Verified:
        run = Verification(self._sources, view)
        task = SliceTask(
            workforce.open_sources,
            workforce.find_view,
            view.name,
            run.generation,
            run.position,
            self._sources.log.log_id,
            view.fingerprint,
        )
        for answer in crew.each(tasks.verify_live, [(task, span) for span in spans(run.position)]):
            if answer is not None:
                run.take(answer)
            if stopping():
                raise ServiceUnavailableError
        return run.result()

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
