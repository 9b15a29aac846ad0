"""Citizens who never lived: the same seed gives the same people, and every one the same requests.

Their addresses end in `@example.org`, a domain that takes no mail (RFC 2606), and
carry the seed and the number of the citizen; their phone numbers can't be dialled.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from random import Random
from typing import Any, NamedTuple

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from google.type.date_pb2 import Date

from profile_service.load.campaigns import ANSWERS, CAMPAIGNS
from profile_service.v1 import events_pb2 as events
from profile_service.v1 import profile_pb2 as profile
from profile_service.v1.campaign_service_pb2 import OpenCampaignRequest, SignUpRequest, WithdrawSignUpRequest
from profile_service.v1.consent_service_pb2 import (
    CONSENT_DECISION_GIVEN,
    CONSENT_DECISION_WITHDRAWN,
    SetConsentRequest,
)
from profile_service.v1.objection_pb2 import ObjectToMarketingRequest
from profile_service.v1.profile_service_pb2 import (
    RegisterProfileRequest,
    Registration,
    StartEmailVerificationRequest,
    UpdateProfileRequest,
    VerifyEmailRequest,
)
from profile_service.v1.rights_pb2 import (
    ASSURANCE_LEVEL_SUBSTANTIAL,
    IDENTIFICATION_METHOD_EID_CARD,
    Identification,
)
from profile_service.v1.rights_service_pb2 import EraseProfileRequest

IDENTIFIED = Identification(method=IDENTIFICATION_METHOD_EID_CARD, level=ASSURANCE_LEVEL_SUBSTANTIAL)
PURPOSES = {"newsletter": 0.6, "events": 0.45, "research": 0.25, "sms": 0.2}
TOPICS = (
    "culture",
    "sports",
    "music",
    "nature",
    "history",
    "mobility",
    "food",
    "youth",
    "housing",
    "markets",
)
LANGUAGES = ("nl-BE",) * 16 + ("fr-BE", "fr-BE", "en", "de-BE")
CHANNELS = (profile.CHANNEL_WEB,) * 6 + (profile.CHANNEL_APP,) * 3 + (profile.CHANNEL_DESK,)
CONTACT_CHANNELS = (
    profile.CONTACT_CHANNEL_EMAIL,
    profile.CONTACT_CHANNEL_SMS,
    profile.CONTACT_CHANNEL_POST,
    profile.CONTACT_CHANNEL_APP,
)
ERASURE_REASONS = (
    events.ERASURE_REASON_CONSENT_WITHDRAWN,
    events.ERASURE_REASON_NO_LONGER_NECESSARY,
    events.ERASURE_REASON_OBJECTION,
)
DOMAIN = "example.org"
POOL = 600  # distinct names and streets; drawing from Faker for each citizen would take longer than the call


class Kind(StrEnum):
    """What happens in a life; the name that tables show."""

    REGISTER = "register"
    START_VERIFICATION = "start e-mail verification"
    VERIFY_EMAIL = "verify e-mail"
    COMPLETE = "complete profile"
    GIVE_CONSENT = "give consent"
    SIGN_UP = "sign up for campaign"
    WITHDRAW_CONSENT = "withdraw consent"
    OBJECT = "object to marketing"
    WITHDRAW_SIGN_UP = "withdraw sign-up"
    CORRECT = "correct profile"
    CHANGE_EMAIL = "change e-mail"
    ERASE = "erase"


class Step(NamedTuple):
    """One call. The profile id, token, etag, campaign id and what the policy says are known only when it
    is made."""

    kind: Kind
    request: Message
    campaign: int = -1  # index in `CAMPAIGNS`
    purpose: str = ""  # of a consent


class GivenName(NamedTuple):
    name: str
    gender: profile.Gender


class Population:
    """All citizens of one seed; each is made on its own, in any order."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        from faker import Faker  # slow to import, and only a load needs it

        fake = Faker("nl_BE")
        fake.seed_instance(seed)
        self.given = [
            *(GivenName(fake.first_name_female(), profile.GENDER_FEMALE) for _ in range(POOL)),
            *(GivenName(fake.first_name_male(), profile.GENDER_MALE) for _ in range(POOL)),
        ]
        self.family = [fake.last_name() for _ in range(POOL)]
        self.streets = [fake.street_name() for _ in range(POOL)]
        self.places = [(fake.postcode(), fake.city()) for _ in range(60)]

    def campaigns(self) -> list[OpenCampaignRequest]:
        """The campaigns of this seed, to be opened before the first life."""
        return [
            OpenCampaignRequest(
                request_id=request_id(self.seed, -1, number),
                campaign=campaign,
                channel=profile.CHANNEL_SERVICE,
            )
            for number, campaign in enumerate(CAMPAIGNS)
        ]

    def life(self, number: int) -> list[Step]:
        """Everything citizen `number` (0, 1, …) does, in order; the first is the registration."""
        return list(_Life(self, number).steps())


def request_id(seed: int, number: int, step: int) -> str:
    """A UUID (version 4 by form) that is the same in every run."""
    digest = blake2b(f"{seed}/{number}/{step}".encode(), digest_size=16).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:]}"


@lru_cache(maxsize=4 * POOL)
def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z]+", "-", plain.lower()).strip("-")[:20] or "x"


