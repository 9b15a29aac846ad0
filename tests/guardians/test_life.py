"""A child, two parents and the birthdays, against a real service whose clock is moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import grpc
import pytest
from google.type.date_pb2 import Date

from profile_service.certificates.receipt import ConsentReceipt, ConsentStatus
from profile_service.certificates.signing import verify_receipt
from profile_service.domain.values import date_message
from profile_service.v1.audience_service_pb2 import SelectAudienceRequest
from profile_service.v1.consent_service_pb2 import (
    CONSENT_DECISION_GIVEN,
    CONSENT_DECISION_UNCONFIRMED,
    CONSENT_DECISION_WITHDRAWN,
    ConsentProof,
    GetConsentProofRequest,
    GetConsentReceiptRequest,
    ListConsentsRequest,
)
from profile_service.v1.guardian_pb2 import GUARDIAN_RELATION_PARENT
from profile_service.v1.guardian_service_pb2 import ListConfirmationsDueRequest, ListGuardiansRequest
from profile_service.v1.profile_pb2 import LEGAL_BASIS_CONSENT, Profile
from tests.api import calls
from tests.api.calls import SECONDS
from tests.api.test_certificates import public_key
from tests.guardians.moved import CLOCK
from tests.support import people, recipients
from tests.support.other_sources import supplement, with_sources
from tests.support.service import Databases, Service, Stubs, running_service

pytestmark = pytest.mark.service

# All of it is to come: a proof at the time that the clock says has seen every fact.
NEXT = datetime.now(UTC).year + 1
DAY = timedelta(days=1)
BORN = Date(year=NEXT - 12, month=6, day=15)
THIRTEEN, EIGHTEEN = date(NEXT + 1, 6, 15), date(NEXT + 6, 6, 15)


@dataclass
class City:
    """A service, and the file that its clock reads."""

    service: Service
    stubs: Stubs
    clock: Path

    def on(self, day: date) -> None:
        """Noon of a day is the time from now on."""
        written = self.clock.with_suffix(".new")
        written.write_text(self.noon(day).isoformat())
        written.replace(self.clock)  # the service never reads half a time

    def noon(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)

    def person(self, born: Date) -> str:
        answer = self.stubs.profiles.RegisterProfile(people.register_born(born), timeout=SECONDS)
        return str(answer.profile_id)

    def family(self) -> tuple[str, str]:
        """A child of twelve and a parent, linked."""
        self.on(THIRTEEN - DAY)
        child, parent = self.person(BORN), self.person(Date(year=1985, month=2, day=1))
        self.stubs.guardians.LinkGuardian(people.link_guardian(child, parent), timeout=SECONDS)
        return child, parent

    def give(self, child: str, guardian: str = "", purpose: str = "newsletter") -> None:
        request = people.consent(child, purpose, guardian_id=guardian)
        self.stubs.consents.SetConsent(request, timeout=SECONDS)

    def refused(self, child: str, guardian: str = "") -> str:
        request = people.consent(child, guardian_id=guardian)
        return calls.refused(self.stubs.consents.SetConsent, request).reason


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    directory: Path = tmp_path_factory.mktemp("guardians")
    clock = directory / "clock"
    clock.write_text(datetime.now(UTC).isoformat())
    options = {
        "module": "tests.guardians.moved",
        "environment": {CLOCK: str(clock)} | with_sources(directory),
    }
    with (
        running_service(directory, Databases.sqlite(directory), **options) as service,
        service.stubs() as stubs,
    ):
        yield City(service, stubs, clock)


def given(city: City, child: str) -> dict[str, object]:
    """What each call says of the newsletter."""
    stubs = city.stubs
    now = datetime.fromisoformat(city.clock.read_text())
    (checked,) = stubs.consents.CheckConsents(people.check(child), timeout=SECONDS).given
    asked = SelectAudienceRequest(purpose="newsletter", reason=people.REASON)
    pages = list(stubs.audience.SelectAudience(asked, timeout=SECONDS))
    listing = ListConsentsRequest(profile_id=child, reason=people.REASON)
    consents = stubs.consents.ListConsents(listing, timeout=SECONDS).consents
    (listed,) = (consent for consent in consents if consent.purpose == "newsletter")
    return {
        "check": checked,
        "audience": child in {member.profile_id for page in pages for member in page.members},
        "list": listed.decision == CONSENT_DECISION_GIVEN,
        "proof": proof(city, child, now).decision == CONSENT_DECISION_GIVEN,
        "receipt": receipt(city, child, now).status is ConsentStatus.GIVEN,
        "disclosure": disclosed(city, child),
        "supplement": supplemented(city, child),
    }


ALL = ("check", "audience", "list", "proof", "receipt", "disclosure", "supplement")
YES, NO = dict.fromkeys(ALL, True), dict.fromkeys(ALL, False)


def proof(city: City, child: str, time: datetime) -> ConsentProof:
    request = GetConsentProofRequest(profile_id=child, purpose="newsletter", reason=people.REASON)
    request.time.FromDatetime(time)
    return city.stubs.consents.GetConsentProof(request, timeout=SECONDS).proof


def receipt(city: City, child: str, time: datetime) -> ConsentReceipt:
    request = GetConsentReceiptRequest(profile_id=child, purpose="newsletter", reason=people.REASON)
    request.time.FromDatetime(time)
    signed = city.stubs.consents.GetConsentReceipt(request, timeout=SECONDS).receipt
    return verify_receipt(signed, public_key(city.stubs))


def disclosed(city: City, child: str) -> bool:
    """Whether a third party may have the address on this consent."""
    registered = recipients.registration(recipients.third_party("email"))
    recipient_id = city.stubs.disclosures.RegisterRecipient(registered, timeout=SECONDS).recipient_id
    request = recipients.disclosure(child, recipient_id, "email")
    try:
        city.stubs.disclosures.DiscloseProfile(request, timeout=SECONDS)
    except grpc.RpcError as error:
        assert calls.refusal_of(error).reason == "CONSENT_NOT_GIVEN"
        return False
    return True


def supplemented(city: City, child: str) -> bool:
    """Whether another source may give a value on this consent."""
    by_consent = {"legal_basis": LEGAL_BASIS_CONSENT, "consent_purpose": "newsletter"}
    request = supplement(child, Profile(phone="+3231234567"), **by_consent)
    try:
        city.stubs.profiles.SupplementProfile(request, timeout=SECONDS)
    except grpc.RpcError as error:
        assert calls.refusal_of(error).reason == "CONSENT_NOT_GIVEN"
        return False
    return True


def due(city: City, day: date | None = None) -> dict[str, list[str]]:
    head = city.stubs.consents.CheckConsents(people.check(people.new_id()), timeout=SECONDS).position
    request = ListConfirmationsDueRequest(reason=people.REASON, at_least_position=head)
    if day is not None:
        request.at.CopyFrom(date_message(day))
    pages = city.stubs.guardians.ListConfirmationsDue(request, timeout=SECONDS)
    return {one.profile_id: list(one.purposes) for page in pages for one in page.confirmations}


def guardians(city: City, child: str) -> list[str]:
    request = ListGuardiansRequest(profile_id=child, reason=people.REASON)
    answer = city.stubs.guardians.ListGuardians(request, timeout=SECONDS)
    return [guardian.guardian_id for guardian in answer.guardians]


def test_a_life_from_twelve_to_eighteen(city: City):
    child, parent = city.family()
    assert city.refused(child) == "GUARDIAN_REQUIRED"
    city.give(child, parent)
    assert given(city, child) == YES

    # At thirteen either gives, and either withdraws.
    city.on(THIRTEEN)
    assert given(city, child) == YES
    city.give(child, purpose="events")
    city.give(child, parent, purpose="sms")

    # The evening before majority, and that day.
    city.on(EIGHTEEN - DAY)
    assert given(city, child) == YES
    assert child not in due(city)
    assert due(city, EIGHTEEN)[child] == ["newsletter", "sms"]
    city.on(EIGHTEEN)
    assert given(city, child) == NO
    assert due(city)[child] == ["newsletter", "sms"]
    assert city.stubs.consents.CheckConsents(
        people.check(child, purpose="events"), timeout=SECONDS
    ).given == [True]
    assert city.refused(child, parent) == "OF_AGE"

    # Confirmed, or withdrawn without anybody's word.
    city.give(child)
    withdrawn = people.consent(child, "sms", CONSENT_DECISION_WITHDRAWN)
    city.stubs.consents.SetConsent(withdrawn, timeout=SECONDS)
    assert given(city, child) == YES
    assert child not in due(city)


def test_what_a_proof_said_of_an_earlier_day_it_goes_on_saying(city: City):
    child, parent = city.family()
    city.give(child, parent)
    city.on(EIGHTEEN + DAY)
    before, after = (proof(city, child, city.noon(day)) for day in (EIGHTEEN - DAY, EIGHTEEN))
    assert (before.decision, after.decision) == (CONSENT_DECISION_GIVEN, CONSENT_DECISION_UNCONFIRMED)
    assert before.by_guardian
    assert after.by_guardian
    assert before.position == after.position
    expired = receipt(city, child, city.noon(EIGHTEEN))
    assert (expired.status, expired.decision, expired.by_guardian) == (
        ConsentStatus.EXPIRED,
        "unconfirmed",
        True,
    )
    listing = ListConsentsRequest(profile_id=child, reason=people.REASON, include_history=True)
    listed = city.stubs.consents.ListConsents(listing, timeout=SECONDS)
    assert [one.decision for one in listed.consents] == [CONSENT_DECISION_UNCONFIRMED]
    assert [(one.decision, one.by_guardian) for one in listed.history] == [(CONSENT_DECISION_GIVEN, True)]


@pytest.mark.parametrize("day", [THIRTEEN - DAY, THIRTEEN, EIGHTEEN])
def test_withdrawing_is_never_restricted(city: City, day: date):
    """By the child, by a guardian, and by whoever is none any more."""
    child, parent = city.family()
    for guardian in ("", parent, people.new_id()):
        city.on(THIRTEEN - DAY)
        city.give(child, parent)
        city.on(day)
        request = people.consent(child, decision=CONSENT_DECISION_WITHDRAWN, guardian_id=guardian)
        city.stubs.consents.SetConsent(request, timeout=SECONDS)
        assert list(city.stubs.consents.CheckConsents(people.check(child), timeout=SECONDS).given) == [False]


def test_a_corrected_date_of_birth_decides_anew(city: City):
    child, parent = city.family()
    city.give(child, parent)
    older = Profile(date_of_birth=Date(year=NEXT - 20, month=6, day=15))
    city.stubs.profiles.UpdateProfile(people.update(child, older, "date_of_birth"), timeout=SECONDS)
    assert given(city, child) == NO
    assert due(city)[child] == ["newsletter"]
    younger = Profile(date_of_birth=BORN)
    city.stubs.profiles.UpdateProfile(people.update(child, younger, "date_of_birth"), timeout=SECONDS)
    assert given(city, child) == YES


def test_an_erased_guardian_is_none_any_more(city: City):
    child, parent = city.family()
    other = city.person(Date(year=1979, month=1, day=1))
    linking, giving = people.link_guardian(child, other), people.consent(child, guardian_id=parent)
    linked = city.stubs.guardians.LinkGuardian(linking, timeout=SECONDS)
    gave = city.stubs.consents.SetConsent(giving, timeout=SECONDS)
    for guardian in (parent, other):
        city.stubs.rights.EraseProfile(people.erase(guardian), timeout=SECONDS)
    # Asked again after a lost answer, each answers what it answered.
    assert city.stubs.guardians.LinkGuardian(linking, timeout=SECONDS) == linked
    assert city.stubs.consents.SetConsent(giving, timeout=SECONDS) == gave
    assert guardians(city, child) == []
    assert city.refused(child, parent) == "NOT_A_GUARDIAN"
    # What was given stays given.
    assert given(city, child) == YES


def test_guardians_are_listed_replaced_and_ended(city: City):
    child, parent = city.family()
    other = city.person(Date(year=1979, month=1, day=1))
    city.stubs.guardians.LinkGuardian(people.link_guardian(child, other), timeout=SECONDS)
    assert guardians(city, child) == [parent, other]
    again = people.link_guardian(child, parent)
    before = city.stubs.guardians.LinkGuardian(again, timeout=SECONDS)
    assert city.stubs.guardians.LinkGuardian(again, timeout=SECONDS) == before
    listing = ListGuardiansRequest(profile_id=child, reason=people.REASON)
    first = city.stubs.guardians.ListGuardians(listing, timeout=SECONDS).guardians[0]
    assert (first.relation, first.level) == (GUARDIAN_RELATION_PARENT, again.level)
    # Also while processing is restricted: nobody must be kept from it.
    city.stubs.rights.RestrictProcessing(people.restrict(child), timeout=SECONDS)
    city.stubs.guardians.EndGuardianship(people.end_guardianship(child, parent), timeout=SECONDS)
    city.stubs.rights.LiftRestriction(people.lift(child), timeout=SECONDS)
    assert guardians(city, child) == [other]
    assert city.refused(child, parent) == "NOT_A_GUARDIAN"


def test_nobody_but_a_living_adult_becomes_a_guardian(city: City):
    child, _ = city.family()
    sibling = city.person(Date(year=NEXT - 16, month=1, day=1))
    erased = city.person(Date(year=1980, month=1, day=1))
    city.stubs.rights.EraseProfile(people.erase(erased), timeout=SECONDS)
    restricted = city.person(Date(year=1980, month=1, day=1))
    city.stubs.rights.RestrictProcessing(people.restrict(restricted), timeout=SECONDS)
    said = set()
    for nobody in (child, sibling, erased, restricted, people.new_id()):
        request = people.link_guardian(child, nobody)
        found = calls.refused(city.stubs.guardians.LinkGuardian, request)
        assert found.reason == "NOT_A_GUARDIAN"
        said.add(found.said)
    # Which of these it is, nobody is told.
    assert len(said) == 1


def test_the_restricted_are_not_asked_to_confirm(city: City):
    child, parent = city.family()
    city.give(child, parent)
    assert child in due(city, EIGHTEEN)
    city.stubs.rights.RestrictProcessing(people.restrict(child), timeout=SECONDS)
    assert child not in due(city, EIGHTEEN)
    city.stubs.rights.LiftRestriction(people.lift(child), timeout=SECONDS)
    assert child in due(city, EIGHTEEN)


def test_an_erasure_leaves_nothing_that_tells_of_the_other(city: City):
    """Of the child: no guardian; the guardian's own facts never told of a child."""
    child, parent = city.family()
    city.give(child, parent)
    guardian = UUID(parent)
    forms = (guardian.bytes, str(guardian).encode(), guardian.hex.encode())

    def facts_of(who: str) -> bytes:
        events = calls.events(city.stubs, profile_ids=[who], include_personal=True, reason=people.REASON)
        return b"\n".join(event.SerializeToString() for event in events)

    assert any(form in facts_of(child) for form in forms)
    own = UUID(child)
    assert not any(form in facts_of(parent) for form in (own.bytes, str(own).encode(), own.hex.encode()))
    city.stubs.rights.EraseProfile(people.erase(child), timeout=SECONDS)
    assert not any(form in facts_of(child) for form in forms)
    # A proof is still one; of whether the child came of age it says nothing.
    city.on(EIGHTEEN)
    proved = proof(city, child, city.noon(EIGHTEEN))
    assert (proved.decision, proved.by_guardian) == (CONSENT_DECISION_GIVEN, True)
    assert child not in due(city)
