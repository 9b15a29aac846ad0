"""OperationsService: projections and keys, for operators."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict

from profile_service.api.pipeline import Call
from profile_service.api.translate import timestamp
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
from projections.operations import Operations


class OperationsServicer:
    """See `operations_service.proto`."""

    def __init__(self, operations: Operations, keys: KeyStore) -> None:
        self._operations = operations
        self._keys = keys

    async def ListProjections(self, request: ListProjectionsRequest, call: Call) -> ListProjectionsResponse:
        raise NotImplementedError

    async def RebuildProjection(
        self, request: RebuildProjectionRequest, call: Call
    ) -> AsyncIterator[RebuildProjectionResponse]:
        raise NotImplementedError
        yield RebuildProjectionResponse()

    async def VerifyProjection(
        self, request: VerifyProjectionRequest, call: Call
    ) -> VerifyProjectionResponse:
        raise NotImplementedError

    async def GetKeyStatus(self, request: GetKeyStatusRequest, call: Call) -> GetKeyStatusResponse:
        status = await asyncio.to_thread(self._keys.status)
        return GetKeyStatusResponse(**asdict(status))
