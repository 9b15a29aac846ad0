"""Requests by right: one clock each, one extension, no erasure without identity or against a hold."""

from __future__ import annotations

from datetime import date

import pytest
from google.protobuf.message import Message
from google.type.date_pb2 import Date
from hypothesis import given as any_of
from hypothesis import strategies as st

from profile_service.domain import holds, rights
from profile_service.domain.errors import InvalidRequestError
from profile_service.domain.rights import DEFAULT_ASSURANCE, Asked, fold
from profile_service.domain.rights_errors import (
    ExtensionNotAllowedError,
    IdentityNotVerifiedError,
    LegalHoldError,
    LegalHoldNotFoundError,
    RightHasItsCallError,
    RightsRequestClosedError,
    RightsRequestNotFoundError,
)
from profile_service.v1.events_pb2 import (
    ERASURE_REQUESTER_AUTHORITY,
    ERASURE_REQUESTER_GUARDIAN,
    ERASURE_REQUESTER_PERSON,
    LegalHoldPlaced,
    LegalHoldReleased,
    RequesterIdentified,
    RightsRequestExtended,
    RightsRequestFulfilled,
    RightsRequestOpened,
    RightsRequestRefused,
)
from profile_service.v1.rights_pb2 import (
    ASSURANCE_LEVEL_HIGH,
    ASSURANCE_LEVEL_LOW,
    ASSURANCE_LEVEL_SUBSTANTIAL,
    COMPLAINT_ROUTE_COURT,
    COMPLAINT_ROUTE_SUPERVISORY_AUTHORITY,
    EXTENSION_REASON_COMPLEXITY,
    HOLD_GROUND_ORDER,
    IDENTIFICATION_METHOD_DOCUMENT,
    IDENTIFICATION_METHOD_EID_CARD,
    REFUSAL_GROUND_EXCESSIVE,
    REFUSAL_GROUND_UNFOUNDED,
    RIGHT_ACCESS,
    RIGHT_ERASURE,
    RIGHT_OBJECTION,
    AssuranceLevel,
    Identification,
    IdentificationMethod,
    Right,
)
from tests.domain.given import given
from tests.domain.strategies import messages

ID, OTHER = b"r" * 16, b"o" * 16
HOLD = b"h" * 16
TODAY = date(2026, 3, 10)
RECEIVED = Date(year=2026, month=3, day=2)
ROUTES = [COMPLAINT_ROUTE_SUPERVISORY_AUTHORITY, COMPLAINT_ROUTE_COURT]
FACTS = [
    RightsRequestOpened,
    RequesterIdentified,
    RightsRequestExtended,
    RightsRequestRefused,
    RightsRequestFulfilled,
    LegalHoldPlaced,
    LegalHoldReleased,
]
HISTORIES = st.lists(st.sampled_from(FACTS).flatmap(messages), max_size=8)


def opened(right: Right = RIGHT_ACCESS, request_id: bytes = ID) -> RightsRequestOpened:
    return RightsRequestOpened(
        rights_request_id=request_id,
        right=right,
        requested_by=ERASURE_REQUESTER_PERSON,
        receive_date=RECEIVED,
        due_date=Date(year=2026, month=4, day=2),
    )


def identified(
    level: AssuranceLevel = ASSURANCE_LEVEL_SUBSTANTIAL,
    method: IdentificationMethod = IDENTIFICATION_METHOD_EID_CARD,
) -> RequesterIdentified:
    return RequesterIdentified(rights_request_id=ID, method=method, level=level)


def placed() -> LegalHoldPlaced:
    review = Date(year=2027, month=1, day=4)
    return LegalHoldPlaced(hold_id=HOLD, ground=HOLD_GROUND_ORDER, reference="case 7", review_date=review)


FULFILLED = RightsRequestFulfilled(rights_request_id=ID)
REFUSED = RightsRequestRefused(rights_request_id=ID, ground=REFUSAL_GROUND_UNFOUNDED, complaint_routes=ROUTES)
SURE = Identification(method=IDENTIFICATION_METHOD_EID_CARD, level=ASSURANCE_LEVEL_SUBSTANTIAL)
UNSURE = Identification(method=IDENTIFICATION_METHOD_DOCUMENT, level=ASSURANCE_LEVEL_LOW)


def test_a_request_is_due_a_month_after_it_came():
    open_it = (rights.open_request, ID, RIGHT_ACCESS, ERASURE_REQUESTER_PERSON, date(2026, 3, 2))
    given(fold).when(*open_it, today=TODAY).then(opened())


