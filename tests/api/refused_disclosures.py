"""Recipients, disclosures and obligations that must be refused."""

from __future__ import annotations

from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask

from profile_service.v1.disclosure_service_pb2 import (
    EndRecipientRequest,
    GetRecipientRequest,
    ListDisclosuresRequest,
    ListObligationsRequest,
    ListRecipientsRequest,
    UpdateRecipientRequest,
)
from profile_service.v1.profile_pb2 import (
    LEGAL_BASIS_CONTRACT,
    LEGAL_BASIS_LEGAL_OBLIGATION,
    LEGAL_BASIS_PUBLIC_TASK,
)
from tests.api import calls
from tests.api.cases import NIL, Attempt, bound, case, changed
from tests.api.world import World
from tests.support import people, recipients


def recipient_of(w: World, kind: Any = recipients.supplier, **values: Any) -> str:
    """A new recipient, which may have the address of the person for the newsletter."""
    registration = recipients.registration(kind("email", **values))
    answer = w.stubs.disclosures.RegisterRecipient(registration, timeout=calls.SECONDS)
    recipient_id: str = answer.recipient_id
    return recipient_id


def _changed(values: dict[str, Any]) -> Any:
    request = recipients.registration(recipients.supplier())
    for name, value in values.items():
        if isinstance(value, list):
            del getattr(request.recipient, name)[:]
            getattr(request.recipient, name).extend(value)
        else:
            setattr(request.recipient, name, value)
    return request


def _period(start: int, end: int | None) -> Any:
    request = recipients.registration(recipients.supplier("email"))
    request.recipient.start_time.FromSeconds(start)
    if end is not None:
        request.recipient.end_time.FromSeconds(end)
    return request


def _registered(w: World, registration: Any) -> str:
    answer = w.stubs.disclosures.RegisterRecipient(registration, timeout=calls.SECONDS)
    recipient_id: str = answer.recipient_id
    return recipient_id


def _update(w: World, recipient_id: str, path: str, **values: Any) -> Attempt:
    request = UpdateRecipientRequest(
        request_id=people.new_id(), recipient_id=recipient_id, update_mask=FieldMask(paths=[path])
    )
    for name, value in values.items():
        setattr(request.recipient, name, value)
    return w.stubs.disclosures.UpdateRecipient, request


def _again(w: World) -> Attempt:
    call, request = _update(w, recipient_of(w), "name", name="New")
    call(request, timeout=calls.SECONDS)
    request.recipient.name = "Newer"
    return call, request


def _end(recipient_id: str) -> EndRecipientRequest:
    return EndRecipientRequest(request_id=people.new_id(), recipient_id=recipient_id)


def _disclose(
    w: World,
    recipient_id: str,
    *fields: str,
    purpose: str = "newsletter",
    profile_id: str = "",
    order: str = "",
) -> Attempt:
    """By the consent of the person to the newsletter, or on the ground of an order."""
    legal: dict[str, Any] = {}
    if order:
        legal = {"legal_basis": LEGAL_BASIS_LEGAL_OBLIGATION, "legal_reference": order}
    request = recipients.disclosure(
        profile_id or w.profile_id, recipient_id, *fields, purpose=purpose, **legal
    )
    return w.stubs.disclosures.DiscloseProfile, request


def _without_reason(w: World) -> Attempt:
    call, request = _disclose(w, recipient_of(w), "email")
    request.ClearField("reason")
    return call, request


def _with_token(w: World, call: str, request: Any) -> Attempt:
    wanted = type(request)()
    wanted.CopyFrom(request)
    wanted.page_token = "AAAA"
    if call == "ListDisclosures":
        wanted.profile_id = w.profile_id
    return getattr(w.stubs.disclosures, call), wanted


def _with_page(w: World, call: str, request: Any) -> Attempt:
    attempted, wanted = _with_token(w, call, request)
    wanted.page_token, wanted.page_size = "", 501
    return attempted, wanted


# Registering and changing a recipient
for _name, _values, _field in (
    ("kind", {"kind": 0}, "kind"),
    ("transfer ground", {"transfer_ground": 0}, "transfer_ground"),
    ("purposes", {"purposes": []}, "purposes"),
    ("purpose in words", {"purposes": ["News letter"]}, "purposes[0]"),
    ("caller", {"caller": "a b"}, "caller"),
):
    case(
        f"recipient with a wrong {_name}",
        "INVALID_REQUEST",
        bound(lambda w, values: (w.stubs.disclosures.RegisterRecipient, _changed(values)), _values),
        f"recipient.{_field}",
    )
