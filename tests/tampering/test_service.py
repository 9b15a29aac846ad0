"""The service answers for tampered rows with a clean refusal: no value, and no part of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import grpc
import pytest
from sqlalchemy import Connection, text

from profile_service.database import open_engine
from profile_service.v1.audit_service_pb2 import ReplayEventsRequest
from profile_service.v1.profile_pb2 import Profile
from projections.schema import generation_table
from projections.views.profiles import PROFILES
from tests.support import people
from tests.support.canaries import scan, scan_bytes
from tests.support.service import Service, Stubs

pytestmark = pytest.mark.service

SECONDS = 20.0
PROFILES_TABLE = generation_table(PROFILES, 1).name


def registered(stubs: Stubs) -> tuple[people.Person, str]:
    """Somebody whose profile is in the views."""
    person = people.new_person()
    answer = stubs.profiles.RegisterProfile(people.register(person), timeout=SECONDS)
    stubs.profiles.GetProfile(people.get(answer.profile_id, answer.position.value), timeout=SECONDS)
    return person, answer.profile_id


def tamper(url: str, change: Callable[[Connection], None]) -> None:
    engine = open_engine(url)
    with engine.execution_options(immediate=True).begin() as connection:
        change(connection)
    engine.dispose()


def swap(table: str, column: str, one: str, other: str) -> Callable[[Connection], None]:
    """Exchange what two people have in a column."""

    def change(connection: Connection) -> None:
        ids = [UUID(one), UUID(other)]
        if connection.dialect.name == "sqlite":
            ids = [profile_id.hex for profile_id in ids]  # type: ignore[misc]  # as SQLite has them
        values = [
            connection.execute(
                text(f"SELECT {column} FROM {table} WHERE profile_id = :id"), {"id": profile_id}
            ).scalar_one()
            for profile_id in ids
        ]
        for profile_id, value in zip(ids, reversed(values), strict=True):
            connection.execute(
                text(f"UPDATE {table} SET {column} = :value WHERE profile_id = :id"),
                {"value": value, "id": profile_id},
            )

    return change


def said(call: Callable[..., Any], request: Any) -> bytes:
    """Everything that a refusal of a fault says."""
    with pytest.raises(grpc.RpcError) as refusal:
        answer = call(request, timeout=SECONDS)
        list(answer)
    assert refusal.value.code() is grpc.StatusCode.INTERNAL
    trailing: Any = refusal.value.trailing_metadata() or ()
    raw = [value if isinstance(value, bytes) else value.encode() for _, value in trailing]
    return b"\n".join([str(refusal.value.details()).encode(), *raw])


def test_two_people_whose_profiles_were_exchanged_in_the_view(service: Service):
    with service.stubs() as stubs:
        (one, of_one), (other, of_other), (third, of_third) = (registered(stubs) for _ in range(3))
        tamper(service.databases.views, swap(PROFILES_TABLE, "profile", of_one, of_other))
        for profile_id in (of_one, of_other):
            answer = said(stubs.profiles.GetProfile, people.get(profile_id))
            assert scan_bytes("refusal", answer, [one.mark, other.mark]) == []
        read = stubs.profiles.GetProfile(people.get(of_third), timeout=SECONDS)
        assert third.mark in read.profile.family_name
    assert scan([service.log], [one.mark, other.mark, third.mark]) == []


def test_two_people_whose_facts_were_exchanged_in_the_log(service: Service):
    with service.stubs() as stubs:
        (one, of_one), (other, of_other), (third, of_third) = (registered(stubs) for _ in range(3))
        tamper(service.databases.events, swap("facts", "record", of_one, of_other))
        for profile_id in (of_one, of_other):
            change = people.update(profile_id, Profile(given_name="New"), "given_name")
            answer = said(stubs.profiles.UpdateProfile, change)
            assert scan_bytes("refusal", answer, [one.mark, other.mark]) == []
        replay = ReplayEventsRequest(include_personal=True, reason=people.REASON)
        assert scan_bytes("refusal", said(stubs.audit.ReplayEvents, replay), [one.mark, other.mark]) == []
        change = people.update(of_third, Profile(given_name="New"), "given_name")
        stubs.profiles.UpdateProfile(change, timeout=SECONDS)
    assert scan([service.log], [one.mark, other.mark, third.mark]) == []
