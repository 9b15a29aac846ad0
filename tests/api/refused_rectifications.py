"""Rectifications that must be refused."""

from __future__ import annotations

from typing import Any

from profile_service.v1.profile_pb2 import Profile
from tests.api.cases import NIL, Attempt, bound, case, changed
from tests.api.world import World
from tests.support import people


def rectifying(w: World, profile: Profile | None = None, mask: str = "post_code", **values: Any) -> Attempt:
    request = people.rectify(w.profile_id, profile or Profile(post_code="2018"), mask)
    return w.stubs.rights.RectifyProfile, changed(request, **values)


for _name, _value in (
    ("basis", 0),
    ("basis", 9),
    ("requested_by", 0),
    ("channel", 99),
    ("request_id", "?"),
    ("profile_id", ""),
    ("rights_request_id", "?"),
):
    case(
        f"rectification with {_name} {_value!r}",
        "INVALID_REQUEST",
        bound(lambda w, name, value: rectifying(w, **{name: value}), _name, _value),
        _name,
    )
for _mask, _profile, _field in (
    ("verified_fields", Profile(), "update_mask"),
    ("*", Profile(post_code="2018"), "update_mask"),
    ("given_name", Profile(given_name="a\nb"), "profile.given_name"),
    ("post_code", Profile(post_code="!"), "profile.post_code"),
    ("email", Profile(email="nobody"), "profile.email"),
    ("email", Profile(), "profile.email"),
):
    case(
        f"rectification of {_mask} to {_field} that can't be",
        "INVALID_REQUEST",
        bound(rectifying, _profile, _mask),
        _field,
    )
case("rectification of nobody", "PROFILE_NOT_FOUND", lambda w: rectifying(w, profile_id=NIL))
case("rectification of the erased", "PROFILE_ERASED", lambda w: rectifying(w, profile_id=w.erased_id))
case("rectification of another version", "ETAG_MISMATCH", lambda w: rectifying(w, etag="999"))
case(
    "rectification by a request that nobody made",
    "RIGHTS_REQUEST_NOT_FOUND",
    lambda w: rectifying(w, rights_request_id=NIL),
)
case(
    "rectification by a request for access",
    "RIGHT_HAS_ITS_CALL",
    lambda w: rectifying(w, rights_request_id=w.asked_id),
)


def _by_nobody(w: World) -> Attempt:
    call, request = rectifying(w)
    request.ClearField("identification")
    return call, request


case("rectification for who is not identified", "IDENTITY_NOT_VERIFIED", _by_nobody)
case(
    "rectification to an address that another has",
    "EMAIL_TAKEN",
    lambda w: rectifying(w, Profile(email=w.person.email), "email", profile_id=w.held_id),
)
