"""Objecting to direct marketing: on request, and with the link in a message."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from profile_service.commands.addresses import NOBODY
from profile_service.commands.loading import Loaded
from profile_service.commands.requests import WriteRequest
from profile_service.commands.unsubscribe_tokens import UnsubscribeTokens, Unsubscribing
from profile_service.commands.writing import Writer
from profile_service.domain import consents as domain
from profile_service.domain.errors import ProfileErasedError, ProfileNotFoundError
from profile_service.keys.store import KeyStore
from profile_service.log.append import Append, Appended
from profile_service.log.reader import LogReader, Standing
from profile_service.log.streams import CONSENTS, stream_name
from profile_service.v1.events_pb2 import MarketingObjected

# The id of every click that changes nothing: the log keeps one request for all of them, however many come.
NOTHING = UUID(int=0)


class NothingChangesError(Exception):
    """Whoever followed the link had objected before."""


@dataclass(frozen=True, slots=True)
class Objector:
    """Records objections, and makes the tokens of links."""

    keys: KeyStore
    reader: LogReader
    writer: Writer
    tokens: UnsubscribeTokens

    async def object_to_marketing(
        self, request: WriteRequest, profile_id: UUID, purpose: str | None, *, by_link: bool = False
    ) -> Appended:
        """Object to a purpose, or to every one.

        Raises the refusals of `Writer.execute`, and `NothingChangesError` if a link is followed in vain.
        """
        stream = stream_name(CONSENTS, profile_id)

        def decide(loaded: Loaded) -> dict[str, Sequence[MarketingObjected]]:
            consents = domain.fold(fact.message for fact in loaded.streams[stream])
            facts = domain.object_to_marketing(consents, purpose, by_link=by_link)
            if by_link and not facts:
                raise NothingChangesError
            return {stream: facts}

        return await self.writer.execute(
            request, subject=profile_id, profile_id=profile_id, streams=(stream,), decide=decide
        )

    async def token(self, profile_id: UUID, purpose: str | None) -> str:
        """Make a token for a living person. Raises `ProfileNotFoundError` and `ProfileErasedError`."""
        match (await asyncio.to_thread(self.reader.standing, [profile_id]))[profile_id]:
            case Standing.UNKNOWN:
                raise ProfileNotFoundError
            case Standing.ERASED:
                raise ProfileErasedError
        return self.tokens.make(profile_id, purpose)

    async def unsubscribe(self, request: WriteRequest, token: str) -> None:
        """Object as a token says. Raises `TokenInvalidError`, and nothing else that the token decides.

        Who is erased, unknown or made up is looked up and waited for like somebody who had objected before:
        each of them costs a load and a turn in the log, and no answer tells them apart.
        """
        # The id of somebody who is not there.
        meant = self.tokens.read(token) or Unsubscribing(uuid4(), None)
        try:
            await self.object_to_marketing(request, meant.profile_id, meant.purpose, by_link=True)
        except (NothingChangesError, ProfileErasedError, ProfileNotFoundError):
            nothing = replace(request, request_id=NOTHING, body=b"")
            digest = nothing.digest(self.keys.service_cipher)
            await self.writer.append(Append(nothing.key, digest, NOBODY, None, ()))
