"""Requests of made-up people, whose every value is a canary."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from google.type import date_pb2
from google.type.date_pb2 import Date

from profile_service.domain.values import date_message
from profile_service.v1.campaign_pb2 import (
    CAMPAIGN_KIND_PROMOTION,
    QUESTION_TYPE_TEXT,
    Answer,
    Campaign,
    Question,
)
from profile_service.v1.campaign_service_pb2 import OpenCampaignRequest, SignUpRequest
from profile_service.v1.consent_service_pb2 import (
    CONSENT_DECISION_GIVEN,
    CheckConsentsRequest,
    ConsentDecision,
    SetConsentRequest,
)
from profile_service.v1.events_pb2 import (
    ERASURE_REASON_CONSENT_WITHDRAWN,
    ERASURE_REQUESTER_PERSON,
    UPDATE_REASON_COMPLETION,
)
from profile_service.v1.guardian_pb2 import GUARDIAN_RELATION_PARENT
from profile_service.v1.guardian_service_pb2 import EndGuardianshipRequest, LinkGuardianRequest
from profile_service.v1.profile_pb2 import (
    CHANNEL_DESK,
    CHANNEL_WEB,
    GENDER_X,
    LEGAL_BASIS_CONSENT,
    LEGAL_BASIS_PUBLIC_TASK,
    Address,
    Interests,
    Position,
    Profile,
    ReadReason,
)
from profile_service.v1.profile_service_pb2 import (
    FindProfileRequest,
    GetProfileRequest,
    RegisterProfileRequest,
    Registration,
    UpdateProfileRequest,
)
from profile_service.v1.rectification_pb2 import RectifyProfileRequest
from profile_service.v1.restriction_pb2 import LiftRestrictionRequest, RestrictProcessingRequest
from profile_service.v1.rights_pb2 import (
    ASSURANCE_LEVEL_SUBSTANTIAL,
    HOLD_GROUND_LEGAL_CLAIM,
    IDENTIFICATION_METHOD_EID_CARD,
    RECTIFICATION_BASIS_DOCUMENT,
    RESTRICTION_GROUND_ACCURACY_CONTESTED,
    Identification,
    RestrictionGround,
    Right,
)
from profile_service.v1.rights_service_pb2 import (
    EraseProfileRequest,
    OpenRequestRequest,
    PlaceHoldRequest,
)

REASON = ReadReason(purpose="checks", legal_basis=LEGAL_BASIS_PUBLIC_TASK, on_behalf_of="job:checks")
IDENTIFIED = Identification(method=IDENTIFICATION_METHOD_EID_CARD, level=ASSURANCE_LEVEL_SUBSTANTIAL)

# The version of the policy in `policies.STANDARD`, and what people are shown there.
POLICY_VERSION = "2026-01"
TEXT_HASH = hashlib.sha256(b"The text of the consent that generated citizens were shown.").digest()
SPARE_PURPOSES = tuple(f"spare-{number}" for number in range(50))


@dataclass(frozen=True)
class Person:
    """One made-up person; `mark` is in every text, and `phone` is made of it."""

    mark: str

    @property
    def email(self) -> str:
        return f"Mail.{self.mark}@canaries.example"

    @property
    def phone(self) -> str:
        digits = int.from_bytes(hashlib.sha256(self.mark.encode()).digest()[:5], "big") % 10**9
        return f"+3247{digits:09}"

    @property
    def registration(self) -> Registration:
        return Registration(
            email=self.email,
            given_name=f"Given{self.mark}",
            family_name=f"Fámily {self.mark}",
            date_of_birth=date_pb2.Date(year=1957, month=11, day=23),
            gender=GENDER_X,
            post_code="2060",
            language="nl-BE",
            policy_version=POLICY_VERSION,
            channel=CHANNEL_WEB,
        )

    @property
    def completion(self) -> Profile:
        """The values that a person adds later; `COMPLETED` are their names."""
        return Profile(
            phone=self.phone,
            address=Address(
                street=f"Street {self.mark}",
                house_number="7",
                post_code="2060",
                municipality=f"Town {self.mark}",
                country="BE",
            ),
            interests=Interests(topics=[f"interest-{self.mark.lower()}"]),
        )


COMPLETED = ("phone", "address", "interests")


def new_person() -> Person:
    """A person with a mark of their own, of letters and digits."""
    return Person(f"Zq{uuid4().hex[:14]}")


def new_id() -> str:
    return str(uuid4())


def register(person: Person, request_id: str | None = None) -> RegisterProfileRequest:
    return RegisterProfileRequest(request_id=request_id or new_id(), registration=person.registration)


def register_born(born: Date) -> RegisterProfileRequest:
    """Somebody new, born then."""
    request = register(new_person())
    request.registration.date_of_birth.CopyFrom(born)
    return request


def get(profile_id: str, at_least: int = 0) -> GetProfileRequest:
    position = Position(value=at_least) if at_least else None
    return GetProfileRequest(profile_id=profile_id, reason=REASON, at_least_position=position)


def find(email: str) -> FindProfileRequest:
    return FindProfileRequest(email=email, reason=REASON)


def update(profile_id: str, profile: Profile, *fields: str) -> UpdateProfileRequest:
    request = UpdateProfileRequest(
        request_id=new_id(),
        profile_id=profile_id,
        profile=profile,
        update_reason=UPDATE_REASON_COMPLETION,
        channel=CHANNEL_WEB,
    )
    request.update_mask.paths.extend(fields)
    return request


def consent(
    profile_id: str,
    purpose: str = "newsletter",
    decision: ConsentDecision = CONSENT_DECISION_GIVEN,
    guardian_id: str = "",
) -> SetConsentRequest:
    return SetConsentRequest(
        request_id=new_id(),
        profile_id=profile_id,
        purpose=purpose,
        decision=decision,
        policy_version=POLICY_VERSION,
        text_hash=TEXT_HASH,
        channel=CHANNEL_WEB,
        guardian_id=guardian_id,
    )


def link_guardian(profile_id: str, guardian_id: str) -> LinkGuardianRequest:
    """A parent of a child, who showed a card."""
    return LinkGuardianRequest(
        request_id=new_id(),
        profile_id=profile_id,
        guardian_id=guardian_id,
        relation=GUARDIAN_RELATION_PARENT,
        method=IDENTIFIED.method,
        level=IDENTIFIED.level,
        channel=CHANNEL_DESK,
    )


def end_guardianship(profile_id: str, guardian_id: str) -> EndGuardianshipRequest:
    return EndGuardianshipRequest(
        request_id=new_id(), profile_id=profile_id, guardian_id=guardian_id, channel=CHANNEL_DESK
    )


def check(*profile_ids: str, purpose: str = "newsletter") -> CheckConsentsRequest:
    return CheckConsentsRequest(purpose=purpose, profile_ids=profile_ids, reason=REASON)


def campaign(*, opens: int, closes: int) -> OpenCampaignRequest:
    """A campaign with one question, `wish`; times in seconds since 1970 UTC."""
    opened = Campaign(
        title="Trees for the street",
        kind=CAMPAIGN_KIND_PROMOTION,
        questions=[
            Question(question_id="wish", text="What do you wish?", type=QUESTION_TYPE_TEXT, required=True)
        ],
    )
    opened.start_time.FromSeconds(opens)
    opened.end_time.FromSeconds(closes)
    return OpenCampaignRequest(request_id=new_id(), campaign=opened, channel=CHANNEL_WEB)


def sign_up(profile_id: str, campaign_id: str, wish: str) -> SignUpRequest:
    return SignUpRequest(
        request_id=new_id(),
        profile_id=profile_id,
        campaign_id=campaign_id,
        answers=[Answer(question_id="wish", text=wish)],
        channel=CHANNEL_WEB,
    )


def erase(profile_id: str, request_id: str | None = None) -> EraseProfileRequest:
    return EraseProfileRequest(
        request_id=request_id or new_id(),
        profile_id=profile_id,
        legal_basis=LEGAL_BASIS_CONSENT,
        requested_by=ERASURE_REQUESTER_PERSON,
        erasure_reason=ERASURE_REASON_CONSENT_WITHDRAWN,
        channel=CHANNEL_WEB,
        identification=IDENTIFIED,
    )


def ask(profile_id: str, right: Right, came: date | None = None) -> OpenRequestRequest:
    """A request by right of the person, that came today if no day is given."""
    request = OpenRequestRequest(
        request_id=new_id(),
        profile_id=profile_id,
        right=right,
        requested_by=ERASURE_REQUESTER_PERSON,
        channel=CHANNEL_WEB,
    )
    if came is not None:
        request.receive_date.CopyFrom(date_message(came))
    return request


def hold(profile_id: str, reference: str) -> PlaceHoldRequest:
    return PlaceHoldRequest(
        request_id=new_id(),
        profile_id=profile_id,
        ground=HOLD_GROUND_LEGAL_CLAIM,
        reference=reference,
        review_date=Date(year=2099, month=1, day=2),
        channel=CHANNEL_WEB,
    )


def restrict(
    profile_id: str, ground: RestrictionGround = RESTRICTION_GROUND_ACCURACY_CONTESTED
) -> RestrictProcessingRequest:
    """A restriction that the person asks for."""
    return RestrictProcessingRequest(
        request_id=new_id(),
        profile_id=profile_id,
        ground=ground,
        requested_by=ERASURE_REQUESTER_PERSON,
        identification=IDENTIFIED,
        channel=CHANNEL_WEB,
    )


def rectify(profile_id: str, profile: Profile, *fields: str) -> RectifyProfileRequest:
    """A rectification that the person asks for, with a document."""
    request = RectifyProfileRequest(
        request_id=new_id(),
        profile_id=profile_id,
        profile=profile,
        basis=RECTIFICATION_BASIS_DOCUMENT,
        requested_by=ERASURE_REQUESTER_PERSON,
        identification=IDENTIFIED,
        channel=CHANNEL_WEB,
    )
    request.update_mask.paths.extend(fields)
    return request


def lift(
    profile_id: str, ground: RestrictionGround = RESTRICTION_GROUND_ACCURACY_CONTESTED
) -> LiftRestrictionRequest:
    """The lifting of a restriction of which the person was told on a day that is over everywhere."""
    return LiftRestrictionRequest(
        request_id=new_id(),
        profile_id=profile_id,
        ground=ground,
        inform_date=Date(year=2026, month=1, day=2),
        channel=CHANNEL_WEB,
    )


def id_bytes(text: str) -> bytes:
    """The 16 bytes of a UUID, as facts hold them."""
    return UUID(text).bytes
