"""A campaign is opened with its period and questions, and closed once."""

from __future__ import annotations

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given as any_of
from hypothesis import strategies as st

from profile_service.domain.campaigns import Closed, Open, Unopened, close_campaign, fold, open_campaign
from profile_service.domain.errors import CampaignNotFoundError, ConcurrentChangeError, InvalidRequestError
from profile_service.v1.campaign_pb2 import Campaign, CampaignState
from profile_service.v1.events_pb2 import CampaignClosed, CampaignOpened
from tests.domain.given import given
from tests.domain.samples import DAY, NOW, a_campaign, a_question, opened, timestamp
from tests.domain.strategies import messages

HISTORIES = st.lists(st.sampled_from([CampaignOpened, CampaignClosed]).flatmap(messages), max_size=6)


def test_opening_a_campaign_is_a_fact():
    given(fold).when(open_campaign, a_campaign()).then(opened())


def test_what_only_the_service_says_of_a_campaign_is_not_kept():
    asked = a_campaign(campaign_id="x", state=CampaignState.CAMPAIGN_STATE_CLOSED, sign_up_count=7)
    given(fold).when(open_campaign, asked).then(opened())


def test_opening_the_same_campaign_again_changes_nothing():
    given(fold, opened()).when(open_campaign, a_campaign()).then()
    given(fold, opened(), CampaignClosed()).when(open_campaign, a_campaign()).then()


def test_another_campaign_cannot_have_the_same_id():
    given(fold, opened()).when(open_campaign, a_campaign(title="Other")).refused(ConcurrentChangeError)


@pytest.mark.parametrize("end", [NOW, NOW - DAY])
def test_a_campaign_ends_after_it_starts(end):
    asked = a_campaign(start_time=timestamp(NOW), end_time=timestamp(end))
    given(fold).when(open_campaign, asked).refused(InvalidRequestError, "campaign.end_time")


def test_a_period_is_made_of_points_in_time():
    never = Timestamp(seconds=2**60)
    asked = a_campaign(start_time=never, end_time=Timestamp(nanos=-1))
    given(fold).when(open_campaign, asked).refused(
        InvalidRequestError, "campaign.start_time", "campaign.end_time"
    )


def test_question_ids_are_unique():
    asked = a_campaign(questions=[a_question(name, "TEXT") for name in ("a", "b", "a")])
    given(fold).when(open_campaign, asked).refused(
        InvalidRequestError, "campaign.questions[0].question_id", "campaign.questions[2].question_id"
    )


@pytest.mark.parametrize("kind", ["SINGLE_CHOICE", "MULTIPLE_CHOICE"])
def test_a_choice_needs_options(kind: str):
    given(fold).when(open_campaign, a_campaign(questions=[a_question("a", kind)])).refused(
        InvalidRequestError, "campaign.questions[0].options"
    )


@pytest.mark.parametrize("kind", ["TEXT", "YES_NO", "NUMBER", "DATE"])
def test_only_a_choice_has_options(kind: str):
    asked = a_campaign(questions=[a_question("a", kind, options=("x",))])
    given(fold).when(open_campaign, asked).refused(InvalidRequestError, "campaign.questions[0].options")


def test_texts_show_something_and_hold_no_control_characters():
    question = a_question("a", "SINGLE_CHOICE", options=("x", " ", "\u0007"))
    question.text = "\n"
    given(fold).when(open_campaign, a_campaign(title=" ", questions=[question])).refused(
        InvalidRequestError,
        "campaign.title",
        "campaign.questions[0].text",
        "campaign.questions[0].options[1]",
        "campaign.questions[0].options[2]",
    )


def test_a_campaign_without_questions_is_one():
    given(fold).when(open_campaign, a_campaign(questions=[])).then(opened(questions=[]))


def test_closing_twice_is_closing_once():
    given(fold, opened()).when(close_campaign).then(CampaignClosed()).when(close_campaign).then()


def test_what_was_never_opened_cannot_be_closed():
    given(fold).when(close_campaign).refused(CampaignNotFoundError)


def test_a_campaign_is_unopened_then_open_then_closed():
    assert fold([]) == Unopened()
    assert fold([opened()]) == Open(1, a_campaign())
    assert fold([opened(), CampaignClosed()]) == Closed(2, a_campaign())


@any_of(HISTORIES)
def test_folding_is_total(history: list[Message]):
    state = fold(history)
    assert isinstance(state, Unopened) == (not history)
    assert isinstance(state, Closed) == any(isinstance(fact, CampaignClosed) for fact in history)


@any_of(st.one_of(st.just(a_campaign()), messages(Campaign)))
def test_deciding_twice_decides_nothing_the_second_time(campaign: Campaign):
    try:
        facts = open_campaign(Unopened(), campaign)
    except InvalidRequestError:
        return
    assert open_campaign(fold(facts), campaign) == []