class _Life:
    """The draws for one citizen. Every call takes the next request id, so that ids never repeat."""

    def __init__(self, population: Population, number: int) -> None:
        self._population = population
        self._number = number
        self._random = Random(f"{population.seed}/{number}")  # noqa: S311 - to be repeated, not to be secret
        self._channel = self._pick(CHANNELS)
        self._calls = 0

    def steps(self) -> Iterator[Step]:
        yield self._register()
        if self._happens(0.8):
            yield from self._verify()
        if self._happens(0.6):
            yield self._complete()
        yield from self._consents_and_sign_ups()
        if self._happens(0.1):
            yield self._correct()
        if self._happens(0.04):
            yield self._change_email()
            yield from self._verify()
        if self._happens(0.05):
            yield self._erase()

    def _consents_and_sign_ups(self) -> Iterator[Step]:
        given = [purpose for purpose, share in PURPOSES.items() if self._happens(share)]
        signed_up = [number for number in range(len(CAMPAIGNS)) if self._happens(0.15)]
        yield from (self._consent(Kind.GIVE_CONSENT, purpose) for purpose in given)
        yield from (self._sign_up(number) for number in signed_up)
        yield from (self._consent(Kind.WITHDRAW_CONSENT, purpose) for purpose in given if self._happens(0.2))
        yield from (self._withdraw_sign_up(number) for number in signed_up if self._happens(0.1))
        if given and self._happens(0.05):
            yield Step(Kind.OBJECT, ObjectToMarketingRequest(**self._common()))

    def _happens(self, share: float) -> bool:
        return self._random.random() < share

    def _pick(self, values: Any) -> Any:
        return values[int(self._random.random() * len(values))]

    def _common(self) -> dict[str, Any]:
        """The fields that every write has."""
        self._calls += 1
        return {
            "request_id": request_id(self._population.seed, self._number, self._calls),
            "channel": self._channel,
        }

    def _register(self) -> Step:
        given: GivenName = self._pick(self._population.given)
        family: str = self._pick(self._population.family)
        mark = f"s{self._population.seed}n{self._number}"
        self._mailbox = f"{_slug(given.name)}.{_slug(family)}.{mark}"
        place: tuple[str, str] = self._pick(self._population.places)
        common = self._common()
        registration = Registration(
            email=f"{self._mailbox}@{DOMAIN}",
            given_name=given.name,
            family_name=family,
            date_of_birth=self._birthday(),
            gender=given.gender if self._happens(0.95) else profile.GENDER_X,
            post_code=place[0],
            language=self._pick(LANGUAGES),
            channel=common.pop("channel"),
        )
        return Step(Kind.REGISTER, RegisterProfileRequest(registration=registration, **common))

    def _birthday(self) -> Date:
        draw = self._random.random
        return Date(year=1930 + int(draw() * 78), month=1 + int(draw() * 12), day=1 + int(draw() * 28))

    def _verify(self) -> Iterator[Step]:
        yield Step(Kind.START_VERIFICATION, StartEmailVerificationRequest(**self._common()))
        yield Step(Kind.VERIFY_EMAIL, VerifyEmailRequest(**self._common()))

    def _complete(self) -> Step:
        values: dict[str, Any] = {"address": self._address()}
        if self._happens(0.7):
            # No Belgian number begins with 00 after the country code: nobody can be called.
            values["phone"] = f"+3200{int(self._random.random() * 10_000_000):07d}"
        if self._happens(0.8):
            topics = self._random.sample(TOPICS, 1 + int(self._random.random() * 4))
            values["interests"] = profile.Interests(topics=topics)
        if self._happens(0.5):
            values["preferred_channel"] = self._pick(CONTACT_CHANNELS)
        return self._update(Kind.COMPLETE, values)

    def _address(self) -> profile.Address:
        post_code, municipality = self._pick(self._population.places)
        return profile.Address(
            street=self._pick(self._population.streets),
            house_number=str(1 + int(self._random.random() * 250)),
            box=str(1 + int(self._random.random() * 20)) if self._happens(0.3) else "",
            post_code=post_code,
            municipality=municipality,
            country="BE",
        )

    def _correct(self) -> Step:
        if self._happens(0.5):
            return self._update(Kind.CORRECT, {"date_of_birth": self._birthday()})
        return self._update(Kind.CORRECT, {"family_name": self._pick(self._population.family)})

    def _change_email(self) -> Step:
        return self._update(Kind.CHANGE_EMAIL, {"email": f"{self._mailbox}.new@{DOMAIN}"})

    def _update(self, kind: Kind, values: dict[str, Any]) -> Step:
        reason = events.UPDATE_REASON_CORRECTION if kind is Kind.CORRECT else events.UPDATE_REASON_COMPLETION
        request = UpdateProfileRequest(
            profile=profile.Profile(**values),
            update_mask=FieldMask(paths=list(values)),
            update_reason=reason,
            **self._common(),
        )
        return Step(kind, request)

    def _consent(self, kind: Kind, purpose: str) -> Step:
        decision = CONSENT_DECISION_GIVEN if kind is Kind.GIVE_CONSENT else CONSENT_DECISION_WITHDRAWN
        request = SetConsentRequest(
            purpose=purpose,
            decision=decision,
            **self._common(),
        )
        return Step(kind, request, purpose=purpose)

    def _sign_up(self, number: int) -> Step:
        answers = ANSWERS[number](self._random)
        return Step(Kind.SIGN_UP, SignUpRequest(answers=answers, **self._common()), number)

    def _withdraw_sign_up(self, number: int) -> Step:
        return Step(Kind.WITHDRAW_SIGN_UP, WithdrawSignUpRequest(**self._common()), number)

    def _erase(self) -> Step:
        request = EraseProfileRequest(
            legal_basis=profile.LEGAL_BASIS_LEGAL_OBLIGATION,
            requested_by=events.ERASURE_REQUESTER_PERSON,
            erasure_reason=self._pick(ERASURE_REASONS),
            identification=IDENTIFIED,
            **self._common(),
        )
        return Step(Kind.ERASE, request)
