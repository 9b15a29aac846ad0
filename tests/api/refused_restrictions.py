"""Restrictions, and liftings of them, that must be refused."""

from __future__ import annotations

from typing import Any

from google.type.date_pb2 import Date

from profile_service.v1 import restriction_pb2 as messages
from profile_service.v1.profile_pb2 import CHANNEL_WEB
from profile_service.v1.rights_pb2 import RESTRICTION_GROUND_UNLAWFUL
from tests.api.cases import NIL, Attempt, bound, case, changed
from tests.api.refused_rights import NO_DAY, TOMORROW_IN_ANY_ZONE
from tests.api.world import World
from tests.support import people


def restricting(w: World, **values: Any) -> Attempt:
    return w.stubs.rights.RestrictProcessing, changed(people.restrict(w.profile_id), **values)


def lifting(w: World, day: Date | None = None, **values: Any) -> Attempt:
    request = people.lift(w.profile_id, RESTRICTION_GROUND_UNLAWFUL)
    if day is not None:
        request.inform_date.CopyFrom(day)
    return w.stubs.rights.LiftRestriction, changed(request, **values)


for _name, _value in (
    ("ground", 0),
    ("ground", 9),
    ("requested_by", 0),
    ("channel", 0),
    ("request_id", "?"),
    ("profile_id", ""),
    ("rights_request_id", "?"),
):
    case(
        f"restriction with {_name} {_value!r}",
        "INVALID_REQUEST",
        bound(lambda w, name, value: restricting(w, **{name: value}), _name, _value),
        _name,
    )
for _name, _value in (("ground", 0), ("channel", 99), ("request_id", ""), ("profile_id", "?")):
    case(
        f"lifting with {_name} {_value!r}",
        "INVALID_REQUEST",
        bound(lambda w, name, value: lifting(w, **{name: value}), _name, _value),
        _name,
    )
for _day in (NO_DAY, TOMORROW_IN_ANY_ZONE):
    case(
        f"lifting after a word on {_day.year}-{_day.month}-{_day.day}",
        "INVALID_REQUEST",
        bound(lifting, _day),
        "inform_date",
    )
case(
    "lifting without a word to the person",
    "INVALID_REQUEST",
    lambda w: (
        w.stubs.rights.LiftRestriction,
        messages.LiftRestrictionRequest(
            request_id=people.new_id(),
            profile_id=w.profile_id,
            ground=RESTRICTION_GROUND_UNLAWFUL,
            channel=CHANNEL_WEB,
        ),
    ),
    "inform_date",
)
for _make in (restricting, lifting):
    case(
        f"{_make.__name__} nobody's data",
        "PROFILE_NOT_FOUND",
        bound(lambda w, make: make(w, profile_id=NIL), _make),
    )
    case(
        f"{_make.__name__} data of the erased",
        "PROFILE_ERASED",
        bound(lambda w, make: make(w, profile_id=w.erased_id), _make),
    )
case(
    "restriction by a request that nobody made",
    "RIGHTS_REQUEST_NOT_FOUND",
    lambda w: restricting(w, rights_request_id=NIL),
)
case(
    "restriction by a request for access",
    "RIGHT_HAS_ITS_CALL",
    lambda w: restricting(w, rights_request_id=w.asked_id),
)
case(
    "restriction for who is not identified",
    "IDENTITY_NOT_VERIFIED",
    lambda w: (w.stubs.rights.RestrictProcessing, _by_nobody(w)),
)
case(
    "restrictions without a reason",
    "READ_REASON_REQUIRED",
    lambda w: (
        w.stubs.rights.ListRestrictions,
        messages.ListRestrictionsRequest(profile_id=w.profile_id),
    ),
    "reason",
)
for _id, _reason in ((NIL, "PROFILE_NOT_FOUND"), ("erased", "PROFILE_ERASED")):
    case(
        f"restrictions of {_id}",
        _reason,
        bound(
            lambda w, profile_id: (
                w.stubs.rights.ListRestrictions,
                messages.ListRestrictionsRequest(
                    profile_id=w.erased_id if profile_id == "erased" else profile_id,
                    reason=people.REASON,
                ),
            ),
            _id,
        ),
    )
case(
    "a change of data whose processing is restricted",
    "PROCESSING_RESTRICTED",
    lambda w: (w.stubs.consents.SetConsent, people.consent(w.restricted_id)),
)
case(
    "a read of data whose processing is restricted",
    "PROCESSING_RESTRICTED",
    lambda w: (w.stubs.profiles.GetProfile, people.get(w.restricted_id)),
)


def _by_nobody(w: World) -> messages.RestrictProcessingRequest:
    request = people.restrict(w.profile_id)
    request.ClearField("identification")
    return request
