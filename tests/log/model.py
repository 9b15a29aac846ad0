"""What appending means, without a database: the rule that both stores follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from profile_service.log.append import (
    ABANDONED,
    Append,
    Appended,
    Outcome,
    ProfileClosedError,
    RequestAbandonedError,
    RequestReusedError,
    VersionConflictError,
)
from profile_service.log.facts import StoredFact


@dataclass
class ModelLog:
    """One command after the other, each alone."""

    facts: list[StoredFact] = field(default_factory=list)
    requests: dict[bytes, tuple[bytes, UUID, int, int]] = field(default_factory=dict)
    closed: dict[UUID, int] = field(default_factory=dict)

    def append(self, batch: Sequence[Append], now: int) -> list[Outcome]:
        time = max(now, self.facts[-1].time if self.facts else 0)
        return [self._one(request, time) for request in batch]

    def version(self, stream: str) -> int:
        return sum(fact.stream == stream for fact in self.facts)

    def _one(self, request: Append, time: int) -> Outcome:
        if request.profile_id in self.closed:
            return ProfileClosedError(self.closed[request.profile_id])
        if request.request_key in self.requests:
            digest, subject, position, version = self.requests[request.request_key]
            if digest == request.digest:
                return Appended(subject, position, version, replayed=True)
            return RequestAbandonedError() if digest == ABANDONED else RequestReusedError()
        heads: dict[str, int] = {}
        for fact in request.facts:
            heads[fact.stream] = heads.get(fact.stream, self.version(fact.stream)) + 1
            if fact.version != heads[fact.stream]:
                return VersionConflictError()
        for fact in request.facts:
            place = (len(self.facts) + 1, time, fact.stream, fact.version)
            self.facts.append(StoredFact(*place, fact.profile_id, fact.type, fact.record))
        head = len(self.facts)
        self.requests[request.request_key] = (request.digest, request.subject, head, request.version)
        if request.closes and request.profile_id:
            self.closed[request.profile_id] = head
        return Appended(request.subject, head, request.version)


def same(outcome: Outcome) -> tuple[object, ...]:
    """What an outcome says; exceptions are not equal to each other."""
    if isinstance(outcome, Appended):
        return (outcome,)
    return (type(outcome), getattr(outcome, "position", None))
