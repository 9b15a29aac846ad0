"""Whom a fact that can't be applied holds up: seen, tried again, and let go on by a decision in the log."""

from __future__ import annotations

import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import grpc
import pytest
from sqlalchemy.engine import make_url

from profile_service.v1.consent_service_pb2 import CONSENT_DECISION_WITHDRAWN
from profile_service.v1.events_pb2 import SKIP_REASON_DAMAGED, SKIP_REASON_DEFECT, ProjectionFactSkipped
from profile_service.v1.operations_service_pb2 import (
    REBUILD_STATE_PARKS_TOO_MANY,
    RebuildProjectionRequest,
    SwapProjectionRequest,
    VerifyProjectionRequest,
)
from profile_service.v1.parked_pb2 import (
    GetParkedRequest,
    ListParkedRequest,
    RetryParkedRequest,
    SkipParkedRequest,
)
from profile_service.v1.profile_pb2 import Position, Profile
from tests.api import calls
from tests.api.beside import Beside
from tests.api.calls import SECONDS
from tests.support import people
from tests.support.canaries import scan, scan_bytes
from tests.support.service import Databases, Service, Stubs

pytestmark = pytest.mark.service


def change(stubs: Stubs, profile_id: str, value: str) -> int:
    """Give someone another name; the position of that fact."""
    request = people.update(profile_id, Profile(given_name=value), "given_name")
    position: int = stubs.profiles.UpdateProfile(request, timeout=SECONDS).position.value
    return position


def held_up(beside: Beside, *damaged: int, changes: int = 3) -> tuple[people.Person, str, list[int]]:
    """Someone with so many changes, of which the view can't apply the n-th; and the positions of all."""
    person = people.new_person()
    registered = calls.register(beside.stubs, person)
    calls.profile_of(beside.stubs, registered.profile_id, registered.position.value)
    with beside.lagging():
        names = [f"{person.mark}{number}" for number in range(changes)]
        positions = [change(beside.stubs, registered.profile_id, name) for name in names]
        for number in damaged:
            beside.damage(positions[number])
    parked = calls.refused(beside.stubs.profiles.GetProfile, people.get(registered.profile_id, positions[-1]))
    assert parked.reason == "PROFILE_PARKED"
    return person, registered.profile_id, positions


def shown(stubs: Stubs, subject_id: str, **values: Any) -> Any:
    request = GetParkedRequest(name="profiles", subject_id=subject_id, **values)
    return stubs.operations.GetParked(request, timeout=SECONDS)


def skipping(subject_id: str, position: int, **values: Any) -> SkipParkedRequest:
    given = {"request_id": people.new_id(), "name": "profiles", "skip_reason": SKIP_REASON_DAMAGED, **values}
    return SkipParkedRequest(subject_id=subject_id, position=position, **given)


def skipped_facts(stubs: Stubs, profile_id: str) -> list[tuple[Any, ProjectionFactSkipped]]:
    found = calls.events(stubs, profile_ids=[profile_id], types=["ProjectionFactSkipped"])
    return [(event.header, ProjectionFactSkipped.FromString(event.fact)) for event in found]


