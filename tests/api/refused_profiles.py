"""Requests to register, change and verify a person that must be refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from profile_service.v1.profile_pb2 import Address, Interests, Profile
from profile_service.v1.profile_service_pb2 import (
    RegisterProfileRequest,
)
from tests.api import calls
from tests.api.cases import NIL, Attempt, bound, case, changed
from tests.api.world import World
from tests.support import people


def registering(**values: Any) -> Callable[[World], Attempt]:
    return lambda w: (w.stubs.profiles.RegisterProfile, w.register(**values))


def marked(name: str, text: str) -> Callable[[World], Attempt]:
    """A registration whose field `name` is `text` with the mark in it."""
    return lambda w: (w.stubs.profiles.RegisterProfile, w.register(**{name: text.format(w.mark)}))


def updating(profile: Profile, *fields: str, **values: Any) -> Callable[[World], Attempt]:
    def attempt(w: World) -> Attempt:
        request = people.update(w.profile_id, profile, *fields)
        for name, value in values.items():
            setattr(request, name, value)
        return w.stubs.profiles.UpdateProfile, request

    return attempt


# Registering
for _text in (
    "no at {}",
    "@{}.be",
    "{}@",
    "{}@localhost",
    "a b{}@x.be",
    "{}@x..be",
    "{}\u202e@x.be",
    "{}\n@x.be",
):
    case(f"address {_text!r}", "INVALID_REQUEST", marked("email", _text), "registration.email")
case("address too short", "INVALID_REQUEST", registering(email="a"), "registration.email")
case("address too long", "INVALID_REQUEST", marked("email", "{0}" * 20 + "@x.be"), "registration.email")
for _born in ((2023, 2, 29), (1980, 2, 31), (1980, 13, 1), (1980, 0, 1), (1980, 1, 0), (0, 1, 1), (-5, 1, 1)):
    case(f"born {_born}", "INVALID_REQUEST", registering(born=_born), "registration.date_of_birth")
for _born in ((1899, 12, 31), (2990, 1, 1), (2**31 - 1, 1, 1)):
    case(f"born {_born}", "INVALID_REQUEST", registering(born=_born), "registration.date_of_birth")
case("no name", "INVALID_REQUEST", registering(given_name=""), "registration.given_name")
case("blank name", "INVALID_REQUEST", registering(given_name=" \u00a0 "), "registration.given_name")
case("name too long", "INVALID_REQUEST", marked("family_name", "{0}" * 10), "registration.family_name")
case("name with a control", "INVALID_REQUEST", marked("given_name", "{}\x00"), "registration.given_name")
case("name that turns", "INVALID_REQUEST", marked("given_name", "{}\u202e"), "registration.given_name")
case("post code", "INVALID_REQUEST", marked("post_code", "!{}"), "registration.post_code")
case("no Belgian post code", "INVALID_REQUEST", registering(post_code="0999"), "registration.post_code")
case("post code and a line", "INVALID_REQUEST", registering(post_code="2000\n"), "registration.post_code")
case("language", "INVALID_REQUEST", marked("language", "{}-"), "registration.language")
case(
    "policy version that nobody published",
    "POLICY_VERSION_UNKNOWN",
    lambda w: (w.stubs.profiles.RegisterProfile, w.register(policy_version="1999-12")),
)
case("policy version", "INVALID_REQUEST", marked("policy_version", "{} 1"), "registration.policy_version")
case("gender unknown", "INVALID_REQUEST", registering(gender=99), "registration.gender")
case("no channel", "INVALID_REQUEST", registering(channel=0), "registration.channel")
case("channel unknown", "INVALID_REQUEST", registering(channel=99), "registration.channel")
case(
    "two things wrong",
    "INVALID_REQUEST",
    registering(email="no address", born=(2023, 2, 29)),
    "registration.email",
    "registration.date_of_birth",
)
case(
    "no registration",
    "INVALID_REQUEST",
    lambda w: (w.stubs.profiles.RegisterProfile, RegisterProfileRequest(request_id=people.new_id())),
    "registration",
)
case(
    "no date of birth",
    "INVALID_REQUEST",
    lambda w: (w.stubs.profiles.RegisterProfile, _without(w.register(), "date_of_birth")),
    "registration.date_of_birth",
)
for _id in ("", "x", "00000000000000000000000000000001", "{00000000-0000-4000-8000-000000000001}"):
    case(
        f"request id {_id!r}",
        "INVALID_REQUEST",
        bound(
            lambda w, text: (w.stubs.profiles.RegisterProfile, changed(w.register(), request_id=text)), _id
        ),
        "request_id",
    )
case(
    "address taken",
    "EMAIL_TAKEN",
    lambda w: (w.stubs.profiles.RegisterProfile, w.register(email=w.person.email.upper())),
)
case(
    "request id of another registration",
    "REQUEST_ID_REUSED",
    lambda w: (
        w.stubs.profiles.RegisterProfile,
        changed(w.register(), request_id=w.registered.request_id),
    ),
)


def _without(request: RegisterProfileRequest, name: str) -> RegisterProfileRequest:
    request.registration.ClearField(name)
    return request


# Updating
case("stale etag", "ETAG_MISMATCH", updating(Profile(given_name="B"), "given_name", etag="999999"))
case(
    "etag that is none",
    "ETAG_MISMATCH",
    lambda w: updating(Profile(given_name="B"), "given_name", etag=w.mark)(w),
)
case(
    "etag too long",
    "INVALID_REQUEST",
    updating(Profile(given_name="B"), "given_name", etag="9" * 65),
    "etag",
)
for _path in ("shoe", "address.street", "*", "profile_id", "etag", "email_verified", "create_time", ""):
    case(
        f"mask {_path!r}",
        "INVALID_REQUEST",
        updating(Profile(given_name="B"), "given_name", _path),
        "update_mask",
    )
case("mask of nothing", "INVALID_REQUEST", updating(Profile(given_name="B")), "update_mask")
case(
    "mask with a name",
    "INVALID_REQUEST",
    lambda w: updating(Profile(given_name="B"), w.mark)(w),
    "update_mask",
)
for _name in ("email", "given_name", "family_name", "date_of_birth", "post_code", "language"):
    case(f"clearing {_name}", "INVALID_REQUEST", updating(Profile(), _name), f"profile.{_name}")
case(
    "phone",
    "INVALID_REQUEST",
    lambda w: updating(Profile(phone=w.mark), "phone")(w),
    "profile.phone",
)
case(
    "half an address",
    "INVALID_REQUEST",
    lambda w: updating(Profile(address=Address(street=w.mark)), "address")(w),
    "profile.address.house_number",
    "profile.address.post_code",
    "profile.address.municipality",
    "profile.address.country",
)
case(
    "interests",
    "INVALID_REQUEST",
    lambda w: updating(Profile(interests=Interests(topics=["ok", f"{w.mark}!"])), "interests")(w),
    "profile.interests.topics[1]",
)
case(
    "an interest twice",
    "INVALID_REQUEST",
    lambda w: updating(Profile(interests=Interests(topics=[w.mark.lower(), w.mark.lower()])), "interests")(w),
    "profile.interests.topics",
)
case("no reason to update", "INVALID_REQUEST", updating(Profile(), "phone", update_reason=0), "update_reason")
case(
    "another's address",
    "EMAIL_TAKEN",
    lambda w: (
        w.stubs.profiles.UpdateProfile,
        people.update(w.held_id, Profile(email=w.person.email.upper()), "email"),
    ),
)
case(
    "update of nobody",
    "PROFILE_NOT_FOUND",
    updating(Profile(given_name="B"), "given_name", profile_id=NIL),
)
case(
    "update of the erased",
    "PROFILE_ERASED",
    lambda w: updating(Profile(given_name=w.mark), "given_name", profile_id=w.erased_id)(w),
)


# Verifying
case(
    "verification of nobody",
    "PROFILE_NOT_FOUND",
    lambda w: (w.stubs.profiles.StartEmailVerification, calls.start_verification(NIL)),
)
case(
    "verification of the erased",
    "PROFILE_ERASED",
    lambda w: (w.stubs.profiles.StartEmailVerification, calls.start_verification(w.erased_id)),
)
case("token", "TOKEN_INVALID", lambda w: (w.stubs.profiles.VerifyEmail, calls.verify(f"{w.mark}-token")))
case("token used", "TOKEN_USED", lambda w: (w.stubs.profiles.VerifyEmail, calls.verify(w.used_token)))
case(
    "token too long",
    "INVALID_REQUEST",
    lambda w: (w.stubs.profiles.VerifyEmail, calls.verify("A" * 257)),
    "token",
)
