"""The campaigns that generated citizens sign up for, and answers that fit their questions."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from profile_service.v1 import campaign_pb2 as campaign
from profile_service.v1.campaign_pb2 import Answer, Campaign, Choices, Question

# Fixed, so that the same seed gives the same request on any day.
_START = Timestamp(seconds=1_735_689_600)  # 2025-01-01
_END = Timestamp(seconds=4_102_444_800)  # 2100-01-01

_NEIGHBOURHOOD = Campaign(
    title="Wijkfeest",
    kind=campaign.CAMPAIGN_KIND_CAMPAIGN,
    start_time=_START,
    end_time=_END,
    questions=[
        Question(question_id="attending", text="Kom je?", type=campaign.QUESTION_TYPE_YES_NO, required=True),
        Question(
            question_id="people", text="Met hoeveel?", type=campaign.QUESTION_TYPE_NUMBER, required=True
        ),
        Question(question_id="remark", text="Nog iets?", type=campaign.QUESTION_TYPE_TEXT),
    ],
)
_MUSEUM = Campaign(
    title="Museumdag",
    kind=campaign.CAMPAIGN_KIND_PROMOTION,
    start_time=_START,
    end_time=_END,
    questions=[
        Question(
            question_id="museum",
            text="Welk museum?",
            type=campaign.QUESTION_TYPE_SINGLE_CHOICE,
            required=True,
            options=["Haven", "Kunst", "Mode", "Wetenschap"],
        ),
        Question(question_id="day", text="Welke dag?", type=campaign.QUESTION_TYPE_DATE),
    ],
)
_PHOTOGRAPHY = Campaign(
    title="Fotowedstrijd",
    kind=campaign.CAMPAIGN_KIND_COMPETITION,
    start_time=_START,
    end_time=_END,
    questions=[
        Question(
            question_id="subjects",
            text="Welke onderwerpen?",
            type=campaign.QUESTION_TYPE_MULTIPLE_CHOICE,
            required=True,
            options=["Mensen", "Natuur", "Nacht", "Water"],
        ),
        Question(
            question_id="story",
            text="Vertel over je foto",
            type=campaign.QUESTION_TYPE_TEXT,
            required=True,
        ),
    ],
)

CAMPAIGNS = (_NEIGHBOURHOOD, _MUSEUM, _PHOTOGRAPHY)

_REMARKS = (
    "Ik breng een taart mee.",
    "Graag een rustige plek.",
    "Wij komen wat later.",
    "Zijn honden welkom?",
    "Tot dan!",
)
_STORIES = (
    "Genomen bij zonsopgang aan de kade.",
    "Mijn straat na de regen.",
    "De markt op zaterdag, net voor sluitingstijd.",
    "Een reiger in het stadspark.",
)


def _neighbourhood(random: Random) -> list[Answer]:
    answers = [
        Answer(question_id="attending", yes_no=random.random() < 0.8),
        Answer(question_id="people", number=1 + int(random.random() * 6)),
    ]
    if random.random() < 0.3:
        answers.append(Answer(question_id="remark", text=random.choice(_REMARKS)))
    return answers


def _museum(random: Random) -> list[Answer]:
    answers = [Answer(question_id="museum", choice=random.choice(_MUSEUM.questions[0].options))]
    if random.random() < 0.6:
        day = Date(year=2027, month=1 + int(random.random() * 12), day=1 + int(random.random() * 28))
        answers.append(Answer(question_id="day", date=day))
    return answers


def _photography(random: Random) -> list[Answer]:
    options = _PHOTOGRAPHY.questions[0].options
    subjects = random.sample(list(options), 1 + int(random.random() * 2))
    return [
        Answer(question_id="subjects", choices=Choices(options=subjects)),
        Answer(question_id="story", text=random.choice(_STORIES)),
    ]


# In the order of `CAMPAIGNS`.
ANSWERS: tuple[Callable[[Random], list[Answer]], ...] = (_neighbourhood, _museum, _photography)
