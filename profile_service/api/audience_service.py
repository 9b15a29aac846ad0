"""AudienceService: translate, delegate, translate back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date
from uuid import UUID

from google.protobuf.field_mask_pb2 import FieldMask

from profile_service.api.audience_reads import AudienceReads, AudienceWanted
from profile_service.api.pipeline import Call
from profile_service.api.policy import Policy
from profile_service.api.translate import PositionMaker
from profile_service.domain.ages import AgeBand
from profile_service.domain.errors import CallerNotAllowedError, InvalidRequestError, Violation
from profile_service.domain.selection import CONTACT_FIELDS, Selection
from profile_service.v1.audience_service_pb2 import (
    AudienceMember,
    AudienceSelection,
    SelectAudienceRequest,
    SelectAudienceResponse,
)
from profile_service.v1.profile_pb2 import Profile
from projections.people import NOBODY


class AudienceServicer:
    """See `audience_service.proto`."""

    def __init__(
        self,
        *,
        reads: AudienceReads,
        policy: Policy,
        today: Callable[[], date],
        position: PositionMaker,
    ) -> None:
        self._reads = reads
        self._policy = policy
        self._today = today
        self._position = position

    async def SelectAudience(
        self, request: SelectAudienceRequest, call: Call
    ) -> AsyncIterator[SelectAudienceResponse]:
        violations = list(_violations(request))
        if violations:
            raise InvalidRequestError(violations)
        mask = request.contact_mask
        if not self._policy.allows_audience_fields(call.caller, mask.paths):
            raise CallerNotAllowedError
        wanted = AudienceWanted(
            purpose=request.purpose,
            read_for=request.reason.purpose,
            selection=_selection(request.selection),
            day=self._today(),
            with_profiles=bool(mask.paths),
            after=UUID(request.after_profile_id) if request.after_profile_id else NOBODY,
        )
        async for page in self._reads.select(wanted, call.deadline):
            yield SelectAudienceResponse(
                members=[_member(profile_id, profile, mask) for profile_id, profile in page.members],
                position=self._position(page.position),
            )


def _violations(request: SelectAudienceRequest) -> Iterator[Violation]:
    for number, band in enumerate(request.selection.age_bands):
        if band.HasField("to_age") and band.to_age < band.from_age:
            yield Violation(f"selection.age_bands[{number}].to_age", "is below from_age")
    if any(path not in CONTACT_FIELDS for path in request.contact_mask.paths):
        yield Violation("contact_mask", "names a field that nobody is contacted by")


def _selection(asked: AudienceSelection) -> Selection:
    return Selection(
        post_codes=frozenset(asked.post_codes),
        age_bands=tuple(
            AgeBand(band.from_age, band.to_age if band.HasField("to_age") else None)
            for band in asked.age_bands
        ),
        languages=tuple(asked.languages),
        topics=frozenset(asked.topics),
    )


def _member(profile_id: UUID, profile: Profile | None, mask: FieldMask) -> AudienceMember:
    member = AudienceMember(profile_id=str(profile_id))
    if profile is not None:
        mask.MergeMessage(profile, member.contact)
    return member
