"""RightsService: translate, delegate, translate back. Objections are in `objection_calls.py`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

from profile_service.api.exporting import Exporter
from profile_service.api.objection_calls import ObjectionCalls
from profile_service.api.pipeline import Call
from profile_service.api.request_calls import RequestCalls
from profile_service.api.translate import PositionMaker, write_request
from profile_service.commands.certifying import Certifier
from profile_service.commands.erasure import Eraser
from profile_service.commands.finality import finality
from profile_service.commands.suppression import Suppressor
from profile_service.domain.email import canonical_address
from profile_service.v1.rights_service_pb2 import (
    CheckContactSuppressionRequest,
    CheckContactSuppressionResponse,
    EraseProfileRequest,
    EraseProfileResponse,
    ExportProfileRequest,
    ExportProfileResponse,
    GetCertificateKeyRequest,
    GetCertificateKeyResponse,
    GetErasureCertificateRequest,
    GetErasureCertificateResponse,
    PreviewErasureRequest,
    PreviewErasureResponse,
    SuppressContactRequest,
    SuppressContactResponse,
)


class RightsServicer:
    """See `rights_service.proto`."""

    def __init__(
        self,
        *,
        eraser: Eraser,
        exporter: Exporter,
        certifier: Certifier,
        suppressor: Suppressor,
        requests: RequestCalls,
        objections: ObjectionCalls,
        position: PositionMaker,
    ) -> None:
        self._eraser = eraser
        self._exporter = exporter
        self._certifier = certifier
        self._suppressor = suppressor
        self._position = position
        self.OpenRequest, self.VerifyIdentity = requests.OpenRequest, requests.VerifyIdentity
        self.ExtendRequest, self.RefuseRequest = requests.ExtendRequest, requests.RefuseRequest
        self.FulfilRequest, self.ListRequests = requests.FulfilRequest, requests.ListRequests
        self.ListOverdue, self.ListHolds = requests.ListOverdue, requests.ListHolds
        self.PlaceHold, self.ReleaseHold = requests.PlaceHold, requests.ReleaseHold
        self.ObjectToMarketing = objections.ObjectToMarketing
        self.CreateUnsubscribeLink = objections.CreateUnsubscribeLink
        self.Unsubscribe = objections.Unsubscribe

    async def EraseProfile(self, request: EraseProfileRequest, call: Call) -> EraseProfileResponse:
        profile_id = UUID(request.profile_id)
        erased = await self._eraser.erase(write_request(request, call), profile_id, request)
        return EraseProfileResponse(
            erased_live=True,
            finality=finality(erased.erasure, datetime.now(UTC)),
            final_by=erased.erasure.final_by,
            position=self._position(erased.position),
            contact_suppressed=erased.never_contact_again,
        )

    async def ExportProfile(
        self, request: ExportProfileRequest, call: Call
    ) -> AsyncIterator[ExportProfileResponse]:
        async for chunk in self._exporter.export(request):
            yield ExportProfileResponse(chunk=chunk)

    async def PreviewErasure(self, request: PreviewErasureRequest, call: Call) -> PreviewErasureResponse:
        return await self._exporter.preview(request)

    async def GetErasureCertificate(
        self, request: GetErasureCertificateRequest, call: Call
    ) -> GetErasureCertificateResponse:
        certificate = await asyncio.to_thread(self._certifier.certify, UUID(request.profile_id))
        return GetErasureCertificateResponse(certificate=certificate)

    async def GetCertificateKey(
        self, request: GetCertificateKeyRequest, call: Call
    ) -> GetCertificateKeyResponse:
        return GetCertificateKeyResponse(key=self._certifier.signer.public_key)

    async def SuppressContact(self, request: SuppressContactRequest, call: Call) -> SuppressContactResponse:
        write = write_request(request, call)
        if request.WhichOneof("subject") == "email":
            address = canonical_address(request.email)
            appended = await self._suppressor.suppress_address(write, address, request, call.deadline)
        else:
            appended = await self._suppressor.suppress_profile(write, UUID(request.profile_id), request)
        return SuppressContactResponse(position=self._position(appended.position))

    async def CheckContactSuppression(
        self, request: CheckContactSuppressionRequest, call: Call
    ) -> CheckContactSuppressionResponse:
        if request.WhichOneof("subject") == "email":
            address = canonical_address(request.email)
            since = await asyncio.to_thread(self._suppressor.address_since, address)
        else:
            since = await asyncio.to_thread(self._suppressor.profile_since, UUID(request.profile_id))
        return CheckContactSuppressionResponse(suppressed=since is not None, since=since)
