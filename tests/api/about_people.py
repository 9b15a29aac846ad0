"""Every call whose request names a person, made about somebody of whom there is something of everything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from google.protobuf.message import Message

from profile_service.api.served import SERVICES
from profile_service.v1.campaign_service_pb2 import WithdrawSignUpRequest
from profile_service.v1.consent_service_pb2 import (
    CONSENT_DECISION_WITHDRAWN,
    GetConsentProofRequest,
    GetConsentReceiptRequest,
    ListConsentsRequest,
    SetConsentRequest,
)
from profile_service.v1.disclosure_service_pb2 import (
    ListDisclosuresRequest,
    ListObligationsRequest,
    ListRecipientsRequest,
)
from profile_service.v1.events_pb2 import SUPPRESSION_REASON_OBJECTION
from profile_service.v1.guardian_service_pb2 import ListGuardiansRequest
from profile_service.v1.objection_pb2 import CreateUnsubscribeLinkRequest, ObjectToMarketingRequest
from profile_service.v1.policy_service_pb2 import RecordPolicyShownRequest
from profile_service.v1.profile_pb2 import (
    CHANNEL_IMPORT,
    CHANNEL_WEB,
    LEGAL_BASIS_CONSENT,
    LEGAL_BASIS_LEGAL_OBLIGATION,
    Channel,
    Position,
    Profile,
)
from profile_service.v1.profile_service_pb2 import GetProfileAsOfRequest
from profile_service.v1.restriction_pb2 import ListRestrictionsRequest
from profile_service.v1.rights_pb2 import (
    ASSURANCE_LEVEL_SUBSTANTIAL,
    COMPLAINT_ROUTE_SUPERVISORY_AUTHORITY,
    EXTENSION_REASON_COMPLEXITY,
    IDENTIFICATION_METHOD_EID_CARD,
    REFUSAL_GROUND_UNFOUNDED,
    RESTRICTION_GROUND_NEEDED_FOR_CLAIMS,
    RIGHT_ACCESS,
    RIGHT_OBJECTION,
)
from profile_service.v1.rights_service_pb2 import (
    EXPORT_FORMAT_JSON,
    EXPORT_KIND_ACCESS,
    CheckContactSuppressionRequest,
    ExportProfileRequest,
    ExtendRequestRequest,
    FulfilRequestRequest,
    GetErasureCertificateRequest,
    ListHoldsRequest,
    ListRequestsRequest,
    PreviewErasureRequest,
    RefuseRequestRequest,
    ReleaseHoldRequest,
    SuppressContactRequest,
    VerifyIdentityRequest,
)
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import other_sources, people, recipients
from tests.support.people import Person
from tests.support.policies import STANDARD
from tests.support.service import Stubs

# Of the version that everybody registers with.
PURPOSES = [
    one.purpose for one in STANDARD.purposes if one.asks_consent and one.purpose not in people.SPARE_PURPOSES
]
PURPOSE = "newsletter"
OTHER_TEXT = next(one for one in STANDARD.purposes if one.purpose == PURPOSE).consent_texts[1].text_hash


@dataclass(frozen=True)
class City:
    """Two campaigns, and an authority that may have the address of people, by consent or by law."""

    campaign_id: str
    other_campaign_id: str
    recipient_id: str


@cache
def around(stubs: Stubs) -> City:
    recipient = recipients.registration(recipients.authority("email", purposes=PURPOSES))
    return City(
        calls.open_campaign(stubs),
        calls.open_campaign(stubs),
        stubs.disclosures.RegisterRecipient(recipient, timeout=SECONDS).recipient_id,
    )


@dataclass(frozen=True)
class Somebody:
    """A person with a consent, a sign-up, an open request, a hold of before,
    a supplement, and the token of a verification.

    `around`: what the City has beside people. `position`: of the log, when all that was there.
    """

    stubs: Stubs
    around: City
    person: Person
    profile_id: str
    rights_request_id: str
    hold_id: str
    token: str
    supplement_id: str
    position: Position


def somebody(stubs: Stubs, purposes: Sequence[str] = (PURPOSE,)) -> Somebody:
    """`purposes`: those consented to."""
    person = people.new_person()
    profile_id = calls.register(stubs, person).profile_id
    campaign_id = around(stubs).campaign_id
    stubs.campaigns.SignUp(people.sign_up(profile_id, campaign_id, person.mark), timeout=SECONDS)
    for purpose in purposes:
        stubs.consents.SetConsent(people.consent(profile_id, purpose), timeout=SECONDS)
    asked = stubs.rights.OpenRequest(people.ask(profile_id, RIGHT_OBJECTION), timeout=SECONDS)
    held = stubs.rights.PlaceHold(people.hold(profile_id, person.mark), timeout=SECONDS)
    stubs.rights.ReleaseHold(_release(profile_id, held.hold_id), timeout=SECONDS)
    started = stubs.profiles.StartEmailVerification(calls.start_verification(profile_id), timeout=SECONDS)
    supplied = other_sources.supplement(profile_id, Profile(phone=person.phone))
    supplement_id = stubs.profiles.SupplementProfile(supplied, timeout=SECONDS).supplement_id
    return Somebody(
        stubs,
        around(stubs),
        person,
        profile_id,
        asked.rights_request_id,
        held.hold_id,
        started.token,
        supplement_id,
        started.position,
    )


def _release(profile_id: str, hold_id: str) -> ReleaseHoldRequest:
    return ReleaseHoldRequest(
        request_id=people.new_id(), profile_id=profile_id, hold_id=hold_id, channel=CHANNEL_WEB
    )


Make = Callable[[Somebody], Message]


def _of(message: Any, /, **values: Any) -> Make:
    """A request of this kind about the person."""
    return lambda one: message(profile_id=one.profile_id, **values)


def _reading(message: Any, /, **values: Any) -> Make:
    return _of(message, reason=people.REASON, **values)


def _writing(message: Any, /, **values: Any) -> Make:
    return lambda one: message(
        request_id=people.new_id(), profile_id=one.profile_id, channel=CHANNEL_WEB, **values
    )


def _answering(message: Any, /, **values: Any) -> Make:
    """Something about the open request."""
    return lambda one: message(
        request_id=people.new_id(),
        profile_id=one.profile_id,
        rights_request_id=one.rights_request_id,
        channel=CHANNEL_WEB,
        **values,
    )


def _consent(channel: Channel) -> Make:
    def make(one: Somebody) -> SetConsentRequest:
        request = people.consent(one.profile_id, PURPOSE)
        request.channel = channel
        # Another text than that of the consent that is there: never a decision that changes nothing.
        request.text_hash = OTHER_TEXT
        return request

    return make


# Whoever reads what is there, or gets something that is not stored.
READS: dict[str, Make] = {
    "ProfileService/GetProfile": lambda one: people.get(one.profile_id),
    "ProfileService/GetProfileAsOf": lambda one: GetProfileAsOfRequest(
        profile_id=one.profile_id, reason=people.REASON, position=one.position
    ),
    "ProfileService/FindProfile": lambda one: people.find(one.person.email),
    "ConsentService/ListConsents": _reading(ListConsentsRequest),
    "ConsentService/GetConsentProof": lambda one: GetConsentProofRequest(
        profile_id=one.profile_id, purpose=PURPOSE, reason=people.REASON, position=one.position
    ),
    "ConsentService/GetConsentReceipt": lambda one: GetConsentReceiptRequest(
        profile_id=one.profile_id, purpose=PURPOSE, reason=people.REASON, position=one.position
    ),
    "GuardianService/ListGuardians": _reading(ListGuardiansRequest),
    "DisclosureService/ListDisclosures": _reading(ListDisclosuresRequest),
    "DisclosureService/ListRecipients": _reading(ListRecipientsRequest),
    "DisclosureService/ListObligations": _reading(ListObligationsRequest),
    "RightsService/CheckContactSuppression": _reading(CheckContactSuppressionRequest),
    "RightsService/ListRequests": _reading(ListRequestsRequest),
    "RightsService/ListHolds": _reading(ListHoldsRequest),
    "RightsService/ListRestrictions": _reading(ListRestrictionsRequest),
    "RightsService/ExportProfile": _reading(
        ExportProfileRequest, kind=EXPORT_KIND_ACCESS, format=EXPORT_FORMAT_JSON
    ),
    "RightsService/PreviewErasure": _reading(PreviewErasureRequest),
    "RightsService/GetErasureCertificate": _of(GetErasureCertificateRequest),
    "RightsService/CreateUnsubscribeLink": _of(CreateUnsubscribeLinkRequest),
}
WRITES: dict[str, Make] = {
    "ProfileService/UpdateProfile": lambda one: people.update(
        one.profile_id, Profile(post_code="2000"), "post_code"
    ),
    "ProfileService/SupplementProfile": lambda one: other_sources.supplement(
        one.profile_id, Profile(phone="+3231234567")
    ),
    "ProfileService/RecordNotice": lambda one: other_sources.notice(one.profile_id, one.supplement_id),
    "ProfileService/StartEmailVerification": lambda one: calls.start_verification(one.profile_id),
    "ProfileService/VerifyEmail": lambda one: calls.verify(one.token),
    "ConsentService/SetConsent giving": _consent(CHANNEL_WEB),
    "ConsentService/SetConsent giving, not the person": _consent(CHANNEL_IMPORT),
    "ConsentService/SetConsent withdrawing": lambda one: people.consent(
        one.profile_id, PURPOSE, CONSENT_DECISION_WITHDRAWN
    ),
    "GuardianService/LinkGuardian": lambda one: people.link_guardian(one.profile_id, people.new_id()),
    "GuardianService/EndGuardianship": lambda one: people.end_guardianship(one.profile_id, people.new_id()),
    "CampaignService/SignUp": lambda one: people.sign_up(
        one.profile_id, one.around.other_campaign_id, one.person.mark
    ),
    "CampaignService/WithdrawSignUp": lambda one: WithdrawSignUpRequest(
        request_id=people.new_id(),
        profile_id=one.profile_id,
        campaign_id=one.around.campaign_id,
        channel=CHANNEL_WEB,
    ),
    "PolicyService/RecordPolicyShown": _writing(
        RecordPolicyShownRequest, policy_version=people.POLICY_VERSION, language="nl"
    ),
    "DisclosureService/DiscloseProfile by consent": lambda one: recipients.disclosure(
        one.profile_id, one.around.recipient_id, "email", purpose=PURPOSE
    ),
    "DisclosureService/DiscloseProfile by law": lambda one: recipients.disclosure(
        one.profile_id,
        one.around.recipient_id,
        "email",
        purpose=PURPOSE,
        legal_basis=LEGAL_BASIS_LEGAL_OBLIGATION,
        legal_reference="court:2026/1",
    ),
    "RightsService/ObjectToMarketing": _writing(ObjectToMarketingRequest),
    "RightsService/SuppressContact": _writing(
        SuppressContactRequest,
        legal_basis=LEGAL_BASIS_CONSENT,
        suppression_reason=SUPPRESSION_REASON_OBJECTION,
    ),
    "RightsService/OpenRequest": lambda one: people.ask(one.profile_id, RIGHT_ACCESS),
    "RightsService/VerifyIdentity": _answering(
        VerifyIdentityRequest, method=IDENTIFICATION_METHOD_EID_CARD, level=ASSURANCE_LEVEL_SUBSTANTIAL
    ),
    "RightsService/ExtendRequest": _answering(
        ExtendRequestRequest, extension_reason=EXTENSION_REASON_COMPLEXITY
    ),
    "RightsService/RefuseRequest": _answering(
        RefuseRequestRequest,
        ground=REFUSAL_GROUND_UNFOUNDED,
        complaint_routes=[COMPLAINT_ROUTE_SUPERVISORY_AUTHORITY],
    ),
    "RightsService/FulfilRequest": _answering(FulfilRequestRequest),
    "RightsService/PlaceHold": lambda one: people.hold(one.profile_id, "a case"),
    "RightsService/ReleaseHold": lambda one: _release(one.profile_id, one.hold_id),
    "RightsService/RectifyProfile": lambda one: people.rectify(
        one.profile_id, Profile(post_code="2018"), "post_code"
    ),
    "RightsService/RestrictProcessing": lambda one: people.restrict(
        one.profile_id, RESTRICTION_GROUND_NEEDED_FOR_CLAIMS
    ),
    "RightsService/LiftRestriction": lambda one: people.lift(
        one.profile_id, RESTRICTION_GROUND_NEEDED_FOR_CLAIMS
    ),
    "RightsService/EraseProfile": lambda one: people.erase(one.profile_id),
}
CALLS = READS | WRITES


METHODS = {f"{service.name}/{method.name}": method for service in SERVICES for method in service.methods}


def call(one: Somebody, name: str) -> Callable[..., Any]:
    """A stub's call by its name, which may have more words behind it."""
    service, method = name.split(maxsplit=1)[0].split("/")
    stub = {
        "ProfileService": one.stubs.profiles,
        "ConsentService": one.stubs.consents,
        "CampaignService": one.stubs.campaigns,
        "GuardianService": one.stubs.guardians,
        "DisclosureService": one.stubs.disclosures,
        "PolicyService": one.stubs.policies,
        "RightsService": one.stubs.rights,
    }[service]
    found: Callable[..., Any] = getattr(stub, method)
    return found
