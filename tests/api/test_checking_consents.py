"""A consent check is never behind the log: not while the view lags, and not when the withdrawal is parked."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from functools import partial

import grpc
import pytest

from profile_service.v1 import profile_service_pb2_grpc
from profile_service.v1.audience_service_pb2 import SelectAudienceRequest
from profile_service.v1.consent_service_pb2 import CONSENT_DECISION_WITHDRAWN, ListConsentsRequest
from profile_service.v1.objection_pb2 import (
    CreateUnsubscribeLinkRequest,
    ObjectToMarketingRequest,
    UnsubscribeRequest,
)
from profile_service.v1.operations_service_pb2 import ListProjectionsRequest
from profile_service.v1.profile_pb2 import CHANNEL_WEB, Position, Profile
from profile_service.v1.profile_service_pb2 import GetProfileRequest
from projections.schema import generation_table
from projections.views.profiles import PROFILES
from tests.api import calls
from tests.api.beside import Beside
from tests.api.calls import SECONDS
from tests.support import people
from tests.support.canaries import scan, scan_bytes
from tests.support.service import Service, Stubs

pytestmark = pytest.mark.service

# A stopped projector loses its lease on the keys after some seconds; what lags here lags shorter.
BRIEFLY = 0.4


def given(stubs: Stubs, profile_id: str) -> list[bool]:
    return list(stubs.consents.CheckConsents(people.check(profile_id), timeout=SECONDS).given)


def withdraw(stubs: Stubs, profile_id: str) -> Position:
    withdrawal = people.consent(profile_id, decision=CONSENT_DECISION_WITHDRAWN)
    position: Position = stubs.consents.SetConsent(withdrawal, timeout=SECONDS).position
    return position


def object_to(stubs: Stubs, profile_id: str) -> Position:
    objection = ObjectToMarketingRequest(
        request_id=people.new_id(), profile_id=profile_id, channel=CHANNEL_WEB
    )
    position: Position = stubs.rights.ObjectToMarketing(objection, timeout=SECONDS).position
    return position


def unsubscribe(stubs: Stubs, profile_id: str) -> Position:
    """With a link for one purpose; where the log stands then."""
    wanted = CreateUnsubscribeLinkRequest(profile_id=profile_id, purpose="newsletter")
    token = stubs.rights.CreateUnsubscribeLink(wanted, timeout=SECONDS).token
    stubs.rights.Unsubscribe(UnsubscribeRequest(token=token), timeout=SECONDS)
    (event,) = calls.events(stubs, profile_ids=[profile_id], types=["MarketingObjected"])
    return Position(value=event.position)


WAYS_OUT = pytest.mark.parametrize("leave", [withdraw, object_to, unsubscribe])


def consenting(stubs: Stubs, person: people.Person | None = None) -> str:
    """A person who gave consent, as a check says."""
    profile_id = calls.register(stubs, person).profile_id
    stubs.consents.SetConsent(people.consent(profile_id), timeout=SECONDS)
    assert given(stubs, profile_id) == [True]
    return profile_id


def parked(stubs: Stubs) -> int:
    listed = stubs.operations.ListProjections(ListProjectionsRequest(), timeout=SECONDS)
    return {one.name: one.parked for one in listed.projections}["consents"]


def listing(profile_id: str, at_least: Position | None = None) -> ListConsentsRequest:
    return ListConsentsRequest(profile_id=profile_id, reason=people.REASON, at_least_position=at_least)


@WAYS_OUT
def test_while_the_view_lags_a_check_waits_and_never_says_given(
    beside: Beside, leave: Callable[[Stubs, str], Position]
):
    stubs = beside.stubs
    profile_id = consenting(stubs)
    answers: list[list[bool]] = []
    waiting = threading.Thread(target=lambda: answers.append(given(stubs, profile_id)))
    with beside.lagging():
        withdrawn = leave(stubs, profile_id)
        found = [
            calls.refused(call, request, timeout=BRIEFLY)
            for call, request in (
                (stubs.consents.CheckConsents, people.check(profile_id)),
                (stubs.consents.ListConsents, listing(profile_id, withdrawn)),
                (stubs.profiles.GetProfile, people.get(profile_id, withdrawn.value)),
            )
        ]
        waiting.start()
        time.sleep(BRIEFLY)
        assert not answers
    assert {one.status for one in found} == {grpc.StatusCode.DEADLINE_EXCEEDED}
    # The client's own clock may be the first to ring; then the server's word is not heard.
    assert {one.reason for one in found} <= {"POSITION_NOT_REACHED", ""}
    assert "POSITION_NOT_REACHED" in {one.reason for one in found}
    waiting.join(SECONDS)
    assert answers == [[False]]


def test_who_was_acknowledged_is_waited_for_without_a_position(beside: Beside):
    """What the log knows is never said not to be there."""
    person, found = people.new_person(), list[str]()
    with beside.lagging():
        profile_id = calls.register(beside.stubs, person).profile_id
        wanted = GetProfileRequest(profile_id=profile_id, reason=people.REASON)
        read = partial(beside.stubs.profiles.GetProfile, wanted, timeout=calls.SECONDS)
        reading = threading.Thread(target=lambda: found.append(read().profile.email))
        reading.start()
        time.sleep(BRIEFLY)
        assert not found
    reading.join(calls.SECONDS)
    assert found == [person.email]


def test_what_a_check_has_seen_is_at_least_what_was_acknowledged(beside: Beside):
    profile_id = consenting(beside.stubs)
    withdrawn = withdraw(beside.stubs, profile_id)
    checked = beside.stubs.consents.CheckConsents(people.check(profile_id), timeout=SECONDS)
    assert checked.position.value >= withdrawn.value
    assert list(checked.given) == [False]


@WAYS_OUT
def test_a_person_whose_withdrawal_is_parked_has_not_given_consent(
    beside: Beside, leave: Callable[[Stubs, str], Position]
):
    """The record of the withdrawal, or the objection, is damaged before the view gets to it."""
    stubs = beside.stubs
    parked_before = parked(stubs)
    profile_id, other = consenting(stubs), consenting(stubs)
    with beside.lagging():
        withdrawn = leave(stubs, profile_id)
        beside.damage(withdrawn.value)
    checked = stubs.consents.CheckConsents(people.check(other, profile_id), timeout=SECONDS)
    assert list(checked.given) == [True, False]
    for request in (listing(profile_id), listing(profile_id, withdrawn)):
        found = calls.refused(stubs.consents.ListConsents, request)
        assert (found.status, found.reason) == (grpc.StatusCode.UNAVAILABLE, "PROFILE_PARKED")
    assert parked(stubs) == parked_before + 1
    # Nor is anybody contacted who would be by a view that could not read it.
    wanted = SelectAudienceRequest(purpose="newsletter", reason=people.REASON)
    members = [one for page in stubs.audience.SelectAudience(wanted, timeout=SECONDS) for one in page.members]
    assert profile_id not in {member.profile_id for member in members}
    assert other in {member.profile_id for member in members}
    # Nobody else waits, nor does the view that the fact does not concern.
    assert calls.profile_of(stubs, profile_id, withdrawn.value).profile_id == profile_id
    assert given(stubs, other) == [True]


def test_a_damaged_row_is_a_fault_for_its_person_alone_and_parks_them_with_the_next_fact(beside: Beside):
    stubs, service = beside.stubs, beside.service
    person = people.new_person()
    profile_id = consenting(stubs, person)
    others = [calls.register(stubs).profile_id for _ in range(5)]
    last = calls.register(stubs)
    calls.profile_of(stubs, last.profile_id, last.position.value)
    table = generation_table(PROFILES, 1).name
    damage = f"UPDATE {table} SET profile = CAST(x'00' || substr(profile, 2) AS BLOB) WHERE profile_id = ?"
    assert beside.execute(service.databases.views, damage, profile_id.replace("-", "")) == 1

    found = calls.refused(stubs.profiles.GetProfile, people.get(profile_id))
    assert (found.status, found.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    assert found.metadata["incident"] in service.log.read_text()
    # Reads that arrive together share a query, and not its faults.
    answers = asyncio.run(read_at_once(service, [profile_id, *others] * 20))
    assert set(answers.pop(profile_id)) == {grpc.StatusCode.INTERNAL}
    assert {code for codes in answers.values() for code in codes} == {grpc.StatusCode.OK}

    change = people.update(profile_id, Profile(given_name=person.mark), "given_name")
    position = stubs.profiles.UpdateProfile(change, timeout=SECONDS).position.value
    for request in (people.get(profile_id, position), people.get(profile_id)):
        parked = calls.refused(stubs.profiles.GetProfile, request)
        assert (parked.status, parked.reason) == (grpc.StatusCode.UNAVAILABLE, "PROFILE_PARKED")
    # The consents of the person are another view.
    assert given(stubs, profile_id) == [True]
    assert not scan_bytes("refusals", found.said + parked.said, [person.mark])
    assert not scan([service.log], [person.mark])

    # Erasing ends the waiting: the person is erased, not parked.
    erased = stubs.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS)
    gone = calls.refused(stubs.profiles.GetProfile, people.get(profile_id, erased.position.value))
    assert gone.reason == "PROFILE_ERASED"


async def read_at_once(service: Service, profile_ids: list[str]) -> dict[str, list[grpc.StatusCode]]:
    """How each of many reads at once ended."""
    codes: dict[str, list[grpc.StatusCode]] = {profile_id: [] for profile_id in profile_ids}
    async with grpc.aio.insecure_channel(service.address) as channel:
        stub = profile_service_pb2_grpc.ProfileServiceStub(channel)

        async def read(profile_id: str) -> None:
            call = stub.GetProfile(people.get(profile_id), timeout=SECONDS)
            codes[profile_id].append(await call.code())

        await asyncio.gather(*(read(profile_id) for profile_id in profile_ids))
    return codes