for _name, _value in (
    ("name", "\u202e"),
    ("assignment", ""),
    ("agreement", ""),
    ("callback", "https://here"),
    ("callback", "nowhere"),
):
    case(
        f"supplier with {_name} {_value!r}",
        "INVALID_REQUEST",
        bound(
            lambda w, name, value: (w.stubs.disclosures.RegisterRecipient, _changed({name: value})),
            _name,
            _value,
        ),
        f"recipient.{_name}",
    )
case(
    "recipient of a field that is none",
    "INVALID_REQUEST",
    lambda w: (
        w.stubs.disclosures.RegisterRecipient,
        recipients.registration(recipients.supplier("shoe_size")),
    ),
    "recipient.fields",
)
case(
    "recipient of what is not said by the person",
    "INVALID_REQUEST",
    lambda w: (w.stubs.disclosures.RegisterRecipient, recipients.registration(recipients.supplier("etag"))),
    "recipient.fields",
)
case(
    "recipient whose period ends before it begins",
    "INVALID_REQUEST",
    lambda w: (w.stubs.disclosures.RegisterRecipient, _period(2_000_000_000, 1_900_000_000)),
    "recipient.end_time",
)
case(
    "assignment of an authority",
    "INVALID_REQUEST",
    lambda w: (
        w.stubs.disclosures.RegisterRecipient,
        recipients.registration(recipients.authority(assignment="print/1")),
    ),
    "recipient.assignment",
)
case(
    "request id that is none, of a recipient",
    "INVALID_REQUEST",
    lambda w: (
        w.stubs.disclosures.RegisterRecipient,
        changed(recipients.registration(recipients.supplier()), request_id="1"),
    ),
    "request_id",
)
case(
    "no recipient to change", "RECIPIENT_NOT_FOUND", lambda w: _update(w, people.new_id(), "name", name="New")
)
case("no recipient to end", "RECIPIENT_NOT_FOUND", lambda w: (w.stubs.disclosures.EndRecipient, _end(NIL)))
case(
    "no recipient to read",
    "RECIPIENT_NOT_FOUND",
    lambda w: (w.stubs.disclosures.GetRecipient, GetRecipientRequest(recipient_id=NIL)),
)
case(
    "recipient that is a person",
    "RECIPIENT_NOT_FOUND",
    lambda w: (w.stubs.disclosures.GetRecipient, GetRecipientRequest(recipient_id=w.profile_id)),
)
for _name in ("kind", "recipient_id", "ended", "shoe", "fields.paths"):
    case(
        f"change of the {_name} of a recipient",
        "INVALID_REQUEST",
        bound(lambda w, name: _update(w, recipient_of(w), name), _name),
        "update_mask",
    )
case(
    "guarantees taken from a supplier",
    "INVALID_REQUEST",
    lambda w: _update(w, recipient_of(w), "agreement"),
    "recipient.agreement",
)
case(
    "callback that is no address",
    "INVALID_REQUEST",
    lambda w: _update(w, recipient_of(w), "callback", callback="nowhere"),
    "recipient.callback",
)
case(
    "recipient changed under a used request id",
    "REQUEST_ID_REUSED",
    _again,
)
case(
    "end of what is no id",
    "INVALID_REQUEST",
    lambda w: (w.stubs.disclosures.EndRecipient, _end(w.mark)),
    "recipient_id",
)

# Disclosing
case("disclosure to nobody", "RECIPIENT_NOT_FOUND", lambda w: _disclose(w, people.new_id(), "email"))
case(
    "disclosure of nobody",
    "PROFILE_NOT_FOUND",
    lambda w: _disclose(w, recipient_of(w), "email", profile_id=people.new_id(), order="order/1"),
)
case(
    "disclosure of the erased",
    "PROFILE_ERASED",
    lambda w: _disclose(w, recipient_of(w), "email", profile_id=w.erased_id, order="order/1"),
)
case(
    "field that the recipient may not have",
    "FIELD_NOT_ALLOWED",
    lambda w: _disclose(w, recipient_of(w), "email", "phone", "family_name"),
    "fields.family_name",
    "fields.phone",
)
case("disclosure of nothing", "INVALID_REQUEST", lambda w: _disclose(w, recipient_of(w)), "fields")
case("field that is none", "INVALID_REQUEST", lambda w: _disclose(w, recipient_of(w), "*"), "fields")
case(
    "part of a field",
    "INVALID_REQUEST",
    lambda w: _disclose(w, recipient_of(w), "email", "address.street"),
    "fields",
)
case(
    "purpose of another",
    "PURPOSE_NOT_ALLOWED",
    lambda w: _disclose(w, recipient_of(w), "email", purpose="surveys"),
    "reason.purpose",
)
case(
    "consent that was never given",
    "CONSENT_NOT_GIVEN",
    lambda w: _disclose(w, recipient_of(w, purposes=["surveys"]), "email", purpose="surveys"),
)
case(
    "order beside a consent",
    "INVALID_REQUEST",
    lambda w: (
        w.stubs.disclosures.DiscloseProfile,
        recipients.disclosure(w.profile_id, recipient_of(w), "email", legal_reference="order/1"),
    ),
    "legal_reference",
)
for _basis in (LEGAL_BASIS_LEGAL_OBLIGATION, LEGAL_BASIS_PUBLIC_TASK):
    case(
        f"legal basis {_basis} without a reference",
        "INVALID_REQUEST",
        bound(
            lambda w, basis: (
                w.stubs.disclosures.DiscloseProfile,
                recipients.disclosure(
                    w.profile_id, recipient_of(w, recipients.authority), "email", legal_basis=basis
                ),
            ),
            _basis,
        ),
        "legal_reference",
    )
