"""Requests that must be refused: each with its reason and the paths of its wrong fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from google.type.date_pb2 import Date

from profile_service.v1.audit_service_pb2 import ReplayEventsRequest
from profile_service.v1.campaign_pb2 import Answer, Choices, Question
from profile_service.v1.campaign_service_pb2 import (
    CloseCampaignRequest,
    GetCampaignRequest,
    ListCampaignsRequest,
    ListSignUpsRequest,
    WithdrawSignUpRequest,
)
from profile_service.v1.consent_service_pb2 import CheckConsentsRequest, ListConsentsRequest
from profile_service.v1.operations_service_pb2 import RebuildProjectionRequest, VerifyProjectionRequest
from profile_service.v1.profile_pb2 import CHANNEL_WEB, Address, Interests, Profile, ReadReason
from profile_service.v1.profile_service_pb2 import (
    FindProfileRequest,
    GetProfileRequest,
    RegisterProfileRequest,
)
from tests.api import calls
from tests.api.world import World
from tests.support import people

NIL = "00000000-0000-0000-0000-000000000000"

Attempt = tuple[Callable[..., Any], Any]


@dataclass(frozen=True)
class Case:
    """One request to refuse. `fields` are the paths in `BadRequest`, in order."""

    name: str
    reason: str
    attempt: Callable[[World], Attempt]
    fields: tuple[str, ...] = ()


CASES: list[Case] = []


def case(name: str, reason: str, attempt: Callable[[World], Attempt], *fields: str) -> None:
    CASES.append(Case(name, reason, attempt, fields))


def registering(**values: Any) -> Callable[[World], Attempt]:
    return lambda w: (w.stubs.profiles.RegisterProfile, w.register(**values))


def marked(name: str, text: str) -> Callable[[World], Attempt]:
    """A registration whose field `name` is `text` with the mark in it."""
    return lambda w: (w.stubs.profiles.RegisterProfile, w.register(**{name: text.format(w.mark)}))


def updating(profile: Profile, *fields: str, **values: Any) -> Callable[[World], Attempt]:
    def attempt(w: World) -> Attempt:
        request = people.update(w.profile_id, profile, *fields)
        for name, value in values.items():
            setattr(request, name, value)
        return w.stubs.profiles.UpdateProfile, request

    return attempt


def reading(**values: Any) -> Callable[[World], Attempt]:
    """A read of the person's profile with other values."""
    return lambda w: (
        w.stubs.profiles.GetProfile,
        GetProfileRequest(**{"profile_id": w.profile_id, "reason": people.REASON, **values}),
    )


# Registering
for _text in (
    "no at {}",
    "@{}.be",
    "{}@",
    "{}@localhost",
    "a b{}@x.be",
    "{}@x..be",
    "{}\u202e@x.be",
    "{}\n@x.be",
):
    case(f"address {_text!r}", "INVALID_REQUEST", marked("email", _text), "registration.email")
case("address too short", "INVALID_REQUEST", registering(email="a"), "registration.email")
case("address too long", "INVALID_REQUEST", marked("email", "{0}" * 20 + "@x.be"), "registration.email")
for _born in ((2023, 2, 29), (1980, 2, 31), (1980, 13, 1), (1980, 0, 1), (1980, 1, 0), (0, 1, 1), (-5, 1, 1)):
    case(f"born {_born}", "INVALID_REQUEST", registering(born=_born), "registration.date_of_birth")
for _born in ((1899, 12, 31), (2990, 1, 1), (2**31 - 1, 1, 1)):
    case(f"born {_born}", "INVALID_REQUEST", registering(born=_born), "registration.date_of_birth")
case("no name", "INVALID_REQUEST", registering(given_name=""), "registration.given_name")
case("blank name", "INVALID_REQUEST", registering(given_name=" \u00a0 "), "registration.given_name")
case("name too long", "INVALID_REQUEST", marked("family_name", "{0}" * 10), "registration.family_name")
case("name with a control", "INVALID_REQUEST", marked("given_name", "{}\x00"), "registration.given_name")
case("name that turns", "INVALID_REQUEST", marked("given_name", "{}\u202e"), "registration.given_name")
case("post code", "INVALID_REQUEST", marked("post_code", "!{}"), "registration.post_code")
case("no Belgian post code", "INVALID_REQUEST", registering(post_code="0999"), "registration.post_code")
case("post code and a line", "INVALID_REQUEST", registering(post_code="2000\n"), "registration.post_code")
case("language", "INVALID_REQUEST", marked("language", "{}-"), "registration.language")
case("policy version", "INVALID_REQUEST", marked("policy_version", "{} 1"), "registration.policy_version")
case("gender unknown", "INVALID_REQUEST", registering(gender=99), "registration.gender")
case("no channel", "INVALID_REQUEST", registering(channel=0), "registration.channel")
case("channel unknown", "INVALID_REQUEST", registering(channel=99), "registration.channel")
case(
    "two things wrong",
    "INVALID_REQUEST",
    registering(email="no address", born=(2023, 2, 29)),
    "registration.email",
    "registration.date_of_birth",
)
case(
    "no registration",
    "INVALID_REQUEST",
    lambda w: (w.stubs.profiles.RegisterProfile, RegisterProfileRequest(request_id=people.new_id())),
    "registration",
)
case(
    "no date of birth",
    "INVALID_REQUEST",
    lambda w: (w.stubs.profiles.RegisterProfile, _without(w.register(), "date_of_birth")),
    "registration.date_of_birth",
)
for _id in ("", "x", "00000000000000000000000000000001", "{00000000-0000-4000-8000-000000000001}"):
    case(
        f"request id {_id!r}",
        "INVALID_REQUEST",
        lambda w, text=_id: (w.stubs.profiles.RegisterProfile, _with(w.register(), request_id=text)),
        "request_id",
    )
