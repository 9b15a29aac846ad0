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
case(
    "page token",
    "PAGE_TOKEN_INVALID",
    lambda w: (w.stubs.campaigns.ListCampaigns, ListCampaignsRequest(page_token=w.mark)),
)
