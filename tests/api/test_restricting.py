"""Every call about people while the processing of their data is restricted: it goes on, or is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import grpc
import pytest

from profile_service.api.served import SERVICES
from profile_service.v1.audience_service_pb2 import SelectAudienceRequest
from profile_service.v1.audit_service_pb2 import PERSONAL_HALF_INCLUDED, PERSONAL_HALF_WITHHELD
from profile_service.v1.campaign_service_pb2 import ListSignUpsRequest, WithdrawSignUpRequest
from profile_service.v1.consent_service_pb2 import (
    CONSENT_DECISION_WITHDRAWN,
    GetConsentProofRequest,
    GetConsentReceiptRequest,
    ListConsentsRequest,
)
from profile_service.v1.disclosure_service_pb2 import (
    ListDisclosuresRequest,
    ListObligationsRequest,
    ListRecipientsRequest,
)
from profile_service.v1.events_pb2 import SUPPRESSION_REASON_OBJECTION
from profile_service.v1.objection_pb2 import CreateUnsubscribeLinkRequest, ObjectToMarketingRequest
from profile_service.v1.policy_service_pb2 import RecordPolicyShownRequest
from profile_service.v1.profile_pb2 import (
    CHANNEL_WEB,
    LEGAL_BASIS_CONSENT,
    LEGAL_BASIS_LEGAL_OBLIGATION,
    Position,
    Profile,
    ReadReason,
)
from profile_service.v1.profile_service_pb2 import GetProfileAsOfRequest
from profile_service.v1.restriction_pb2 import ListRestrictionsRequest
from profile_service.v1.rights_pb2 import (
    RESTRICTION_GROUND_ACCURACY_CONTESTED,
    RESTRICTION_GROUND_NEEDED_FOR_CLAIMS,
    RIGHT_ACCESS,
)
from profile_service.v1.rights_service_pb2 import (
    EXPORT_FORMAT_JSON,
    EXPORT_KIND_ACCESS,
    CheckContactSuppressionRequest,
    ExportProfileRequest,
    ListHoldsRequest,
    ListRequestsRequest,
    PreviewErasureRequest,
    SuppressContactRequest,
)
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import other_sources, people, recipients
from tests.support.people import Person
from tests.support.service import Stubs

pytestmark = pytest.mark.service

BY_RIGHT = ReadReason(purpose="rights", legal_basis=LEGAL_BASIS_LEGAL_OBLIGATION, on_behalf_of="desk:1")


@dataclass
class Somebody:
    """A person with a consent, a sign-up and a supplement, and the token of a verification."""

    stubs: Stubs
    person: Person
    profile_id: str
    campaign_id: str
    token: str
    supplement_id: str
    position: Position


def somebody(stubs: Stubs) -> Somebody:
    person = people.new_person()
    profile_id = calls.register(stubs, person).profile_id
    campaign_id = stubs.campaigns.OpenCampaign(calls.campaign(), timeout=SECONDS).campaign_id
    stubs.campaigns.SignUp(people.sign_up(profile_id, campaign_id, person.mark), timeout=SECONDS)
    stubs.consents.SetConsent(people.consent(profile_id), timeout=SECONDS)
    started = stubs.profiles.StartEmailVerification(calls.start_verification(profile_id), timeout=SECONDS)
    supplied = other_sources.supplement(profile_id, Profile(phone=person.phone))
    supplement_id = stubs.profiles.SupplementProfile(supplied, timeout=SECONDS).supplement_id
    return Somebody(stubs, person, profile_id, campaign_id, started.token, supplement_id, started.position)


@pytest.fixture(scope="module")
def restricted(living: Stubs) -> Somebody:
    one = somebody(living)
    living.rights.RestrictProcessing(people.restrict(one.profile_id), timeout=SECONDS)
    return one


Make = Callable[[Somebody], Any]


def of(message: Any, /, **values: Any) -> Make:
    """A request of this kind about the person."""
    return lambda one: message(profile_id=one.profile_id, **values)


def reading(message: Any, /, **values: Any) -> Make:
    return of(message, reason=people.REASON, **values)


def writing(message: Any, /, **values: Any) -> Make:
    return lambda one: message(
        request_id=people.new_id(), profile_id=one.profile_id, channel=CHANNEL_WEB, **values
    )


# Every call about one person, and whether it is refused.
REFUSED: dict[str, Make] = {
    "ProfileService/GetProfile": lambda one: people.get(one.profile_id),
    "ProfileService/GetProfileAsOf": lambda one: GetProfileAsOfRequest(
        profile_id=one.profile_id, reason=people.REASON, position=one.position
    ),
    "ProfileService/FindProfile": lambda one: people.find(one.person.email),
    "ProfileService/UpdateProfile": lambda one: people.update(
        one.profile_id, Profile(post_code="2000"), "post_code"
    ),
    "ProfileService/SupplementProfile": lambda one: other_sources.supplement(
        one.profile_id, other_sources.address_of(one.person)
    ),
    "ProfileService/StartEmailVerification": lambda one: calls.start_verification(one.profile_id),
    "ProfileService/VerifyEmail": lambda one: calls.verify(one.token),
    "ConsentService/SetConsent": lambda one: people.consent(one.profile_id, "events"),
    "ConsentService/ListConsents": reading(ListConsentsRequest),
    "ConsentService/GetConsentProof": lambda one: GetConsentProofRequest(
        profile_id=one.profile_id, purpose="newsletter", reason=people.REASON, position=one.position
    ),
    "ConsentService/GetConsentReceipt": lambda one: GetConsentReceiptRequest(
        profile_id=one.profile_id, purpose="newsletter", reason=people.REASON, position=one.position
    ),
    "CampaignService/SignUp": lambda one: people.sign_up(one.profile_id, one.campaign_id, "again"),
    "RightsService/CheckContactSuppression": reading(CheckContactSuppressionRequest),
    "RightsService/ListRequests": reading(ListRequestsRequest),
    "RightsService/ListHolds": reading(ListHoldsRequest),
    "RightsService/ListRestrictions": reading(ListRestrictionsRequest),
    "RightsService/ExportProfile": reading(
        ExportProfileRequest, kind=EXPORT_KIND_ACCESS, format=EXPORT_FORMAT_JSON
    ),
    "RightsService/PreviewErasure": reading(PreviewErasureRequest),
}
REFUSED |= {
    "DisclosureService/DiscloseProfile": lambda one: recipients.disclosure(
        one.profile_id, people.new_id(), "email"
    ),
    "DisclosureService/ListDisclosures": reading(ListDisclosuresRequest),
    "DisclosureService/ListRecipients": reading(ListRecipientsRequest),
    "DisclosureService/ListObligations": reading(ListObligationsRequest),
}
GOES_ON: dict[str, Make] = {
    "ProfileService/RecordNotice": lambda one: other_sources.notice(one.profile_id, one.supplement_id),
    "ConsentService/SetConsent withdrawing": lambda one: people.consent(
        one.profile_id, decision=CONSENT_DECISION_WITHDRAWN
    ),
    "CampaignService/WithdrawSignUp": lambda one: WithdrawSignUpRequest(
        request_id=people.new_id(),
        profile_id=one.profile_id,
        campaign_id=one.campaign_id,
        channel=CHANNEL_WEB,
    ),
    "PolicyService/RecordPolicyShown": writing(
        RecordPolicyShownRequest, policy_version="2026-01", language="nl"
    ),
    "RightsService/ObjectToMarketing": writing(ObjectToMarketingRequest),
    "RightsService/CreateUnsubscribeLink": of(CreateUnsubscribeLinkRequest),
    "RightsService/SuppressContact": writing(
        SuppressContactRequest,
        legal_basis=LEGAL_BASIS_CONSENT,
        suppression_reason=SUPPRESSION_REASON_OBJECTION,
    ),
    "RightsService/OpenRequest": lambda one: people.ask(one.profile_id, RIGHT_ACCESS),
    "RightsService/PlaceHold": lambda one: people.hold(one.profile_id, "a case"),
    "RightsService/RectifyProfile": lambda one: people.rectify(
        one.profile_id, Profile(post_code="2018"), "post_code"
    ),
    "RightsService/RestrictProcessing": lambda one: people.restrict(
        one.profile_id, RESTRICTION_GROUND_NEEDED_FOR_CLAIMS
    ),
    "RightsService/LiftRestriction": lambda one: people.lift(
        one.profile_id, RESTRICTION_GROUND_NEEDED_FOR_CLAIMS
    ),
}
# These answer what is no secret while they go on, or have tests of their own about it.
ELSEWHERE = {
    "RightsService/EraseProfile": "test_the_person_can_still_be_erased",
    "RightsService/GetErasureCertificate": "of the erased only",
    "RightsService/VerifyIdentity": "as OpenRequest: every fact of a request",
    "RightsService/ExtendRequest": "as above",
    "RightsService/RefuseRequest": "as above",
    "RightsService/FulfilRequest": "as above",
    "RightsService/ReleaseHold": "as PlaceHold",
}


def about_one_person() -> Iterator[str]:
    """Every call whose request names a person."""
    for service in SERVICES:
        for method in service.methods:
            if "profile_id" in method.input_type.fields_by_name:
                yield f"{service.name}/{method.name}"


def call(one: Somebody, name: str) -> Callable[..., Any]:
    """A stub's call by its name, which may have more words behind it."""
    service, method = name.split(maxsplit=1)[0].split("/")
    stub = {
        "ProfileService": one.stubs.profiles,
        "ConsentService": one.stubs.consents,
        "CampaignService": one.stubs.campaigns,
        "DisclosureService": one.stubs.disclosures,
        "PolicyService": one.stubs.policies,
        "RightsService": one.stubs.rights,
    }[service]
    found: Callable[..., Any] = getattr(stub, method)
    return found


