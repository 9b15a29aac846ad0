"""What refusals are provoked with: people and campaigns in every state, and one mark in every value."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from google.type.date_pb2 import Date

from profile_service.v1.campaign_pb2 import Answer, Question, QuestionType
from profile_service.v1.campaign_service_pb2 import CloseCampaignRequest, SignUpRequest
from profile_service.v1.objection_pb2 import CreateUnsubscribeLinkRequest, ObjectToMarketingRequest
from profile_service.v1.profile_pb2 import CHANNEL_WEB, Position, Profile
from profile_service.v1.profile_service_pb2 import RegisterProfileRequest
from profile_service.v1.rights_pb2 import (
    COMPLAINT_ROUTE_COURT,
    EXTENSION_REASON_COMPLEXITY,
    REFUSAL_GROUND_EXCESSIVE,
    RIGHT_ACCESS,
    RIGHT_ERASURE,
)
from profile_service.v1.rights_service_pb2 import ExtendRequestRequest, RefuseRequestRequest
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import people
from tests.support.other_sources import address_of, supplement
from tests.support.people import Person
from tests.support.service import Stubs

QUESTIONS = [
    Question(question_id="wish", text="What?", type=QuestionType.QUESTION_TYPE_TEXT, required=True),
    Question(question_id="again", text="Again?", type=QuestionType.QUESTION_TYPE_YES_NO),
    Question(question_id="when", text="When?", type=QuestionType.QUESTION_TYPE_DATE),
    Question(question_id="size", text="Size?", type=QuestionType.QUESTION_TYPE_SINGLE_CHOICE, options=["S"]),
    Question(
        question_id="days", text="Days?", type=QuestionType.QUESTION_TYPE_MULTIPLE_CHOICE, options=["M", "T"]
    ),
]


@dataclass
class World:
    """`person` lives, who has `erased_id` does not; campaigns are named by their state."""

    stubs: Stubs
    person: Person = field(default_factory=people.new_person)
    # Whoever the refused requests are about: in no fact at all.
    stranger: Person = field(default_factory=people.new_person)

    def __post_init__(self) -> None:
        stubs = self.stubs
        self.registered: RegisterProfileRequest = people.register(self.person)
        answer = stubs.profiles.RegisterProfile(self.registered, timeout=SECONDS)
        self.profile_id: str = answer.profile_id
        self.log_id: str = answer.position.log_id
        self.begin: int = answer.position.value
        erased = people.new_person()
        self.erased_id = calls.register(stubs, erased).profile_id
        erasure = people.erase(self.erased_id)
        self.erasure_id = erasure.request_id
        stubs.rights.EraseProfile(erasure, timeout=SECONDS)
        opened = stubs.campaigns.OpenCampaign(calls.campaign(questions=QUESTIONS), timeout=SECONDS)
        self.open_id: str = opened.campaign_id
        self.future_id = calls.open_campaign(stubs, begins=3600, ends=7200)
        self.over_id = calls.open_campaign(stubs, begins=-7200, ends=-3600)
        self.closed_id = calls.open_campaign(stubs)
        closing = CloseCampaignRequest(
            request_id=people.new_id(), campaign_id=self.closed_id, channel=CHANNEL_WEB
        )
        stubs.campaigns.CloseCampaign(closing, timeout=SECONDS)
        stubs.campaigns.SignUp(self.sign_up(wish="a tree"), timeout=SECONDS)
        started = stubs.profiles.StartEmailVerification(
            calls.start_verification(self.profile_id), timeout=SECONDS
        )
        self.used_token: str = started.token
        verified = stubs.profiles.VerifyEmail(calls.verify(self.used_token), timeout=SECONDS)
        self.head: int = verified.position.value
        self.consented = people.consent(self.profile_id)
        self.head = stubs.consents.SetConsent(self.consented, timeout=SECONDS).position.value
        self.objected = ObjectToMarketingRequest(
            request_id=people.new_id(),
            profile_id=self.profile_id,
            purpose="sms",
            channel=CHANNEL_WEB,
        )
        self.head = stubs.rights.ObjectToMarketing(self.objected, timeout=SECONDS).position.value
        linked = CreateUnsubscribeLinkRequest(profile_id=self.profile_id)
        self.unsubscribe_token: str = stubs.rights.CreateUnsubscribeLink(linked, timeout=SECONDS).token
        self.now = int(time.time())
        # Somebody of nine, with no guardian.
        born = Date(year=date.today().year - 9, month=1, day=1)  # noqa: DTZ011 - in any zone
        self.child_id: str = stubs.profiles.RegisterProfile(
            people.register_born(born), timeout=SECONDS
        ).profile_id
        self._exercise_rights()

    @property
    def mark(self) -> str:
        """What is in every value of a request that will be refused."""
        return self.stranger.mark

    @property
    def canaries(self) -> list[str]:
        return [self.person.mark, self.stranger.mark]

    def sign_up(
        self, campaign_id: str = "", *answers: Answer, wish: str = "", profile_id: str = ""
    ) -> SignUpRequest:
        request = SignUpRequest(
            request_id=people.new_id(),
            profile_id=profile_id or self.profile_id,
            campaign_id=campaign_id or self.open_id,
            answers=answers,
            channel=CHANNEL_WEB,
        )
        if wish:
            request.answers.append(Answer(question_id="wish", text=wish))
        return request

    def register(self, **values: Any) -> RegisterProfileRequest:
        """The registration of the stranger, with other values."""
        request = people.register(self.stranger)
        for name, value in values.items():
            if name == "born":
                born = request.registration.date_of_birth
                born.year, born.month, born.day = value
            else:
                setattr(request.registration, name, value)
        return request

    def registered_at(self, ahead: int) -> Position:
        return Position(value=self.begin + ahead)

    def position(self, ahead: int, log_id: str = "") -> Position:
        return Position(value=self.head + ahead, log_id=log_id)

    def _exercise_rights(self) -> None:
        """Let the person make requests in several states; somebody else is held."""
        rights = self.stubs.rights
        self.asking = people.ask(self.profile_id, RIGHT_ACCESS)
        self.asked_id: str = rights.OpenRequest(self.asking, timeout=SECONDS).rights_request_id
        self.erasure_asked_id, self.refused_id, self.extended_id = (
            rights.OpenRequest(people.ask(self.profile_id, right), timeout=SECONDS).rights_request_id
            for right in (RIGHT_ERASURE, RIGHT_ACCESS, RIGHT_ACCESS)
        )
        refusal = RefuseRequestRequest(
            request_id=people.new_id(),
            profile_id=self.profile_id,
            rights_request_id=self.refused_id,
            ground=REFUSAL_GROUND_EXCESSIVE,
            complaint_routes=[COMPLAINT_ROUTE_COURT],
            channel=CHANNEL_WEB,
        )
        rights.RefuseRequest(refusal, timeout=SECONDS)
        extension = ExtendRequestRequest(
            request_id=people.new_id(),
            profile_id=self.profile_id,
            rights_request_id=self.extended_id,
            extension_reason=EXTENSION_REASON_COMPLEXITY,
            channel=CHANNEL_WEB,
        )
        rights.ExtendRequest(extension, timeout=SECONDS)
        self.held_id = calls.register(self.stubs).profile_id
        held = rights.PlaceHold(people.hold(self.held_id, "a case"), timeout=SECONDS)
        self.restricted_id = calls.register(self.stubs).profile_id
        rights.RestrictProcessing(people.restrict(self.restricted_id), timeout=SECONDS)
        self.stated_id = calls.register(self.stubs).profile_id
        stated = people.update(self.stated_id, Profile(phone="+3231234567"), "phone")
        self.stubs.profiles.UpdateProfile(stated, timeout=SECONDS)
        supplied = supplement(self.held_id, address_of(self.person))
        self.supplemented = supplied
        self.supplement_id: str = self.stubs.profiles.SupplementProfile(
            supplied, timeout=SECONDS
        ).supplement_id
        self.head = held.position.value
