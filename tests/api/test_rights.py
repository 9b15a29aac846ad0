"""Exercising a right over gRPC: asked, identified, extended, answered; and an erasure that a hold stops."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from profile_service.domain.deadlines import due_on
from profile_service.domain.values import date_message
from profile_service.v1 import rights_service_pb2 as messages
from profile_service.v1.events_pb2 import ERASURE_REQUESTER_PERSON
from profile_service.v1.profile_pb2 import CHANNEL_EMAIL, CHANNEL_PAPER
from profile_service.v1.rights_pb2 import (
    ASSURANCE_LEVEL_LOW,
    ASSURANCE_LEVEL_SUBSTANTIAL,
    COMPLAINT_ROUTE_SUPERVISORY_AUTHORITY,
    EXTENSION_REASON_COMPLEXITY,
    HOLD_GROUND_LEGAL_CLAIM,
    IDENTIFICATION_METHOD_DOCUMENT,
    REFUSAL_GROUND_EXCESSIVE,
    RIGHT_ACCESS,
    RIGHT_ERASURE,
    RIGHTS_REQUEST_STATE_FULFILLED,
    RIGHTS_REQUEST_STATE_LAPSED,
    RIGHTS_REQUEST_STATE_OPEN,
    RIGHTS_REQUEST_STATE_REFUSED,
    Right,
)
from profile_service.v1.rights_service_pb2 import RightsRequest
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import people
from tests.support.service import Stubs

pytestmark = pytest.mark.service


def open_request(
    stubs: Stubs, profile_id: str, right: Right = RIGHT_ACCESS, came: date | None = None
) -> messages.OpenRequestResponse:
    return stubs.rights.OpenRequest(people.ask(profile_id, right, came), timeout=SECONDS)


def requests_of(stubs: Stubs, profile_id: str) -> list[RightsRequest]:
    wanted = messages.ListRequestsRequest(profile_id=profile_id, reason=people.REASON)
    return list(stubs.rights.ListRequests(wanted, timeout=SECONDS).requests)


def identify(
    stubs: Stubs, profile_id: str, request_id: str, level: Any = ASSURANCE_LEVEL_SUBSTANTIAL
) -> None:
    request = messages.VerifyIdentityRequest(
        request_id=people.new_id(),
        profile_id=profile_id,
        rights_request_id=request_id,
        method=IDENTIFICATION_METHOD_DOCUMENT,
        level=ASSURANCE_LEVEL_SUBSTANTIAL,
        channel=CHANNEL_PAPER,
    )
    stubs.rights.VerifyIdentity(request, timeout=SECONDS)


def fulfil(profile_id: str, request_id: str) -> messages.FulfilRequestRequest:
    return messages.FulfilRequestRequest(
        request_id=people.new_id(),
        profile_id=profile_id,
        rights_request_id=request_id,
        channel=CHANNEL_PAPER,
    )


def overdue(stubs: Stubs, at: date, position: Any, size: int = 0) -> list[str]:
    """The ids of every request that is overdue on a day, page by page."""
    wanted = messages.ListOverdueRequest(
        at=date_message(at), reason=people.REASON, at_least_position=position, page_size=size
    )
    found: list[str] = []
    while True:
        page = stubs.rights.ListOverdue(wanted, timeout=SECONDS)
        found += [one.rights_request_id for one in page.requests]
        if not page.next_page_token:
            return found
        wanted.page_token = page.next_page_token


def test_a_request_from_its_arrival_to_its_answer(living: Stubs):
    profile_id = calls.register(living).profile_id
    came = date.today() - timedelta(days=3)  # noqa: DTZ011 - a day before today in any zone
    asking = people.ask(profile_id, RIGHT_ACCESS, came)
    answer = living.rights.OpenRequest(asking, timeout=SECONDS)
    request_id = answer.rights_request_id
    assert answer.due_date == date_message(due_on(came, 1))
    assert calls.refused(living.rights.FulfilRequest, fulfil(profile_id, request_id)).reason == (
        "IDENTITY_NOT_VERIFIED"
    )
    identify(living, profile_id, request_id)
    extending = messages.ExtendRequestRequest(
        request_id=people.new_id(),
        profile_id=profile_id,
        rights_request_id=request_id,
        extension_reason=EXTENSION_REASON_COMPLEXITY,
        channel=CHANNEL_EMAIL,
    )
    extended = living.rights.ExtendRequest(extending, timeout=SECONDS)
    assert extended.due_date == date_message(due_on(came, 3))
    # Asked again after a lost answer, each call answers what it answered.
    assert living.rights.OpenRequest(asking, timeout=SECONDS) == answer
    assert living.rights.ExtendRequest(extending, timeout=SECONDS) == extended

    late = due_on(came, 3) + timedelta(days=1)
    assert request_id in overdue(living, late, extended.position, 1)
    assert request_id not in overdue(living, due_on(came, 3), extended.position)
    fulfilled = living.rights.FulfilRequest(fulfil(profile_id, request_id), timeout=SECONDS)
    assert request_id not in overdue(living, late, fulfilled.position)
    (request,) = requests_of(living, profile_id)
    assert (request.state, request.extended) == (RIGHTS_REQUEST_STATE_FULFILLED, True)
    assert request.identification.level == ASSURANCE_LEVEL_SUBSTANTIAL
    assert request.open_time.ToDatetime() <= request.close_time.ToDatetime()


def test_a_hold_stops_an_erasure_and_shows_on_its_request(living: Stubs):
    person = people.new_person()
    profile_id = calls.register(living, person).profile_id
    request_id = open_request(living, profile_id, RIGHT_ERASURE).rights_request_id
    lapsing = open_request(living, profile_id).rights_request_id
    hold = people.hold(profile_id, f"case {person.mark}")
    held = living.rights.PlaceHold(hold, timeout=SECONDS)
    assert living.rights.PlaceHold(hold, timeout=SECONDS) == held
    assert [one.held for one in requests_of(living, profile_id)] == [True, False]
    listing = messages.ListHoldsRequest(profile_id=profile_id, reason=people.REASON)
    (standing,) = living.rights.ListHolds(listing, timeout=SECONDS).holds
    assert (standing.hold_id, standing.ground) == (held.hold_id, HOLD_GROUND_LEGAL_CLAIM)
    assert standing.reference == f"case {person.mark}"

    erasure = people.erase(profile_id)
    erasure.rights_request_id = request_id
    assert calls.refused(living.rights.EraseProfile, erasure).reason == "LEGAL_HOLD"
    assert living.profiles.GetProfile(people.get(profile_id), timeout=SECONDS).profile.email == person.email
    release = messages.ReleaseHoldRequest(
        request_id=people.new_id(), profile_id=profile_id, hold_id=held.hold_id, channel=CHANNEL_PAPER
    )
    living.rights.ReleaseHold(release, timeout=SECONDS)
    assert not living.rights.ListHolds(listing, timeout=SECONDS).holds
    assert [one.held for one in requests_of(living, profile_id)] == [False, False]

    erased = living.rights.EraseProfile(erasure, timeout=SECONDS)
    assert erased.erased_live
    assert living.rights.EraseProfile(erasure, timeout=SECONDS).position == erased.position
    after = {one.rights_request_id: one for one in requests_of(living, profile_id)}
    assert after[request_id].state == RIGHTS_REQUEST_STATE_FULFILLED
    assert after[lapsing].state == RIGHTS_REQUEST_STATE_LAPSED
    assert not living.rights.ListHolds(listing, timeout=SECONDS).holds
    late = date.today() + timedelta(days=90)  # noqa: DTZ011 - as above
    assert not {request_id, lapsing} & set(overdue(living, late, erased.position))


def test_an_erasure_without_a_request_opens_and_fulfils_one(living: Stubs):
    profile_id = calls.register(living).profile_id
    unsure = people.erase(profile_id)
    unsure.identification.level = ASSURANCE_LEVEL_LOW
    assert calls.refused(living.rights.EraseProfile, unsure).reason == "IDENTITY_NOT_VERIFIED"
    assert requests_of(living, profile_id) == []
    living.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS)
    (request,) = requests_of(living, profile_id)
    assert (request.right, request.state) == (RIGHT_ERASURE, RIGHTS_REQUEST_STATE_FULFILLED)
    assert request.identification == people.IDENTIFIED


def test_a_refusal_says_why_and_where_to_complain(living: Stubs):
    profile_id = calls.register(living).profile_id
    opened = open_request(living, profile_id)
    request_id = opened.rights_request_id
    (request,) = requests_of(living, profile_id)
    assert (request.state, request.requested_by) == (RIGHTS_REQUEST_STATE_OPEN, ERASURE_REQUESTER_PERSON)
    refusal = messages.RefuseRequestRequest(
        request_id=people.new_id(),
        profile_id=profile_id,
        rights_request_id=request_id,
        ground=REFUSAL_GROUND_EXCESSIVE,
        complaint_routes=[COMPLAINT_ROUTE_SUPERVISORY_AUTHORITY],
        channel=CHANNEL_PAPER,
    )
    living.rights.RefuseRequest(refusal, timeout=SECONDS)
    (request,) = requests_of(living, profile_id)
    assert request.state == RIGHTS_REQUEST_STATE_REFUSED
    assert request.refusal_ground == REFUSAL_GROUND_EXCESSIVE
    assert list(request.complaint_routes) == [COMPLAINT_ROUTE_SUPERVISORY_AUTHORITY]
