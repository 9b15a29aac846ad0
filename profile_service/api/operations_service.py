"""OperationsService: projections and keys, for operators."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from typing import TypeVar

from profile_service.api.pipeline import Call
from profile_service.api.translate import timestamp
from profile_service.domain.errors import ProjectionNotFoundError
from profile_service.keys.store import KeyStore
from profile_service.v1.operations_service_pb2 import (
    GetKeyStatusRequest,
    GetKeyStatusResponse,
    ListProjectionsRequest,
    ListProjectionsResponse,
    Projection,
    RebuildProjectionRequest,
    RebuildProjectionResponse,
    VerifyProjectionRequest,
    VerifyProjectionResponse,
)
from projections import catalogue
from projections.operations import Listed, Operations

# Seconds between looks at a rebuild that nobody reports on.
WATCH = 0.5

Result = TypeVar("Result")


class OperationsServicer:
    """See `operations_service.proto`."""

    def __init__(self, operations: Operations, keys: KeyStore, log_id: str) -> None:
        self._operations = operations
        self._keys = keys
        self._log_id = log_id

    async def ListProjections(self, request: ListProjectionsRequest, call: Call) -> ListProjectionsResponse:
        listed = await asyncio.to_thread(self._operations.list)
        # The head after the views, so that no lag is negative.
        head = await asyncio.to_thread(self._operations.head)
        projections = [_projection(one, head) for one in listed]
        return ListProjectionsResponse(projections=projections, head_position=head, log_id=self._log_id)

    async def RebuildProjection(
        self, request: RebuildProjectionRequest, call: Call
    ) -> AsyncIterator[RebuildProjectionResponse]:
        running = await _found(lambda: self._operations.rebuild(request.name))
        seen, over = 0, False
        while not over:
            steps, progress, over = await asyncio.to_thread(running.after, seen, WATCH)
            if progress is not None and steps > seen:
                yield RebuildProjectionResponse(**asdict(progress))
            seen = steps

    async def VerifyProjection(
        self, request: VerifyProjectionRequest, call: Call
    ) -> VerifyProjectionResponse:
        verified = await _found(lambda: self._operations.verify(request.name))
        return VerifyProjectionResponse(**asdict(verified))

    async def GetKeyStatus(self, request: GetKeyStatusRequest, call: Call) -> GetKeyStatusResponse:
        status = await asyncio.to_thread(self._keys.status)
        return GetKeyStatusResponse(**asdict(status))


def _projection(one: Listed, head: int) -> Projection:
    return Projection(
        name=one.name,
        position=one.position,
        lag=head - one.position,
        generation=one.generation,
        rows=one.rows,
        parked=one.parked,
        update_time=timestamp(one.update_time),
        rebuilding=one.rebuilding,
    )


async def _found(work: Callable[[], Result]) -> Result:
    try:
        return await asyncio.to_thread(work)
    except catalogue.ProjectionNotFoundError:
        raise ProjectionNotFoundError from None
