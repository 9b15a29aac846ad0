"""The calls of ConsentService about the past: proofs and receipts."""

from __future__ import annotations

import asyncio
from uuid import UUID

from profile_service.api.log_points import LogPoints
from profile_service.api.pipeline import Call
from profile_service.api.policy import Policy
from profile_service.api.translate import PositionMaker, microseconds, timestamp
from profile_service.commands.consent_proofs import ConsentProver, Proof
from profile_service.commands.consent_receipts import ReceiptIssuer
from profile_service.domain.errors import ProfileErasedError
from profile_service.v1.consent_service_pb2 import (
    ConsentDecision,
    ConsentProof,
    GetConsentProofRequest,
    GetConsentProofResponse,
    GetConsentReceiptRequest,
    GetConsentReceiptResponse,
)
from profile_service.v1.profile_pb2 import Channel


class ConsentEvidence:
    """See `consent_service.proto`. Of people who were erased since, only whom the policy names is told."""

    def __init__(
        self,
        *,
        prover: ConsentProver,
        issuer: ReceiptIssuer,
        points: LogPoints,
        policy: Policy,
        position: PositionMaker,
    ) -> None:
        self._prover = prover
        self._issuer = issuer
        self._points = points
        self._policy = policy
        self._position = position

    async def GetConsentProof(self, request: GetConsentProofRequest, call: Call) -> GetConsentProofResponse:
        return await asyncio.to_thread(self._prove, request, call.caller)

    async def GetConsentReceipt(
        self, request: GetConsentReceiptRequest, call: Call
    ) -> GetConsentReceiptResponse:
        return GetConsentReceiptResponse(receipt=await asyncio.to_thread(self._issue, request))

    def _prove(self, request: GetConsentProofRequest, caller: str) -> GetConsentProofResponse:
        upto = self._points.asked_for(request)
        proved = self._prover.prove(UUID(request.profile_id), request.purpose, upto, _time(request))
        if proved.is_erased_now and not self._policy.allows_evidence_of_erased(caller):
            raise ProfileErasedError
        response = GetConsentProofResponse(position=self._position(upto))
        if proved.proof is not None:
            response.proof.CopyFrom(self._proof(request.purpose, proved.proof))
        if proved.erased_at is not None:
            response.erased_time.CopyFrom(timestamp(proved.erased_at))
        return response

    def _issue(self, request: GetConsentReceiptRequest) -> str:
        upto = self._points.asked_for(request)
        return self._issuer.issue(UUID(request.profile_id), request.purpose, upto, _time(request))

    def _proof(self, purpose: str, proof: Proof) -> ConsentProof:
        shown, fact = proof.made.shown, proof.fact
        return ConsentProof(
            purpose=purpose,
            decision=ConsentDecision.Name(proof.made.decision),
            policy_version="" if shown is None else shown.policy_version,
            text_hash=b"" if shown is None else shown.text_hash,
            channel=Channel.Name(fact.header.channel),
            actor=fact.header.actor,
            time=timestamp(fact.time),
            position=self._position(fact.position),
            by_guardian=proof.by_guardian,
        )


def _time(request: GetConsentProofRequest | GetConsentReceiptRequest) -> int | None:
    return microseconds(request.time, "time") if request.HasField("time") else None