case(
    "address taken",
    "EMAIL_TAKEN",
    lambda w: (w.stubs.profiles.RegisterProfile, w.register(email=w.person.email.upper())),
)
case(
    "request id of another registration",
    "REQUEST_ID_REUSED",
    lambda w: (
        w.stubs.profiles.RegisterProfile,
        _with(w.register(), request_id=w.registered.request_id),
    ),
)


def _without(request: RegisterProfileRequest, name: str) -> RegisterProfileRequest:
    request.registration.ClearField(name)
    return request


def _with(request: Any, **values: Any) -> Any:
    for name, value in values.items():
        setattr(request, name, value)
    return request


# Reading
case("no profile", "PROFILE_NOT_FOUND", reading(profile_id=NIL))
case("nobody's id", "PROFILE_NOT_FOUND", lambda w: (w.stubs.profiles.GetProfile, people.get(people.new_id())))
case("erased", "PROFILE_ERASED", lambda w: (w.stubs.profiles.GetProfile, people.get(w.erased_id)))
case(
    "profile id",
    "INVALID_REQUEST",
    lambda w: (w.stubs.profiles.GetProfile, people.get(w.mark)),
    "profile_id",
)
case("no reason", "READ_REASON_REQUIRED", reading(reason=None), "reason")
case(
    "empty reason",
    "READ_REASON_REQUIRED",
    reading(reason=ReadReason()),
    "reason.purpose",
    "reason.legal_basis",
    "reason.on_behalf_of",
)
for _name in ("purpose", "legal_basis", "on_behalf_of"):
    case(
        f"reason without {_name}",
        "READ_REASON_REQUIRED",
        lambda w, name=_name: (w.stubs.profiles.GetProfile, _reason_without(w, name)),
        f"reason.{_name}",
    )
case(
    "reason with an address",
    "READ_REASON_REQUIRED",
    lambda w: (
        w.stubs.profiles.GetProfile,
        GetProfileRequest(
            profile_id=w.profile_id,
            reason=ReadReason(purpose="p", legal_basis=1, on_behalf_of=w.stranger.email),
        ),
    ),
    "reason.on_behalf_of",
)
case("unknown field in a mask", "INVALID_REQUEST", reading(read_mask=FieldMask(paths=["shoe"])), "read_mask")
case(
    "field of a field in a mask",
    "INVALID_REQUEST",
    reading(read_mask=FieldMask(paths=["email", "address.street"])),
    "read_mask",
)
case(
    "position of another log",
    "POSITION_OF_ANOTHER_LOG",
    lambda w: (
        w.stubs.profiles.GetProfile,
        _get(w, at_least_position=w.position(0, log_id=people.new_id())),
    ),
)
for _call in ("GetProfile", "ListConsents", "GetCampaign", "ListCampaigns", "ListSignUps"):
    case(
        f"{_call} ahead of the log",
        "POSITION_OF_ANOTHER_LOG",
        lambda w, name=_call: _read_at(w, name, ahead=1_000_000),
    )
case(
    "position below nothing",
    "INVALID_REQUEST",
    lambda w: (w.stubs.profiles.GetProfile, _get(w, at_least_position=w.position(-1_000_000))),
    "at_least_position.value",
)


def _get(w: World, **values: Any) -> GetProfileRequest:
    return GetProfileRequest(profile_id=w.profile_id, reason=people.REASON, **values)


def _reason_without(w: World, name: str) -> GetProfileRequest:
    request = _get(w)
    request.reason.ClearField(name)
    return request


