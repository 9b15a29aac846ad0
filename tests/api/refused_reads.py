"""Reads, replays and erasures that must be refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask

from profile_service.v1.audit_service_pb2 import ReplayEventsRequest
from profile_service.v1.campaign_service_pb2 import (
    GetCampaignRequest,
    ListCampaignsRequest,
    ListSignUpsRequest,
)
from profile_service.v1.consent_service_pb2 import ListConsentsRequest
from profile_service.v1.events_pb2 import SKIP_REASON_DAMAGED
from profile_service.v1.operations_service_pb2 import RebuildProjectionRequest, VerifyProjectionRequest
from profile_service.v1.parked_pb2 import (
    GetParkedRequest,
    ListParkedRequest,
    RetryParkedRequest,
    SkipParkedRequest,
)
from profile_service.v1.profile_pb2 import (
    LEGAL_BASIS_CONSENT,
    ReadReason,
)
from profile_service.v1.profile_service_pb2 import (
    FindProfileRequest,
    GetProfileRequest,
)
from tests.api.cases import NIL, Attempt, bound, case, changed
from tests.api.world import World
from tests.support import people


def reading(**values: Any) -> Callable[[World], Attempt]:
    """A read of the person's profile with other values."""
    return lambda w: (
        w.stubs.profiles.GetProfile,
        GetProfileRequest(**{"profile_id": w.profile_id, "reason": people.REASON, **values}),
    )


# Reading
case("no profile", "PROFILE_NOT_FOUND", reading(profile_id=NIL))
case("nobody's id", "PROFILE_NOT_FOUND", lambda w: (w.stubs.profiles.GetProfile, people.get(people.new_id())))
case("erased", "PROFILE_ERASED", lambda w: (w.stubs.profiles.GetProfile, people.get(w.erased_id)))
case(
    "profile id",
    "INVALID_REQUEST",
    lambda w: (w.stubs.profiles.GetProfile, people.get(w.mark)),
    "profile_id",
)
case("no reason", "READ_REASON_REQUIRED", reading(reason=None), "reason")
case(
    "empty reason",
    "READ_REASON_REQUIRED",
    reading(reason=ReadReason()),
    "reason.purpose",
    "reason.legal_basis",
    "reason.on_behalf_of",
)
for _name in ("purpose", "legal_basis", "on_behalf_of"):
    case(
        f"reason without {_name}",
        "READ_REASON_REQUIRED",
        bound(lambda w, name: (w.stubs.profiles.GetProfile, _reason_without(w, name)), _name),
        f"reason.{_name}",
    )
case(
    "reason with an address",
    "READ_REASON_REQUIRED",
    lambda w: (
        w.stubs.profiles.GetProfile,
        GetProfileRequest(
            profile_id=w.profile_id,
            reason=ReadReason(purpose="p", legal_basis=LEGAL_BASIS_CONSENT, on_behalf_of=w.stranger.email),
        ),
    ),
    "reason.on_behalf_of",
)
case("unknown field in a mask", "INVALID_REQUEST", reading(read_mask=FieldMask(paths=["shoe"])), "read_mask")
case(
    "field of a field in a mask",
    "INVALID_REQUEST",
    reading(read_mask=FieldMask(paths=["email", "address.street"])),
    "read_mask",
)
case(
    "position of another log",
    "POSITION_OF_ANOTHER_LOG",
    lambda w: (
        w.stubs.profiles.GetProfile,
        _get(w, at_least_position=w.position(0, log_id=people.new_id())),
    ),
)
for _call in ("GetProfile", "ListConsents", "GetCampaign", "ListCampaigns", "ListSignUps"):
    case(
        f"{_call} ahead of the log",
        "POSITION_OF_ANOTHER_LOG",
        bound(lambda w, name: _read_at(w, name, ahead=1_000_000), _call),
    )
case(
    "position below nothing",
    "INVALID_REQUEST",
    lambda w: (w.stubs.profiles.GetProfile, _get(w, at_least_position=w.position(-1_000_000))),
    "at_least_position.value",
)


def _get(w: World, **values: Any) -> GetProfileRequest:
    return GetProfileRequest(profile_id=w.profile_id, reason=people.REASON, **values)


def _reason_without(w: World, name: str) -> GetProfileRequest:
    request = _get(w)
    request.reason.ClearField(name)
    return request


def _read_at(w: World, name: str, ahead: int) -> Attempt:
    position = w.position(ahead, w.log_id)
    person: dict[str, Any] = {"profile_id": w.profile_id, "reason": people.REASON}
    campaign: dict[str, Any] = {"campaign_id": w.open_id}
    reads: dict[str, Attempt] = {
        "GetProfile": (w.stubs.profiles.GetProfile, GetProfileRequest(**person)),
        "ListConsents": (w.stubs.consents.ListConsents, ListConsentsRequest(**person)),
        "GetCampaign": (w.stubs.campaigns.GetCampaign, GetCampaignRequest(**campaign)),
        "ListCampaigns": (w.stubs.campaigns.ListCampaigns, ListCampaignsRequest()),
        "ListSignUps": (
            w.stubs.campaigns.ListSignUps,
            ListSignUpsRequest(reason=people.REASON, **campaign),
        ),
    }
    call, request = reads[name]
    request.at_least_position.CopyFrom(position)
    return call, request


