"""Supplements that must be refused, and what nobody is told by mistake."""

from __future__ import annotations

from typing import Any

from google.type.date_pb2 import Date

from profile_service.v1.profile_pb2 import LEGAL_BASIS_CONSENT, Address, Interests, Profile, SupplementedField
from profile_service.v1.supplement_pb2 import ListNoticeDueRequest
from tests.api.cases import NIL, Attempt, bound, case, changed
from tests.api.world import World
from tests.support import other_sources, people

NO_DAY = Date(year=2026, month=2, day=30)
LONG_AGO, TO_COME = Date(year=2020, month=1, day=2), Date(year=2099, month=1, day=2)


def supplying(w: World, values: Profile | None = None, **changes: Any) -> Attempt:
    """A supplement of an address for somebody who gave none."""
    request = other_sources.supplement(
        w.profile_id, values or other_sources.address_of(w.stranger), collection_reference=f"of {w.mark}"
    )
    return w.stubs.profiles.SupplementProfile, changed(request, **changes)


for _name, _value in (
    ("request_id", "?"),
    ("profile_id", ""),
    ("etag", "x" * 65),
    ("source", ""),
    ("source", "Address Register"),
    ("collection_reference", ""),
    ("collection_reference", "x" * 201),
    ("collection_reference", "two\nlines"),
    ("legal_basis", 0),
    ("legal_basis", 99),
    ("consent_purpose", "!"),
    ("consent_purpose", "newsletter"),
    ("channel", 0),
    ("channel", 99),
):
    case(
        f"supplement with {_name} {_value!r}",
        "INVALID_REQUEST",
        bound(lambda w, name, value: supplying(w, **{name: value}), _name, _value),
        _name,
    )
for _values, _field in (
    (Profile(phone="1"), "values.phone"),
    (Profile(gender=9), "values.gender"),  # type: ignore[arg-type]  # no gender
    (Profile(email_verified=True), "values.email_verified"),
    (Profile(supplemented_fields=[SupplementedField(field="phone")]), "values.supplemented_fields"),
    (Profile(interests=Interests()), "values.interests"),
    (
        Profile(
            address=Address(
                street="\u0007", house_number="1", post_code="2000", municipality="x", country="BE"
            )
        ),
        "values.address.street",
    ),
):
    case(f"supplement of {_field} that can't be", "INVALID_REQUEST", bound(supplying, _values), _field)


def _nothing(w: World) -> Attempt:
    call, request = supplying(w)
    request.values.Clear()
    return call, request


def _received(w: World, day: Date) -> Attempt:
    call, request = supplying(w)
    request.receive_date.CopyFrom(day)
    return call, request


case("supplement of nothing", "INVALID_REQUEST", _nothing, "values")
for _day in (NO_DAY, LONG_AGO, TO_COME):
    case(
        f"supplement received on {_day.year}-{_day.month}-{_day.day}",
        "INVALID_REQUEST",
        bound(_received, _day),
        "receive_date",
    )
case(
    "supplement by consent to nothing",
    "INVALID_REQUEST",
    lambda w: supplying(w, legal_basis=LEGAL_BASIS_CONSENT),
    "consent_purpose",
)
case(
    "supplement without the consent",
    "CONSENT_NOT_GIVEN",
    lambda w: supplying(w, legal_basis=LEGAL_BASIS_CONSENT, consent_purpose="events"),
)
case(
    "supplement of an unknown source",
    "SOURCE_NOT_ALLOWED",
    lambda w: supplying(w, source="stranger"),
    "source",
)
case(
    "supplement that the source may not give",
    "SOURCE_NOT_ALLOWED",
    lambda w: supplying(w, Profile(given_name=w.mark, email=w.stranger.email)),
    "values.email",
    "values.given_name",
)
case(
    "supplement of what a person has",
    "STATED_BY_PERSON",
    lambda w: supplying(w, Profile(phone=w.stranger.phone), profile_id=w.stated_id),
    "values.phone",
)
case("supplement of nobody", "PROFILE_NOT_FOUND", lambda w: supplying(w, profile_id=NIL))
case("supplement of the erased", "PROFILE_ERASED", lambda w: supplying(w, profile_id=w.erased_id))
case(
    "supplement of the restricted",
    "PROCESSING_RESTRICTED",
    lambda w: supplying(w, profile_id=w.restricted_id),
)
case("supplement of another version", "ETAG_MISMATCH", lambda w: supplying(w, etag="999"))
case(
    "another supplement under the same id",
    "REQUEST_ID_REUSED",
    lambda w: supplying(w, profile_id=w.held_id, request_id=w.supplemented.request_id),
)


def telling(w: World, **changes: Any) -> Attempt:
    return (
        w.stubs.profiles.RecordNotice,
        changed(other_sources.notice(w.held_id, w.supplement_id), **changes),
    )


def _told_on(w: World, day: Date) -> Attempt:
    call, request = telling(w)
    request.inform_date.CopyFrom(day)
    return call, request


for _name, _value in (
    ("request_id", ""),
    ("profile_id", "?"),
    ("supplement_id", ""),
    ("supplement_id", "?"),
    ("channel", 0),
):
    case(
        f"notice with {_name} {_value!r}",
        "INVALID_REQUEST",
        bound(lambda w, name, value: telling(w, **{name: value}), _name, _value),
        _name,
    )
for _day in (NO_DAY, LONG_AGO, TO_COME):
    case(
        f"notice given on {_day.year}-{_day.month}-{_day.day}",
        "INVALID_REQUEST",
        bound(_told_on, _day),
        "inform_date",
    )
case("notice of no supplement", "SUPPLEMENT_NOT_FOUND", lambda w: telling(w, supplement_id=NIL))
case(
    "notice of a supplement of somebody else",
    "SUPPLEMENT_NOT_FOUND",
    lambda w: telling(w, profile_id=w.profile_id),
)
case("notice to nobody", "PROFILE_NOT_FOUND", lambda w: telling(w, profile_id=NIL))
case("notice to the erased", "PROFILE_ERASED", lambda w: telling(w, profile_id=w.erased_id))


def listing(w: World, **values: Any) -> Attempt:
    return w.stubs.profiles.ListNoticeDue, ListNoticeDueRequest(**{"reason": people.REASON, **values})


case("notices due without a reason", "READ_REASON_REQUIRED", lambda w: listing(w, reason=None), "reason")
case("notices due on no day", "INVALID_REQUEST", lambda w: listing(w, at=NO_DAY), "at")
case("notices due with too large a page", "INVALID_REQUEST", lambda w: listing(w, page_size=501), "page_size")
case(
    "notices due with a page token of others",
    "PAGE_TOKEN_INVALID",
    lambda w: listing(w, page_token="bm9uZQ=="),
)
case(
    "notices due in another log",
    "POSITION_OF_ANOTHER_LOG",
    lambda w: listing(w, at_least_position=w.position(0, people.new_id())),
)
