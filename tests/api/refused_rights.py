"""Requests by right, holds and erasures that must be refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from google.type.date_pb2 import Date

from profile_service.domain.values import date_message
from profile_service.v1 import rights_service_pb2 as messages
from profile_service.v1.profile_pb2 import CHANNEL_WEB
from profile_service.v1.rights_pb2 import (
    ASSURANCE_LEVEL_LOW,
    COMPLAINT_ROUTE_COURT,
    EXTENSION_REASON_COMPLEXITY,
    IDENTIFICATION_METHOD_DOCUMENT,
    REFUSAL_GROUND_EXCESSIVE,
    RIGHT_ACCESS,
    RIGHT_ERASURE,
    Identification,
)
from tests.api.cases import NIL, Attempt, bound, case, changed
from tests.api.world import World
from tests.support import people

NO_DAY = Date(year=2026, month=2, day=30)
TOMORROW_IN_ANY_ZONE = date_message(date.today() + timedelta(days=2))  # noqa: DTZ011 - as the name says
# What a request is about to change, by the call: every field that is not given is right.
ON_REQUESTS: dict[str, Callable[..., Any]] = {
    "VerifyIdentity": lambda **values: messages.VerifyIdentityRequest(
        method=IDENTIFICATION_METHOD_DOCUMENT, level=ASSURANCE_LEVEL_LOW, channel=CHANNEL_WEB, **values
    ),
    "ExtendRequest": lambda **values: messages.ExtendRequestRequest(
        extension_reason=EXTENSION_REASON_COMPLEXITY, channel=CHANNEL_WEB, **values
    ),
    "RefuseRequest": lambda **values: messages.RefuseRequestRequest(
        ground=REFUSAL_GROUND_EXCESSIVE,
        complaint_routes=[COMPLAINT_ROUTE_COURT],
        channel=CHANNEL_WEB,
        **values,
    ),
    "FulfilRequest": lambda **values: messages.FulfilRequestRequest(channel=CHANNEL_WEB, **values),
}
WRONG: dict[str, dict[str, Any]] = {
    "VerifyIdentity": {"method": 0, "level": 4, "channel": 0, "rights_request_id": "?", "profile_id": "?"},
    "ExtendRequest": {"extension_reason": 0, "channel": 0, "request_id": ""},
    "RefuseRequest": {"ground": 99, "channel": 0, "rights_request_id": ""},
    "FulfilRequest": {"channel": 0, "request_id": "?", "rights_request_id": ""},
}


def _by(**values: Any) -> Identification:
    sure = Identification(method=IDENTIFICATION_METHOD_DOCUMENT, level=ASSURANCE_LEVEL_LOW)
    return changed(sure, **values)


def on_request(w: World, call: str, values: dict[str, Any]) -> Attempt:
    """A call about a request that the living person made, with other values."""
    ids = {"request_id": people.new_id(), "profile_id": w.profile_id, "rights_request_id": w.asked_id}
    request = ON_REQUESTS[call](**ids)
    return getattr(w.stubs.rights, call), changed(request, **values)


for _call, _fields in WRONG.items():
    for _name, _value in _fields.items():
        case(
            f"{_call} with {_name} {_value!r}",
            "INVALID_REQUEST",
            bound(on_request, _call, {_name: _value}),
            _name,
        )
    for _id, _reason in ((NIL, "PROFILE_NOT_FOUND"), ("erased", "PROFILE_ERASED")):
        case(
            f"{_call} of {_id}",
            _reason,
            bound(
                lambda w, call, profile_id: on_request(
                    w, call, {"profile_id": w.erased_id if profile_id == "erased" else profile_id}
                ),
                _call,
                _id,
            ),
        )
    case(
        f"{_call} of a request that nobody made",
        "RIGHTS_REQUEST_NOT_FOUND",
        bound(on_request, _call, {"rights_request_id": NIL}),
    )
case(
    "a refusal without a route of complaint",
    "INVALID_REQUEST",
    lambda w: (
        w.stubs.rights.RefuseRequest,
        messages.RefuseRequestRequest(
            request_id=people.new_id(),
            profile_id=w.profile_id,
            rights_request_id=w.asked_id,
            ground=REFUSAL_GROUND_EXCESSIVE,
            channel=CHANNEL_WEB,
        ),
    ),
    "complaint_routes",
)
case(
    "an answer to what was answered",
    "RIGHTS_REQUEST_CLOSED",
    lambda w: on_request(w, "RefuseRequest", {"rights_request_id": w.refused_id, "ground": 4}),
)
case(
    "a second extension",
    "EXTENSION_NOT_ALLOWED",
    lambda w: on_request(w, "ExtendRequest", {"rights_request_id": w.extended_id}),
)
case("an answer to who is not identified", "IDENTITY_NOT_VERIFIED", bound(on_request, "FulfilRequest", {}))
case(
    "an erasure that is only said to be done",
    "RIGHT_HAS_ITS_CALL",
    lambda w: on_request(w, "FulfilRequest", {"rights_request_id": w.erasure_asked_id}),
)

for _name, _value, _field in (
    ("right", 0, "right"),
    ("right", 7, "right"),
    ("requested_by", 3, "requested_by"),
    ("channel", 0, "channel"),
    ("request_id", "", "request_id"),
    ("profile_id", "", "profile_id"),
):
    case(
        f"request with {_name} {_value!r}",
        "INVALID_REQUEST",
        bound(
            lambda w, name, value: (
                w.stubs.rights.OpenRequest,
                changed(people.ask(w.profile_id, RIGHT_ACCESS), **{name: value}),
            ),
            _name,
            _value,
        ),
        _field,
    )
for _day in (NO_DAY, TOMORROW_IN_ANY_ZONE, Date(year=2020, month=1, day=1)):
    case(
        f"request that came on {_day.year}-{_day.month}-{_day.day}",
        "INVALID_REQUEST",
        bound(lambda w, day: (w.stubs.rights.OpenRequest, _came(w, day)), _day),
        "receive_date",
    )
case(
    "request of nobody",
    "PROFILE_NOT_FOUND",
    lambda w: (w.stubs.rights.OpenRequest, people.ask(NIL, RIGHT_ACCESS)),
)
case(
    "request of the erased",
    "PROFILE_ERASED",
    lambda w: (w.stubs.rights.OpenRequest, people.ask(w.erased_id, RIGHT_ACCESS)),
)
case(
    "request id of another request",
    "REQUEST_ID_REUSED",
    lambda w: (
        w.stubs.rights.OpenRequest,
        changed(people.ask(w.profile_id, RIGHT_ERASURE), request_id=w.asking.request_id),
    ),
)

for _request in (messages.ListRequestsRequest, messages.ListHoldsRequest):
    _list = _request.DESCRIPTOR.name.removesuffix("Request")
    case(
        f"{_list} without a reason",
        "READ_REASON_REQUIRED",
        bound(
            lambda w, name, kind: (getattr(w.stubs.rights, name), kind(profile_id=w.profile_id)),
            _list,
            _request,
        ),
        "reason",
    )
    case(
        f"{_list} of nobody",
        "PROFILE_NOT_FOUND",
        bound(
            lambda w, name, kind: (
                getattr(w.stubs.rights, name),
                kind(profile_id=NIL, reason=people.REASON),
            ),
            _list,
            _request,
        ),
    )
case(
    "overdue without a reason",
    "READ_REASON_REQUIRED",
    lambda w: (w.stubs.rights.ListOverdue, messages.ListOverdueRequest()),
    "reason",
)
case(
    "overdue on no day",
    "INVALID_REQUEST",
    lambda w: (w.stubs.rights.ListOverdue, messages.ListOverdueRequest(reason=people.REASON, at=NO_DAY)),
    "at",
)
case(
    "overdue with too large a page",
    "INVALID_REQUEST",
    lambda w: (
        w.stubs.rights.ListOverdue,
        messages.ListOverdueRequest(reason=people.REASON, page_size=501),
    ),
    "page_size",
)
case(
    "overdue with a page token of others",
    "PAGE_TOKEN_INVALID",
    lambda w: (
        w.stubs.rights.ListOverdue,
        messages.ListOverdueRequest(reason=people.REASON, page_token="bm9uZQ=="),
    ),
)

for _name, _value in (("ground", 0), ("reference", ""), ("channel", 0), ("request_id", "")):
    case(
        f"hold with {_name} {_value!r}",
        "INVALID_REQUEST",
        bound(
            lambda w, name, value: (
                w.stubs.rights.PlaceHold,
                changed(people.hold(w.profile_id, f"case {w.mark}"), **{name: value}),
            ),
            _name,
            _value,
        ),
        _name,
    )
case(
    "hold with a reference of two lines",
    "INVALID_REQUEST",
    lambda w: (w.stubs.rights.PlaceHold, people.hold(w.profile_id, f"{w.mark}\n{w.mark}")),
    "reference",
)
for _day in (NO_DAY, Date(year=2026, month=1, day=2)):
    case(
        f"hold that is looked at on {_day.year}-{_day.month}-{_day.day}",
        "INVALID_REQUEST",
        bound(lambda w, day: (w.stubs.rights.PlaceHold, _reviewed(w, day)), _day),
        "review_date",
    )
case("hold on nobody", "PROFILE_NOT_FOUND", lambda w: (w.stubs.rights.PlaceHold, people.hold(NIL, w.mark)))
case(
    "hold on the erased",
    "PROFILE_ERASED",
    lambda w: (w.stubs.rights.PlaceHold, people.hold(w.erased_id, w.mark)),
)
case(
    "no hold to release",
    "LEGAL_HOLD_NOT_FOUND",
    lambda w: (
        w.stubs.rights.ReleaseHold,
        messages.ReleaseHoldRequest(
            request_id=people.new_id(), profile_id=w.profile_id, hold_id=NIL, channel=CHANNEL_WEB
        ),
    ),
)
case(
    "hold to release that is no id",
    "INVALID_REQUEST",
    lambda w: (
        w.stubs.rights.ReleaseHold,
        messages.ReleaseHoldRequest(
            request_id=people.new_id(), profile_id=w.profile_id, hold_id="?", channel=CHANNEL_WEB
        ),
    ),
    "hold_id",
)

case(
    "erasure of who is held",
    "LEGAL_HOLD",
    lambda w: (w.stubs.rights.EraseProfile, people.erase(w.held_id)),
)
case(
    "erasure by a request that nobody made",
    "RIGHTS_REQUEST_NOT_FOUND",
    lambda w: (
        w.stubs.rights.EraseProfile,
        changed(people.erase(w.profile_id), rights_request_id=people.new_id()),
    ),
)
case(
    "erasure by a request for something else",
    "RIGHT_HAS_ITS_CALL",
    lambda w: (
        w.stubs.rights.EraseProfile,
        changed(people.erase(w.profile_id), rights_request_id=w.asked_id),
    ),
)
case(
    "erasure by no request id",
    "INVALID_REQUEST",
    lambda w: (w.stubs.rights.EraseProfile, changed(people.erase(w.profile_id), rights_request_id="?")),
    "rights_request_id",
)
for _identification, _reason, _wrong in (
    (None, "IDENTITY_NOT_VERIFIED", []),
    (_by(), "IDENTITY_NOT_VERIFIED", []),
    (_by(method=0), "INVALID_REQUEST", ["identification.method"]),
    (_by(level=9), "INVALID_REQUEST", ["identification.level"]),
):
    case(
        f"erasure of a person identified by {_identification}",
        _reason,
        bound(lambda w, how: (w.stubs.rights.EraseProfile, _identified(w, how)), _identification),
        *_wrong,
    )


def _came(w: World, day: Date) -> Any:
    request = people.ask(w.profile_id, RIGHT_ACCESS)
    request.receive_date.CopyFrom(day)
    return request


def _reviewed(w: World, day: Date) -> Any:
    request = people.hold(w.profile_id, w.mark)
    request.review_date.CopyFrom(day)
    return request


def _identified(w: World, identification: Identification | None) -> Any:
    request = people.erase(w.profile_id)
    request.ClearField("identification")
    if identification is not None:
        request.identification.CopyFrom(identification)
    return request
