"""Giving and withdrawing consent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from profile_service.commands.guardians import GuardianDesk
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
    guardians: GuardianDesk

    async def set_consent(
        self, request: WriteRequest, profile_id: UUID, wanted: SetConsentRequest
    ) -> Appended:
        """Give or withdraw; giving lifts a suppression of contact, and refers to a text that was published.

        Who is too young gives through a guardian. Withdrawing is never restricted, and needs no such text:
        nobody must be kept from it. Raises `ContactSuppressedError`, `PolicyVersionUnknownError`,
        `ConsentTextUnknownError`, the refusals of `guardianship.check_giver` and of `Writer.execute`.
        """
        if wanted.decision == ConsentDecision.CONSENT_DECISION_GIVEN:
            return await self._give(request, profile_id, wanted)
        stream = stream_name(CONSENTS, profile_id)

        def decide(loaded: Loaded) -> dict[str, Sequence[domain.ConsentFact]]:
            return {stream: _set(_known(loaded, stream), wanted, request)}

        return await self.writer.execute(
            request,
            subject=profile_id,
            profile_id=profile_id,
            streams=(stream,),
            decide=decide,
            while_restricted=True,
        )

    async def _give(self, request: WriteRequest, profile_id: UUID, wanted: SetConsentRequest) -> Appended:
        stream = stream_name(CONSENTS, profile_id)
        policies = await self.published.knowing(wanted.policy_version)
        guardian_id = UUID(wanted.guardian_id) if wanted.guardian_id else None
        giver = await self.guardians.giver_check(profile_id, guardian_id)
        was_suppressed = False

        def decide(loaded: Loaded) -> dict[str, Sequence[domain.ConsentFact]]:
            nonlocal was_suppressed
            policies.check_consent(wanted.policy_version, wanted.purpose, wanted.text_hash)
            giver.check(loaded)
            consents = _known(loaded, stream)
            was_suppressed = consents.suppressed
            return {stream: _set(consents, wanted, request, by_guardian=guardian_id is not None)}

        appended = await self.writer.execute(
            request,
            subject=profile_id,
            profile_id=profile_id,
            streams=(stream, *giver.streams),
            decide=decide,
        )
        # A try before this one may have ended between the fact and the lifting.
        if was_suppressed or appended.replayed:
            await asyncio.to_thread(self.suppressor.lift, profile_id)
        return appended


def _known(loaded: Loaded, stream: str) -> domain.Consents:
    return domain.fold(fact.message for fact in loaded.streams[stream])


def _set(
    consents: domain.Consents, wanted: SetConsentRequest, request: WriteRequest, *, by_guardian: bool = False
) -> list[domain.ConsentFact]:
    return domain.set_consent(
        consents,
        wanted.purpose,
        wanted.decision,
        wanted.policy_version,
        wanted.text_hash,
        request.channel,
        by_guardian=by_guardian,
    )
