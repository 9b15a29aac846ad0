"""Signing up for a campaign, with answers that fit its questions."""

from __future__ import annotations

import pytest
from google.protobuf.message import Message
from google.type.date_pb2 import Date
from hypothesis import given as any_of
from hypothesis import strategies as st

from profile_service.domain import campaigns
from profile_service.domain.campaigns import CampaignSituation
from profile_service.domain.errors import (
    AlreadySignedUpError,
    AnswersInvalidError,
    CampaignClosedError,
    CampaignNotFoundError,
    CampaignNotStartedError,
    SignUpNotFoundError,
)
from profile_service.domain.sign_ups import ANSWERED_BY, SignUps, fold, sign_up, withdraw_sign_up
from profile_service.v1.campaign_pb2 import Answer, Choices, QuestionType
from profile_service.v1.events_pb2 import CampaignClosed, SignedUp, SignUpWithdrawn
from tests.domain.given import given
from tests.domain.samples import (
    ANSWERS,
    CAMPAIGN_ID,
    DAY,
    HOUR,
    NOW,
    a_campaign,
    a_question,
    opened,
    timestamp,
)
from tests.domain.strategies import messages

OPEN = campaigns.fold([opened()])
CLOSED = campaigns.fold([opened(), CampaignClosed()])
SIZE = ANSWERS[0]
SIGNED_UP = SignedUp(campaign_id=CAMPAIGN_ID, answers=ANSWERS)
WITHDRAWN = SignUpWithdrawn(campaign_id=CAMPAIGN_ID)
HISTORIES = st.lists(st.sampled_from([SignedUp, SignUpWithdrawn]).flatmap(messages), max_size=6)


def sign_up_for(sign_ups: SignUps, campaign: CampaignSituation, answers=ANSWERS, now=NOW) -> list[SignedUp]:
    """The decision, with what is known of the person first."""
    return sign_up(campaign, sign_ups, CAMPAIGN_ID, answers, now)


def test_signing_up_is_a_fact_with_its_answers():
    given(fold).when(sign_up_for, OPEN).then(SIGNED_UP)


def test_answers_are_kept_in_the_order_of_the_questions_and_options():
    days = Answer(question_id="days", choices=Choices(options=["sun", "sat"]))
    given(fold).when(sign_up_for, OPEN, [*reversed(ANSWERS[2:]), days, SIZE]).then(SIGNED_UP)


def test_signing_up_again_with_equal_answers_changes_nothing():
    given(fold, SIGNED_UP).when(sign_up_for, OPEN).then()
    given(fold, SIGNED_UP).when(sign_up_for, OPEN, [*reversed(ANSWERS)]).then()
    given(fold, SIGNED_UP).when(sign_up_for, CLOSED).then()


def test_signing_up_again_with_other_answers_is_refused():
    given(fold, SIGNED_UP).when(sign_up_for, OPEN, [SIZE]).refused(AlreadySignedUpError)


def test_signing_up_again_after_a_withdrawal_is_a_fact():
    given(fold, SIGNED_UP, WITHDRAWN).when(sign_up_for, OPEN).then(SIGNED_UP)


def test_campaigns_are_signed_up_for_apart():
    other = SignedUp(campaign_id=b"x" * 16, answers=ANSWERS)
    given(fold, other).when(sign_up_for, OPEN).then(SIGNED_UP)


# The campaign


def test_an_unknown_campaign_takes_no_sign_ups():
    given(fold).when(sign_up_for, campaigns.Unopened()).refused(CampaignNotFoundError)


def test_a_closed_campaign_takes_no_sign_ups():
    given(fold).when(sign_up_for, CLOSED).refused(CampaignClosedError)
    given(fold, SIGNED_UP, WITHDRAWN).when(sign_up_for, CLOSED).refused(CampaignClosedError)


def test_the_period_begins_with_its_start_and_ends_before_its_end():
    begin = campaigns.fold([opened(start_time=timestamp(NOW), end_time=timestamp(NOW + HOUR))])
    given(fold).when(sign_up_for, begin, ANSWERS, NOW - HOUR / 60).refused(CampaignNotStartedError)
    given(fold).when(sign_up_for, begin, ANSWERS, NOW).then(SIGNED_UP)
    given(fold).when(sign_up_for, begin, ANSWERS, NOW + HOUR).refused(CampaignClosedError)
    given(fold).when(sign_up_for, begin, ANSWERS, NOW + DAY).refused(CampaignClosedError)


