"""Publishing versions of the privacy policy, and telling people of them.

There are few versions, and they never change: a process keeps them in memory, and reads of the log what was
published since.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from threading import Lock
from uuid import UUID

from profile_service.commands.loading import Loaded
from profile_service.commands.requests import WriteRequest
from profile_service.commands.writing import Writer
from profile_service.domain import informing, policies
from profile_service.domain.policies import Policies
from profile_service.log.append import Appended
from profile_service.log.facts import StoredFact, open_fact
from profile_service.log.reader import LogReader
from profile_service.log.streams import POLICIES_SHOWN, POLICY, stream_name
from profile_service.v1.events_pb2 import PolicyPublished, PolicyShown
from profile_service.v1.policy_pb2 import Policy

# The policy is one for the whole City.
SUBJECT = UUID(int=0)
STREAM = stream_name(POLICY, SUBJECT)


class PublishedPolicies:
    """The published versions, as far as somebody needs to know them."""

    def __init__(self, reader: LogReader) -> None:
        self._reader = reader
        self._lock = Lock()
        self._known = Policies()

    async def current(self) -> Policies:
        """Return every version that was acknowledged before."""
        return await asyncio.to_thread(self.read)

    async def knowing(self, version: str) -> Policies:
        """Return versions among which is this one, if it was ever published."""
        return self._known if version in self._known.places else await self.current()

    async def at_least(self, count: int) -> Policies:
        """Return versions of which there are so many; `count` is what the log says."""
        return self._known if self._known.version >= count else await self.current()

    def read(self) -> Policies:
        """As `current`. Blocks."""
        with self._lock:
            later = self._reader.stream(STREAM, after_version=self._known.version)
            self._known = reduce(policies.evolve, map(_published, later), self._known)
            return self._known


@dataclass(frozen=True, slots=True)
class PolicyDesk:
    """Publishes versions, and records whom they were shown to."""

    writer: Writer
    published: PublishedPolicies

    async def publish(self, request: WriteRequest, policy: Policy) -> Appended:
        """Raises the refusals of `policies.publish` and of `Writer.execute`."""

        def decide(loaded: Loaded) -> dict[str, Sequence[PolicyPublished]]:
            state = policies.fold(fact.message for fact in loaded.streams[STREAM])
            return {STREAM: policies.publish(state, policy)}

        return await self.writer.execute(
            request, subject=SUBJECT, profile_id=None, streams=(STREAM,), decide=decide
        )

    async def show(self, request: WriteRequest, profile_id: UUID, version: str, language: str) -> Appended:
        """Raises the refusals of `informing.show` and of `Writer.execute`."""
        stream = stream_name(POLICIES_SHOWN, profile_id)
        published = await self.published.knowing(version)

        def decide(loaded: Loaded) -> dict[str, Sequence[PolicyShown]]:
            shown = informing.fold(fact.message for fact in loaded.streams[stream])
            return {stream: informing.show(shown, published, version, language)}

        return await self.writer.execute(
            request,
            subject=profile_id,
            profile_id=profile_id,
            streams=(stream,),
            decide=decide,
            while_restricted=True,
        )


def _published(stored: StoredFact) -> PolicyPublished:
    """A version, with the time of its publication."""
    fact = open_fact(stored, None)
    assert isinstance(fact.message, PolicyPublished)
    fact.message.policy.publish_time.FromMicroseconds(fact.time)
    return fact.message
