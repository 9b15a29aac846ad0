"""Exports and previews that must be refused."""

from __future__ import annotations

from typing import Any

from profile_service.v1.profile_pb2 import ReadReason
from profile_service.v1.rights_service_pb2 import (
    EXPORT_FORMAT_HTML,
    EXPORT_FORMAT_JSON,
    EXPORT_KIND_ACCESS,
    ExportProfileRequest,
    PreviewErasureRequest,
)
from tests.api.cases import NIL, Attempt, bound, case
from tests.api.world import World
from tests.support import people


def _export(w: World, **values: Any) -> Attempt:
    """The export of the person with other values."""
    wanted = {"profile_id": w.profile_id, "kind": EXPORT_KIND_ACCESS, "format": EXPORT_FORMAT_JSON}
    return w.stubs.rights.ExportProfile, ExportProfileRequest(**{**wanted, "reason": people.REASON, **values})


def _preview(w: World, **values: Any) -> Attempt:
    request = PreviewErasureRequest(**{"profile_id": w.profile_id, "reason": people.REASON, **values})
    return w.stubs.rights.PreviewErasure, request


for _name, _call in (("export", _export), ("preview of an erasure", _preview)):
    case(f"{_name} of nobody", "PROFILE_NOT_FOUND", bound(lambda w, call: call(w, profile_id=NIL), _call))
    case(
        f"{_name} of whom nobody knows",
        "PROFILE_NOT_FOUND",
        bound(lambda w, call: call(w, profile_id=people.new_id()), _call),
    )
    case(
        f"{_name} of the erased",
        "PROFILE_ERASED",
        bound(lambda w, call: call(w, profile_id=w.erased_id), _call),
    )
    case(
        f"{_name} of no id",
        "INVALID_REQUEST",
        bound(lambda w, call: call(w, profile_id=w.mark), _call),
        "profile_id",
    )
    case(
        f"{_name} without a reason",
        "READ_REASON_REQUIRED",
        bound(lambda w, call: call(w, reason=None), _call),
        "reason",
    )
    case(
        f"{_name} with an empty reason",
        "READ_REASON_REQUIRED",
        bound(lambda w, call: call(w, reason=ReadReason()), _call),
        "reason.purpose",
        "reason.legal_basis",
        "reason.on_behalf_of",
    )
    case(
        f"{_name} in another language",
        "INVALID_REQUEST",
        bound(lambda w, call: call(w, language=w.mark), _call),
        "language",
    )
for _name in ("kind", "format"):
    for _value in (0, 99):
        case(
            f"export with {_name} {_value}",
            "INVALID_REQUEST",
            bound(lambda w, name, value: _export(w, **{name: value}), _name, _value),
            _name,
        )
case(
    "page in no language",
    "INVALID_REQUEST",
    lambda w: _export(w, format=EXPORT_FORMAT_HTML),
    "language",
)
