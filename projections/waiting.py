"""Waiting until a view has got somewhere: read-your-writes for the API.

All who wait share one look at the catalogue; a follower in the same process wakes them itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, select

from projections.catalogue import LIVE
from projections.schema import generations

# Seconds between looks while somebody waits.
POLL = 0.004


@dataclass(eq=False, slots=True)
class _Waiting:
    view: str
    position: int
    done: asyncio.Future[None]


class ViewPositions:
    """How far each live view is known to have got. `moved` may be called from any thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reached: dict[str, int] = {}
        self._waiting: set[_Waiting] = set()
        self._looking: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def reached(self, view: str) -> int:
        """Return the last known position; the view may be further."""
        return self._reached.get(view, 0)

    def moved(self, positions: Mapping[str, int]) -> None:
        """Say where views are after a commit."""
        self._reached.update(positions)
        if self._waiting and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._settle)

    async def wait_for(self, view: str, position: int, within: float) -> bool:
        """Return whether the view reached `position` within so many seconds."""
        if self.reached(view) >= position:
            return True
        if within <= 0:
            return False
        self._loop = asyncio.get_running_loop()
        waiting = _Waiting(view, position, self._loop.create_future())
        self._waiting.add(waiting)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_while_waited())
        try:
            await asyncio.wait_for(waiting.done, within)
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(waiting)
        return True

    async def _look_while_waited(self) -> None:
        while self._waiting:
            self._reached.update(await asyncio.to_thread(self._look))
            self._settle()
            if self._waiting:
                await asyncio.sleep(POLL)

    def _look(self) -> dict[str, int]:
        wanted = select(generations.c.view, generations.c.position).where(generations.c.state == LIVE)
        with self._engine.connect() as connection:
            return {row.view: row.position for row in connection.execute(wanted)}

    def _settle(self) -> None:
        for waiting in self._waiting:
            if self._reached.get(waiting.view, 0) >= waiting.position and not waiting.done.done():
                waiting.done.set_result(None)