def _read_at(w: World, name: str, ahead: int) -> Attempt:
    position = w.position(ahead, w.log_id)
    person = {"profile_id": w.profile_id, "reason": people.REASON}
    campaign = {"campaign_id": w.open_id}
    reads: dict[str, Attempt] = {
        "GetProfile": (w.stubs.profiles.GetProfile, GetProfileRequest(**person)),
        "ListConsents": (w.stubs.consents.ListConsents, ListConsentsRequest(**person)),
        "GetCampaign": (w.stubs.campaigns.GetCampaign, GetCampaignRequest(**campaign)),
        "ListCampaigns": (w.stubs.campaigns.ListCampaigns, ListCampaignsRequest()),
        "ListSignUps": (
            w.stubs.campaigns.ListSignUps,
            ListSignUpsRequest(reason=people.REASON, **campaign),
        ),
    }
    call, request = reads[name]
    request.at_least_position.CopyFrom(position)
    return call, request


# Finding
case(
    "find nobody",
    "PROFILE_NOT_FOUND",
    lambda w: (w.stubs.profiles.FindProfile, people.find(w.stranger.email)),
)
case(
    "find no address",
    "INVALID_REQUEST",
    lambda w: (w.stubs.profiles.FindProfile, people.find(f"{w.mark} at home")),
    "email",
)
case(
    "find without a reason",
    "READ_REASON_REQUIRED",
    lambda w: (w.stubs.profiles.FindProfile, FindProfileRequest(email=w.person.email)),
    "reason",
)

# Updating
case("stale etag", "ETAG_MISMATCH", updating(Profile(given_name="B"), "given_name", etag="999999"))
case(
    "etag that is none",
    "ETAG_MISMATCH",
    lambda w: updating(Profile(given_name="B"), "given_name", etag=w.mark)(w),
)
case(
    "etag too long",
    "INVALID_REQUEST",
    updating(Profile(given_name="B"), "given_name", etag="9" * 65),
    "etag",
)
for _path in ("shoe", "address.street", "*", "profile_id", "etag", "email_verified", "create_time", ""):
    case(
        f"mask {_path!r}",
        "INVALID_REQUEST",
        updating(Profile(given_name="B"), "given_name", _path),
        "update_mask",
    )
case("mask of nothing", "INVALID_REQUEST", updating(Profile(given_name="B")), "update_mask")
case(
    "mask with a name",
    "INVALID_REQUEST",
    lambda w: updating(Profile(given_name="B"), w.mark)(w),
    "update_mask",
)
for _name in ("email", "given_name", "family_name", "date_of_birth", "post_code", "language"):
    case(f"clearing {_name}", "INVALID_REQUEST", updating(Profile(), _name), f"profile.{_name}")
case(
    "phone",
    "INVALID_REQUEST",
    lambda w: updating(Profile(phone=w.mark), "phone")(w),
    "profile.phone",
)
case(
    "half an address",
    "INVALID_REQUEST",
    lambda w: updating(Profile(address=Address(street=w.mark)), "address")(w),
    "profile.address.house_number",
    "profile.address.post_code",
    "profile.address.municipality",
    "profile.address.country",
)
case(
    "interests",
    "INVALID_REQUEST",
    lambda w: updating(Profile(interests=Interests(topics=["ok", f"{w.mark}!"])), "interests")(w),
    "profile.interests.topics[1]",
)
case(
    "an interest twice",
    "INVALID_REQUEST",
    lambda w: updating(Profile(interests=Interests(topics=[w.mark.lower(), w.mark.lower()])), "interests")(w),
    "profile.interests.topics",
)
case("no reason to update", "INVALID_REQUEST", updating(Profile(), "phone", update_reason=0), "update_reason")
case(
    "another's address",
    "EMAIL_TAKEN",
    lambda w: (
        w.stubs.profiles.UpdateProfile,
        people.update(calls_other(w), Profile(email=w.person.email.upper()), "email"),
    ),
)
case(
    "update of nobody",
    "PROFILE_NOT_FOUND",
    updating(Profile(given_name="B"), "given_name", profile_id=NIL),
)
case(
    "update of the erased",
    "PROFILE_ERASED",
    lambda w: updating(Profile(given_name=w.mark), "given_name", profile_id=w.erased_id)(w),
)


def calls_other(w: World) -> str:
    """The id of another living person; they were there before."""
    found = calls.events(w.stubs, types=["ProfileRegistered"])
    ids = {event.header.profile_id.hex() for event in found}
    gone = {event.header.profile_id.hex() for event in calls.events(w.stubs, types=["ProfileErased"])}
    other = next(one for one in sorted(ids - gone) if one != w.profile_id.replace("-", ""))
    return f"{other[:8]}-{other[8:12]}-{other[12:16]}-{other[16:20]}-{other[20:]}"


