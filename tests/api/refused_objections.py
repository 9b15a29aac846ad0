"""Objections, links, proofs and receipts that must be refused."""

from __future__ import annotations

from typing import Any

from profile_service.v1.consent_service_pb2 import GetConsentProofRequest, GetConsentReceiptRequest
from profile_service.v1.objection_pb2 import (
    CreateUnsubscribeLinkRequest,
    ObjectToMarketingRequest,
    UnsubscribeRequest,
)
from profile_service.v1.profile_pb2 import CHANNEL_IMPORT, CHANNEL_WEB, Position
from tests.api import calls
from tests.api.cases import NIL, bound, case, changed
from tests.api.world import World
from tests.support import people

# A purpose that the person of the world objected to.
OBJECTED = "sms"


def objection(w: World, **values: Any) -> Any:
    request = ObjectToMarketingRequest(
        request_id=people.new_id(), profile_id=w.profile_id, purpose="newsletter", channel=CHANNEL_WEB
    )
    return w.stubs.rights.ObjectToMarketing, changed(request, **values)


def link(w: World, **values: Any) -> Any:
    request = CreateUnsubscribeLinkRequest(profile_id=w.profile_id, purpose="newsletter")
    return w.stubs.rights.CreateUnsubscribeLink, changed(request, **values)


def unsubscribing(w: World, token: str) -> Any:
    return w.stubs.rights.Unsubscribe, UnsubscribeRequest(token=token)


def proof(w: World, **values: Any) -> Any:
    request = GetConsentProofRequest(
        profile_id=w.profile_id, purpose="newsletter", reason=people.REASON, position=w.position(0)
    )
    return w.stubs.consents.GetConsentProof, _asked(request, **values)


def receipt(w: World, **values: Any) -> Any:
    request = GetConsentReceiptRequest(
        profile_id=w.profile_id, purpose="newsletter", reason=people.REASON, position=w.position(0)
    )
    return w.stubs.consents.GetConsentReceipt, _asked(request, **values)


def _asked(request: Any, *, seconds: int = 0, nowhere: bool = False, **values: Any) -> Any:
    if seconds:
        request.time.FromSeconds(seconds)
    if nowhere:
        request.ClearField("position")
    for name, value in values.items():
        if isinstance(value, Position):
            getattr(request, name).CopyFrom(value)
        elif value is None:
            request.ClearField(name)
        else:
            setattr(request, name, value)
    return request


for _name, _value in (
    ("request_id", "first"),
    ("profile_id", "an"),
    ("purpose", "News letter"),
    ("purpose", ""),
    ("channel", 0),
    ("channel", 99),
):
    case(
        f"objection with {_name} {_value!r}",
        "INVALID_REQUEST",
        bound(lambda w, name, value: objection(w, **{name: value}), _name, _value),
        _name,
    )
case("objection of nobody", "PROFILE_NOT_FOUND", lambda w: objection(w, profile_id=NIL))
case("objection of the erased", "PROFILE_ERASED", lambda w: objection(w, profile_id=w.erased_id))
case(
    "request id of another objection",
    "REQUEST_ID_REUSED",
    lambda w: objection(w, request_id=w.objected.request_id, purpose="surveys"),
)
case(
    "consent that an import brings after an objection",
    "MARKETING_OBJECTED",
    lambda w: (
        w.stubs.consents.SetConsent,
        changed(people.consent(w.profile_id, OBJECTED), channel=CHANNEL_IMPORT),
    ),
)

for _name, _value in (("profile_id", "an"), ("purpose", "News letter"), ("purpose", "")):
    case(
        f"link with {_name} {_value!r}",
        "INVALID_REQUEST",
        bound(lambda w, name, value: link(w, **{name: value}), _name, _value),
        _name,
    )
case("link for nobody", "PROFILE_NOT_FOUND", lambda w: link(w, profile_id=NIL))
case("link for the erased", "PROFILE_ERASED", lambda w: link(w, profile_id=w.erased_id))

case("no token at all", "INVALID_REQUEST", lambda w: unsubscribing(w, ""), "token")
case("token as long as a letter", "INVALID_REQUEST", lambda w: unsubscribing(w, "A" * 257), "token")
case("token that is a name", "TOKEN_INVALID", lambda w: unsubscribing(w, w.mark))
case("token that was cut off", "TOKEN_INVALID", lambda w: unsubscribing(w, w.unsubscribe_token[:-1]))
case("token of a verification", "TOKEN_INVALID", lambda w: unsubscribing(w, w.used_token))
case(
    "unsubscribe token for a verification",
    "TOKEN_INVALID",
    lambda w: (w.stubs.profiles.VerifyEmail, calls.verify(w.unsubscribe_token)),
)

for _what, _make in (("proof", proof), ("receipt", receipt)):
    for _name, _value in (("profile_id", "an"), ("purpose", "News letter"), ("purpose", "")):
        case(
            f"{_what} with {_name} {_value!r}",
            "INVALID_REQUEST",
            bound(lambda w, make, name, value: make(w, **{name: value}), _make, _name, _value),
            _name,
        )
    case(f"{_what} of no point", "INVALID_REQUEST", bound(lambda w, make: make(w, nowhere=True), _make), "at")
    case(
        f"{_what} of the future",
        "INVALID_REQUEST",
        bound(lambda w, make: make(w, seconds=w.now + 3600), _make),
        "time",
    )
    case(
        f"{_what} without a reason",
        "READ_REASON_REQUIRED",
        bound(lambda w, make: make(w, reason=None), _make),
        "reason",
    )
    case(
        f"{_what} ahead of the log",
        "POSITION_OF_ANOTHER_LOG",
        bound(lambda w, make: make(w, position=w.position(10**9)), _make),
    )
    case(
        f"{_what} of another log",
        "POSITION_OF_ANOTHER_LOG",
        bound(lambda w, make: make(w, position=w.position(0, NIL)), _make),
    )
    case(f"{_what} of nobody", "PROFILE_NOT_FOUND", bound(lambda w, make: make(w, profile_id=NIL), _make))
case("receipt of the erased", "PROFILE_ERASED", lambda w: receipt(w, profile_id=w.erased_id))
case("receipt of no decision", "NOTHING_DECIDED", lambda w: receipt(w, purpose="surveys"))
case(
    "receipt of a decision that came later",
    "NOTHING_DECIDED",
    lambda w: receipt(w, position=w.registered_at(0)),
)
