"""The calls of OperationsService about rebuilds: begin, watch, pause, resume, cancel, swap, roll back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from contextvars import copy_context
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import TypeVar

from profile_service.api.parked_calls import summary_message
from profile_service.api.pipeline import Call
from profile_service.api.translate import timestamp
from profile_service.domain.errors import ProjectionNotFoundError, ServiceUnavailableError
from profile_service.v1 import operations_service_pb2 as operations
from profile_service.v1.operations_service_pb2 import (
    CancelRebuildRequest,
    CancelRebuildResponse,
    GetRebuildRequest,
    GetRebuildResponse,
    PauseRebuildRequest,
    PauseRebuildResponse,
    Rebuild,
    RebuildProjectionRequest,
    RebuildProjectionResponse,
    ResumeRebuildRequest,
    ResumeRebuildResponse,
    RollBackProjectionRequest,
    RollBackProjectionResponse,
    SwapProjectionRequest,
    SwapProjectionResponse,
)
from projections import catalogue
from projections.control import RebuildControl
from projections.status import Ending, Order, RebuildState, RebuildStatus

# Seconds between looks at a rebuild, and what is left of a deadline when the answer leaves.
WATCH = 0.2
LEAVING = 0.3

ENDINGS = {
    operations.REBUILD_ENDING_UNSPECIFIED: Ending.SWAP,
    operations.REBUILD_ENDING_SWAP: Ending.SWAP,
    operations.REBUILD_ENDING_HOLD: Ending.HOLD,
    operations.REBUILD_ENDING_CHECK: Ending.CHECK,
}

Result = TypeVar("Result")


class RebuildCalls:
    """See `operations_service.proto`."""

    def __init__(self, rebuilds: RebuildControl, long_work: Executor) -> None:
        """`long_work`: threads for what may take as long as the log, so that reads keep theirs."""
        self._rebuilds = rebuilds
        self._long_work = long_work

    async def RebuildProjection(
        self, request: RebuildProjectionRequest, call: Call
    ) -> AsyncIterator[RebuildProjectionResponse]:
        order = Order(ENDINGS[request.ending], request.workers, request.executor)
        began = await found(partial(self._rebuilds.begin, request.name, order))
        async for current in self._watched(began, call):
            shown = rebuild_message(current)
            yield RebuildProjectionResponse(
                phase=shown.phase,
                slices_done=shown.slices_done,
                slices=shown.slices,
                events=shown.events,
                events_per_second=shown.events_per_second,
                generation=shown.generation,
                rows=shown.rows,
                rebuild=shown,
            )

    async def GetRebuild(self, request: GetRebuildRequest, call: Call) -> GetRebuildResponse:
        standing = await found(partial(self._rebuilds.standing, request.name))
        shown = Rebuild(name=request.name) if standing.rebuild is None else rebuild_message(standing.rebuild)
        return GetRebuildResponse(
            rebuild=shown, live_generation=standing.live, previous_generation=standing.previous
        )

    async def PauseRebuild(self, request: PauseRebuildRequest, call: Call) -> PauseRebuildResponse:
        current = await found(partial(self._rebuilds.pause, request.name))
        return PauseRebuildResponse(rebuild=rebuild_message(await self._stopped(current, call)))

    async def ResumeRebuild(self, request: ResumeRebuildRequest, call: Call) -> ResumeRebuildResponse:
        current = await found(partial(self._rebuilds.resume, request.name))
        return ResumeRebuildResponse(rebuild=rebuild_message(current))

    async def CancelRebuild(self, request: CancelRebuildRequest, call: Call) -> CancelRebuildResponse:
        current = await found(partial(self._rebuilds.cancel, request.name))
        return CancelRebuildResponse(rebuild=rebuild_message(await self._stopped(current, call)))

    async def SwapProjection(self, request: SwapProjectionRequest, call: Call) -> SwapProjectionResponse:
        swap = partial(self._rebuilds.swap, request.name, accept_differences=request.accept_differences)
        return SwapProjectionResponse(rebuild=rebuild_message(await found(swap)))

    async def RollBackProjection(
        self, request: RollBackProjectionRequest, call: Call
    ) -> RollBackProjectionResponse:
        roll_back = partial(self._rebuilds.roll_back, request.name, request.generation, call.stopping)
        rolled_back = await call.to_the_end(found(roll_back, self._long_work))
        return RollBackProjectionResponse(**asdict(rolled_back))

    async def _watched(self, current: RebuildStatus, call: Call) -> AsyncIterator[RebuildStatus]:
        """Yield how a rebuild stands, whenever that changes, to its end; a pause is none."""
        yield current
        while current.state in (RebuildState.RUNNING, RebuildState.PAUSED):
            if call.stopping():
                raise ServiceUnavailableError
            await asyncio.sleep(WATCH)
            before, current = current, await self._current(current.view)
            if current != before:
                yield current

    async def _stopped(self, current: RebuildStatus, call: Call) -> RebuildStatus:
        """Wait until nobody works on a rebuild, as long as the deadline allows."""
        while current.state == RebuildState.RUNNING and call.remaining > LEAVING:
            await asyncio.sleep(WATCH)
            current = await self._current(current.view)
        return current

    async def _current(self, name: str) -> RebuildStatus:
        standing = await found(partial(self._rebuilds.standing, name))
        assert standing.rebuild is not None, "it began, and its row stays"
        return standing.rebuild


def rebuild_message(current: RebuildStatus) -> Rebuild:
    """Return how a rebuild stands, as a message."""
    left = current.seconds_left
    return Rebuild(
        name=current.view,
        state=f"REBUILD_STATE_{current.state}",
        phase=current.phase,
        generation=current.generation,
        fingerprint=current.fingerprint,
        slices_done=current.slices_done,
        slices=current.slices,
        events=current.events,
        events_per_second=current.events_per_second,
        rows=current.rows,
        time_left=None if left is None else timedelta(seconds=left),
        lag=current.lag,
        parked=current.parked,
        ending=f"REBUILD_ENDING_{current.order.ending.name}",
        workers=current.order.workers,
        executor=current.order.executor,
        error=current.error,
        live_rows=current.live_rows,
        differing_rows=current.differing_rows,
        differing=current.differing,
        begin_time=timestamp(current.begin_time),
        update_time=timestamp(current.update_time),
        parked_summary=summary_message(current.parked_summary),
    )


async def found(work: Callable[[], Result], threads: Executor | None = None) -> Result:
    """Do blocking work about a projection in a thread. Raises `ProjectionNotFoundError`."""
    try:
        return await asyncio.get_running_loop().run_in_executor(threads, copy_context().run, work)
    except catalogue.ProjectionNotFoundError:
        raise ProjectionNotFoundError from None