# Verifying
case(
    "verification of nobody",
    "PROFILE_NOT_FOUND",
    lambda w: (w.stubs.profiles.StartEmailVerification, calls.start_verification(NIL)),
)
case(
    "verification of the erased",
    "PROFILE_ERASED",
    lambda w: (w.stubs.profiles.StartEmailVerification, calls.start_verification(w.erased_id)),
)
case("token", "TOKEN_INVALID", lambda w: (w.stubs.profiles.VerifyEmail, calls.verify(f"{w.mark}-token")))
case("token used", "TOKEN_USED", lambda w: (w.stubs.profiles.VerifyEmail, calls.verify(w.used_token)))
case(
    "token too long",
    "INVALID_REQUEST",
    lambda w: (w.stubs.profiles.VerifyEmail, calls.verify("A" * 257)),
    "token",
)

# Consents
for _name, _value in (
    ("purpose", "News letter"),
    ("purpose", "newsletter\n"),
    ("decision", 0),
    ("decision", 3),
    ("policy_version", ""),
    ("text_hash", b"short"),
    ("channel", 0),
):
    case(
        f"consent with {_name} {_value!r}",
        "INVALID_REQUEST",
        lambda w, name=_name, value=_value: (
            w.stubs.consents.SetConsent,
            _with(people.consent(w.profile_id), **{name: value}),
        ),
        _name,
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
        _with(people.consent(w.profile_id, "surveys"), request_id=w.consented.request_id),
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
    (0, 60, {"questions": [Question(question_id="Q", text="?", type=1)]}, "questions[0].question_id"),
    (0, 60, {"questions": [Question(question_id="q", text="?", type=5)]}, "questions[0].options"),
    (
        0,
        60,
        {"questions": [Question(question_id="q", text="?", type=1, options=["a"])]},
        "questions[0].options",
    ),
):
    case(
        f"campaign with {_field} {_begins} {_ends}",
        "INVALID_REQUEST",
        lambda w, begins=_begins, ends=_ends, values=_values: (
            w.stubs.campaigns.OpenCampaign,
            _campaign(begins, ends, values),
        ),
        f"campaign.{_field}",
    )
case(
    "campaign with a question twice",
    "INVALID_REQUEST",
    lambda w: (
        w.stubs.campaigns.OpenCampaign,
        _campaign(0, 60, {"questions": [Question(question_id="q", text="?", type=1)] * 2}),
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
        lambda w, answers=_answers: (w.stubs.campaigns.SignUp, w.sign_up("", *answers(w.mark))),
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

# Rights
case("erasure of nobody", "PROFILE_NOT_FOUND", lambda w: (w.stubs.rights.EraseProfile, people.erase(NIL)))
case(
    "erasure of whom nobody knows",
    "PROFILE_NOT_FOUND",
    lambda w: (w.stubs.rights.EraseProfile, people.erase(people.new_id())),
)
for _name in ("legal_basis", "requested_by", "erasure_reason", "channel"):
    case(
        f"erasure without {_name}",
        "INVALID_REQUEST",
        lambda w, name=_name: (w.stubs.rights.EraseProfile, _with(people.erase(w.profile_id), **{name: 0})),
        _name,
    )
case(
    "request id of another erasure",
    "REQUEST_ID_REUSED",
    lambda w: (w.stubs.rights.EraseProfile, people.erase(w.profile_id, w.erasure_id)),
)

# Auditing
for _request, _field in (
    (ReplayEventsRequest(after_position=-1), "after_position"),
    (ReplayEventsRequest(profile_ids=["x"]), "profile_ids[0]"),
    (ReplayEventsRequest(types=["consentGiven"]), "types[0]"),
    (ReplayEventsRequest(types=["ConsentForgotten"]), "types"),
):
    case(
        f"replay with {_field}",
        "INVALID_REQUEST",
        lambda w, request=_request: (w.stubs.audit.ReplayEvents, request),
        _field,
    )
case(
    "replay ahead of the log",
    "POSITION_OF_ANOTHER_LOG",
    lambda w: (w.stubs.audit.ReplayEvents, ReplayEventsRequest(after_position=1 << 62)),
)
case(
    "personal halves without a reason",
    "READ_REASON_REQUIRED",
    lambda w: (w.stubs.audit.ReplayEvents, ReplayEventsRequest(include_personal=True)),
    "reason",
)

# Operations
case(
    "unknown projection to rebuild",
    "PROJECTION_NOT_FOUND",
    lambda w: (w.stubs.operations.RebuildProjection, RebuildProjectionRequest(name="shoes")),
)
case(
    "unknown projection to verify",
    "PROJECTION_NOT_FOUND",
    lambda w: (w.stubs.operations.VerifyProjection, VerifyProjectionRequest(name="shoes")),
)
case(
    "page token",
    "PAGE_TOKEN_INVALID",
    lambda w: (w.stubs.campaigns.ListCampaigns, ListCampaignsRequest(page_token=w.mark)),
)
