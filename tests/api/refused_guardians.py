"""Guardians, consents of children and questions about them that must be refused."""

from __future__ import annotations

from typing import Any

from google.type.date_pb2 import Date

from profile_service.v1.guardian_service_pb2 import ListConfirmationsDueRequest, ListGuardiansRequest
from tests.api.cases import NIL, Attempt, bound, case, changed
from tests.api.refused_rights import NO_DAY
from tests.api.world import World
from tests.support import people


def linking(w: World, **values: Any) -> Attempt:
    """The person becomes the guardian of the child."""
    request = people.link_guardian(w.child_id, w.profile_id)
    return w.stubs.guardians.LinkGuardian, changed(request, **values)


def ending(w: World, **values: Any) -> Attempt:
    request = people.end_guardianship(w.child_id, w.profile_id)
    return w.stubs.guardians.EndGuardianship, changed(request, **values)


def consenting(w: World, **values: Any) -> Attempt:
    return w.stubs.consents.SetConsent, changed(people.consent(w.child_id), **values)


def listing(w: World, **values: Any) -> Attempt:
    request = ListGuardiansRequest(**{"profile_id": w.child_id, "reason": people.REASON, **values})
    return w.stubs.guardians.ListGuardians, request


def confirming(w: World, **values: Any) -> Attempt:
    request = ListConfirmationsDueRequest(**{"reason": people.REASON, **values})
    return w.stubs.guardians.ListConfirmationsDue, request


for _make, _name, _value in (
    (linking, "request_id", "?"),
    (linking, "profile_id", ""),
    (linking, "guardian_id", ""),
    (linking, "guardian_id", "?"),
    (linking, "relation", 0),
    (linking, "relation", 99),
    (linking, "method", 0),
    (linking, "method", 99),
    (linking, "level", 0),
    (linking, "level", 4),
    (linking, "channel", 0),
    (ending, "request_id", ""),
    (ending, "profile_id", "?"),
    (ending, "guardian_id", ""),
    (ending, "channel", 99),
    (consenting, "guardian_id", "?"),
    (consenting, "decision", 5),
    (listing, "profile_id", "?"),
    (confirming, "after_profile_id", "?"),
):
    case(
        f"{_make.__name__} with {_name} {_value!r}",
        "INVALID_REQUEST",
        bound(lambda w, make, name, value: make(w, **{name: value}), _make, _name, _value),
        _name,
    )
for _make in (linking, ending, listing):
    case(
        f"{_make.__name__} for nobody",
        "PROFILE_NOT_FOUND",
        bound(lambda w, make: make(w, profile_id=NIL), _make),
    )
    case(
        f"{_make.__name__} for the erased",
        "PROFILE_ERASED",
        bound(lambda w, make: make(w, profile_id=w.erased_id), _make),
    )
for _make in (listing, confirming):
    case(
        f"{_make.__name__} without a reason",
        "READ_REASON_REQUIRED",
        bound(lambda w, make: make(w, reason=None), _make),
        "reason",
    )
for _day in (NO_DAY, Date(year=2026)):
    case(
        f"confirmations of {_day.year}-{_day.month}-{_day.day}",
        "INVALID_REQUEST",
        bound(lambda w, day: confirming(w, at=day), _day),
        "at",
    )
case(
    "confirmations of another log",
    "POSITION_OF_ANOTHER_LOG",
    lambda w: confirming(w, at_least_position=w.position(0, log_id=people.new_id())),
)
case("guardian of somebody of age", "OF_AGE", lambda w: linking(w, profile_id=w.profile_id))
for _title, _who in (("nobody", NIL), ("a stranger", "00000000-0000-4000-8000-000000000000")):
    case(
        f"{_title} as a guardian",
        "NOT_A_GUARDIAN",
        bound(lambda w, who: linking(w, guardian_id=who), _who),
    )
case("the child as a guardian", "NOT_A_GUARDIAN", lambda w: linking(w, guardian_id=w.child_id))
case("the erased as a guardian", "NOT_A_GUARDIAN", lambda w: linking(w, guardian_id=w.erased_id))
case("the restricted as a guardian", "NOT_A_GUARDIAN", lambda w: linking(w, guardian_id=w.restricted_id))
case("guardian of the restricted", "PROCESSING_RESTRICTED", lambda w: linking(w, profile_id=w.restricted_id))
case("end of what never began", "NOT_A_GUARDIAN", ending)
case("consent of a child", "GUARDIAN_REQUIRED", consenting)
case(
    "consent through somebody who was never linked",
    "NOT_A_GUARDIAN",
    lambda w: consenting(w, guardian_id=w.profile_id),
)
case(
    "consent through a guardian for somebody of age",
    "OF_AGE",
    lambda w: consenting(w, profile_id=w.profile_id, guardian_id=w.restricted_id),
)