def test_every_call_about_one_person_is_in_the_table():
    listed = {name.split()[0] for name in (*REFUSED, *GOES_ON, *ELSEWHERE)}
    assert set(about_one_person()) <= listed


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(restricted: Somebody, name: str):
    found = calls.refused(call(restricted, name), REFUSED[name](restricted))
    assert (found.status, found.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "PROCESSING_RESTRICTED")
    assert restricted.person.mark.encode() not in found.said


READS = [
    name for name in REFUSED if name.split("/")[1].startswith(("Get", "Find", "List", "Check", "Ex", "Pre"))
]


@pytest.mark.parametrize("name", READS)
def test_it_is_read_for_what_the_policy_allows(restricted: Somebody, name: str):
    request = REFUSED[name](restricted)
    request.reason.CopyFrom(BY_RIGHT)
    answer = call(restricted, name)(request, timeout=SECONDS)
    if hasattr(answer, "__next__"):
        assert list(answer)


@pytest.mark.parametrize("name", GOES_ON)
def test_it_goes_on(living: Stubs, name: str):
    one = somebody(living)
    living.rights.RestrictProcessing(people.restrict(one.profile_id), timeout=SECONDS)
    call(one, name)(GOES_ON[name](one), timeout=SECONDS)


def test_it_is_read_and_changed_again_once_every_ground_is_lifted(living: Stubs):
    one = somebody(living)
    grounds = RESTRICTION_GROUND_ACCURACY_CONTESTED, RESTRICTION_GROUND_NEEDED_FOR_CLAIMS
    placed = [people.restrict(one.profile_id, ground) for ground in grounds]
    answers = [living.rights.RestrictProcessing(request, timeout=SECONDS) for request in placed]
    listing = ListRestrictionsRequest(profile_id=one.profile_id, reason=BY_RIGHT)
    standing = living.rights.ListRestrictions(listing, timeout=SECONDS).restrictions
    assert [restriction.ground for restriction in standing] == list(grounds)
    for ground in grounds:
        assert calls.refused(living.profiles.GetProfile, people.get(one.profile_id)).reason == (
            "PROCESSING_RESTRICTED"
        )
        living.rights.LiftRestriction(people.lift(one.profile_id, ground), timeout=SECONDS)
    assert not living.rights.ListRestrictions(listing, timeout=SECONDS).restrictions
    assert calls.profile_of(living, one.profile_id).email == one.person.email
    update = people.update(one.profile_id, Profile(post_code="2000"), "post_code")
    living.profiles.UpdateProfile(update, timeout=SECONDS)
    # Asked again after a lost answer, each answers what it answered, and restricts nothing anew.
    assert living.rights.RestrictProcessing(placed[0], timeout=SECONDS) == answers[0]
    assert calls.profile_of(living, one.profile_id).post_code


