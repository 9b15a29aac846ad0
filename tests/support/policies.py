"""Versions of a privacy policy, for whoever needs one or many."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from profile_service.commands.policies import STREAM, SUBJECT
from profile_service.database import open_engine
from profile_service.load.terms import POLICY
from profile_service.log.append import Append, NewFact
from profile_service.log.facts import write_record
from profile_service.policy_file import read_policy
from profile_service.v1.events_pb2 import EventHeader, PolicyPublished
from profile_service.v1.policy_pb2 import (
    RETENTION_START_CONSENT_WITHDRAWN,
    ConsentText,
    Policy,
    PolicyContact,
    PolicyPurpose,
    PolicyText,
    PolicyWords,
    RetentionPeriod,
)
from profile_service.v1.policy_service_pb2 import PublishPolicyRequest, RecordPolicyShownRequest
from profile_service.v1.profile_pb2 import CHANNEL_WEB, LEGAL_BASIS_CONSENT
from tests.log.logs import open_store
from tests.support import people

LANGUAGES = ("nl", "en")
DAY = 24 * 3600
# 1 January 2026, in seconds since 1970 UTC.
FIRST_DAY = 1_767_225_600


def a_purpose(purpose: str = "newsletter", text: bytes = people.TEXT_HASH, **values: Any) -> PolicyPurpose:
    """A purpose that asks consent; `text` is the hash of its text in the first language."""
    texts = [text, hashlib.sha256(text).digest()]
    pairs = zip(LANGUAGES, texts, strict=True)
    standard = {
        "purpose": purpose,
        "titles": words(purpose),
        "legal_basis": LEGAL_BASIS_CONSENT,
        "retention": RetentionPeriod(start=RETENTION_START_CONSENT_WITHDRAWN),
        "asks_consent": True,
        "consent_texts": [ConsentText(language=language, text_hash=one) for language, one in pairs],
        "direct_marketing": True,
    }
    return PolicyPurpose(**{**standard, **values})


def words(text: str) -> list[PolicyWords]:
    return [PolicyWords(language=language, text=f"{text} ({language})") for language in LANGUAGES]


def a_policy(
    version: str = people.POLICY_VERSION,
    purposes: Iterable[PolicyPurpose] | None = None,
    *,
    day: int = 0,
    first: bool = False,
    **values: Any,
) -> Policy:
    """A version that is effective `day` days after 1 January 2026; only the `first` one has no changes."""
    standard = {
        "version": version,
        "texts": [
            PolicyText(
                language=language,
                text_hash=hashlib.sha256(f"{version}/{language}".encode()).digest(),
                url=f"https://www.city.example/privacy/{version}/{language}",
            )
            for language in LANGUAGES
        ],
        "controller": PolicyContact(office="City", email="city@city.example"),
        "data_protection_contact": PolicyContact(office="Privacy", email="privacy@city.example"),
        "purposes": [a_purpose()] if purposes is None else purposes,
        "effective_time": Timestamp(seconds=FIRST_DAY + day * DAY),
        "changes": [] if first else words("New"),
    }
    return Policy(**{**standard, **values})


# What people register with and consent to wherever it does not matter: what generated citizens are shown, and
# purposes for whoever needs one that nobody else consented to.
STANDARD = read_policy(POLICY)
STANDARD.purposes.extend(map(a_purpose, people.SPARE_PURPOSES))


def put_into_log(url: str, policy: Policy = STANDARD) -> None:
    """Publish a version beside whoever uses the log, and without asking them; twice is once."""
    fact = PolicyPublished(policy=policy)
    name = fact.DESCRIPTOR.full_name
    header = EventHeader(stream=STREAM, version=1, type=name, actor="tests", channel=CHANNEL_WEB, schema=1)
    key = hashlib.sha256(policy.version.encode()).digest()
    new = NewFact(STREAM, 1, None, name, write_record(header, fact, None))
    engine = open_engine(url)
    try:
        open_store(engine).append([Append(key, b"tests", SUBJECT, None, (new,), 1)])
    finally:
        engine.dispose()


def publish(policy: Policy, request_id: str | None = None) -> PublishPolicyRequest:
    return PublishPolicyRequest(request_id=request_id or people.new_id(), policy=policy, channel=CHANNEL_WEB)


def shown(
    profile_id: str, version: str = people.POLICY_VERSION, language: str = "nl"
) -> RecordPolicyShownRequest:
    return RecordPolicyShownRequest(
        request_id=people.new_id(),
        profile_id=profile_id,
        policy_version=version,
        language=language,
        channel=CHANNEL_WEB,
    )
