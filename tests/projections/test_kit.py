"""The kit for views: what it shows, and that it finds what a view must not do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

import pytest
from google.protobuf.message import Message

from profile_service.log.facts import Fact
from profile_service.v1.campaign_pb2 import Answer
from profile_service.v1.consent_service_pb2 import ConsentDecision
from profile_service.v1.events_pb2 import (
    ConsentGiven,
    ConsentWithdrawn,
    ContactSuppressed,
    EmailChanged,
    MarketingObjected,
    ProfileErased,
    ProfileRegistered,
    ProfileUpdated,
    SignedUp,
    SignUpWithdrawn,
)
from profile_service.v1.profile_pb2 import CHANNEL_WEB, Profile
from projections.rows import Rows
from projections.testing import ViewRuleError, given
from projections.view import CountTable, RowTable, View
from projections.views.consents import CONSENTS_VIEW, ConsentHistoryRow, ConsentRow
from projections.views.consents_per_day import CONSENTS_PER_DAY_VIEW, ConsentsPerDayRow
from projections.views.profiles import PROFILES_VIEW, ProfileRow
from projections.views.registrations_per_day import REGISTRATIONS_PER_DAY_VIEW, RegistrationsPerDayRow
from projections.views.sign_ups import SIGN_UPS_VIEW, SignUpCountRow, SignUpRow

AN, BO, WALK = uuid4(), uuid4(), uuid4()
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = 3_600_000_000
T0 = round(START.timestamp() * 1_000_000)


def test_a_profile_is_the_sum_of_what_was_told():
    registered = ProfileRegistered(email="an@example.be", given_name="An")
    completed = ProfileUpdated(phone="+32", cleared=["given_name"])
    profile = Profile(email="an@example.be", phone="+32")
    profile.create_time.FromMicroseconds(T0)
    row = ProfileRow(AN, 2, 3, T0 + 2 * HOUR, profile)
    given((AN, registered), (BO, registered), (AN, completed), (BO, ProfileErased())).view(
        PROFILES_VIEW
    ).shows(row)


def test_a_suppression_ends_what_was_given():
    suppressed = ConsentDecision.CONSENT_DECISION_SUPPRESSED
    given((AN, ConsentGiven(purpose="news")), (AN, ContactSuppressed())).view(CONSENTS_VIEW).shows(
        ConsentRow(AN, "news", suppressed, "", b"", CHANNEL_WEB, T0 + HOUR, 2),
        ConsentHistoryRow(AN, 1, "news", ConsentDecision.CONSENT_DECISION_GIVEN, "", b"", CHANNEL_WEB, T0),
        ConsentHistoryRow(AN, 2, "", suppressed, "", b"", CHANNEL_WEB, T0 + HOUR),
    )


def test_an_objection_ends_what_was_decided_and_keeps_the_text_that_was_shown():
    objected, withdrawn = (
        ConsentDecision.CONSENT_DECISION_OBJECTED,
        ConsentDecision.CONSENT_DECISION_WITHDRAWN,
    )
    told = given(
        (AN, ConsentWithdrawn(purpose="news", policy_version="1", text_hash=b"t")),
        (AN, MarketingObjected(purpose="events")),
        (AN, MarketingObjected()),
    )
    told.view(CONSENTS_VIEW).shows(
        ConsentRow(AN, "news", objected, "1", b"t", CHANNEL_WEB, T0 + 2 * HOUR, 3),
        ConsentRow(AN, "events", objected, "", b"", CHANNEL_WEB, T0 + 2 * HOUR, 3),
        ConsentRow(AN, "", objected, "", b"", CHANNEL_WEB, T0 + 2 * HOUR, 3),
        ConsentHistoryRow(AN, 1, "news", withdrawn, "1", b"t", CHANNEL_WEB, T0),
        ConsentHistoryRow(AN, 2, "events", objected, "", b"", CHANNEL_WEB, T0 + HOUR),
        ConsentHistoryRow(AN, 3, "", objected, "", b"", CHANNEL_WEB, T0 + 2 * HOUR),
    )


def test_days_are_those_of_the_city_and_an_erasure_changes_no_statistics():
    late = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
    told = given((AN, ProfileRegistered()), (BO, ProfileRegistered()), (AN, ProfileErased()), start=late)
    told.view(REGISTRATIONS_PER_DAY_VIEW).shows(
        RegistrationsPerDayRow(date(2026, 3, 1), 1), RegistrationsPerDayRow(date(2026, 3, 2), 1)
    )
    decided = given(
        (AN, ConsentGiven(purpose="news")),
        (AN, ConsentWithdrawn(purpose="news")),
        (AN, MarketingObjected(purpose="news")),
        (BO, MarketingObjected()),
        every=timedelta(days=1),
    )
    decided.view(CONSENTS_PER_DAY_VIEW).shows(
        ConsentsPerDayRow(date(2026, 3, 1), "news", 1, 0, 0),
        ConsentsPerDayRow(date(2026, 3, 2), "news", 0, 1, 0),
        ConsentsPerDayRow(date(2026, 3, 3), "news", 0, 0, 1),
        ConsentsPerDayRow(date(2026, 3, 4), "", 0, 0, 1),
    )


def test_sign_ups_are_counted_while_they_live():
    signed_up = SignedUp(campaign_id=WALK.bytes, answers=[Answer(question_id="why", text="sun")])
    withdrawn = SignUpWithdrawn(campaign_id=WALK.bytes)
    told = given((AN, signed_up), (BO, signed_up), (BO, withdrawn))
    told.view(SIGN_UPS_VIEW).shows(
        SignUpRow(AN, WALK, T0, 1, SignedUp(answers=signed_up.answers)), SignUpCountRow(WALK, 1)
    )
    given((AN, signed_up), (AN, ProfileErased())).view(SIGN_UPS_VIEW).shows()


def test_a_row_too_many_too_few_or_twice_is_no_match():
    seen = given((AN, ProfileRegistered())).view(REGISTRATIONS_PER_DAY_VIEW)
    row = RegistrationsPerDayRow(date(2026, 3, 1), 1)
    for wrong in ((), (row, row), (row._replace(registrations=2),)):
        with pytest.raises(AssertionError):
            seen.shows(*wrong)
    seen.shows(row)


class NameRow(NamedTuple):
    """Of the planted views."""

    profile_id: UUID
    email: str


class InitialRow(NamedTuple):
    initial: str
    people: int


NAMES = RowTable("names", NameRow)
INITIALS = CountTable("initials", InitialRow)


def _named(rows: Rows, fact: Fact) -> None:
    assert isinstance(fact.message, ProfileRegistered | EmailChanged)
    rows.put(NAMES, NameRow(rows.subject, fact.message.email))


def _renamed(rows: Rows, fact: Fact) -> None:
    if rows.get(NAMES) is not None:
        _named(rows, fact)


def _cleared(rows: Rows, _fact: Fact) -> None:
    rows.clear()


def _kept(_rows: Rows, _fact: Fact) -> None:
    pass


def _counted(rows: Rows, fact: Fact) -> None:
    assert isinstance(fact.message, ProfileRegistered)
    rows.add(INITIALS, (fact.message.email[:1],), 1)


def _of_another(rows: Rows, _fact: Fact) -> None:
    rows.put(NAMES, NameRow(BO, ""))


GOOD = View(
    name="names",
    tables=(NAMES, INITIALS),
    apply={ProfileRegistered: _named, EmailChanged: _renamed, ProfileErased: _cleared},
    reads=frozenset({EmailChanged}),
    source=Path(__file__),
)
FACTS = (
    (AN, ProfileRegistered(email="an@example.be")),
    (AN, EmailChanged(email="an@example.org")),
    (AN, ProfileErased()),
)


def with_defect(message: type[Message], function: Callable[[Rows, Fact], None]) -> View:
    return replace(GOOD, apply={**GOOD.apply, message: function})


def test_a_view_that_keeps_to_the_rules_is_seen():
    given(*FACTS[:2]).view(GOOD).shows(NameRow(AN, "an@example.org"))
    given(*FACTS).view(GOOD).shows()


@pytest.mark.parametrize(
    ("view", "rule"),
    [
        (replace(GOOD, reads=frozenset()), "reads"),
        (with_defect(ProfileErased, _kept), "erased|keys"),
        (with_defect(ProfileRegistered, _counted), "personal values"),
        (with_defect(EmailChanged, _of_another), "subject"),
    ],
    ids=["does not say that it reads", "keeps the erased", "counts values", "writes to another"],
)
def test_a_planted_defect_is_found_by_any_example_that_meets_it(view: View, rule: str):
    with pytest.raises(ViewRuleError, match=rule):
        given(*FACTS[:2]).view(view)
        given(*FACTS).view(view)


def test_a_column_is_not_named_by_a_word_of_sql():
    class Row(NamedTuple):
        subject: UUID
        right: int

    with pytest.raises(ValueError, match="right"):
        _ = RowTable("rows", Row).columns
