"""Skipping a fact that a view could not apply: the decision goes into the log before any view obeys it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from profile_service.commands.loading import Loaded
from profile_service.commands.requests import WriteRequest
from profile_service.commands.writing import Writer
from profile_service.domain import skips
from profile_service.domain.operator_errors import NotParkedError
from profile_service.log.append import Appended
from profile_service.log.reader import LogReader
from profile_service.log.streams import SKIPS, stream_name, subject_of
from profile_service.v1.events_pb2 import ProjectionFactSkipped, SkipReason


@dataclass(frozen=True, slots=True)
class Skipper:
    """Records what views pass over. Which view obeys when is not known here."""

    writer: Writer
    reader: LogReader

    async def skip(
        self,
        request: WriteRequest,
        view: str,
        subject: UUID,
        position: int,
        reason: SkipReason,
        *,
        waits_at: int | None,
    ) -> Appended:
        """`waits_at` is where the subject waits in that view now, if it does.

        Raises the refusals of `skips.skip` and of `Writer.execute`.
        """
        fact = await asyncio.to_thread(self.reader.fact_at, position)
        if fact is None or subject_of(fact.stream) != subject:
            raise NotParkedError
        stream, type_name = stream_name(SKIPS, subject), fact.type

        def decide(loaded: Loaded) -> dict[str, Sequence[ProjectionFactSkipped]]:
            known = skips.fold(one.message for one in loaded.streams[stream])
            return {stream: skips.skip(known, view, position, type_name, reason, waits_at=waits_at)}

        return await self.writer.execute(
            request,
            subject=subject,
            profile_id=fact.profile_id,
            streams=(stream,),
            decide=decide,
            while_restricted=True,
        )
