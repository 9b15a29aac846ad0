"""Serialized requests for the load generator: each one unique, none about a real person."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from itertools import count, cycle, islice

from google.type.date_pb2 import Date

from profile_service.v1.consent_service_pb2 import (
    CONSENT_DECISION_GIVEN,
    CheckConsentsRequest,
    SetConsentRequest,
)
from profile_service.v1.profile_pb2 import CHANNEL_WEB, GENDER_X, LEGAL_BASIS_PUBLIC_TASK, ReadReason
from profile_service.v1.profile_service_pb2 import (
    GetProfileRequest,
    ImportItem,
    ImportProfilesRequest,
    RegisterProfileRequest,
    Registration,
)
from tests.support.people import POLICY_VERSION, TEXT_HASH

GIVEN_NAMES = ("Lotte", "Noah", "Émilie", "Jef", "Fatima", "Wout", "Zoë", "Mohammed")
FAMILY_NAMES = ("Peeters", "Janssens", "Van den Broeck", "El Amrani", "Dubois", "Maes", "De Smet")
REASON = ReadReason(purpose="newsletter", legal_basis=LEGAL_BASIS_PUBLIC_TASK, on_behalf_of="bench")


def registration(number: int, run: str) -> Registration:
    """What person `number` of run `run` gives; no two have the same address."""
    return Registration(
        email=f"citizen.{number}.{run}@example.org",
        given_name=GIVEN_NAMES[number % len(GIVEN_NAMES)],
        family_name=FAMILY_NAMES[number % len(FAMILY_NAMES)],
        date_of_birth=Date(year=1930 + number % 80, month=1 + number % 12, day=1 + number % 28),
        gender=GENDER_X,
        post_code=f"2{number % 1000:03}",
        language="nl-BE",
        policy_version=POLICY_VERSION,
        channel=CHANNEL_WEB,
    )


def registrations() -> Iterator[bytes]:
    """`RegisterProfileRequest`s without end."""
    run = uuid.uuid4().hex
    for number in count():
        request = RegisterProfileRequest(request_id=str(uuid.uuid4()), registration=registration(number, run))
        yield request.SerializeToString()


def imports(profiles: int, batch: int) -> Iterator[bytes]:
    """The `ImportProfilesRequest`s of one import of `profiles` people."""
    run = uuid.uuid4()
    for first in range(0, profiles, batch):
        numbers = range(first, min(first + batch, profiles))
        items = [ImportItem(index=number, registration=registration(number, run.hex)) for number in numbers]
        yield ImportProfilesRequest(import_id=str(run), items=items).SerializeToString()


def reads(profile_ids: Sequence[str]) -> Iterator[bytes]:
    """`GetProfileRequest`s, one person after the other, without end."""
    for profile_id in cycle(profile_ids):
        yield GetProfileRequest(profile_id=profile_id, reason=REASON).SerializeToString()


def consents(profile_ids: Sequence[str]) -> Iterator[bytes]:
    """One `SetConsentRequest` for each person: given, for the purpose that `consent_checks` asks of."""
    for profile_id in profile_ids:
        yield SetConsentRequest(
            request_id=str(uuid.uuid4()),
            profile_id=profile_id,
            purpose=REASON.purpose,
            decision=CONSENT_DECISION_GIVEN,
            policy_version=POLICY_VERSION,
            text_hash=TEXT_HASH,
            channel=CHANNEL_WEB,
        ).SerializeToString()


def consent_checks(profile_ids: Sequence[str], people: int) -> Iterator[bytes]:
    """`CheckConsentsRequest`s of `people` each, without end."""
    ids = cycle(profile_ids)
    while True:
        request = CheckConsentsRequest(purpose=REASON.purpose, profile_ids=islice(ids, people), reason=REASON)
        yield request.SerializeToString()
