"""Versions of the privacy policy, and questions about them, that must be refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from profile_service.v1.policy_pb2 import RETENTION_START_COLLECTION, Policy, RetentionPeriod
from profile_service.v1.policy_service_pb2 import (
    GetPolicyRequest,
    ListNotInformedRequest,
    ListPoliciesRequest,
    ListReconsentDueRequest,
)
from profile_service.v1.profile_pb2 import LEGAL_BASIS_LEGITIMATE_INTERESTS
from tests.api.cases import NIL, bound, case, changed
from tests.support import people
from tests.support.policies import FIRST_DAY, LANGUAGES, a_policy, a_purpose, publish, shown, words

# The service of these cases has one version, `people.POLICY_VERSION`; this one would follow it.
NEXT = "2031-01"
DAYS = 2_000
UNKNOWN = "1999-12"


def _next(**values: Any) -> Policy:
    return a_policy(NEXT, [a_purpose()], day=DAYS, **values)


def _with_purpose(**values: Any) -> Callable[[], Policy]:
    return lambda: a_policy(NEXT, [a_purpose(**values)], day=DAYS)


def _changed_texts(**values: Any) -> Policy:
    policy = _next()
    for name, value in values.items():
        setattr(policy.texts[0], name, value)
    return policy


def _contact(name: str, **values: str) -> Policy:
    policy = _next()
    for field, value in values.items():
        setattr(getattr(policy, name), field, value)
    return policy


# What a version may be wrong about, and where it is told.
_WRONG: list[tuple[str, Callable[[], Policy], tuple[str, ...]]] = [
    ("version", lambda: changed(_next(), version="2031 01"), ("version",)),
    ("no text", lambda: _next(texts=[]), ("texts",)),
    ("language of a text", lambda: _changed_texts(language="Dutch"), ("texts[0].language",)),
    ("hash of a text", lambda: _changed_texts(text_hash=b"short"), ("texts[0].text_hash",)),
    ("address of a text", lambda: _changed_texts(url="http://www.city.example/"), ("texts[0].url",)),
    (
        "language twice",
        lambda: _changed_texts(language=LANGUAGES[1]),
        (
            "texts[0].language",
            "texts[1].language",
            "changes",
            "purposes[0].titles",
            "purposes[0].consent_texts",
        ),
    ),
    ("no office", lambda: _contact("controller", office=" "), ("controller.office",)),
    (
        "no address of an office",
        lambda: _contact("data_protection_contact", email="privacy"),
        ("data_protection_contact.email",),
    ),
    ("no purpose", lambda: a_policy(NEXT, [], day=DAYS), ("purposes",)),
    (
        "purpose twice",
        lambda: a_policy(NEXT, [a_purpose(), a_purpose()], day=DAYS),
        ("purposes[0].purpose", "purposes[1].purpose"),
    ),
    ("purpose", _with_purpose(purpose="News letter"), ("purposes[0].purpose",)),
    ("title", _with_purpose(titles=words("Newsletter")[:1]), ("purposes[0].titles",)),
    ("legal basis", _with_purpose(legal_basis=0), ("purposes[0].legal_basis",)),
    ("retention", _with_purpose(retention=RetentionPeriod()), ("purposes[0].retention.start",)),
    (
        "consent that is not asked for",
        _with_purpose(asks_consent=False, consent_texts=[]),
        ("purposes[0].asks_consent",),
    ),
    ("consent without a text", _with_purpose(consent_texts=[]), ("purposes[0].consent_texts",)),
    (
        "consent text that is not asked for",
        _with_purpose(asks_consent=False, legal_basis=LEGAL_BASIS_LEGITIMATE_INTERESTS),
        ("purposes[0].consent_texts",),
    ),
    ("another text", _with_purpose(text=b"n" * 32), ("purposes[0].requires_reconsent",)),
    (
        "another legal basis",
        _with_purpose(legal_basis=LEGAL_BASIS_LEGITIMATE_INTERESTS),
        ("purposes[0].requires_reconsent",),
    ),
    (
        "another retention",
        _with_purpose(retention=RetentionPeriod(start=RETENTION_START_COLLECTION, months=12)),
        ("purposes[0].requires_reconsent",),
    ),
    ("no word of what changed", lambda: _next(changes=[]), ("changes",)),
    ("change in one language", lambda: _next(changes=words("New")[1:]), ("changes",)),
    ("moment that is none", lambda: _next(effective_time=Timestamp(seconds=1 << 60)), ("effective_time",)),
    ("part of a second", lambda: _next(effective_time=Timestamp(nanos=1)), ("effective_time",)),
]
for _name, _made, _fields in _WRONG:
    case(
        f"policy with {_name}",
        "INVALID_REQUEST",
        bound(lambda w, made: (w.stubs.policies.PublishPolicy, publish(made())), _made),
        *(f"policy.{field}" for field in _fields),
    )
case(
    "policy without a channel",
    "INVALID_REQUEST",
    lambda w: (w.stubs.policies.PublishPolicy, changed(publish(_next()), channel=0)),
    "channel",
)
case(
    "request id that is none for a policy",
    "INVALID_REQUEST",
    lambda w: (w.stubs.policies.PublishPolicy, changed(publish(_next()), request_id="1")),
    "request_id",
)
case(
    "another policy under a version",
    "POLICY_VERSION_TAKEN",
    lambda w: (w.stubs.policies.PublishPolicy, publish(a_policy(people.POLICY_VERSION, day=DAYS))),
)
case(
    "policy before another",
    "POLICY_OUT_OF_ORDER",
    lambda w: (w.stubs.policies.PublishPolicy, publish(a_policy(NEXT, day=0))),
)
case(
    "policy that nobody published",
    "POLICY_VERSION_UNKNOWN",
    lambda w: (w.stubs.policies.GetPolicy, GetPolicyRequest(version=UNKNOWN)),
)
case(
    "policy of a version that is none",
    "INVALID_REQUEST",
    lambda w: (w.stubs.policies.GetPolicy, GetPolicyRequest(version="")),
    "version",
)
case(
    "policy of a day before all",
    "NO_POLICY_IN_EFFECT",
    lambda w: (w.stubs.policies.GetPolicy, GetPolicyRequest(time=Timestamp(seconds=FIRST_DAY - 1))),
)
case(
    "policy of a moment that is none",
    "INVALID_REQUEST",
    lambda w: (w.stubs.policies.GetPolicy, GetPolicyRequest(time=Timestamp(seconds=1 << 60))),
    "time",
)
case(
    "policy in a language that it is not in",
    "INVALID_REQUEST",
    lambda w: (w.stubs.policies.GetPolicy, GetPolicyRequest(language="fr")),
    "language",
)
case(
    "page of policies too long",
    "INVALID_REQUEST",
    lambda w: (w.stubs.policies.ListPolicies, ListPoliciesRequest(page_size=101)),
    "page_size",
)
case(
    "page of policies of nobody",
    "PAGE_TOKEN_INVALID",
    lambda w: (w.stubs.policies.ListPolicies, ListPoliciesRequest(page_token="AAAA")),
)

# Telling people
for _field, _value in (
    ("request_id", "1"),
    ("profile_id", "me"),
    ("policy_version", ""),
    ("language", ""),
    ("language", "fr"),
    ("channel", 0),
):
    case(
        f"policy shown with {_field} {_value!r}",
        "INVALID_REQUEST",
        bound(
            lambda w, field, value: (
                w.stubs.policies.RecordPolicyShown,
                changed(shown(w.profile_id), **{field: value}),
            ),
            _field,
            _value,
        ),
        _field,
    )
case(
    "policy shown that nobody published",
    "POLICY_VERSION_UNKNOWN",
    lambda w: (w.stubs.policies.RecordPolicyShown, shown(w.profile_id, UNKNOWN)),
)
case(
    "policy shown to nobody",
    "PROFILE_NOT_FOUND",
    lambda w: (w.stubs.policies.RecordPolicyShown, shown(NIL)),
)
case(
    "policy shown to the erased",
    "PROFILE_ERASED",
    lambda w: (w.stubs.policies.RecordPolicyShown, shown(w.erased_id)),
)


def _listing(kind: type, **values: Any) -> Any:
    standard = {"policy_version": people.POLICY_VERSION, "reason": people.REASON}
    return kind(**{**standard, **values})


for _call, _kind, _values in (
    ("ListNotInformed", ListNotInformedRequest, {}),
    ("ListReconsentDue", ListReconsentDueRequest, {"purpose": "newsletter"}),
):
    for _title, _reason, _wrong, _fields in (
        ("without a reason", "READ_REASON_REQUIRED", {"reason": None}, ("reason",)),
        ("of a version that nobody published", "POLICY_VERSION_UNKNOWN", {"policy_version": UNKNOWN}, ()),
        ("of no version", "INVALID_REQUEST", {"policy_version": ""}, ("policy_version",)),
        ("after nobody", "INVALID_REQUEST", {"after_profile_id": "me"}, ("after_profile_id",)),
    ):
        case(
            f"{_call} {_title}",
            _reason,
            bound(
                lambda w, call, kind, values: (getattr(w.stubs.policies, call), _listing(kind, **values)),
                _call,
                _kind,
                {**_values, **_wrong},
            ),
            *_fields,
        )
    case(
        f"{_call} of another log",
        "POSITION_OF_ANOTHER_LOG",
        bound(
            lambda w, call, kind, values: (
                getattr(w.stubs.policies, call),
                _listing(kind, at_least_position=w.position(0, people.new_id()), **values),
            ),
            _call,
            _kind,
            _values,
        ),
    )
case(
    "ListReconsentDue for no purpose",
    "INVALID_REQUEST",
    lambda w: (w.stubs.policies.ListReconsentDue, _listing(ListReconsentDueRequest, purpose="")),
    "purpose",
)