@pytest.mark.parametrize("received", [date(2026, 3, 11), date(2025, 3, 9)])
def test_a_request_did_not_come_tomorrow_nor_longer_than_a_year_ago(received: date):
    open_it = (rights.open_request, ID, RIGHT_ACCESS, ERASURE_REQUESTER_PERSON, received)
    given(fold).when(*open_it, today=TODAY).refused(InvalidRequestError, "receive_date")


def test_an_extension_counts_three_months_from_the_receipt():
    then = RightsRequestExtended(
        rights_request_id=ID,
        reason=EXTENSION_REASON_COMPLEXITY,
        due_date=Date(year=2026, month=6, day=2),
    )
    extend = (rights.extend, ID, EXTENSION_REASON_COMPLEXITY)
    after = given(fold, opened()).when(*extend, today=date(2026, 4, 2)).then(then)
    after.when(*extend, today=TODAY).refused(ExtensionNotAllowedError)


def test_an_extension_comes_before_the_first_month_ends():
    extend = (rights.extend, ID, EXTENSION_REASON_COMPLEXITY)
    given(fold, opened()).when(*extend, today=date(2026, 4, 3)).refused(ExtensionNotAllowedError)


def test_a_refusal_in_the_same_words_changes_nothing():
    refuse = (rights.refuse, ID, REFUSAL_GROUND_UNFOUNDED, ROUTES)
    given(fold, opened()).when(*refuse).then(REFUSED).when(*refuse).then()


def test_a_refusal_in_other_words_comes_too_late():
    refuse = (rights.refuse, ID, REFUSAL_GROUND_EXCESSIVE, ROUTES)
    given(fold, opened(), REFUSED).when(*refuse).refused(RightsRequestClosedError)


@pytest.mark.parametrize("right", [right for right in Right.values() if right])
@pytest.mark.parametrize("level", AssuranceLevel.values())
def test_no_right_is_carried_out_below_its_level(right: Right, level: AssuranceLevel):
    facts = [opened(right), *([identified(level)] if level else [])]
    fulfil = given(fold, *facts).when(rights.fulfil, ID, DEFAULT_ASSURANCE)
    if right == RIGHT_ERASURE:
        fulfil.refused(RightHasItsCallError)
    elif level < DEFAULT_ASSURANCE.get(right, 0):
        fulfil.refused(IdentityNotVerifiedError)
    else:
        fulfil.then(FULFILLED)


def test_fulfilling_twice_is_fulfilling_once():
    facts = [opened(RIGHT_OBJECTION), FULFILLED]
    given(fold, *facts).when(rights.fulfil, ID, DEFAULT_ASSURANCE).then()


@pytest.mark.parametrize("end", [FULFILLED, REFUSED])
@pytest.mark.parametrize(
    "decision",
    [
        lambda known: rights.identify(known, ID, SURE),
        lambda known: rights.extend(known, ID, EXTENSION_REASON_COMPLEXITY, today=TODAY),
        lambda known: rights.refuse(known, ID, REFUSAL_GROUND_EXCESSIVE, ROUTES),
    ],
    ids=["identify", "extend", "refuse"],
)
def test_what_is_answered_stays_answered(decision, end: Message):
    given(fold, opened(), end).when(decision).refused(RightsRequestClosedError)
    given(fold, opened(request_id=OTHER)).when(decision).refused(RightsRequestNotFoundError)


def test_the_surest_identification_counts():
    low = identified(ASSURANCE_LEVEL_LOW, IDENTIFICATION_METHOD_DOCUMENT)
    assert fold([opened(), identified(), low]).requests[ID].identified == SURE
    assert fold([opened(), low, identified()]).requests[ID].identified == SURE


def allow(**changes):
    asked = {"requested_by": ERASURE_REQUESTER_PERSON, "new_id": ID, **changes}
    return rights.allow_erasure, Asked(**asked), DEFAULT_ASSURANCE


def test_a_direct_erasure_opens_and_fulfils_a_request():
    then = RightsRequestOpened(
        rights_request_id=ID,
        right=RIGHT_ERASURE,
        requested_by=ERASURE_REQUESTER_GUARDIAN,
        receive_date=Date(year=2026, month=3, day=10),
        due_date=Date(year=2026, month=4, day=10),
    )
    asked = allow(requested_by=ERASURE_REQUESTER_GUARDIAN, identification=SURE)
    given(fold).when(*asked, today=TODAY).then(then, identified(), FULFILLED)


