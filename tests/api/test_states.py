"""Every call about a person in every state that forbids something: it goes on, or is refused with its reason.

And every purpose that asks consent, in every state in which no consent counts: nothing says that it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import grpc
import pytest

from profile_service.v1.audience_service_pb2 import SelectAudienceRequest
from profile_service.v1.consent_service_pb2 import CONSENT_DECISION_WITHDRAWN
from profile_service.v1.events_pb2 import SUPPRESSION_REASON_REQUEST
from profile_service.v1.objection_pb2 import ObjectToMarketingRequest
from profile_service.v1.profile_pb2 import CHANNEL_WEB, LEGAL_BASIS_CONSENT
from profile_service.v1.rights_service_pb2 import SuppressContactRequest
from tests.api import calls
from tests.api.about_people import CALLS, METHODS, PURPOSE, PURPOSES, READS, Somebody, call, somebody
from tests.api.calls import SECONDS
from tests.support import people, recipients
from tests.support.other_sources import with_sources
from tests.support.policies import a_policy, a_purpose, publish
from tests.support.service import Databases, Stubs, running_service

pytestmark = pytest.mark.service

# The version that ends every consent to the one before it; the texts are the same.
LATER = a_policy("2026-02", [a_purpose(purpose, requires_reconsent=True) for purpose in PURPOSES], day=31)


@contextmanager
def a_city(directory: Path) -> Iterator[Stubs]:
    """A service of its own: the version of the policy that is published in it holds for everybody."""
    databases, environment = Databases.sqlite(directory), with_sources(directory)
    with (
        running_service(directory, databases, environment=environment) as service,
        service.stubs() as stubs,
    ):
        yield stubs


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stubs]:
    with a_city(tmp_path_factory.mktemp("states")) as stubs:
        yield stubs


def withdrawn(one: Somebody, purpose: str = PURPOSE) -> None:
    request = people.consent(one.profile_id, purpose, CONSENT_DECISION_WITHDRAWN)
    one.stubs.consents.SetConsent(request, timeout=SECONDS)


def objected(one: Somebody, purpose: str = PURPOSE) -> None:
    request = ObjectToMarketingRequest(
        request_id=people.new_id(), profile_id=one.profile_id, purpose=purpose, channel=CHANNEL_WEB
    )
    one.stubs.rights.ObjectToMarketing(request, timeout=SECONDS)


def suppressed(one: Somebody, _purpose: str = PURPOSE) -> None:
    request = SuppressContactRequest(
        request_id=people.new_id(),
        profile_id=one.profile_id,
        legal_basis=LEGAL_BASIS_CONSENT,
        suppression_reason=SUPPRESSION_REASON_REQUEST,
        channel=CHANNEL_WEB,
    )
    one.stubs.rights.SuppressContact(request, timeout=SECONDS)


def expired(one: Somebody, _purpose: str = PURPOSE) -> None:
    """Somebody of the city whose policy asks anew: see `put`."""


def held(one: Somebody, _purpose: str = PURPOSE) -> None:
    one.stubs.rights.PlaceHold(people.hold(one.profile_id, one.person.mark), timeout=SECONDS)


def restricted(one: Somebody, _purpose: str = PURPOSE) -> None:
    one.stubs.rights.RestrictProcessing(people.restrict(one.profile_id), timeout=SECONDS)


def erased(one: Somebody, _purpose: str = PURPOSE) -> None:
    one.stubs.rights.EraseProfile(people.erase(one.profile_id), timeout=SECONDS)


State = Callable[[Somebody, str], None]

# Of everybody here who is there: of age, and with no guardian.
OF_ALL = {
    "RightsService/GetErasureCertificate": "PROFILE_NOT_ERASED",
    "GuardianService/EndGuardianship": "NOT_A_GUARDIAN",
}
ALONE = OF_ALL | {"GuardianService/LinkGuardian": "OF_AGE"}
NO_DISCLOSURE = {"DisclosureService/DiscloseProfile by consent": "CONSENT_NOT_GIVEN"}
NOT_FOR_OTHERS = "ConsentService/SetConsent giving, not the person"
# What is refused to whom, and why. Whatever is not here goes on.
REFUSED: dict[State, dict[str, str]] = {
    withdrawn: ALONE | NO_DISCLOSURE,
    objected: ALONE | NO_DISCLOSURE | {NOT_FOR_OTHERS: "MARKETING_OBJECTED"},
    suppressed: ALONE
    | NO_DISCLOSURE
    | {NOT_FOR_OTHERS: "CONTACT_SUPPRESSED", "ProfileService/SupplementProfile": "CONTACT_SUPPRESSED"},
    expired: ALONE | NO_DISCLOSURE,
    held: ALONE | {"RightsService/EraseProfile": "LEGAL_HOLD"},
    restricted: {
        name: "PROCESSING_RESTRICTED"
        for name in CALLS
        if name
        not in {
            "ConsentService/SetConsent withdrawing",
            "CampaignService/WithdrawSignUp",
            "ProfileService/RecordNotice",
            "PolicyService/RecordPolicyShown",
            "RightsService/CreateUnsubscribeLink",
            "RightsService/ObjectToMarketing",
            "RightsService/SuppressContact",
            "RightsService/OpenRequest",
            "RightsService/VerifyIdentity",
            "RightsService/ExtendRequest",
            "RightsService/RefuseRequest",
            "RightsService/FulfilRequest",
            "RightsService/PlaceHold",
            "RightsService/ReleaseHold",
            "RightsService/RectifyProfile",
            "RightsService/RestrictProcessing",
            "RightsService/LiftRestriction",
            "RightsService/EraseProfile",
        }
    }
    | OF_ALL,
    erased: {
        name: "PROFILE_ERASED"
        for name in CALLS
        if name
        not in {
            "ConsentService/GetConsentProof",
            "DisclosureService/ListObligations",
            "RightsService/ListHolds",
            "RightsService/ListRequests",
            "RightsService/GetErasureCertificate",
            "RightsService/EraseProfile",
        }
    }
    | {"ProfileService/FindProfile": "PROFILE_NOT_FOUND"},
}


@pytest.fixture(scope="module")
def later_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stubs]:
    """One whose policy ended every consent to the first version."""
    with a_city(tmp_path_factory.mktemp("later")) as stubs:
        stubs.policies.PublishPolicy(publish(LATER), timeout=SECONDS)
        yield stubs


Put = Callable[..., Somebody]


@pytest.fixture(scope="module")
def put(city: Stubs, later_city: Stubs) -> Put:
    """Somebody new who is put into a state, as far as it is about one purpose about that."""

    def put(state: State, purpose: str = PURPOSE, consents: Sequence[str] = (PURPOSE,)) -> Somebody:
        one = somebody(later_city if state is expired else city, consents)
        state(one, purpose)
        return one

    return put


@pytest.fixture(scope="module")
def kept(put: Put) -> Put:
    """Somebody in a state, the same for all who change nothing."""
    return cache(put)


def test_every_call_about_one_person_is_in_the_table():
    about = {name for name, method in METHODS.items() if "profile_id" in method.input_type.fields_by_name}
    assert about <= {name.split()[0] for name in CALLS}
    assert all(set(refused) <= set(CALLS) for refused in REFUSED.values())


EVERY = [(state, name) for state in REFUSED for name in CALLS]


@pytest.mark.parametrize(
    ("state", "name"),
    [pair for pair in EVERY if pair[1] in REFUSED[pair[0]]],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_it_is_refused(kept: Put, state: State, name: str):
    one = kept(state)
    found = calls.refused(call(one, name), CALLS[name](one))
    assert found.reason == REFUSED[state][name]
    assert one.person.mark.encode() not in found.said


@pytest.mark.parametrize(
    ("state", "name"),
    [pair for pair in EVERY if pair[1] not in REFUSED[pair[0]]],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_it_goes_on(kept: Put, put: Put, state: State, name: str):
    one = (kept if name in READS else put)(state)
    answer = call(one, name)(CALLS[name](one), timeout=SECONDS)
    if hasattr(answer, "__next__"):
        assert list(answer)


def counts(one: Somebody, purpose: str) -> set[str]:
    """By which ways out the consent of somebody to a purpose counts."""
    wanted = SelectAudienceRequest(purpose=purpose, reason=people.REASON)
    pages = list(one.stubs.audience.SelectAudience(wanted, timeout=SECONDS))
    members = {member.profile_id for page in pages for member in page.members}
    checked = one.stubs.consents.CheckConsents(people.check(one.profile_id, purpose=purpose), timeout=SECONDS)
    disclosure = recipients.disclosure(one.profile_id, one.around.recipient_id, "email", purpose=purpose)
    ways = {"audience": one.profile_id in members, "check": checked.given[0]}
    try:
        one.stubs.disclosures.DiscloseProfile(disclosure, timeout=SECONDS)
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.FAILED_PRECONDITION, error
    else:
        ways["disclosure"] = True
    return {way for way, open_ in ways.items() if open_}


EVERY_WAY = {"audience", "check", "disclosure"}


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("state", [withdrawn, objected])
def test_a_purpose_is_left_alone_and_no_other_one(put: Put, state: State, purpose: str):
    one = put(state, purpose, PURPOSES)
    assert {other: counts(one, other) for other in PURPOSES} == {
        other: set() if other == purpose else EVERY_WAY for other in PURPOSES
    }


@pytest.mark.parametrize("state", [suppressed, expired, restricted, erased])
def test_every_purpose_is_left_alone(put: Put, state: State):
    one = put(state, consents=PURPOSES)
    assert not any(counts(one, purpose) for purpose in PURPOSES)


def test_under_a_hold_consents_count(put: Put):
    one = put(held, consents=PURPOSES)
    assert all(counts(one, purpose) == EVERY_WAY for purpose in PURPOSES)
