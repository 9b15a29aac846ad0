"""Supplementing profiles from other sources, and recording that people were told of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from google.protobuf.message import Message

from profile_service.commands.loading import Loaded
from profile_service.commands.policies import PublishedPolicies
from profile_service.commands.requests import WriteRequest
from profile_service.commands.writing import Writer
from profile_service.domain import consents, profile, supplements
from profile_service.domain.errors import ContactSuppressedError
from profile_service.domain.guardianship import AgeLimits, born
from profile_service.domain.policies import Policies
from profile_service.domain.supplements import Sources, Supplied
from profile_service.domain.values import full_date
from profile_service.log.append import Appended
from profile_service.log.facts import open_fact
from profile_service.log.reader import LogReader
from profile_service.log.streams import CONSENTS, PROFILE, stream_name
from profile_service.v1.events_pb2 import ProfileSupplemented
from profile_service.v1.supplement_pb2 import SupplementProfileRequest


@dataclass(frozen=True, slots=True)
class Supplementer:
    """Adds what `sources` give. `today` is the date in the City, `now` a point in time with UTC."""

    writer: Writer
    reader: LogReader
    published: PublishedPolicies
    sources: Sources
    limits: AgeLimits
    today: Callable[[], date]
    now: Callable[[], datetime]

    async def supplement(
        self,
        request: WriteRequest,
        profile_id: UUID,
        wanted: SupplementProfileRequest,
        received: date | None,
    ) -> Appended:
        """Add values, as `request.new_id`; received today if no day is given.

        Of somebody who is contacted no more nothing is taken that is not the person's word: raises
        `ContactSuppressedError`. Raises the refusals of `supplements.supplement` and of `Writer.execute`.
        """
        own, choices = stream_name(PROFILE, profile_id), stream_name(CONSENTS, profile_id)
        today, purpose = self.today(), wanted.consent_purpose
        supplied = Supplied(
            request.new_id.bytes,
            wanted.source,
            wanted.values,
            wanted.collection_reference,
            wanted.legal_basis,
            purpose,
            received or today,
        )
        published = await self.published.current() if purpose else Policies()
        counts = published.counting(purpose, self.now()).takes

        def decide(loaded: Loaded) -> dict[str, Sequence[Message]]:
            known = [fact.message for fact in loaded.streams[own]]
            chosen = consents.fold(fact.message for fact in loaded.streams[choices])
            if chosen.suppressed:
                raise ContactSuppressedError
            person = profile.fold(known)
            guarded = self.limits.guarded_counts(today)(born(person))
            added = supplements.supplement(
                person,
                supplements.fold(known),
                supplied,
                self.sources,
                today=today,
                consented=consents.is_given(chosen, purpose, counts, guarded=guarded),
                etag=wanted.etag,
            )
            return {own: added}

        return await self.writer.execute(
            request, subject=profile_id, profile_id=profile_id, streams=(own, choices), decide=decide
        )

    async def due(self, appended: Appended, supplement_id: UUID) -> date | None:
        """Return until when the person has to be told of what a write added; None if it added nothing."""
        return await asyncio.to_thread(self._due, appended, supplement_id)

    async def give_notice(
        self, request: WriteRequest, profile_id: UUID, supplement_id: UUID, informed: date | None
    ) -> Appended:
        """Record that the person was told; today if no day is given.

        Also while processing is restricted: to be told is the person's right. Raises the refusals of
        `supplements.give_notice` and of `Writer.execute`.
        """
        own, today = stream_name(PROFILE, profile_id), self.today()

        def decide(loaded: Loaded) -> dict[str, Sequence[Message]]:
            known = supplements.fold(fact.message for fact in loaded.streams[own])
            given = supplements.give_notice(known, supplement_id.bytes, informed or today, today=today)
            return {own: given}

        return await self.writer.execute(
            request,
            subject=profile_id,
            profile_id=profile_id,
            streams=(own,),
            decide=decide,
            while_restricted=True,
        )

    def _due(self, appended: Appended, supplement_id: UUID) -> date | None:
        # Its place in the log is that of the last fact it wrote.
        stored = self.reader.fact_at(appended.position)
        added = open_fact(stored, None).message if stored is not None else None
        if isinstance(added, ProfileSupplemented) and added.supplement_id == supplement_id.bytes:
            return full_date(added.notice_due_date)
        return None