def test_someone_who_waits_is_shown_tried_again_and_let_go_on(beside: Beside):
    stubs = beside.stubs
    person, profile_id, positions = held_up(beside, 0)
    answer = shown(stubs, profile_id)
    assert (answer.parked.subject_id, answer.parked.position) == (profile_id, positions[0])
    assert (answer.parked.type, answer.parked.error) == ("ProfileUpdated", "SealBrokenError")
    assert [one.position for one in answer.waiting] == positions
    assert {one.type for one in answer.waiting} == {"ProfileUpdated"}
    assert answer.waiting_count == 3
    retried = stubs.operations.RetryParked(
        RetryParkedRequest(name="profiles", subject_id=profile_id), timeout=SECONDS
    )
    assert retried.parked == answer.parked

    request = skipping(profile_id, positions[0])
    skipped = stubs.operations.SkipParked(request, timeout=SECONDS)
    gone = calls.refused(
        stubs.operations.GetParked,
        GetParkedRequest(name="profiles", subject_id=profile_id, at_least_position=skipped.position),
    )
    assert (gone.status, gone.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_PARKED")
    assert calls.profile_of(stubs, profile_id).given_name == f"{person.mark}2"

    # The decision is a fact, with who decided; the same request again is the same decision.
    ((header, fact),) = skipped_facts(stubs, profile_id)
    assert (fact.view, fact.position, fact.reason) == ("profiles", positions[0], SKIP_REASON_DAMAGED)
    assert (header.actor, header.request_id) == ("dev", people.id_bytes(request.request_id))
    assert stubs.operations.SkipParked(request, timeout=SECONDS) == skipped
    stubs.operations.SkipParked(skipping(profile_id, positions[0]), timeout=SECONDS)
    assert len(skipped_facts(stubs, profile_id)) == 1
    request.skip_reason = SKIP_REASON_DEFECT
    assert calls.refused(stubs.operations.SkipParked, request).reason == "REQUEST_ID_REUSED"

    # And whoever makes the view anew passes over the same fact.
    list(stubs.operations.RebuildProjection(RebuildProjectionRequest(name="profiles"), timeout=SECONDS))
    verified = stubs.operations.VerifyProjection(VerifyProjectionRequest(name="profiles"), timeout=SECONDS)
    assert verified.equal
    assert calls.profile_of(stubs, profile_id).given_name == f"{person.mark}2"
    assert not scan([beside.service.log], [person.mark])
    assert not scan_bytes("shown", answer.SerializeToString(), [person.mark])


def test_whoever_a_view_passes_over_is_not_found_and_no_fault(beside: Beside):
    """The log knows them; the view never will, because an operator decided so."""
    stubs = beside.stubs
    with beside.lagging():
        registered = calls.register(stubs)
        beside.damage(registered.position.value)
    position = registered.position
    parked = calls.refused(stubs.profiles.GetProfile, people.get(registered.profile_id, position.value))
    assert parked.reason == "PROFILE_PARKED"
    skipped = stubs.operations.SkipParked(skipping(registered.profile_id, position.value), timeout=SECONDS)
    shown_no_more = GetParkedRequest(
        name="profiles", subject_id=registered.profile_id, at_least_position=skipped.position
    )
    assert calls.refused(stubs.operations.GetParked, shown_no_more).reason == "NOT_PARKED"
    found = calls.refused(stubs.profiles.GetProfile, people.get(registered.profile_id))
    assert (found.status, found.reason) == (grpc.StatusCode.NOT_FOUND, "PROFILE_NOT_FOUND")


def test_of_two_operators_who_mean_the_same_fact_neither_skips_another(beside: Beside):
    stubs = beside.stubs
    _, profile_id, positions = held_up(beside, 0, 1)
    for request in (skipping(profile_id, positions[0]), skipping(profile_id, positions[0])):
        skipped = stubs.operations.SkipParked(request, timeout=SECONDS)
        waiting = shown(stubs, profile_id, at_least_position=skipped.position)
        assert waiting.parked.position == positions[1]
    for position in (positions[2], positions[1] - 1_000_000):
        if position > 0:
            found = calls.refused(stubs.operations.SkipParked, skipping(profile_id, position))
            assert (found.status, found.reason) == (grpc.StatusCode.ABORTED, "PARKED_ELSEWHERE")
    elsewhere = skipping(profile_id, positions[1], name="consents")
    assert calls.refused(stubs.operations.SkipParked, elsewhere).reason == "NOT_PARKED"
    of_another = skipping(people.new_id(), positions[1])
    assert calls.refused(stubs.operations.SkipParked, of_another).reason == "NOT_PARKED"
    assert len(skipped_facts(stubs, profile_id)) == 1

    erased = stubs.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS)
    assert calls.refused(stubs.operations.SkipParked, skipping(profile_id, positions[1])).reason == (
        "PROFILE_ERASED"
    )
    gone = GetParkedRequest(name="profiles", subject_id=profile_id, at_least_position=erased.position)
    assert calls.refused(stubs.operations.GetParked, gone).reason == "NOT_PARKED"


def test_a_withdrawal_is_never_passed_over(beside: Beside):
    stubs = beside.stubs
    profile_id = calls.register(stubs).profile_id
    stubs.consents.SetConsent(people.consent(profile_id), timeout=SECONDS)
    with beside.lagging():
        withdrawal = people.consent(profile_id, decision=CONSENT_DECISION_WITHDRAWN)
        withdrawn = stubs.consents.SetConsent(withdrawal, timeout=SECONDS).position
        beside.damage(withdrawn.value)
    checked = stubs.consents.CheckConsents(people.check(profile_id), timeout=SECONDS)
    assert list(checked.given) == [False]
    request = skipping(profile_id, withdrawn.value, name="consents")
    found = calls.refused(stubs.operations.SkipParked, request)
    assert (found.status, found.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "FACT_NOT_SKIPPABLE")
    checked = stubs.consents.CheckConsents(people.check(profile_id), timeout=SECONDS)
    assert list(checked.given) == [False]


