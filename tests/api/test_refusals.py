"""Every refusal that a client can provoke: status, reason, fields; nothing changed, and nobody named."""

from __future__ import annotations

import re

import grpc
import pytest

from profile_service.api.errors import REFUSALS
from profile_service.v1 import error_reason_pb2
from profile_service.v1.error_reason_pb2 import ErrorReason
from tests.api import (
    calls,
    refused_choices,
    refused_disclosures,
    refused_exports,
    refused_guardians,
    refused_objections,
    refused_operations,
    refused_parked,
    refused_policies,
    refused_profiles,
    refused_reads,
    refused_rectifications,
    refused_restrictions,
    refused_rights,
    refused_selections,
    refused_supplements,
)
from tests.api.cases import CASES, Case
from tests.api.world import World
from tests.support import people
from tests.support.canaries import scan, scan_bytes
from tests.support.repository import ROOT
from tests.support.service import Service, Stubs

pytestmark = pytest.mark.service

PREFIX = "ERROR_REASON_"
TABLES = (
    refused_choices,
    refused_disclosures,
    refused_exports,
    refused_guardians,
    refused_objections,
    refused_operations,
    refused_parked,
    refused_policies,
    refused_profiles,
    refused_reads,
    refused_rectifications,
    refused_restrictions,
    refused_rights,
    refused_selections,
    refused_supplements,
)
REASONS = [name.removeprefix(PREFIX) for name, number in ErrorReason.items() if number]

# Which other module provokes the refusal, or why no client of a healthy service can.
ELSEWHERE = {
    "UNKNOWN_FIELD": "test_wire",
    "DEADLINE_REQUIRED": "test_wire",
    "DEADLINE_TOO_SHORT": "test_wire",
    "MESSAGE_TOO_LARGE": "test_wire",
    "PROFILE_PARKED": "test_checking_consents",
    "POSITION_NOT_REACHED": "test_checking_consents",
    "DUPLICATE_IN_IMPORT": "test_import",
    "CONTACT_SUPPRESSED": "test_suppressing",
    "PROFILE_NOT_ERASED": "test_certificates",
    "PARKED_ELSEWHERE": "test_parked",
    "FACT_NOT_SKIPPABLE": "test_parked",
    "TOO_MANY_PARKED": "test_parked",
    "UNAVAILABLE": "test_starting",
    "REBUILD_UNDER_WAY": "test_processes",
    "REBUILD_DIFFERS": "needs a live view that was damaged",
    "EMAIL_RESERVED": "test_altered",
    "CONCURRENT_CHANGE": "test_altered",
    "TOKEN_EXPIRED": "test_altered",
    "QUEUE_FULL": "test_altered",
    "KEYS_UNAVAILABLE": "needs a lost key database",
    "EPOCH_NOT_CLOSED": "needs a provider of root keys that fails",
    "INTERNAL": "needs a fault of ours",
}


def reason_of(name: str) -> ErrorReason:
    return getattr(error_reason_pb2, PREFIX + name)


@pytest.fixture(scope="module")
def world(stubs: Stubs) -> World:
    calls.register(stubs)
    return World(stubs)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_it_is_refused_changes_nothing_and_names_nobody(world: World, case: Case):
    call, request = case.attempt(world)
    before = calls.standing(world.stubs)
    found = calls.refused(call, request)
    assert (found.reason, found.fields) == (case.reason, list(case.fields))
    assert found.status is REFUSALS[reason_of(case.reason)][0]
    assert calls.standing(world.stubs) == before
    assert not scan_bytes(case.name, found.said, world.canaries)


def test_what_was_refused_is_in_no_line_of_the_log(world: World, shared: Service):
    """After all of the above; the log is shown to have lines at all."""
    text = shared.log.read_bytes()
    assert b"serving" in text
    assert not scan([shared.log], world.canaries)
    assert b"call failed" not in text
    assert b"Traceback" not in text


def test_a_refused_registration_holds_neither_its_address_nor_its_request_id(world: World):
    """Whoever corrects the mistake is registered under the same id."""
    person = people.new_person()
    request = people.register(person)
    request.registration.date_of_birth.month = 13
    calls.refused(world.stubs.profiles.RegisterProfile, request)
    request.registration.date_of_birth.month = 12
    registered = world.stubs.profiles.RegisterProfile(request, timeout=calls.SECONDS)
    assert registered.profile_id
    # And an address that was refused to another request is free as soon as its owner is erased.
    taken = people.register(person)
    assert calls.refused(world.stubs.profiles.RegisterProfile, taken).reason == "EMAIL_TAKEN"
    world.stubs.rights.EraseProfile(people.erase(registered.profile_id), timeout=calls.SECONDS)
    assert world.stubs.profiles.RegisterProfile(taken, timeout=calls.SECONDS).profile_id


def test_every_reason_is_provoked_or_said_to_be_elsewhere():
    assert all(any(case.attempt.__module__ == table.__name__ for case in CASES) for table in TABLES)
    provoked = {case.reason for case in CASES}
    assert provoked | ELSEWHERE.keys() == set(REASONS)
    assert not provoked & ELSEWHERE.keys()


def test_a_module_that_is_said_to_provoke_a_refusal_does():
    for reason, where in ELSEWHERE.items():
        if where.startswith("test_"):
            _, message = REFUSALS[reason_of(reason)]
            sources = [module.read_text() for module in (ROOT / "tests").glob(f"*/{where}.py")]
            assert any(f'"{reason}"' in source or f'"{message}"' in source for source in sources), reason


@pytest.mark.parametrize("reason", REASONS)
def test_the_table_says_the_status_that_the_proto_file_documents(reason: str):
    source = (ROOT / "proto/profile_service/v1/error_reason.proto").read_text()
    comment = re.search(rf"((?: +//.*\n)+) +{PREFIX}{reason} = \d+;", source)
    assert comment
    documented = re.split(r"\W", comment[1].strip().removeprefix("// "))[0]
    status, message = REFUSALS[reason_of(reason)]
    assert status is grpc.StatusCode[documented]
    assert message


def test_the_table_has_every_reason_and_no_other():
    assert set(REFUSALS) == {number for number in ErrorReason.values() if number}