def test_a_change_of_before_is_answered_again(living: Stubs):
    one = somebody(living)
    given = people.consent(one.profile_id, "events")
    first = living.consents.SetConsent(given, timeout=SECONDS)
    living.rights.RestrictProcessing(people.restrict(one.profile_id), timeout=SECONDS)
    assert living.consents.SetConsent(given, timeout=SECONDS) == first


def test_the_person_can_still_be_erased(living: Stubs):
    one = somebody(living)
    living.rights.RestrictProcessing(people.restrict(one.profile_id), timeout=SECONDS)
    assert living.rights.EraseProfile(people.erase(one.profile_id), timeout=SECONDS).erased_live
    assert calls.refused(living.profiles.GetProfile, people.get(one.profile_id)).reason == "PROFILE_ERASED"


def test_what_reads_many_people_leaves_the_restricted_out(living: Stubs):
    """And has them again for what the policy allows, if the people consented to that."""
    one, other = somebody(living), somebody(living)
    joined = people.sign_up(other.profile_id, one.campaign_id, other.person.mark)
    joined_at = living.campaigns.SignUp(joined, timeout=SECONDS).position
    living.rights.RestrictProcessing(people.restrict(one.profile_id), timeout=SECONDS)

    def members(reason: ReadReason) -> set[str]:
        wanted = SelectAudienceRequest(purpose="newsletter", reason=reason)
        answers = living.audience.SelectAudience(wanted, timeout=SECONDS)
        found = {member.profile_id for answer in answers for member in answer.members}
        return found & {one.profile_id, other.profile_id}

    def given(reason: ReadReason) -> list[bool]:
        wanted = people.check(one.profile_id, other.profile_id)
        wanted.reason.CopyFrom(reason)
        return list(living.consents.CheckConsents(wanted, timeout=SECONDS).given)

    def signed_up(reason: ReadReason) -> set[str]:
        wanted = ListSignUpsRequest(campaign_id=one.campaign_id, reason=reason, at_least_position=joined_at)
        answer = living.campaigns.ListSignUps(wanted, timeout=SECONDS)
        return {sign_up.profile_id for sign_up in answer.sign_ups}

    def opened(reason: ReadReason) -> set[int]:
        wanted = {"profile_ids": [one.profile_id], "include_personal": True, "reason": reason}
        return {event.personal_half for event in calls.events(living, **wanted) if event.personal_half > 1}

    assert members(people.REASON) == signed_up(people.REASON) == {other.profile_id}
    assert given(people.REASON) == [False, True]
    assert opened(people.REASON) == {PERSONAL_HALF_WITHHELD}
    assert members(BY_RIGHT) == signed_up(BY_RIGHT) == {one.profile_id, other.profile_id}
    assert given(BY_RIGHT) == [True, True]
    assert opened(BY_RIGHT) == {PERSONAL_HALF_INCLUDED}
