"""The life of a campaign: opened with its period and questions, closed once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeAlias

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from profile_service.domain.errors import (
    CampaignNotFoundError,
    ConcurrentChangeError,
    InvalidRequestError,
    Violation,
)
from profile_service.domain.values import normal_text, text_fault
from profile_service.v1.campaign_pb2 import Campaign, Question, QuestionType
from profile_service.v1.events_pb2 import CampaignClosed, CampaignOpened

CHOICE_TYPES: Final = frozenset(
    {QuestionType.QUESTION_TYPE_SINGLE_CHOICE, QuestionType.QUESTION_TYPE_MULTIPLE_CHOICE}
)
_OUTPUT_ONLY: Final = ("campaign_id", "state", "sign_up_count")


@dataclass(frozen=True, slots=True)
class Unopened:
    """There is no such campaign."""


@dataclass(frozen=True, slots=True)
class Open:
    """Sign-ups are taken while its period lasts.

    `campaign` has no output-only fields; treat it as read-only.
    """

    version: int
    campaign: Campaign


@dataclass(frozen=True, slots=True)
class Closed:
    """It was closed before the end of its period, or after."""

    version: int
    campaign: Campaign


CampaignSituation: TypeAlias = Unopened | Open | Closed
CampaignFact: TypeAlias = CampaignOpened | CampaignClosed


def evolve(state: CampaignSituation, fact: Message) -> CampaignSituation:
    """Return the situation after one more fact of the stream. Total."""
    version = 1 if isinstance(state, Unopened) else state.version + 1
    campaign = Campaign() if isinstance(state, Unopened) else state.campaign
    if isinstance(fact, CampaignOpened):
        campaign = fact.campaign
    if isinstance(fact, CampaignClosed) or isinstance(state, Closed):
        return Closed(version, campaign)
    return Open(version, campaign)


def fold(facts: Iterable[Message]) -> CampaignSituation:
    """Return the situation after the facts of a stream, from its first one on."""
    state: CampaignSituation = Unopened()
    for fact in facts:
        state = evolve(state, fact)
    return state


def open_campaign(state: CampaignSituation, campaign: Campaign) -> list[CampaignOpened]:
    """Open a campaign that follows the rules of its proto file; the same one again changes nothing.

    Output-only fields are ignored (AIP-203). Raises `InvalidRequestError` with paths below
    "campaign", and `ConcurrentChangeError` if another campaign has the id.
    """
    violations = [Violation(f"campaign.{field}", fault) for field, fault in _faults(campaign)]
    if violations:
        raise InvalidRequestError(violations)
    opened = CampaignOpened(campaign=campaign)
    for name in _OUTPUT_ONLY:
        opened.campaign.ClearField(name)
    opened.campaign.title = normal_text(campaign.title)
    if isinstance(state, Unopened):
        return [opened]
    if state.campaign == opened.campaign:
        return []
    raise ConcurrentChangeError


def close_campaign(state: CampaignSituation) -> list[CampaignClosed]:
    """End sign-ups; closing twice is closing once. Raises `CampaignNotFoundError`."""
    match state:
        case Open():
            return [CampaignClosed()]
        case Closed():
            return []
        case Unopened():
            raise CampaignNotFoundError


def moment(value: Timestamp) -> datetime | None:
    """Return the point in time that `value` names, in UTC; None if it is outside the years 1 to 9999."""
    try:
        return value.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _faults(campaign: Campaign) -> Iterator[tuple[str, str]]:
    fault = text_fault(campaign.title)
    if fault:
        yield "title", fault
    yield from _period_faults(campaign)
    seen = Counter(question.question_id for question in campaign.questions)
    for index, question in enumerate(campaign.questions):
        path = f"questions[{index}]"
        if seen[question.question_id] > 1:
            yield f"{path}.question_id", "is not unique within the campaign"
        yield from ((f"{path}.{field}", fault) for field, fault in _question_faults(question))


def _period_faults(campaign: Campaign) -> Iterator[tuple[str, str]]:
    start, end = moment(campaign.start_time), moment(campaign.end_time)
    if start is None:
        yield "start_time", "is not a point in time"
    if end is None:
        yield "end_time", "is not a point in time"
    if start and end and start >= end:
        yield "end_time", "is not after start_time"


def _question_faults(question: Question) -> Iterator[tuple[str, str]]:
    fault = text_fault(question.text)
    if fault:
        yield "text", fault
    if question.type in CHOICE_TYPES and not question.options:
        yield "options", "are needed for a question with a choice"
    if question.options and question.type not in CHOICE_TYPES:
        yield "options", "are only for questions with a choice"
    for index, option in enumerate(question.options):
        fault = text_fault(option)
        if fault:
            yield f"options[{index}]", fault
