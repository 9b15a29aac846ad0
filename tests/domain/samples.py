"""Small valid facts, requests and moments of one person, for stories about them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from profile_service.v1.campaign_pb2 import Answer, Campaign, CampaignKind, Choices, Question
from profile_service.v1.events_pb2 import CampaignOpened, ProfileRegistered
from profile_service.v1.profile_pb2 import Channel, Gender
from profile_service.v1.profile_service_pb2 import Registration

TODAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
CAMPAIGN_ID = bytes(range(16))


def a_registration(**changes: Any) -> Registration:
    values = {
        "email": "An.Claes@Example.be",
        "given_name": "An",
        "family_name": "Claes",
        "date_of_birth": Date(year=1984, month=2, day=29),
        "gender": Gender.GENDER_FEMALE,
        "post_code": "2000",
        "language": "nl",
        "policy_version": "2026-1",
        "channel": Channel.CHANNEL_WEB,
    }
    return Registration(**{**values, **changes})


def registered(**changes: Any) -> ProfileRegistered:
    values = {
        "email": "An.Claes@Example.be",
        "given_name": "An",
        "family_name": "Claes",
        "date_of_birth": Date(year=1984, month=2, day=29),
        "gender": Gender.GENDER_FEMALE,
        "post_code": "2000",
        "language": "nl",
        "policy_version": "2026-1",
    }
    return ProfileRegistered(**{**values, **changes})


def timestamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp


def a_question(
    question_id: str, kind: str, *, required: bool = False, options: tuple[str, ...] = ()
) -> Question:
    name = f"QUESTION_TYPE_{kind}"
    return Question(question_id=question_id, text="?", type=name, required=required, options=options)


QUESTIONS = (
    a_question("size", "SINGLE_CHOICE", required=True, options=("S", "M", "L")),
    a_question("days", "MULTIPLE_CHOICE", options=("sat", "sun")),
    a_question("motive", "TEXT"),
    a_question("adult", "YES_NO"),
    a_question("people", "NUMBER"),
    a_question("arrival", "DATE"),
)
ANSWERS = (
    Answer(question_id="size", choice="M"),
    Answer(question_id="days", choices=Choices(options=["sat", "sun"])),
    Answer(question_id="motive", text="Curious"),
    Answer(question_id="adult", yes_no=True),
    Answer(question_id="people", number=2),
    Answer(question_id="arrival", date=Date(year=2026, month=3, day=14)),
)


def a_campaign(**changes: Any) -> Campaign:
    values = {
        "title": "Ten miles",
        "kind": CampaignKind.CAMPAIGN_KIND_CAMPAIGN,
        "start_time": timestamp(NOW - DAY),
        "end_time": timestamp(NOW + DAY),
        "questions": QUESTIONS,
    }
    return Campaign(**{**values, **changes})


def opened(**changes: Any) -> CampaignOpened:
    return CampaignOpened(campaign=a_campaign(**changes))
