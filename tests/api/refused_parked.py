"""Calls about who waits in a projection that must be refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from profile_service.v1.events_pb2 import SKIP_REASON_DAMAGED
from profile_service.v1.parked_pb2 import (
    GetParkedRequest,
    ListParkedRequest,
    RetryParkedRequest,
    SkipParkedRequest,
)
from tests.api.cases import NIL, Attempt, case
from tests.api.world import World
from tests.support import people

PARKED_CALLS: dict[str, type[Any]] = {
    "ListParked": ListParkedRequest,
    "GetParked": GetParkedRequest,
    "RetryParked": RetryParkedRequest,
    "SkipParked": SkipParkedRequest,
}


def parked(call: str, **values: Any) -> Callable[[World], Attempt]:
    """A call about the person, who waits nowhere, with other values."""

    def attempt(w: World) -> Attempt:
        given: dict[str, Any] = {"name": "profiles", "subject_id": w.profile_id, "position": 1}
        given |= {"request_id": people.new_id(), "skip_reason": SKIP_REASON_DAMAGED, **values}
        kind = PARKED_CALLS[call]
        known = {name: given[name] for name in kind.DESCRIPTOR.fields_by_name if name in given}
        return getattr(w.stubs.operations, call), kind(**known)

    return attempt


for _call in PARKED_CALLS:
    case(f"{_call} of no projection", "PROJECTION_NOT_FOUND", parked(_call, name="shoes"))
    case(f"{_call} of a name that is none", "INVALID_REQUEST", parked(_call, name="Shoes!"), "name")
for _call in ("GetParked", "RetryParked", "SkipParked"):
    case(f"{_call} of who does not wait", "NOT_PARKED", parked(_call))
    case(f"{_call} of nobody", "NOT_PARKED", parked(_call, subject_id=NIL))
    case(f"{_call} without a subject", "INVALID_REQUEST", parked(_call, subject_id=""), "subject_id")
for _call in ("ListParked", "GetParked"):
    case(f"{_call} of no generation", "PROJECTION_NOT_FOUND", parked(_call, generation=99))
    case(f"{_call} below generations", "INVALID_REQUEST", parked(_call, generation=-1), "generation")
case("a page of too many parked", "INVALID_REQUEST", parked("ListParked", page_size=501), "page_size")
case("a page of no token", "PAGE_TOKEN_INVALID", parked("ListParked", page_token="AAAA"))
case("skip without a request id", "INVALID_REQUEST", parked("SkipParked", request_id=""), "request_id")
case("skip of no position", "INVALID_REQUEST", parked("SkipParked", position=0), "position")
case("skip ahead of the log", "NOT_PARKED", parked("SkipParked", position=1 << 60))
case("skip without a reason", "INVALID_REQUEST", parked("SkipParked", skip_reason=0), "skip_reason")
case("skip for no reason known", "INVALID_REQUEST", parked("SkipParked", skip_reason=99), "skip_reason")
