"""Restricting the processing of data: by a request, on several grounds, lifted when the person was told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from google.protobuf.message import Message
from google.type.date_pb2 import Date

from profile_service.domain import restrictions, rights
from profile_service.domain.carrying_out import Asked
from profile_service.domain.errors import InvalidRequestError
from profile_service.domain.rights import DEFAULT_ASSURANCE
from profile_service.domain.rights_errors import IdentityNotVerifiedError, RightHasItsCallError
from profile_service.v1.events_pb2 import (
    ERASURE_REQUESTER_CITY,
    ERASURE_REQUESTER_PERSON,
    ProcessingRestricted,
    RequesterIdentified,
    RestrictionLifted,
    RightsRequestFulfilled,
    RightsRequestOpened,
)
from profile_service.v1.rights_pb2 import (
    ASSURANCE_LEVEL_LOW,
    IDENTIFICATION_METHOD_DOCUMENT,
    RESTRICTION_GROUND_ACCURACY_CONTESTED,
    RESTRICTION_GROUND_NEEDED_FOR_CLAIMS,
    RIGHT_ACCESS,
    RIGHT_RESTRICTION,
    Identification,
    RestrictionGround,
    Right,
)
from tests.domain.given import given

TODAY = date(2026, 3, 10)
ID, OTHER = bytes([1] * 16), bytes([2] * 16)
KNOWN = Identification(method=IDENTIFICATION_METHOD_DOCUMENT, level=ASSURANCE_LEVEL_LOW)
CONTESTED = ProcessingRestricted(ground=RESTRICTION_GROUND_ACCURACY_CONTESTED)
CLAIMS = ProcessingRestricted(ground=RESTRICTION_GROUND_NEEDED_FOR_CLAIMS)
LIFTED = RestrictionLifted(
    ground=RESTRICTION_GROUND_ACCURACY_CONTESTED, inform_date=Date(year=2026, month=3, day=9)
)
FULFILLED = RightsRequestFulfilled(rights_request_id=ID)


def fold(facts: Iterable[Message]) -> list[Message]:
    return list(facts)


def opened(right: Right = RIGHT_RESTRICTION, requested_by: Any = ERASURE_REQUESTER_PERSON) -> Message:
    day, due = Date(year=2026, month=3, day=10), Date(year=2026, month=4, day=10)
    return RightsRequestOpened(
        rights_request_id=ID, right=right, requested_by=requested_by, receive_date=day, due_date=due
    )


def restrict(
    facts: list[Message],
    ground: RestrictionGround = RESTRICTION_GROUND_ACCURACY_CONTESTED,
    requested_by: Any = ERASURE_REQUESTER_PERSON,
    **asked: Any,
) -> list[Any]:
    return restrictions.restrict(
        rights.fold(facts),
        restrictions.fold(facts),
        ground,
        Asked(requested_by, **{"new_id": ID, **asked}),
        DEFAULT_ASSURANCE,
        today=TODAY,
    )


def lift(facts: list[Message], informed: date = TODAY - timedelta(days=1)) -> list[RestrictionLifted]:
    ground = RESTRICTION_GROUND_ACCURACY_CONTESTED
    return restrictions.lift(restrictions.fold(facts), ground, informed, today=TODAY)


def test_restricting_opens_and_fulfils_a_request():
    identified = RequesterIdentified(
        rights_request_id=ID, method=IDENTIFICATION_METHOD_DOCUMENT, level=ASSURANCE_LEVEL_LOW
    )
    told = given(fold).when(restrict, identification=KNOWN)
    after = told.then(opened(), identified, FULFILLED, CONTESTED)
    after.when(restrict, new_id=OTHER).then()


def test_the_city_restricts_without_an_identification():
    city = ERASURE_REQUESTER_CITY
    given(fold).when(restrict, requested_by=city).then(opened(requested_by=city), FULFILLED, CONTESTED)


def test_who_is_not_identified_restricts_nothing():
    given(fold).when(restrict).refused(IdentityNotVerifiedError)
    given(fold, opened()).when(restrict, request_id=ID).refused(IdentityNotVerifiedError)


def test_a_request_for_something_else_restricts_nothing():
    asked = {"request_id": ID, "identification": KNOWN}
    given(fold, opened(RIGHT_ACCESS)).when(restrict, **asked).refused(RightHasItsCallError)


def test_a_restriction_is_not_only_said_to_be_done():
    known = given(rights.fold, opened())
    known.when(rights.fulfil, ID, DEFAULT_ASSURANCE).refused(RightHasItsCallError)


def test_grounds_add_up_and_each_is_lifted_alone():
    after = given(fold, CONTESTED, CLAIMS).when(lift).then(LIFTED)
    assert restrictions.fold(after.facts) == {RESTRICTION_GROUND_NEEDED_FOR_CLAIMS}
    after.when(lift).then()
    assert not restrictions.fold([CONTESTED, LIFTED])
    assert restrictions.fold([CONTESTED, LIFTED, CONTESTED])


def test_nothing_is_lifted_before_the_person_was_told():
    given(fold, CONTESTED).when(lift, TODAY).then(
        RestrictionLifted(
            ground=RESTRICTION_GROUND_ACCURACY_CONTESTED, inform_date=Date(year=2026, month=3, day=10)
        )
    )
    given(fold, CONTESTED).when(lift, TODAY + timedelta(days=1)).refused(InvalidRequestError, "inform_date")


@pytest.mark.parametrize("facts", [(), (opened(),), (opened(), FULFILLED)])
def test_other_facts_restrict_nothing(facts: tuple[Message, ...]):
    assert not restrictions.fold(facts)
