"""Never to be contacted again, over a socket: imports, supplements and contact, and the close of an epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from profile_service.v1.consent_service_pb2 import (
    CONSENT_DECISION_GIVEN,
    CONSENT_DECISION_SUPPRESSED,
    ListConsentsRequest,
    ListConsentsResponse,
)
from profile_service.v1.error_reason_pb2 import ErrorReason
from profile_service.v1.events_pb2 import (
    SUPPRESSION_REASON_ADDRESS,
    SUPPRESSION_REASON_OBJECTION,
    SUPPRESSION_REASON_REQUEST,
)
from profile_service.v1.operations_service_pb2 import CloseEpochRequest, VerifyProjectionRequest
from profile_service.v1.profile_pb2 import (
    CHANNEL_IMPORT,
    CHANNEL_SERVICE,
    CHANNEL_WEB,
    LEGAL_BASIS_CONSENT,
    Profile,
)
from profile_service.v1.profile_service_pb2 import ImportItem, ImportProfilesRequest
from profile_service.v1.rights_service_pb2 import (
    CheckContactSuppressionRequest,
    EraseProfileResponse,
    SuppressContactRequest,
)
from tests.api import calls
from tests.api.calls import SECONDS
from tests.api.cases import NIL
from tests.support import people
from tests.support.canaries import scan
from tests.support.postgres import PostgresServer
from tests.support.service import Databases, Service, Stubs, running_service

pytestmark = pytest.mark.service


def suppress(**values: Any) -> SuppressContactRequest:
    given = {
        "request_id": people.new_id(),
        "legal_basis": LEGAL_BASIS_CONSENT,
        "suppression_reason": SUPPRESSION_REASON_REQUEST,
        "channel": CHANNEL_WEB,
    }
    return SuppressContactRequest(**{**given, **values})


def is_suppressed(stubs: Stubs, **subject: str) -> bool:
    request = CheckContactSuppressionRequest(reason=people.REASON, **subject)
    answer = stubs.rights.CheckContactSuppression(request, timeout=SECONDS)
    assert answer.suppressed == answer.HasField("since")
    return bool(answer.suppressed)


def import_outcome(stubs: Stubs, person: people.Person) -> str:
    """ "" for a profile, or the reason of the refusal."""
    items = [ImportItem(index=0, registration=person.registration)]
    request = ImportProfilesRequest(import_id=people.new_id(), items=items)
    (answer,) = stubs.profiles.ImportProfiles(iter([request]), timeout=SECONDS)
    (status,) = answer.statuses
    if status.WhichOneof("outcome") == "profile_id":
        return ""
    return ErrorReason.Name(status.refused).removeprefix("ERROR_REASON_")


def given(stubs: Stubs, *profile_ids: str) -> list[bool]:
    return list(stubs.consents.CheckConsents(people.check(*profile_ids), timeout=SECONDS).given)


def erase(stubs: Stubs, profile_id: str) -> EraseProfileResponse:
    request = people.erase(profile_id)
    request.never_contact_again = True
    answer: EraseProfileResponse = stubs.rights.EraseProfile(request, timeout=SECONDS)
    return answer


def consents_of(stubs: Stubs, profile_id: str, at_least: Any) -> ListConsentsResponse:
    request = ListConsentsRequest(
        profile_id=profile_id, reason=people.REASON, include_history=True, at_least_position=at_least
    )
    answer: ListConsentsResponse = stubs.consents.ListConsents(request, timeout=SECONDS)
    return answer


def test_a_life_with_it(living: Stubs):
    """Erased for good, not imported, registered by themselves, contacted only after a new consent."""
    stubs, person = living, people.new_person()
    profile_id = calls.register(stubs, person).profile_id
    stubs.consents.SetConsent(people.consent(profile_id), timeout=SECONDS)
    assert given(stubs, profile_id) == [True]
    assert not is_suppressed(stubs, email=person.email)
    assert erase(stubs, profile_id).contact_suppressed
    assert erase(stubs, profile_id).contact_suppressed
    assert import_outcome(stubs, person) == "CONTACT_SUPPRESSED"

    again = calls.register(stubs, person).profile_id
    assert given(stubs, again) == [False]
    assert is_suppressed(stubs, profile_id=again)
    for channel in (CHANNEL_IMPORT, CHANNEL_SERVICE):
        supplement = people.update(again, Profile(given_name="Other"), "given_name")
        supplement.channel = channel
        assert calls.refused(stubs.profiles.UpdateProfile, supplement).reason == "CONTACT_SUPPRESSED"
        consent = people.consent(again)
        consent.channel = channel
        assert calls.refused(stubs.consents.SetConsent, consent).reason == "CONTACT_SUPPRESSED"

    stubs.consents.SetConsent(people.consent(again), timeout=SECONDS)
    assert given(stubs, again) == [True]
    assert not is_suppressed(stubs, profile_id=again)
    assert not is_suppressed(stubs, email=person.email)
    answer = stubs.rights.EraseProfile(people.erase(again), timeout=SECONDS)
    assert not answer.contact_suppressed
    assert import_outcome(stubs, person) == ""


@pytest.mark.parametrize("by", ["profile_id", "email"])
def test_no_consent_from_before_counts_and_each_is_shown_as_suppressed(living: Stubs, by: str):
    stubs, person = living, people.new_person()
    profile_id = calls.register(stubs, person).profile_id
    for purpose in ("newsletter", "events"):
        stubs.consents.SetConsent(people.consent(profile_id, purpose), timeout=SECONDS)
    subject = {"profile_id": profile_id, "email": person.email.upper()}
    request = suppress(**{by: subject[by]}, suppression_reason=SUPPRESSION_REASON_OBJECTION)
    position = stubs.rights.SuppressContact(request, timeout=SECONDS).position
    assert stubs.rights.SuppressContact(request, timeout=SECONDS).position == position
    # Never behind: no waiting for the view is asked for.
    assert given(stubs, profile_id) == [False]
    found = consents_of(stubs, profile_id, position)
    assert {one.decision for one in found.consents} == {CONSENT_DECISION_SUPPRESSED}
    assert [(one.purpose, one.decision) for one in found.history][-1] == ("", CONSENT_DECISION_SUPPRESSED)

    again = stubs.consents.SetConsent(people.consent(profile_id, "events"), timeout=SECONDS)
    assert given(stubs, profile_id) == [False]
    shown = {one.purpose: one.decision for one in consents_of(stubs, profile_id, again.position).consents}
    assert shown == {"newsletter": CONSENT_DECISION_SUPPRESSED, "events": CONSENT_DECISION_GIVEN}
    verified = stubs.operations.VerifyProjection(VerifyProjectionRequest(name="consents"), timeout=SECONDS)
    assert verified.equal


def test_it_outlives_the_close_of_the_epoch(living: Stubs):
    stubs, gone, nobody = living, people.new_person(), people.new_person()
    erase(stubs, calls.register(stubs, gone).profile_id)
    stubs.rights.SuppressContact(suppress(email=nobody.email), timeout=SECONDS)
    for _ in range(2):
        assert list(stubs.operations.CloseEpoch(CloseEpochRequest(), timeout=120))
        assert is_suppressed(stubs, email=gone.email)
        assert is_suppressed(stubs, email=nobody.email)
        assert import_outcome(stubs, gone) == "CONTACT_SUPPRESSED"
        assert import_outcome(stubs, nobody) == "CONTACT_SUPPRESSED"
    assert import_outcome(stubs, people.new_person()) == ""


REFUSALS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("no subject", "INVALID_REQUEST", "subject", {}),
    ("no address", "INVALID_REQUEST", "email", {"email": "nobody at home"}),
    ("short address", "INVALID_REQUEST", "email", {"email": "a"}),
    ("no id", "INVALID_REQUEST", "profile_id", {"profile_id": "an"}),
    ("no ground", "INVALID_REQUEST", "legal_basis", {"profile_id": NIL, "legal_basis": 0}),
    ("no reason", "INVALID_REQUEST", "suppression_reason", {"profile_id": NIL, "suppression_reason": 0}),
    (
        "the service's own reason",
        "INVALID_REQUEST",
        "suppression_reason",
        {"profile_id": NIL, "suppression_reason": SUPPRESSION_REASON_ADDRESS},
    ),
    ("no channel", "INVALID_REQUEST", "channel", {"profile_id": NIL, "channel": 0}),
    ("nobody", "PROFILE_NOT_FOUND", "", {"profile_id": NIL}),
]


@pytest.mark.parametrize(
    ("reason", "field", "values"),
    [case[1:] for case in REFUSALS],
    ids=[case[0] for case in REFUSALS],
)
def test_what_makes_no_sense_is_refused(stubs: Stubs, reason: str, field: str, values: dict[str, Any]):
    found = calls.refused(stubs.rights.SuppressContact, suppress(**values))
    assert (found.reason, found.fields) == (reason, [field] if field else [])


def test_asking_needs_a_reason_to_read(stubs: Stubs):
    for call, request in (
        (stubs.rights.CheckContactSuppression, CheckContactSuppressionRequest(email="an@example.org")),
        (stubs.rights.CheckContactSuppression, CheckContactSuppressionRequest(profile_id=NIL)),
    ):
        assert calls.refused(call, request).reason == "READ_REASON_REQUIRED"
    nobody = CheckContactSuppressionRequest(profile_id=NIL, reason=people.REASON)
    assert calls.refused(stubs.rights.CheckContactSuppression, nobody).reason == "PROFILE_NOT_FOUND"


@dataclass
class Place:
    """A service that says all it ever says, where its files are, and what writes them out."""

    service: Service
    directories: list[Path]
    flush: Callable[[], None]


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    options = {"environment": {"APROFILE_LOG_LEVEL": "debug"}}
    if request.param == "sqlite":
        with running_service(tmp_path, Databases.sqlite(tmp_path), **options) as service:
            yield Place(service, [tmp_path], lambda: None)
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    urls = [server.new_database() for _ in range(3)]

    def checkpoint() -> None:
        with psycopg.connect(server.server.get_uri(), autocommit=True) as connection:
            connection.execute("CHECKPOINT")

    with running_service(tmp_path, Databases(*urls), **options) as service:
        yield Place(service, [tmp_path, server.directory], checkpoint)
    server.give_back(*urls)


def test_no_address_lands_anywhere_in_clear(place: Place):
    """Of somebody erased, of somebody living, and of an address that nobody has; a planted one is found."""
    persons = [people.new_person() for _ in range(3)]
    marks = [person.mark for person in persons]
    gone, living, nobody = persons
    with place.service.stubs() as stubs:
        erase(stubs, calls.register(stubs, gone).profile_id)
        calls.register(stubs, living)
        for person in (living, nobody):
            stubs.rights.SuppressContact(suppress(email=person.email), timeout=SECONDS)
        assert all(is_suppressed(stubs, email=person.email) for person in persons)
        assert import_outcome(stubs, nobody) == "CONTACT_SUPPRESSED"
        place.flush()
        assert scan(place.directories, marks) == []
    place.service.stop()
    place.flush()
    assert scan(place.directories, marks) == []
    (place.service.directory / "planted").write_text(nobody.email)
    assert scan(place.directories, marks)
