"""Consents, campaigns and sign-ups that must be refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.type.date_pb2 import Date

from profile_service.v1.campaign_pb2 import QUESTION_TYPE_SINGLE_CHOICE as CHOICE
from profile_service.v1.campaign_pb2 import QUESTION_TYPE_TEXT as TEXT
from profile_service.v1.campaign_pb2 import Answer, Choices, Question
from profile_service.v1.campaign_service_pb2 import (
    CloseCampaignRequest,
    GetCampaignRequest,
    ListSignUpsRequest,
    WithdrawSignUpRequest,
)
from profile_service.v1.consent_service_pb2 import CheckConsentsRequest, ListConsentsRequest
from profile_service.v1.profile_pb2 import CHANNEL_WEB
from tests.api import calls
from tests.api.cases import NIL, bound, case, changed
from tests.support import people

# Consents
for _name, _value in (
    ("purpose", "News letter"),
    ("purpose", "newsletter\n"),
    ("decision", 0),
    ("decision", 3),
    ("decision", 4),
    ("policy_version", ""),
    ("text_hash", b"short"),
    ("channel", 0),
):
    case(
        f"consent with {_name} {_value!r}",
        "INVALID_REQUEST",
        bound(
            lambda w, name, value: (
                w.stubs.consents.SetConsent,
                changed(people.consent(w.profile_id), **{name: value}),
            ),
            _name,
            _value,
        ),
        _name,
    )
case(
    "consent to a version that nobody published",
    "POLICY_VERSION_UNKNOWN",
    lambda w: (
        w.stubs.consents.SetConsent,
        changed(people.consent(w.profile_id), policy_version="1999-12"),
    ),
)
case(
    "consent to a text that nobody published",
    "CONSENT_TEXT_UNKNOWN",
    lambda w: (w.stubs.consents.SetConsent, changed(people.consent(w.profile_id), text_hash=bytes(32))),
)
case(
    "consent to the text of nothing that asks consent",
    "CONSENT_TEXT_UNKNOWN",
    lambda w: (w.stubs.consents.SetConsent, people.consent(w.profile_id, "profile")),
)
case(
    "consent of nobody",
    "PROFILE_NOT_FOUND",
    lambda w: (w.stubs.consents.SetConsent, people.consent(NIL)),
)
case(
    "consent of the erased",
    "PROFILE_ERASED",
    lambda w: (w.stubs.consents.SetConsent, people.consent(w.erased_id)),
)
case(
    "request id of another consent",
    "REQUEST_ID_REUSED",
    lambda w: (
        w.stubs.consents.SetConsent,
        changed(people.consent(w.profile_id, "surveys"), request_id=w.consented.request_id),
    ),
)
case(
    "consents of nobody",
    "PROFILE_NOT_FOUND",
    lambda w: (w.stubs.consents.ListConsents, ListConsentsRequest(profile_id=NIL, reason=people.REASON)),
)
case(
    "check of nobody at all",
    "INVALID_REQUEST",
    lambda w: (w.stubs.consents.CheckConsents, people.check()),
    "profile_ids",
)
case(
    "check of too many",
    "INVALID_REQUEST",
    lambda w: (w.stubs.consents.CheckConsents, people.check(*[w.profile_id] * 1001)),
    "profile_ids",
)
case(
    "check of what is no id",
    "INVALID_REQUEST",
    lambda w: (w.stubs.consents.CheckConsents, people.check(w.profile_id, w.stranger.email)),
    "profile_ids[1]",
)
case(
    "check without a reason",
    "READ_REASON_REQUIRED",
    lambda w: (
        w.stubs.consents.CheckConsents,
        CheckConsentsRequest(purpose="newsletter", profile_ids=[w.profile_id]),
    ),
    "reason",
)


# Campaigns
for _begins, _ends, _values, _field in (
    (0, 60, {"title": " "}, "title"),
    (0, 60, {"kind": 0}, "kind"),
    (60, 60, {}, "end_time"),
    (60, 0, {}, "end_time"),
    (0, 1 << 60, {}, "end_time"),
    (0, 60, {"questions": [Question(question_id="Q", text="?", type=TEXT)]}, "questions[0].question_id"),
    (0, 60, {"questions": [Question(question_id="q", text="?", type=CHOICE)]}, "questions[0].options"),
    (
        0,
        60,
        {"questions": [Question(question_id="q", text="?", type=TEXT, options=["a"])]},
        "questions[0].options",
    ),
):
    case(
        f"campaign with {_field} {_begins} {_ends}",
        "INVALID_REQUEST",
        bound(
            lambda w, begins, ends, values: (
                w.stubs.campaigns.OpenCampaign,
                _campaign(begins, ends, values),
            ),
            _begins,
            _ends,
            _values,
        ),
        f"campaign.{_field}",
    )
case(
    "campaign with a question twice",
    "INVALID_REQUEST",
    lambda w: (
        w.stubs.campaigns.OpenCampaign,
        _campaign(0, 60, {"questions": [Question(question_id="q", text="?", type=TEXT)] * 2}),
    ),
    "campaign.questions[0].question_id",
    "campaign.questions[1].question_id",
)
case(
    "unknown campaign",
    "CAMPAIGN_NOT_FOUND",
    lambda w: (w.stubs.campaigns.SignUp, w.sign_up(people.new_id(), wish=w.mark)),
)
case(
    "unknown campaign to read",
    "CAMPAIGN_NOT_FOUND",
    lambda w: (w.stubs.campaigns.GetCampaign, GetCampaignRequest(campaign_id=people.new_id())),
)
case(
    "sign-ups of an unknown campaign",
    "CAMPAIGN_NOT_FOUND",
    lambda w: (
        w.stubs.campaigns.ListSignUps,
        ListSignUpsRequest(campaign_id=people.new_id(), reason=people.REASON),
    ),
)
case(
    "unknown campaign to close",
    "CAMPAIGN_NOT_FOUND",
    lambda w: (
        w.stubs.campaigns.CloseCampaign,
        CloseCampaignRequest(request_id=people.new_id(), campaign_id=NIL, channel=CHANNEL_WEB),
    ),
)
case(
    "campaign that is a person",
    "CAMPAIGN_NOT_FOUND",
    lambda w: (w.stubs.campaigns.SignUp, w.sign_up(w.profile_id, wish=w.mark)),
)
case(
    "campaign closed",
    "CAMPAIGN_CLOSED",
    lambda w: (w.stubs.campaigns.SignUp, w.sign_up(w.closed_id, wish=w.mark)),
)
case(
    "campaign over",
    "CAMPAIGN_CLOSED",
    lambda w: (w.stubs.campaigns.SignUp, w.sign_up(w.over_id, wish=w.mark)),
)
case(
    "campaign not started",
    "CAMPAIGN_NOT_STARTED",
    lambda w: (w.stubs.campaigns.SignUp, w.sign_up(w.future_id, wish=w.mark)),
)
case(
    "signed up with other answers",
    "ALREADY_SIGNED_UP",
    lambda w: (w.stubs.campaigns.SignUp, w.sign_up(wish=w.mark)),
)
case(
    "sign-up of nobody",
    "PROFILE_NOT_FOUND",
    lambda w: (w.stubs.campaigns.SignUp, w.sign_up(wish=w.mark, profile_id=NIL)),
)
case(
    "sign-up of the erased",
    "PROFILE_ERASED",
    lambda w: (w.stubs.campaigns.SignUp, w.sign_up(wish=w.mark, profile_id=w.erased_id)),
)
case(
    "no sign-up to withdraw",
    "SIGN_UP_NOT_FOUND",
    lambda w: (
        w.stubs.campaigns.WithdrawSignUp,
        WithdrawSignUpRequest(
            request_id=people.new_id(),
            profile_id=w.profile_id,
            campaign_id=w.closed_id,
            channel=CHANNEL_WEB,
        ),
    ),
)


def _campaign(begins: int, ends: int, values: dict[str, Any]) -> Any:
    request = calls.campaign(begins, 60, **values)
    request.campaign.end_time.seconds = request.campaign.start_time.seconds - begins + ends
    return request


def _wish(mark: str) -> Answer:
    return Answer(question_id="wish", text=mark)


# What an answer may be wrong about, and where it is told.
_WRONG_ANSWERS: list[tuple[str, Callable[[str], list[Answer]], str]] = [
    ("missing", lambda mark: [], "answers"),
    (
        "strange",
        lambda mark: [_wish(mark), Answer(question_id=mark.lower(), text=mark)],
        "answers[1].question_id",
    ),
    ("twice", lambda mark: [_wish(mark), _wish(mark)], "answers[1].question_id"),
    ("blank", lambda mark: [_wish("  ")], "answers[0].text"),
    (
        "of another type",
        lambda mark: [_wish(mark), Answer(question_id="again", text=mark)],
        "answers[1].value",
    ),
    (
        "no day",
        lambda mark: [_wish(mark), Answer(question_id="when", date=Date(year=2023, month=2, day=29))],
        "answers[1].date",
    ),
    ("no option", lambda mark: [_wish(mark), Answer(question_id="size", choice=mark)], "answers[1].choice"),
    (
        "one option wrong",
        lambda mark: [_wish(mark), Answer(question_id="days", choices=Choices(options=["M", mark]))],
        "answers[1].choices.options",
    ),
]
for _name, _answers, _field in _WRONG_ANSWERS:
    case(
        f"answer {_name}",
        "ANSWERS_INVALID",
        bound(lambda w, answers: (w.stubs.campaigns.SignUp, w.sign_up("", *answers(w.mark))), _answers),
        _field,
    )
case(
    "answer without a value",
    "INVALID_REQUEST",
    lambda w: (w.stubs.campaigns.SignUp, w.sign_up("", Answer(question_id="wish"))),
    "answers[0].value",
)
case(
    "answer of no number",
    "INVALID_REQUEST",
    lambda w: (w.stubs.campaigns.SignUp, w.sign_up("", Answer(question_id="wish", number=float("nan")))),
    "answers[0].number",
)
case(
    "answer too long",
    "INVALID_REQUEST",
    lambda w: (w.stubs.campaigns.SignUp, w.sign_up("", _wish(w.mark * 400))),
    "answers[0].text",
)