def test_those_who_wait_come_in_pages(beside: Beside):
    stubs = beside.stubs
    held = [held_up(beside, 0, changes=1) for _ in range(3)]
    request = ListParkedRequest(name="profiles", page_size=2)
    listed = []
    while True:
        page = stubs.operations.ListParked(request, timeout=SECONDS)
        assert len(page.parked) <= 2
        listed += [(one.subject_id, one.position) for one in page.parked]
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token
    expected = [(profile_id, positions[0]) for _, profile_id, positions in held]
    assert [one for one in listed if one in expected] == expected
    assert [position for _, position in listed] == sorted(position for _, position in listed)
    request.name = "consents"
    assert calls.refused(stubs.operations.ListParked, request).reason == "PAGE_TOKEN_INVALID"
    ahead = ListParkedRequest(name="profiles", at_least_position=Position(value=1 << 40))
    assert calls.refused(stubs.operations.ListParked, ahead).reason == "POSITION_OF_ANOTHER_LOG"


def test_a_rebuild_that_would_park_more_tells_whom_and_changes_nothing(beside: Beside):
    """A fact is damaged that the live view has applied long since."""
    stubs = beside.stubs
    profile_id = calls.register(stubs).profile_id
    given = stubs.consents.SetConsent(people.consent(profile_id), timeout=SECONDS).position
    assert list(stubs.consents.CheckConsents(people.check(profile_id), timeout=SECONDS).given) == [True]
    beside.damage(given.value)
    (*_, last) = stubs.operations.RebuildProjection(
        RebuildProjectionRequest(name="consents_per_day"), timeout=SECONDS
    )
    assert last.rebuild.state == REBUILD_STATE_PARKS_TOO_MANY
    summary, generation = last.rebuild.parked_summary, last.generation
    swap = SwapProjectionRequest(name="consents_per_day", accept_differences=True)
    found = calls.refused(stubs.operations.SwapProjection, swap)
    assert (found.status, found.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "TOO_MANY_PARKED")
    assert summary.count == summary.limit + 1
    assert (profile_id, given.value) in [(one.subject_id, one.position) for one in summary.subjects]
    shadow = ListParkedRequest(name="consents_per_day", generation=generation)
    assert list(stubs.operations.ListParked(shadow, timeout=SECONDS).parked) == list(summary.subjects)
    live = stubs.operations.ListParked(ListParkedRequest(name="consents_per_day"), timeout=SECONDS)
    assert profile_id not in {one.subject_id for one in live.parked}
    assert list(stubs.consents.CheckConsents(people.check(profile_id), timeout=SECONDS).given) == [True]


def test_a_service_whose_views_would_park_more_does_not_start_without_being_told_to(tmp_path: Path):
    """Its views are outdated, so they are rebuilt before it serves; a fact was damaged meanwhile."""
    service = Service(tmp_path, Databases.sqlite(tmp_path))
    service.start()
    with service.stubs() as stubs:
        registered = calls.register(stubs)
        calls.profile_of(stubs, registered.profile_id, registered.position.value)
    assert service.stop() == 0
    for url, statement in (
        (
            service.databases.events,
            f"UPDATE facts SET record = x'ff' WHERE position = {registered.position.value}",
        ),
        (
            service.databases.views,
            "UPDATE generations SET layout = 'of an earlier version' WHERE view = 'profiles'",
        ),
    ):
        with sqlite3.connect(str(make_url(url).database)) as connection:
            connection.execute(statement)
    with pytest.raises(subprocess.CalledProcessError) as refused:
        service.run("serve")
    said = refused.value.stderr.splitlines()[-1]
    assert "generation 2 of profiles parks 1, 0 are allowed by parked_margin" in said
    assert f"{registered.profile_id}@{registered.position.value}" in said
    service.environment = {"APROFILE_PARKED_MARGIN": "1"}
    service.start()
    assert service.stop() == 0
