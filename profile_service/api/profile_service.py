"""ProfileService: translate, delegate, translate back. Other sources are in `supplement_calls.py`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from google.protobuf.field_mask_pb2 import FieldMask

from profile_service.api.past_reads import PastReads
from profile_service.api.pipeline import Call
from profile_service.api.restricted_reads import RestrictedReads
from profile_service.api.supplement_calls import SupplementCalls
from profile_service.api.translate import PositionMaker, write_request
from profile_service.api.view_reads import ViewReads
from profile_service.commands.addresses import Addresses
from profile_service.commands.imports import Importer
from profile_service.commands.profiles import ProfileEditor
from profile_service.commands.registration import Registrar
from profile_service.domain.email import canonical_address
from profile_service.domain.errors import InvalidRequestError, ProfileNotFoundError, Violation
from profile_service.v1.profile_pb2 import Profile
from profile_service.v1.profile_service_pb2 import (
    FindProfileRequest,
    FindProfileResponse,
    GetProfileAsOfRequest,
    GetProfileAsOfResponse,
    GetProfileRequest,
    GetProfileResponse,
    ImportProfilesRequest,
    ImportProfilesResponse,
    RegisterProfileRequest,
    RegisterProfileResponse,
    StartEmailVerificationRequest,
    StartEmailVerificationResponse,
    UpdateProfileRequest,
    UpdateProfileResponse,
    VerifyEmailRequest,
    VerifyEmailResponse,
)


class ProfileServicer:
    """See `profile_service.proto`."""

    def __init__(
        self,
        *,
        registrar: Registrar,
        editor: ProfileEditor,
        importer: Importer,
        addresses: Addresses,
        views: ViewReads,
        past: PastReads,
        restricted: RestrictedReads,
        supplements: SupplementCalls,
        position: PositionMaker,
    ) -> None:
        self._registrar = registrar
        self._editor = editor
        self._importer = importer
        self._addresses = addresses
        self._views = views
        self._past = past
        self._restricted = restricted
        self._position = position
        self.SupplementProfile = supplements.SupplementProfile
        self.RecordNotice, self.ListNoticeDue = supplements.RecordNotice, supplements.ListNoticeDue

    async def RegisterProfile(self, request: RegisterProfileRequest, call: Call) -> RegisterProfileResponse:
        registration = request.registration
        wanted = await self._registrar.wanted(
            write_request(request, call, registration.channel), registration
        )
        appended = await self._registrar.register_with_others(wanted)
        if appended is None:
            appended = await call.to_the_end(self._registrar.register_alone(wanted, call.deadline))
        return RegisterProfileResponse(
            profile_id=str(appended.subject),
            position=self._position(appended.position),
            etag=str(appended.version),
        )

    async def GetProfile(self, request: GetProfileRequest, call: Call) -> GetProfileResponse:
        mask = _checked_mask(request.read_mask)
        profile, position = await self._views.profile(
            UUID(request.profile_id), request.at_least_position, call.deadline
        )
        return GetProfileResponse(profile=_masked(profile, mask), position=self._position(position))

    async def GetProfileAsOf(self, request: GetProfileAsOfRequest, call: Call) -> GetProfileAsOfResponse:
        mask = _checked_mask(request.read_mask)
        profile, position = await self._past.profile(request)
        return GetProfileAsOfResponse(profile=_masked(profile, mask), position=self._position(position))

    async def FindProfile(self, request: FindProfileRequest, call: Call) -> FindProfileResponse:
        profile_id = await self._addresses.holder(canonical_address(request.email))
        if profile_id is None:
            raise ProfileNotFoundError
        await self._restricted.check(profile_id, request.reason.purpose)
        return FindProfileResponse(profile_id=str(profile_id))

    async def UpdateProfile(self, request: UpdateProfileRequest, call: Call) -> UpdateProfileResponse:
        appended = await self._editor.update(
            write_request(request, call), UUID(request.profile_id), request, call.deadline
        )
        return UpdateProfileResponse(position=self._position(appended.position), etag=str(appended.version))

    async def StartEmailVerification(
        self, request: StartEmailVerificationRequest, call: Call
    ) -> StartEmailVerificationResponse:
        started = await self._editor.start_verification(
            write_request(request, call), UUID(request.profile_id)
        )
        return StartEmailVerificationResponse(
            token=started.token,
            expire_time=started.expire_time,
            position=self._position(started.position),
            etag=str(started.version),
        )

    async def VerifyEmail(self, request: VerifyEmailRequest, call: Call) -> VerifyEmailResponse:
        appended = await self._editor.verify_email(write_request(request, call), request.token)
        return VerifyEmailResponse(
            profile_id=str(appended.subject),
            position=self._position(appended.position),
            etag=str(appended.version),
        )

    async def ImportProfiles(
        self, requests: AsyncIterator[ImportProfilesRequest], call: Call
    ) -> AsyncIterator[ImportProfilesResponse]:
        last = 0
        async for batch in self._importer.run(requests, call.caller, call.method):
            # Batches are committed beside each other, the later one first at times: who waits for
            # the position of an answer sees everything that was answered by then.
            last = max(last, batch.position)
            yield ImportProfilesResponse(statuses=batch.statuses, position=self._position(last))


def _checked_mask(mask: FieldMask) -> FieldMask | None:
    if not mask.paths or list(mask.paths) == ["*"]:
        return None
    if any(path not in Profile.DESCRIPTOR.fields_by_name for path in mask.paths):
        raise InvalidRequestError([Violation("read_mask", "names a field that a profile does not have")])
    return mask


def _masked(profile: Profile, mask: FieldMask | None) -> Profile:
    if mask is None:
        return profile
    wanted = Profile()
    mask.MergeMessage(profile, wanted)
    return wanted