for _kind, _basis in (
    (recipients.third_party, LEGAL_BASIS_PUBLIC_TASK),
    (recipients.supplier, LEGAL_BASIS_CONTRACT),
    (recipients.authority, LEGAL_BASIS_CONTRACT),
):
    case(
        f"legal basis {_basis} of a {_kind.__name__}",
        "DISCLOSURE_GROUND_NOT_ALLOWED",
        bound(
            lambda w, kind, basis: (
                w.stubs.disclosures.DiscloseProfile,
                recipients.disclosure(
                    w.profile_id, recipient_of(w, kind), "email", legal_basis=basis, legal_reference="order/1"
                ),
            ),
            _kind,
            _basis,
        ),
    )
case(
    "reference in words",
    "INVALID_REQUEST",
    lambda w: _disclose(w, recipient_of(w), "email", order=f"about {w.mark}"),
    "legal_reference",
)
case(
    "disclosure after the end of the period",
    "RECIPIENT_NOT_CURRENT",
    lambda w: _disclose(w, _registered(w, _period(1_700_000_000, 1_700_000_001)), "email"),
)
case(
    "disclosure before the period",
    "RECIPIENT_NOT_CURRENT",
    lambda w: _disclose(w, _registered(w, _period(4_000_000_000, None)), "email"),
)
case(
    "disclosure for another caller",
    "CALLER_NOT_ALLOWED",
    lambda w: _disclose(w, recipient_of(w, caller="spiffe://city.example/print"), "email"),
)
case(
    "disclosure without a reason",
    "READ_REASON_REQUIRED",
    _without_reason,
    "reason",
)

# Reading
for _call, _request in (
    ("ListDisclosures", ListDisclosuresRequest),
    ("ListRecipients", ListRecipientsRequest),
):
    for _whose, _reason, _get in (
        ("nobody", "PROFILE_NOT_FOUND", lambda w: people.new_id()),
        ("the erased", "PROFILE_ERASED", lambda w: w.erased_id),
    ):
        case(
            f"{_call} of {_whose}",
            _reason,
            bound(
                lambda w, call, request, get: (
                    getattr(w.stubs.disclosures, call),
                    request(profile_id=get(w), reason=people.REASON),
                ),
                _call,
                _request,
                _get,
            ),
        )
    case(
        f"{_call} without a reason",
        "READ_REASON_REQUIRED",
        bound(
            lambda w, call, request: (getattr(w.stubs.disclosures, call), request(profile_id=w.profile_id)),
            _call,
            _request,
        ),
        "reason",
    )
case(
    "obligations without a reason",
    "READ_REASON_REQUIRED",
    lambda w: (w.stubs.disclosures.ListObligations, ListObligationsRequest()),
    "reason",
)
case(
    "obligations in a state that is none",
    "INVALID_REQUEST",
    lambda w: (
        w.stubs.disclosures.ListObligations,
        changed(ListObligationsRequest(reason=people.REASON), state=7),
    ),
    "state",
)
case(
    "obligations of what is no id",
    "INVALID_REQUEST",
    lambda w: (
        w.stubs.disclosures.ListObligations,
        ListObligationsRequest(reason=people.REASON, profile_id=w.mark, recipient_id=w.mark),
    ),
    "profile_id",
    "recipient_id",
)
for _call, _page in (
    ("ListDisclosures", ListDisclosuresRequest(reason=people.REASON)),
    ("ListRecipients", ListRecipientsRequest()),
    ("ListObligations", ListObligationsRequest(reason=people.REASON)),
):
    case(
        f"{_call} with a token that is none",
        "PAGE_TOKEN_INVALID",
        bound(_with_token, _call, _page),
    )
    case(
        f"{_call} with pages too large",
        "INVALID_REQUEST",
        bound(_with_page, _call, _page),
        "page_size",
    )
