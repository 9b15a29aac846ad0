"""AuditService: the log as a stream of pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

from profile_service.api.pipeline import Call
from profile_service.api.policy import Policy
from profile_service.api.translate import microseconds, timestamp
from profile_service.domain import registry
from profile_service.domain.errors import (
    CallerNotAllowedError,
    InvalidRequestError,
    PositionOfAnotherLogError,
    ReadReasonRequiredError,
    ServiceUnavailableError,
    Violation,
)
from profile_service.keys.store import KeyStore
from profile_service.log.facts import Fact, StoredFact, open_fact
from profile_service.log.reader import Filter, LogReader
from profile_service.log.wakeup import Wakeup
from profile_service.v1.audit_service_pb2 import ReplayedEvent, ReplayEventsRequest, ReplayEventsResponse

# Facts a message: fewer cost a call each, more hold up the loop.
PAGE = 200
PACKAGE = "profile_service.v1."


class AuditServicer:
    """See `audit_service.proto`."""

    def __init__(self, reader: LogReader, keys: KeyStore, policy: Policy, wakeup: Wakeup) -> None:
        self._reader = reader
        self._keys = keys
        self._policy = policy
        self._wakeup = wakeup

    async def ReplayEvents(
        self, request: ReplayEventsRequest, call: Call
    ) -> AsyncIterator[ReplayEventsResponse]:
        self._check(request, call)
        if request.log_id not in ("", self._reader.log_id):
            raise PositionOfAnotherLogError
        only = _filter(request)
        position = request.after_position
        while True:
            seen = self._wakeup.ticket()
            head = await asyncio.to_thread(self._reader.head)
            if position > head:
                raise PositionOfAnotherLogError
            while position < head:
                page = await asyncio.to_thread(self._page, position, head, only, request.include_personal)
                position = page.position
                yield page
            if not request.follow:
                return
            if call.stopping():
                raise ServiceUnavailableError
            await self._wakeup.wait(seen)

    def _check(self, request: ReplayEventsRequest, call: Call) -> None:
        if not request.include_personal:
            return
        if not request.HasField("reason"):
            raise ReadReasonRequiredError([Violation("reason", "is needed for personal halves")])
        if not self._policy.allows_personal_replay(call.caller):
            raise CallerNotAllowedError

    def _page(self, after: int, head: int, only: Filter, personal: bool) -> ReplayEventsResponse:
        stored = self._reader.facts_after(after, PAGE, upto=head, only=only)
        position = stored[-1].position if len(stored) == PAGE else head
        people = {fact.profile_id for fact in stored if fact.profile_id} if personal else set()
        ciphers = self._keys.ciphers(people) if people else {}
        response = ReplayEventsResponse(position=position, log_id=self._reader.log_id)
        for fact in stored:
            cipher = ciphers.get(fact.profile_id) if fact.profile_id else None
            response.events.append(_event(fact, open_fact(fact, cipher, withheld=not personal)))
        return response


def _filter(request: ReplayEventsRequest) -> Filter:
    types = [PACKAGE + name for name in request.types]
    unknown = [name for name in types if name not in registry.FACT_TYPES]
    if unknown:
        raise InvalidRequestError([Violation("types", "names a fact that does not exist")])
    start = microseconds(request.start_time, "start_time") if request.HasField("start_time") else None
    end = microseconds(request.end_time, "end_time") if request.HasField("end_time") else None
    if start is not None and end is not None and end <= start:
        raise InvalidRequestError([Violation("end_time", "is not after the start")])
    profile_ids = [UUID(text) for text in request.profile_ids]
    return Filter(profile_ids=profile_ids, types=types, start_time=start, end_time=end)


def _event(stored: StoredFact, fact: Fact) -> ReplayedEvent:
    return ReplayedEvent(
        position=stored.position,
        time=timestamp(stored.time),
        record=stored.record,
        header=fact.header,
        fact=fact.message.SerializeToString(deterministic=True),
        personal_half=fact.personal_half,
    )
