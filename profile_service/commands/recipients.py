"""Recipients of data, and disclosing to them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from profile_service.commands.loading import Load, Loaded
from profile_service.commands.requests import WriteRequest
from profile_service.commands.writing import Writer
from profile_service.domain import disclosures, profile, recipients
from profile_service.log.append import Appended
from profile_service.log.streams import DISCLOSURES, PROFILE, RECIPIENT, stream_name
from profile_service.v1.events_pb2 import DisclosureMade
from profile_service.v1.profile_pb2 import Profile
from profile_service.v1.recipient_pb2 import Recipient

Check = Callable[[Recipient], None]


@dataclass(frozen=True, slots=True)
class RecipientDesk:
    """Keeps the recipients, and lets values leave for them.

    `purposes_while_restricted`: what values leave for even if processing is restricted.
    """

    writer: Writer
    now: Callable[[], datetime]
    purposes_while_restricted: Collection[str] = ()

    async def register(self, request: WriteRequest, recipient: Recipient) -> Appended:
        """Make a recipient known; `Appended.subject` is its id. Raises `InvalidRequestError`."""
        # Derived from the request, so that a retry after a lost answer means the same recipient.
        recipient_id = UUID(bytes=request.key[:16], version=4)
        return await self._write(request, recipient_id, lambda state: recipients.register(state, recipient))

    async def update(
        self, request: WriteRequest, recipient_id: UUID, changes: Recipient, mask: Sequence[str], check: Check
    ) -> Appended:
        """`check` applies the rules of the proto file to the whole, once it is known.

        Raises `RecipientNotFoundError`, `InvalidRequestError`.
        """

        def decide(state: recipients.RecipientState) -> Sequence[recipients.RecipientFact]:
            wanted = recipients.merged(state, changes, mask)
            check(wanted)
            return recipients.update(state, wanted)

        return await self._write(request, recipient_id, decide)

    async def end(self, request: WriteRequest, recipient_id: UUID) -> Appended:
        """Raises `RecipientNotFoundError`."""
        return await self._write(request, recipient_id, recipients.end)

    async def disclose(
        self,
        request: WriteRequest,
        profile_id: UUID,
        recipient_id: UUID,
        wanted: disclosures.Wanted,
        *,
        consented: bool,
    ) -> tuple[Appended, Profile]:
        """Record a disclosure, then return the values.

        They are read after it is durable: whatever changes them later stands behind it in the log, so that
        the recipient is told. Raises the refusals of `disclosures.disclose` and of `Writer.execute`.
        """
        made_in, recipient = stream_name(DISCLOSURES, profile_id), stream_name(RECIPIENT, recipient_id)
        own = stream_name(PROFILE, profile_id)

        def decided(loaded: Loaded) -> DisclosureMade:
            known = recipients.require(recipients.fold(fact.message for fact in loaded.streams[recipient]))
            return disclosures.disclose(known, recipient_id.bytes, wanted, self.now(), consented=consented)

        appended = await self.writer.execute(
            request,
            subject=profile_id,
            profile_id=profile_id,
            streams=(made_in, recipient),
            decide=lambda loaded: {made_in: [decided(loaded)]},
            while_restricted=wanted.purpose in self.purposes_while_restricted,
        )
        loaded = await self.writer.loader.load(Load(request.key, profile_id, (own, recipient)))
        if appended.replayed:
            decided(loaded)  # as it is now: nothing leaves that may not any more
        person = profile.require_active(profile.fold(fact.message for fact in loaded.streams[own]))
        return appended, disclosures.values(person.profile, wanted.fields)

    async def _write(
        self,
        request: WriteRequest,
        recipient_id: UUID,
        decide: Callable[[recipients.RecipientState], Sequence[recipients.RecipientFact]],
    ) -> Appended:
        stream = stream_name(RECIPIENT, recipient_id)
        return await self.writer.execute(
            request,
            subject=recipient_id,
            profile_id=None,
            streams=(stream,),
            decide=lambda loaded: {
                stream: decide(recipients.fold(fact.message for fact in loaded.streams[stream]))
            },
        )
