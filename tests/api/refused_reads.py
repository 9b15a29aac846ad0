"""Reads, replays and erasures that must be refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from profile_service.v1.audit_service_pb2 import ReplayEventsRequest
from profile_service.v1.campaign_service_pb2 import (
    GetCampaignRequest,
    ListCampaignsRequest,
    ListSignUpsRequest,
)
from profile_service.v1.consent_service_pb2 import ListConsentsRequest
from profile_service.v1.profile_pb2 import (
    LEGAL_BASIS_CONSENT,
    Position,
    ReadReason,
)
from profile_service.v1.profile_service_pb2 import (
    FindProfileRequest,
    GetProfileAsOfRequest,
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


# The past
def _then(w: World, **values: Any) -> Attempt:
    """A read of the person's profile as of the head, with other values."""
    point = {} if {"position", "time"} & values.keys() else {"position": w.position(0)}
    request = GetProfileAsOfRequest(
        **{"profile_id": w.profile_id, "reason": people.REASON, **point, **values}
    )
    return w.stubs.profiles.GetProfileAsOf, request


case("the past of nobody", "PROFILE_NOT_FOUND", lambda w: _then(w, profile_id=people.new_id()))
case("before everything", "PROFILE_NOT_FOUND", lambda w: _then(w, position=Position()))
case("before 1970", "PROFILE_NOT_FOUND", lambda w: _then(w, time=Timestamp(seconds=-1)))
case("before the registration", "PROFILE_NOT_FOUND", lambda w: _then(w, position=w.registered_at(-1)))
case("no past", "INVALID_REQUEST", lambda w: _then(w, position=None), "at")
case("the future", "INVALID_REQUEST", lambda w: _then(w, time=Timestamp(seconds=w.now + 7200)), "time")
case("no point in time", "INVALID_REQUEST", lambda w: _then(w, time=Timestamp(nanos=-1)), "time")
case("no such year", "INVALID_REQUEST", lambda w: _then(w, time=Timestamp(seconds=1 << 62)), "time")
case("the past of no id", "INVALID_REQUEST", lambda w: _then(w, profile_id=w.mark), "profile_id")
case("negative past", "INVALID_REQUEST", lambda w: _then(w, position=w.position(-1 << 40)), "position.value")
case("past ahead of the log", "POSITION_OF_ANOTHER_LOG", lambda w: _then(w, position=w.position(1 << 40)))
case(
    "past of another log",
    "POSITION_OF_ANOTHER_LOG",
    lambda w: _then(w, position=w.position(0, log_id=people.new_id())),
)
case("past without a reason", "READ_REASON_REQUIRED", lambda w: _then(w, reason=None), "reason")
case(
    "unknown field of the past",
    "INVALID_REQUEST",
    lambda w: _then(w, read_mask=FieldMask(paths=["shoe"])),
    "read_mask",
)
for _name, _point in (
    ("at the head", {}),
    ("in life", {"position": Position(value=1)}),
    ("before life", {"time": Timestamp(seconds=1)}),
):
    case(
        f"erased, {_name}",
        "PROFILE_ERASED",
        bound(lambda w, point: _then(w, profile_id=w.erased_id, **point), _point),
    )


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
    (ReplayEventsRequest(start_time=Timestamp(seconds=2), end_time=Timestamp(seconds=2)), "end_time"),
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