# Finding
case(
    "find nobody",
    "PROFILE_NOT_FOUND",
    lambda w: (w.stubs.profiles.FindProfile, people.find(w.stranger.email)),
)
case(
    "find no address",
    "INVALID_REQUEST",
    lambda w: (w.stubs.profiles.FindProfile, people.find(f"{w.mark} at home")),
    "email",
)
case(
    "find without a reason",
    "READ_REASON_REQUIRED",
    lambda w: (w.stubs.profiles.FindProfile, FindProfileRequest(email=w.person.email)),
    "reason",
)


# Rights
case("erasure of nobody", "PROFILE_NOT_FOUND", lambda w: (w.stubs.rights.EraseProfile, people.erase(NIL)))
case(
    "erasure of whom nobody knows",
    "PROFILE_NOT_FOUND",
    lambda w: (w.stubs.rights.EraseProfile, people.erase(people.new_id())),
)
for _name in ("legal_basis", "requested_by", "erasure_reason", "channel"):
    case(
        f"erasure without {_name}",
        "INVALID_REQUEST",
        bound(
            lambda w, name: (w.stubs.rights.EraseProfile, changed(people.erase(w.profile_id), **{name: 0})),
            _name,
        ),
        _name,
    )
case(
    "request id of another erasure",
    "REQUEST_ID_REUSED",
    lambda w: (w.stubs.rights.EraseProfile, people.erase(w.profile_id, w.erasure_id)),
)


# Auditing
for _request, _field in (
    (ReplayEventsRequest(after_position=-1), "after_position"),
    (ReplayEventsRequest(profile_ids=["x"]), "profile_ids[0]"),
    (ReplayEventsRequest(types=["consentGiven"]), "types[0]"),
    (ReplayEventsRequest(types=["ConsentForgotten"]), "types"),
):
    case(
        f"replay with {_field}",
        "INVALID_REQUEST",
        bound(lambda w, request: (w.stubs.audit.ReplayEvents, request), _request),
        _field,
    )
case(
    "replay ahead of the log",
    "POSITION_OF_ANOTHER_LOG",
    lambda w: (w.stubs.audit.ReplayEvents, ReplayEventsRequest(after_position=1 << 62)),
)
case(
    "personal halves without a reason",
    "READ_REASON_REQUIRED",
    lambda w: (w.stubs.audit.ReplayEvents, ReplayEventsRequest(include_personal=True)),
    "reason",
)


# Operations
case(
    "unknown projection to rebuild",
    "PROJECTION_NOT_FOUND",
    lambda w: (w.stubs.operations.RebuildProjection, RebuildProjectionRequest(name="shoes")),
)
case(
    "unknown projection to verify",
    "PROJECTION_NOT_FOUND",
    lambda w: (w.stubs.operations.VerifyProjection, VerifyProjectionRequest(name="shoes")),
)
PARKED_CALLS: dict[str, type[Any]] = {
    "ListParked": ListParkedRequest,
    "GetParked": GetParkedRequest,
    "RetryParked": RetryParkedRequest,
    "SkipParked": SkipParkedRequest,
}


def parked(call: str, **values: Any) -> Callable[[World], Attempt]:
    """A call about the person, who waits nowhere, with other values."""

    def attempt(w: World) -> Attempt:
        given: dict[str, Any] = {"name": "profiles", "subject_id": w.profile_id, "position": 1}
        given |= {"request_id": people.new_id(), "skip_reason": SKIP_REASON_DAMAGED, **values}
        kind = PARKED_CALLS[call]
        known = {name: given[name] for name in kind.DESCRIPTOR.fields_by_name if name in given}
        return getattr(w.stubs.operations, call), kind(**known)

    return attempt


for _call in PARKED_CALLS:
    case(f"{_call} of no projection", "PROJECTION_NOT_FOUND", parked(_call, name="shoes"))
    case(f"{_call} of a name that is none", "INVALID_REQUEST", parked(_call, name="Shoes!"), "name")
for _call in ("GetParked", "RetryParked", "SkipParked"):
    case(f"{_call} of who does not wait", "NOT_PARKED", parked(_call))
    case(f"{_call} of nobody", "NOT_PARKED", parked(_call, subject_id=NIL))
    case(f"{_call} without a subject", "INVALID_REQUEST", parked(_call, subject_id=""), "subject_id")
for _call in ("ListParked", "GetParked"):
    case(f"{_call} of no generation", "PROJECTION_NOT_FOUND", parked(_call, generation=99))
    case(f"{_call} below generations", "INVALID_REQUEST", parked(_call, generation=-1), "generation")
case("a page of too many parked", "INVALID_REQUEST", parked("ListParked", page_size=501), "page_size")
case("a page of no token", "PAGE_TOKEN_INVALID", parked("ListParked", page_token="AAAA"))
case("skip without a request id", "INVALID_REQUEST", parked("SkipParked", request_id=""), "request_id")
case("skip of no position", "INVALID_REQUEST", parked("SkipParked", position=0), "position")
case("skip ahead of the log", "NOT_PARKED", parked("SkipParked", position=1 << 60))
case("skip without a reason", "INVALID_REQUEST", parked("SkipParked", skip_reason=0), "skip_reason")
case("skip for no reason known", "INVALID_REQUEST", parked("SkipParked", skip_reason=99), "skip_reason")
case(
    "page token",
    "PAGE_TOKEN_INVALID",
    lambda w: (w.stubs.campaigns.ListCampaigns, ListCampaignsRequest(page_token=w.mark)),
)
