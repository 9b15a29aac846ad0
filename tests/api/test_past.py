"""A profile as it was: at every position and time of a life, until the person is erased."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from profile_service.v1.profile_pb2 import Position, Profile
from profile_service.v1.profile_service_pb2 import GetProfileAsOfRequest, GetProfileAsOfResponse
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import people
from tests.support.service import Stubs

pytestmark = pytest.mark.service


def then(stubs: Stubs, profile_id: str, **point: Any) -> GetProfileAsOfResponse:
    answer: GetProfileAsOfResponse = stubs.profiles.GetProfileAsOf(
        asked(profile_id, **point), timeout=SECONDS
    )
    return answer


def asked(profile_id: str, **point: Any) -> GetProfileAsOfRequest:
    return GetProfileAsOfRequest(profile_id=profile_id, reason=people.REASON, **point)


def test_every_state_of_a_life_can_be_read_again_until_the_erasure(living: Stubs):
    """By position, by the time of its fact and by any time until the next: what was answered then."""
    person = people.new_person()
    registered = calls.register(living, person)
    profile_id = registered.profile_id
    said = {registered.position.value: calls.profile_of(living, profile_id, registered.position.value)}
    for profile, *fields in (
        (person.completion, *people.COMPLETED),
        (Profile(given_name="Ann"), "given_name", "phone"),
        (Profile(email=f"new.{person.email}"), "email"),
    ):
        changed = living.profiles.UpdateProfile(people.update(profile_id, profile, *fields), timeout=SECONDS)
        said[changed.position.value] = calls.profile_of(living, profile_id, changed.position.value)
        living.consents.SetConsent(
            people.consent(profile_id, people.SPARE_PURPOSES[-1 - len(said)]), timeout=SECONDS
        )
    facts = {event.position: event for event in calls.events(living, profile_ids=[profile_id])}
    assert said.keys() < facts.keys()
    assert len({profile.etag for profile in said.values()}) == len(said) == 4

    current = None
    for position, fact in facts.items():
        current = said.get(position, current)
        by_position = then(living, profile_id, position=Position(value=position))
        assert then(living, profile_id, time=fact.time) == by_position
        assert (by_position.profile, by_position.position.value) == (current, position)
    begin = next(iter(facts.values())).time
    points: list[dict[str, Any]] = [{"time": begin}, *({"position": Position(value=at)} for at in facts)]
    before = Timestamp()
    before.FromMicroseconds(begin.ToMicroseconds() - 1)
    for too_early in ({"time": before}, {"position": Position(value=next(iter(facts)) - 1)}):
        found = calls.refused(living.profiles.GetProfileAsOf, asked(profile_id, **too_early))
        assert (found.status, found.reason) == (grpc.StatusCode.NOT_FOUND, "PROFILE_NOT_FOUND")

    masked = then(living, profile_id, time=begin, read_mask=FieldMask(paths=["given_name"]))
    assert masked.profile == Profile(given_name=person.registration.given_name)

    living.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS)
    for point in (*points, {"time": before}):
        found = calls.refused(living.profiles.GetProfileAsOf, asked(profile_id, **point))
        assert (found.status, found.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "PROFILE_ERASED")
        assert person.mark.encode() not in found.said
