"""Audiences and statistics that must be refused."""

from __future__ import annotations

from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from google.type.date_pb2 import Date

from profile_service.v1.audience_service_pb2 import AudienceSelection, SelectAudienceRequest
from profile_service.v1.profile_pb2 import AgeBand, ReadReason
from profile_service.v1.statistics_service_pb2 import GetDailyCountsRequest, GetLivingCountsRequest
from tests.api.cases import Attempt, bound, case
from tests.api.world import World
from tests.support import people

NEW_YEAR = Date(year=2026, month=1, day=1)


def selecting(w: World, values: dict[str, Any]) -> Attempt:
    """An audience with other values."""
    wanted = {"purpose": "newsletter", "reason": people.REASON, **values}
    return w.stubs.audience.SelectAudience, SelectAudienceRequest(**wanted)


# Audiences
for _name, _values, _field in (
    ("without a purpose", {"purpose": ""}, "purpose"),
    ("for a sentence", {"purpose": "A newsletter"}, "purpose"),
    ("after nobody's id", {"after_profile_id": "the first"}, "after_profile_id"),
    ("with a field of no profile", {"contact_mask": FieldMask(paths=["shoe_size"])}, "contact_mask"),
    (
        "with what nobody is contacted by",
        {"contact_mask": FieldMask(paths=["email", "date_of_birth"])},
        "contact_mask",
    ),
    ("with a field of a field", {"contact_mask": FieldMask(paths=["address.street"])}, "contact_mask"),
    ("with everything", {"contact_mask": FieldMask(paths=["*"])}, "contact_mask"),
):
    case(f"audience {_name}", "INVALID_REQUEST", bound(selecting, _values), _field)

for _name, _selection, _field in (
    ("post code", AudienceSelection(post_codes=["2000", "?"]), "selection.post_codes[1]"),
    ("language", AudienceSelection(languages=["Nederlands!"]), "selection.languages[0]"),
    ("topic", AudienceSelection(topics=["Art & Culture"]), "selection.topics[0]"),
    (
        "age below nothing",
        AudienceSelection(age_bands=[AgeBand(from_age=-1)]),
        "selection.age_bands[0].from_age",
    ),
    ("age of nobody", AudienceSelection(age_bands=[AgeBand(to_age=151)]), "selection.age_bands[0].to_age"),
    (
        "ages the wrong way round",
        AudienceSelection(age_bands=[AgeBand(from_age=18), AgeBand(from_age=30, to_age=29)]),
        "selection.age_bands[1].to_age",
    ),
    ("too many bands", AudienceSelection(age_bands=[AgeBand()] * 21), "selection.age_bands"),
    ("too many post codes", AudienceSelection(post_codes=["2000"] * 501), "selection.post_codes"),
):
    case(f"audience by {_name}", "INVALID_REQUEST", bound(selecting, {"selection": _selection}), _field)

case("audience without a reason", "READ_REASON_REQUIRED", bound(selecting, {"reason": None}), "reason")
case(
    "audience with half a reason",
    "READ_REASON_REQUIRED",
    bound(selecting, {"reason": ReadReason(purpose="newsletter")}),
    "reason.legal_basis",
    "reason.on_behalf_of",
)


def counting(w: World, first: Date | None, last: Date | None) -> Attempt:
    return w.stubs.statistics.GetDailyCounts, GetDailyCountsRequest(start_date=first, end_date=last)


# Statistics
for _name, _first, _last, _fields in (
    ("without days", None, None, ("start_date", "end_date")),
    ("without a last day", NEW_YEAR, None, ("end_date",)),
    ("of a month", Date(year=2026, month=1), NEW_YEAR, ("start_date",)),
    ("to a day that is none", NEW_YEAR, Date(year=2026, month=2, day=29), ("end_date",)),
    ("backwards", NEW_YEAR, Date(year=2025, month=12, day=31), ("end_date",)),
    ("of more than a year", NEW_YEAR, Date(year=2027, month=1, day=2), ("end_date",)),
):
    case(f"counts {_name}", "INVALID_REQUEST", bound(counting, _first, _last), *_fields)

case(
    "counts ahead of the log",
    "POSITION_OF_ANOTHER_LOG",
    lambda w: (
        w.stubs.statistics.GetDailyCounts,
        GetDailyCountsRequest(
            start_date=NEW_YEAR, end_date=NEW_YEAR, at_least_position=w.position(1_000_000, w.log_id)
        ),
    ),
)
case(
    "living people without a reason",
    "READ_REASON_REQUIRED",
    lambda w: (w.stubs.statistics.GetLivingCounts, GetLivingCountsRequest()),
    "reason",
)
case(
    "living people of another log",
    "POSITION_OF_ANOTHER_LOG",
    lambda w: (
        w.stubs.statistics.GetLivingCounts,
        GetLivingCountsRequest(reason=people.REASON, at_least_position=w.position(0, log_id=people.new_id())),
    ),
)
