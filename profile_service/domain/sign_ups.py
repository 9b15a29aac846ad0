"""What one person signed up for, with answers that fit the questions of the campaign."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final, TypeAlias

from google.protobuf.message import Message

from profile_service.domain.campaigns import CampaignSituation, Closed, Open, Unopened, moment
from profile_service.domain.errors import (
    AlreadySignedUpError,
    AnswersInvalidError,
    CampaignClosedError,
    CampaignNotFoundError,
    CampaignNotStartedError,
    SignUpNotFoundError,
    Violation,
)
from profile_service.domain.values import full_date
from profile_service.v1.campaign_pb2 import Answer, Question, QuestionType
from profile_service.v1.events_pb2 import SignedUp, SignUpWithdrawn

# The member of `Answer.value` that answers each type of question.
ANSWERED_BY: Final = MappingProxyType(
    {
        QuestionType.QUESTION_TYPE_TEXT: "text",
        QuestionType.QUESTION_TYPE_YES_NO: "yes_no",
        QuestionType.QUESTION_TYPE_NUMBER: "number",
        QuestionType.QUESTION_TYPE_DATE: "date",
        QuestionType.QUESTION_TYPE_SINGLE_CHOICE: "choice",
        QuestionType.QUESTION_TYPE_MULTIPLE_CHOICE: "choices",
    }
)


@dataclass(frozen=True, slots=True)
class Living:
    """A sign-up that stands, with its answers in the order of the questions."""

    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A sign-up that was taken back."""


@dataclass(frozen=True, slots=True)
class SignUps:
    """The sign-ups of one person, by campaign id (16 bytes). `version` is that of the stream."""

    version: int = 0
    by_campaign: Mapping[bytes, Living | Withdrawn] = field(default_factory=lambda: MappingProxyType({}))


SignUpFact: TypeAlias = SignedUp | SignUpWithdrawn


def evolve(sign_ups: SignUps, fact: Message) -> SignUps:
    """Return the sign-ups after one more fact of the stream. Total."""
    by_campaign = dict(sign_ups.by_campaign)
    match fact:
        case SignedUp():
            by_campaign[fact.campaign_id] = Living(tuple(fact.answers))
        case SignUpWithdrawn():
            by_campaign[fact.campaign_id] = Withdrawn()
    return SignUps(sign_ups.version + 1, MappingProxyType(by_campaign))


def fold(facts: Iterable[Message]) -> SignUps:
    """Return the sign-ups after the facts of a stream, from its first one on."""
    sign_ups = SignUps()
    for fact in facts:
        sign_ups = evolve(sign_ups, fact)
    return sign_ups


def sign_up(
    campaign: CampaignSituation,
    sign_ups: SignUps,
    campaign_id: bytes,
    answers: Sequence[Answer],
    now: datetime,
) -> list[SignedUp]:
    """Sign a person up. The same answers again, in whatever order, change nothing, even after the end.

    Signing up again after a withdrawal is allowed. Raises `CampaignNotFoundError`,
    `CampaignClosedError`, `CampaignNotStartedError`, `AlreadySignedUpError`, and
    `AnswersInvalidError` with paths below "answers".
    """
    if isinstance(campaign, Unopened):
        raise CampaignNotFoundError
    ordered = _in_order(campaign.campaign.questions, answers)
    known = sign_ups.by_campaign.get(campaign_id)
    if known == Living(ordered):
        return []
    _check_period(campaign, now)
    violations = list(_violations(campaign.campaign.questions, answers))
    if violations:
        raise AnswersInvalidError(violations)
    if isinstance(known, Living):
        raise AlreadySignedUpError
    return [SignedUp(campaign_id=campaign_id, answers=ordered)]


def withdraw_sign_up(sign_ups: SignUps, campaign_id: bytes) -> list[SignUpWithdrawn]:
    """Take a sign-up back, at any time; twice is once. Raises `SignUpNotFoundError` if there was none."""
    match sign_ups.by_campaign.get(campaign_id):
        case Living():
            return [SignUpWithdrawn(campaign_id=campaign_id)]
        case Withdrawn():
            return []
        case None:
            raise SignUpNotFoundError


def _check_period(campaign: Open | Closed, now: datetime) -> None:
    start, end = moment(campaign.campaign.start_time), moment(campaign.campaign.end_time)
    if isinstance(campaign, Closed) or end is None or now >= end:
        raise CampaignClosedError
    if start is None or now < start:
        raise CampaignNotStartedError


def _in_order(questions: Sequence[Question], answers: Sequence[Answer]) -> tuple[Answer, ...]:
    """Return answers in the order of the questions, and choices in the order of the options."""
    place = {question.question_id: index for index, question in enumerate(questions)}
    by_id = {question.question_id: question for question in questions}
    ordered = []
    for answer in sorted(answers, key=lambda answer: place.get(answer.question_id, len(place))):
        copy = Answer()
        copy.CopyFrom(answer)
        if answer.HasField("choices") and answer.question_id in by_id:
            options = list(by_id[answer.question_id].options)
            known = [option for option in options if option in answer.choices.options]
            strange = [option for option in answer.choices.options if option not in options]
            copy.choices.options[:] = known + strange
        ordered.append(copy)
    return tuple(ordered)


def _violations(questions: Sequence[Question], answers: Sequence[Answer]) -> Iterator[Violation]:
    asked = {question.question_id: question for question in questions}
    answered: set[str] = set()
    for index, answer in enumerate(answers):
        path = f"answers[{index}]"
        question = asked.get(answer.question_id)
        if question is None:
            yield Violation(f"{path}.question_id", "is not a question of this campaign")
        elif answer.question_id in answered:
            yield Violation(f"{path}.question_id", "is answered twice")
        else:
            answered.add(answer.question_id)
            yield from (Violation(f"{path}.{member}", fault) for member, fault in _faults(question, answer))
    for question in questions:
        if question.required and question.question_id not in answered:
            yield Violation("answers", f"question {question.question_id!r} needs an answer")


def _faults(question: Question, answer: Answer) -> Iterator[tuple[str, str]]:
    member = ANSWERED_BY.get(question.type)
    if member is None or answer.WhichOneof("value") != member:
        yield "value", f"must be {member}"
        return
    options = question.options
    match member:
        case "text" if question.required and not answer.text.strip():
            yield "text", "is empty"
        case "date" if full_date(answer.date) is None:
            yield "date", "is not a full, real date"
        case "choice" if answer.choice not in options:
            yield "choice", "is not an option of the question"
        case "choices":
            if not set(answer.choices.options) <= set(options):
                yield "choices.options", "has one that is not an option of the question"
            if len(set(answer.choices.options)) < len(answer.choices.options):
                yield "choices.options", "has one twice"
