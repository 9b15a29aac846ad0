"""ReplayEvents: the log in order, filtered, followed, with personal halves withheld, included or erased."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from queue import Queue
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from profile_service.domain.registry import fact_type
from profile_service.v1 import events_pb2
from profile_service.v1.audit_service_pb2 import PersonalHalf, ReplayedEvent, ReplayEventsRequest
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import people
from tests.support.service import Stubs

pytestmark = pytest.mark.service


def name(event: ReplayedEvent) -> str:
    return event.header.type.rpartition(".")[2]


@pytest.fixture(scope="module")
def pair(stubs: Stubs) -> tuple[people.Person, str, str]:
    """A person, their id, and the id of another; both have a consent."""
    person = people.new_person()
    ids = [calls.register(stubs, one).profile_id for one in (person, people.new_person())]
    for profile_id in ids:
        stubs.consents.SetConsent(people.consent(profile_id), timeout=SECONDS)
    return person, ids[0], ids[1]


def test_every_position_comes_once_in_order_whatever_the_filter(stubs: Stubs, pair: Any):
    pages = list(stubs.audit.ReplayEvents(ReplayEventsRequest(), timeout=SECONDS))
    positions = [event.position for page in pages for event in page.events]
    assert positions == list(range(1, len(positions) + 1))
    assert pages[-1].position == positions[-1]
    assert all(len(page.events) <= 200 for page in pages)
    times = [event.time.ToNanoseconds() for page in pages for event in page.events]
    assert times == sorted(times)
    middle = positions[len(positions) // 2]
    assert [event.position for event in calls.events(stubs, after_position=middle)] == positions[middle:]


def test_the_stored_bytes_are_what_the_event_says(stubs: Stubs, pair: Any):
    for event in calls.events(stubs, profile_ids=[pair[1]]):
        record = events_pb2.Record.FromString(event.record)
        assert events_pb2.EventHeader.FromString(record.header) == event.header
        assert event.header.profile_id == people.id_bytes(pair[1])
        schema = fact_type(event.header.type).schema
        assert (event.header.actor, event.header.schema) == ("dev", schema)


def test_filters_by_person_and_type(stubs: Stubs, pair: Any):
    _, one, other = pair
    assert [name(event) for event in calls.events(stubs, profile_ids=[one])] == [
        "ProfileRegistered",
        "ConsentGiven",
    ]
    both = calls.events(stubs, profile_ids=[one, other.upper()], types=["ConsentGiven"])
    assert [event.header.profile_id for event in both] == [people.id_bytes(one), people.id_bytes(other)]
    assert {name(event) for event in both} == {"ConsentGiven"}
    assert not calls.events(stubs, profile_ids=[people.new_id()])


def test_filters_by_time_from_a_point_on_and_before_another(stubs: Stubs, pair: Any):
    first, second = calls.events(stubs, profile_ids=[pair[1]])
    assert first.time.ToNanoseconds() < second.time.ToNanoseconds()
    assert calls.events(stubs, profile_ids=[pair[1]], start_time=second.time) == [second]
    assert calls.events(stubs, profile_ids=[pair[1]], end_time=second.time) == [first]
    assert not calls.events(stubs, start_time=Timestamp(seconds=1 << 39))


def test_what_passes_no_filter_is_counted_as_looked_at(stubs: Stubs, pair: Any):
    """The position goes on, so that a client that resumes does not look again."""
    head = calls.events(stubs)[-1].position
    request = ReplayEventsRequest(profile_ids=[people.new_id()])
    (page,) = stubs.audit.ReplayEvents(request, timeout=SECONDS)
    assert (page.position, len(page.events)) == (head, 0)


def test_personal_halves_are_withheld_unless_asked_for(stubs: Stubs, pair: Any):
    person, profile_id, _ = pair
    registered, given = calls.events(stubs, profile_ids=[profile_id])
    assert registered.personal_half == PersonalHalf.PERSONAL_HALF_WITHHELD
    assert given.personal_half == PersonalHalf.PERSONAL_HALF_NONE
    assert person.mark.encode() not in registered.SerializeToString()

    shown, given = calls.events(stubs, profile_ids=[profile_id], include_personal=True, reason=people.REASON)
    assert shown.personal_half == PersonalHalf.PERSONAL_HALF_INCLUDED
    assert given.personal_half == PersonalHalf.PERSONAL_HALF_NONE
    fact = events_pb2.ProfileRegistered.FromString(shown.fact)
    assert (fact.email, fact.policy_version) == (person.email, "2026-01")
    assert shown.record == registered.record


def test_personal_halves_need_a_reason(stubs: Stubs, pair: Any):
    found = calls.refused(stubs.audit.ReplayEvents, ReplayEventsRequest(include_personal=True))
    assert (found.reason, found.fields) == ("READ_REASON_REQUIRED", ["reason"])


def test_a_follower_gets_what_is_written_after_it_began(stubs: Stubs):
    """Without a deadline: the stream ends when its client ends it."""
    head = calls.events(stubs)[-1].position
    stream = stubs.audit.ReplayEvents(ReplayEventsRequest(after_position=head, follow=True))
    seen: Queue[ReplayedEvent] = Queue()

    def read() -> None:
        with suppress(grpc.RpcError):
            for page in stream:
                for event in page.events:
                    seen.put(event)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(1, 4):
        position = calls.register(stubs).position.value
        assert seen.get(timeout=5).position == position == head + number
        time.sleep(0.05)
    stream.cancel()
    reader.join(5)
    assert not reader.is_alive()
    assert stream.code() is grpc.StatusCode.CANCELLED


def test_a_follower_gets_only_what_passes_its_filter(stubs: Stubs):
    profile_id = calls.register(stubs).profile_id
    request = ReplayEventsRequest(follow=True, profile_ids=[profile_id])
    stream = stubs.audit.ReplayEvents(request, timeout=SECONDS)
    calls.register(stubs)
    position = stubs.consents.SetConsent(people.consent(profile_id), timeout=SECONDS).position.value
    seen: list[str] = []
    for page in stream:
        seen += [name(event) for event in page.events]
        if page.position >= position:
            break
    stream.cancel()
    assert seen == ["ProfileRegistered", "ConsentGiven"]


def test_a_position_ahead_of_the_log_is_refused(stubs: Stubs):
    """It is of another log, or of before a restore: to say nothing would hide what was lost."""
    head = calls.events(stubs)[-1].position
    assert not calls.events(stubs, after_position=head)
    for follow in (False, True):
        request = ReplayEventsRequest(after_position=head + 1, follow=follow)
        found = calls.refused(stubs.audit.ReplayEvents, request, timeout=2)
        assert found.reason == "POSITION_OF_ANOTHER_LOG"


def test_a_position_of_another_log_is_refused_however_small(stubs: Stubs):
    """After a restore other facts may stand where those stood that a follower has seen."""
    (first, *_) = stubs.audit.ReplayEvents(ReplayEventsRequest(), timeout=SECONDS)
    assert calls.events(stubs, after_position=1, log_id=first.log_id)
    request = ReplayEventsRequest(after_position=1, log_id=people.new_id())
    assert calls.refused(stubs.audit.ReplayEvents, request).reason == "POSITION_OF_ANOTHER_LOG"
