"""OperationsService: projections and keys, for operators."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from typing import TypeVar

from profile_service.api.parked_calls import ParkedCalls, summary_message
from profile_service.api.pipeline import Call
from profile_service.api.translate import timestamp
from profile_service.commands.closing import Step
from profile_service.commands.schedule import ClosingSchedule
from profile_service.domain.errors import EpochNotClosedError, ProjectionNotFoundError, TooManyParkedError
from profile_service.keys.epochs import EpochState, Erasure
from profile_service.keys.errors import CloseError, RootError
from profile_service.keys.store import KeyStore
from profile_service.v1.operations_service_pb2 import (
    CloseEpochRequest,
    CloseEpochResponse,
    GetKeyStatusRequest,
    GetKeyStatusResponse,
    ListProjectionsRequest,
    ListProjectionsResponse,
    Projection,
    RebuildProjectionRequest,
    RebuildProjectionResponse,
    VerifyProjectionRequest,
    VerifyProjectionResponse,
    WaitingErasure,
)
from projections import catalogue, parked_limit
from projections.operations import Listed, Operations
from projections.rebuild import Progress

# Seconds between looks at a rebuild or a close that nobody reports on.
WATCH = 0.5
# Erasures that wait for a close, as `GetKeyStatus` shows them.
OLDEST = 100

Result = TypeVar("Result")


class OperationsServicer:
    """See `operations_service.proto`."""

    def __init__(
        self,
        operations: Operations,
        keys: KeyStore,
        closing: ClosingSchedule,
        parked: ParkedCalls,
        log_id: str,
    ) -> None:
        self._operations = operations
        self._keys = keys
        self._closing = closing
        self._log_id = log_id
        self.ListParked, self.GetParked = parked.ListParked, parked.GetParked
        self.RetryParked, self.SkipParked = parked.RetryParked, parked.SkipParked

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
            try:
                steps, progress, over = await asyncio.to_thread(running.after, seen, WATCH)
            except parked_limit.TooManyParkedError:
                raise TooManyParkedError from None
            if progress is not None and steps > seen:
                yield _progress(progress)
            seen = steps

    async def VerifyProjection(
        self, request: VerifyProjectionRequest, call: Call
    ) -> VerifyProjectionResponse:
        verified = await _found(lambda: self._operations.verify(request.name))
        return VerifyProjectionResponse(**asdict(verified))

    async def GetKeyStatus(self, request: GetKeyStatusRequest, call: Call) -> GetKeyStatusResponse:
        return await asyncio.to_thread(self._key_status)

    async def CloseEpoch(self, request: CloseEpochRequest, call: Call) -> AsyncIterator[CloseEpochResponse]:
        running = await asyncio.to_thread(self._closing.close)
        seen, over = 0, False
        while not over:
            try:
                steps, step, over = await asyncio.to_thread(running.after, seen, WATCH)
            except (CloseError, RootError):
                raise EpochNotClosedError from None
            if step is not None and steps > seen:
                yield _close_step(step)
            seen = steps

    def _key_status(self) -> GetKeyStatusResponse:
        epochs = self._keys.epoch_status()
        return GetKeyStatusResponse(
            **asdict(self._keys.status()),
            state=_state(epochs.state),
            open_time=epochs.opened_at,
            close_due_time=epochs.close_due,
            overdue=epochs.overdue,
            erasures_waiting=epochs.erasures_waiting,
            oldest_waiting=[_waiting(erasure) for erasure in self._keys.waiting_erasures(OLDEST)],
            verified_backup_time=epochs.verified_backup_at,
            verified_backup_digest=(epochs.verified_backup_digest or b"").hex(),
        )


def _progress(progress: Progress) -> RebuildProjectionResponse:
    parked = summary_message(progress.parked_summary)
    return RebuildProjectionResponse(**{**asdict(progress), "parked_summary": parked})


def _state(state: EpochState) -> str:
    return f"EPOCH_STATE_{state}"


def _waiting(erasure: Erasure) -> WaitingErasure:
    return WaitingErasure(
        profile_id=str(erasure.profile_id),
        epoch=erasure.epoch,
        erase_time=erasure.destroyed_at,
        final_by=erasure.final_by,
    )


def _close_step(step: Step) -> CloseEpochResponse:
    return CloseEpochResponse(
        epoch=step.epoch,
        state=_state(step.state),
        buckets_done=step.buckets_done,
        buckets=step.buckets,
        position=step.position,
    )


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