def test_an_erasure_fulfils_the_request_that_it_names():
    asked = allow(new_id=OTHER, request_id=ID)
    given(fold, opened(RIGHT_ERASURE), identified()).when(*asked, today=TODAY).then(FULFILLED)


@pytest.mark.parametrize("identification", [None, UNSURE])
def test_no_erasure_below_its_level(identification: Identification | None):
    asked = allow(identification=identification)
    given(fold).when(*asked, today=TODAY).refused(IdentityNotVerifiedError)
    asked = allow(request_id=ID, new_id=OTHER, identification=identification)
    given(fold, opened(RIGHT_ERASURE)).when(*asked, today=TODAY).refused(IdentityNotVerifiedError)


def test_an_erasure_names_an_open_request_for_erasure():
    asked = allow(request_id=ID, new_id=OTHER, identification=SURE)
    given(fold).when(*asked, today=TODAY).refused(RightsRequestNotFoundError)
    given(fold, opened(RIGHT_ACCESS)).when(*asked, today=TODAY).refused(RightHasItsCallError)
    given(fold, opened(RIGHT_ERASURE), REFUSED).when(*asked, today=TODAY).refused(RightsRequestClosedError)


def test_an_authority_opens_and_fulfils_a_request_without_an_identification():
    """The same stream as that of a hold: neither slips past the other."""
    opening = RightsRequestOpened(
        rights_request_id=ID,
        right=RIGHT_ERASURE,
        requested_by=ERASURE_REQUESTER_AUTHORITY,
        receive_date=Date(year=2026, month=3, day=10),
        due_date=Date(year=2026, month=4, day=10),
    )
    asked = allow(requested_by=ERASURE_REQUESTER_AUTHORITY)
    given(fold).when(*asked, today=TODAY).then(opening, FULFILLED)


def test_an_authority_can_not_fulfil_the_request_of_somebody_who_is_not_identified():
    asked = allow(requested_by=ERASURE_REQUESTER_AUTHORITY, request_id=ID, new_id=OTHER)
    given(fold, opened(RIGHT_ERASURE)).when(*asked, today=TODAY).refused(IdentityNotVerifiedError)
    given(fold).when(*asked, today=TODAY).refused(RightsRequestNotFoundError)
    given(fold, opened(RIGHT_ERASURE), identified()).when(*asked, today=TODAY).then(FULFILLED)


@pytest.mark.parametrize("requester", [ERASURE_REQUESTER_PERSON, ERASURE_REQUESTER_AUTHORITY])
def test_a_hold_stops_every_erasure_until_it_is_released(requester):
    asked = allow(requested_by=requester, identification=SURE)
    given(fold, placed()).when(*asked, today=TODAY).refused(LegalHoldError)
    released = given(fold, placed()).when(holds.release_hold, HOLD).then(LegalHoldReleased(hold_id=HOLD))
    assert released.when(*asked, today=TODAY).decision() is not None


def test_placing_and_releasing_a_hold():
    place = (holds.place_hold, HOLD, HOLD_GROUND_ORDER, " case 7 ", date(2027, 1, 4))
    after = given(fold).when(*place, today=TODAY).then(placed())
    after = after.when(holds.release_hold, HOLD).then(LegalHoldReleased(hold_id=HOLD))
    after.when(holds.release_hold, HOLD).then()
    after.when(holds.release_hold, OTHER).refused(LegalHoldNotFoundError)


@pytest.mark.parametrize(
    ("reference", "review", "field"),
    [("a\nb", date(2027, 1, 4), "reference"), ("case 7", TODAY, "review_date")],
)
def test_a_hold_needs_a_reference_and_a_day_to_come(reference: str, review: date, field: str):
    place = (holds.place_hold, HOLD, HOLD_GROUND_ORDER, reference, review)
    given(fold).when(*place, today=TODAY).refused(InvalidRequestError, field)


def test_what_is_open_lapses_with_the_person():
    known = rights.lapse(fold([opened(), opened(request_id=OTHER), REFUSED]))
    assert known.requests[ID].state == rights.REFUSED
    assert known.requests[OTHER].state == rights.LAPSED


def test_a_level_may_be_asked_of_every_right():
    strict = dict.fromkeys(Right.values(), ASSURANCE_LEVEL_HIGH)
    fulfil = (rights.fulfil, ID, strict)
    given(fold, opened(RIGHT_OBJECTION), identified()).when(*fulfil).refused(IdentityNotVerifiedError)


@any_of(HISTORIES)
def test_folding_is_total(facts: list[Message]):
    assert fold(facts).version == len(facts)
