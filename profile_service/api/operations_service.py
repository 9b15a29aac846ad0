"""OperationsService: projections and keys, for operators. Rebuilds are in `rebuilding.py`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from dataclasses import asdict
from functools import partial

from profile_service.api.parked_calls import ParkedCalls
from profile_service.api.pipeline import Call
from profile_service.api.rebuilding import RebuildCalls, found
from profile_service.api.translate import timestamp
from profile_service.commands.closing import Step
from profile_service.commands.schedule import ClosingSchedule
from profile_service.domain.errors import EpochNotClosedError
from profile_service.keys.epochs import EpochState, Erasure
from profile_service.keys.errors import CloseError, RootError
from profile_service.keys.root_keys import RootKeys
from profile_service.keys.store import KeyStore
from profile_service.v1.operations_service_pb2 import (
    CloseEpochRequest,
    CloseEpochResponse,
    GetKeyStatusRequest,
    GetKeyStatusResponse,
    ListProjectionsRequest,
    ListProjectionsResponse,
    Projection,
    VerifyProjectionRequest,
    VerifyProjectionResponse,
    WaitingErasure,
)
from projections.control import RebuildControl
from projections.operations import Listed, Operations

# Seconds between looks at a close that nobody reports on.
WATCH = 0.5
# Erasures that wait for a close, as `GetKeyStatus` shows them.
OLDEST = 100


class OperationsServicer(RebuildCalls):
    """See `operations_service.proto`."""

    def __init__(
        self,
        operations: Operations,
        rebuilds: RebuildControl,
        keys: KeyStore,
        closing: ClosingSchedule,
        parked: ParkedCalls,
        log_id: str,
        long_work: Executor,
    ) -> None:
        super().__init__(rebuilds, long_work)
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

    async def VerifyProjection(
        self, request: VerifyProjectionRequest, call: Call
    ) -> VerifyProjectionResponse:
        verified = await found(partial(self._operations.verify, request.name, call.stopping), self._long_work)
        return VerifyProjectionResponse(**asdict(verified))

    async def GetKeyStatus(self, request: GetKeyStatusRequest, call: Call) -> GetKeyStatusResponse:
        return await asyncio.to_thread(self._key_status)

    async def CloseEpoch(self, request: CloseEpochRequest, call: Call) -> AsyncIterator[CloseEpochResponse]:
        running = await asyncio.to_thread(self._closing.close, request.destroy_roots)
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
        try:
            roots = self._keys.root_keys()
        except RootError:  # how the keys stand is asked most when something does not answer
            roots = RootKeys()
        epochs, stopped = self._keys.epoch_status(), self._closing.stopped_erasures()
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
            root_keys=roots.there,
            unknown_root_keys=roots.unknown,
            erasures_stopped=stopped.count,
            stopped_since=stopped.since,
        )


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