# The answers


def test_every_type_of_question_has_its_kind_of_answer():
    types = {number for number in QuestionType.values() if number}
    members = {field.name for field in Answer.DESCRIPTOR.oneofs_by_name["value"].fields}
    assert set(ANSWERED_BY) == types
    assert set(ANSWERED_BY.values()) == members


def test_what_is_not_required_may_be_left_out():
    given(fold).when(sign_up_for, OPEN, [SIZE]).then(SignedUp(campaign_id=CAMPAIGN_ID, answers=[SIZE]))


def test_what_is_required_must_be_answered():
    given(fold).when(sign_up_for, OPEN, []).refused(AnswersInvalidError, "answers")


def test_a_required_text_must_say_something():
    campaign = campaigns.fold([opened(questions=[a_question("motive", "TEXT", required=True)])])
    given(fold).when(sign_up_for, campaign, [Answer(question_id="motive", text=" ")]).refused(
        AnswersInvalidError, "answers[0].text"
    )


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (Answer(question_id="colour", choice="M"), "question_id"),
        (Answer(question_id="size", choice="S"), "question_id"),
        (Answer(question_id="motive", yes_no=True), "value"),
        (Answer(question_id="days", choice="sat"), "value"),
        (Answer(question_id="motive"), "value"),
        (Answer(question_id="days", choices=Choices(options=["sat", "mon"])), "choices.options"),
        (Answer(question_id="days", choices=Choices(options=["sat", "sat"])), "choices.options"),
        (Answer(question_id="arrival", date=Date(year=2026, month=2, day=30)), "date"),
        (Answer(question_id="arrival", date=Date(year=2026)), "date"),
    ],
)
def test_an_answer_must_fit_its_question(answer: Answer, field: str):
    given(fold).when(sign_up_for, OPEN, [SIZE, answer]).refused(AnswersInvalidError, f"answers[1].{field}")


def test_a_choice_must_be_an_option():
    given(fold).when(sign_up_for, OPEN, [Answer(question_id="size", choice="XL")]).refused(
        AnswersInvalidError, "answers[0].choice"
    )


def test_a_refusal_does_not_repeat_the_answer():
    answers = [Answer(question_id="size", choice="canary"), Answer(question_id="canary", text="canary")]
    with pytest.raises(AnswersInvalidError) as caught:
        sign_up_for(SignUps(), OPEN, answers)
    assert "canary" not in f"{caught.value!r} {caught.value.violations!r}"


# Withdrawing


def test_withdrawing_a_sign_up_is_a_fact():
    given(fold, SIGNED_UP).when(withdraw_sign_up, CAMPAIGN_ID).then(WITHDRAWN)


def test_withdrawing_twice_is_withdrawing_once():
    given(fold, SIGNED_UP, WITHDRAWN).when(withdraw_sign_up, CAMPAIGN_ID).then()


def test_what_was_never_signed_up_for_cannot_be_withdrawn():
    given(fold).when(withdraw_sign_up, CAMPAIGN_ID).refused(SignUpNotFoundError)
    other = SignedUp(campaign_id=b"x" * 16)
    given(fold, other).when(withdraw_sign_up, CAMPAIGN_ID).refused(SignUpNotFoundError)


# For all


@any_of(HISTORIES)
def test_folding_is_total(history: list[Message]):
    assert fold(history).version == len(history)


@any_of(HISTORIES, st.permutations(ANSWERS[1:]).map(list), st.integers(0, 5))
def test_deciding_twice_decides_nothing_the_second_time(history: list[Message], optional, count: int):
    answers = [SIZE, *optional[:count]]
    facts = sign_up_for(fold(history), OPEN, answers)
    assert sign_up_for(fold([*history, *facts]), OPEN, answers) == []


@any_of(st.lists(messages(Answer), max_size=4))
def test_whatever_is_answered_is_taken_or_refused(answers):
    campaign = campaigns.fold([opened(questions=a_campaign().questions)])
    try:
        (fact,) = sign_up_for(SignUps(), campaign, answers)
    except AnswersInvalidError:
        return
    assert len(fact.answers) == len(answers)
