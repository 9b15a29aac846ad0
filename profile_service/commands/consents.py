"""Giving and withdrawing consent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from profile_service.commands.loading import Loaded
from profile_service.commands.policies import PublishedPolicies
from profile_service.commands.requests import WriteRequest
from profile_service.commands.suppression import Suppressor
from profile_service.commands.writing import Writer
from profile_service.domain import consents as domain
from profile_service.log.append import Appended
from profile_service.log.streams import CONSENTS, stream_name
from profile_service.v1.consent_service_pb2 import ConsentDecision, SetConsentRequest


@dataclass(frozen=True, slots=True)
class ConsentKeeper:
    """Records decisions about purposes."""

    writer: Writer
    suppressor: Suppressor
    published: PublishedPolicies

    async def set_consent(
        self, request: WriteRequest, profile_id: UUID, wanted: SetConsentRequest
    ) -> Appended:
        """Give or withdraw; giving lifts a suppression of contact, and refers to a text that was published.

        Withdrawing is never restricted.

        Withdrawing needs no such text: nobody must be kept from it. Raises `ContactSuppressedError`,
        `PolicyVersionUnknownError`, `ConsentTextUnknownError` and the refusals of `Writer.execute`.
        """
        stream = stream_name(CONSENTS, profile_id)
        given = wanted.decision == ConsentDecision.CONSENT_DECISION_GIVEN
        policies = await self.published.knowing(wanted.policy_version) if given else None
        was_suppressed = False

        def decide(loaded: Loaded) -> dict[str, Sequence[domain.ConsentFact]]:
            nonlocal was_suppressed
            if policies is not None:
                policies.check_consent(wanted.policy_version, wanted.purpose, wanted.text_hash)
            consents = domain.fold(fact.message for fact in loaded.streams[stream])
            was_suppressed = consents.suppressed
            return {
                stream: domain.set_consent(
                    consents,
                    wanted.purpose,
                    wanted.decision,
                    wanted.policy_version,
                    wanted.text_hash,
                    request.channel,
                )
            }

        given = wanted.decision == ConsentDecision.CONSENT_DECISION_GIVEN
        appended = await self.writer.execute(
            request,
            subject=profile_id,
            profile_id=profile_id,
            streams=(stream,),
            decide=decide,
            while_restricted=not given,
        )
        # A try before this one may have ended between the fact and the lifting.
        if given and (was_suppressed or appended.replayed):
            await asyncio.to_thread(self.suppressor.lift, profile_id)
        return appended
