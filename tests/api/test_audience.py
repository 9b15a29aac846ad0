"""Audiences and statistics as a client sees them, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.type.date_pb2 import Date

from profile_service.domain.ages import COUNTED_BANDS
from profile_service.v1.audience_service_pb2 import AudienceSelection, SelectAudienceRequest
from profile_service.v1.consent_service_pb2 import CONSENT_DECISION_WITHDRAWN
from profile_service.v1.events_pb2 import SUPPRESSION_REASON_OBJECTION
from profile_service.v1.objection_pb2 import ObjectToMarketingRequest
from profile_service.v1.profile_pb2 import (
    CHANNEL_WEB,
    LEGAL_BASIS_CONSENT,
    AgeBand,
    Interests,
    Position,
    Profile,
)
from profile_service.v1.profile_service_pb2 import RegisterProfileResponse
from profile_service.v1.rights_service_pb2 import SuppressContactRequest
from profile_service.v1.statistics_service_pb2 import (
    CELL_STATE_COUNTED,
    CELL_STATE_SMALL,
    CELL_STATE_WITHHELD,
    CellCount,
    DailyCounts,
    GetDailyCountsRequest,
    GetLivingCountsRequest,
)
from projections.calendar import BRUSSELS
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import people
from tests.support.service import Stubs

pytestmark = pytest.mark.service


PURPOSES = iter(people.SPARE_PURPOSES)


def new_purpose() -> str:
    """A purpose that nobody consented to."""
    return next(PURPOSES)


def consenting(stubs: Stubs, purpose: str, person: people.Person | None = None, **values: Any) -> str:
    """Somebody who consented; `values` of the profile are other than those of the registration."""
    profile_id = calls.register(stubs, person).profile_id
    if values:
        stubs.profiles.UpdateProfile(people.update(profile_id, Profile(**values), *values), timeout=SECONDS)
    stubs.consents.SetConsent(people.consent(profile_id, purpose), timeout=SECONDS)
    return profile_id


def audience(stubs: Stubs, purpose: str, **values: Any) -> list[Any]:
    """The members of all messages."""
    request = SelectAudienceRequest(purpose=purpose, reason=people.REASON, **values)
    answers = list(stubs.audience.SelectAudience(request, timeout=SECONDS))
    assert all(0 < len(answer.members) <= 200 for answer in answers)
    return [member for answer in answers for member in answer.members]


def chosen(stubs: Stubs, purpose: str, **lists: Any) -> set[str]:
    selection = AudienceSelection(**lists)
    return {member.profile_id for member in audience(stubs, purpose, selection=selection)}


def test_an_audience_is_selected_by_what_people_told(living: Stubs):
    purpose = new_purpose()
    old = consenting(living, purpose)
    young = consenting(living, purpose, date_of_birth=Date(year=2008, month=2, day=29), language="fr")
    moved = consenting(living, purpose, post_code="9000", interests=Interests(topics=["music", "sports"]))
    everybody = {old, young, moved}

    assert chosen(living, purpose) == everybody
    assert chosen(living, purpose, post_codes=["2060", "2000"]) == {old, young}
    assert chosen(living, purpose, age_bands=[AgeBand(from_age=65)]) == {old, moved}
    assert chosen(living, purpose, age_bands=[AgeBand(to_age=30), AgeBand(from_age=120)]) == {young}
    assert chosen(living, purpose, languages=["nl"]) == {old, moved}
    assert chosen(living, purpose, topics=["sports"]) == {moved}
    assert chosen(living, purpose, topics=["sports"], languages=["fr"]) == set()
    assert chosen(living, new_purpose()) == set()

    ids = [member.profile_id for member in audience(living, purpose)]
    assert ids == sorted(ids)
    rest = audience(living, purpose, after_profile_id=ids[0])
    assert [member.profile_id for member in rest] == ids[1:]


def test_the_fields_that_are_asked_for_come_and_no_other(living: Stubs):
    purpose, person = new_purpose(), people.new_person()
    consenting(living, purpose, person)
    (member,) = audience(living, purpose, contact_mask=FieldMask(paths=["email", "given_name"]))
    assert member.contact == Profile(email=person.email, given_name=f"Given{person.mark}")
    (member,) = audience(living, purpose)
    assert not member.HasField("contact")


def test_who_may_not_be_contacted_any_more_is_not_in_it(living: Stubs):
    """At once, whatever the views have seen: withdrawn, suppressed, erased; then given again."""
    purpose = new_purpose()
    stays, withdraws, objects, leaves = (consenting(living, purpose) for _ in range(4))
    assert chosen(living, purpose) == {stays, withdraws, objects, leaves}

    withdrawal = people.consent(withdraws, purpose, CONSENT_DECISION_WITHDRAWN)
    living.consents.SetConsent(withdrawal, timeout=SECONDS)
    assert chosen(living, purpose) == {stays, objects, leaves}
    objection = SuppressContactRequest(
        request_id=people.new_id(),
        profile_id=objects,
        legal_basis=LEGAL_BASIS_CONSENT,
        suppression_reason=SUPPRESSION_REASON_OBJECTION,
        channel=CHANNEL_WEB,
    )
    living.rights.SuppressContact(objection, timeout=SECONDS)
    assert chosen(living, purpose) == {stays, leaves}
    living.rights.EraseProfile(people.erase(leaves), timeout=SECONDS)
    assert chosen(living, purpose) == {stays}

    for profile_id in (withdraws, objects):
        living.consents.SetConsent(people.consent(profile_id, purpose), timeout=SECONDS)
    assert chosen(living, purpose) == {stays, withdraws, objects}


def test_days_count_what_happened_and_no_erasure_changes_them(living: Stubs):
    purpose = new_purpose()
    before = these_days(living, calls.register(living).position)
    leaves, stays = consenting(living, purpose), consenting(living, purpose)
    campaign_id = calls.open_campaign(living)
    living.campaigns.SignUp(people.sign_up(leaves, campaign_id, "a tree"), timeout=SECONDS)
    withdrawal = people.consent(stays, purpose, CONSENT_DECISION_WITHDRAWN)
    living.consents.SetConsent(withdrawal, timeout=SECONDS)
    objection = ObjectToMarketingRequest(
        request_id=people.new_id(), profile_id=leaves, purpose=purpose, channel=CHANNEL_WEB
    )
    living.rights.ObjectToMarketing(objection, timeout=SECONDS)
    erased = living.rights.EraseProfile(people.erase(leaves), timeout=SECONDS)

    after = these_days(living, erased.position)
    assert after.registrations == before.registrations + 2
    assert after.erasures == before.erasures + 1
    (counted,) = [one for one in after.consents if one.purpose == purpose]
    assert (counted.given, counted.withdrawn, counted.objected) == (2, 1, 1)
    (signed_up,) = [one for one in after.sign_ups if one.campaign_id == campaign_id]
    assert (signed_up.signed_up, signed_up.withdrawn) == (1, 0)


def these_days(stubs: Stubs, at_least: Position | None = None) -> DailyCounts:
    """What happened lately, for a test may run over midnight; of a purpose or campaign on one day only."""
    today = datetime.now(BRUSSELS).date()
    first, last = (today + timedelta(days=days) for days in (-1, 1))
    request = GetDailyCountsRequest(
        start_date=Date(year=first.year, month=first.month, day=first.day),
        end_date=Date(year=last.year, month=last.month, day=last.day),
        at_least_position=at_least,
    )
    answer = stubs.statistics.GetDailyCounts(request, timeout=SECONDS)
    assert answer.position.value >= request.at_least_position.value
    together = DailyCounts()
    for day in answer.days:
        assert day.date.year >= first.year
        together.registrations += day.registrations
        together.erasures += day.erasures
        together.consents.extend(day.consents)
        together.sign_ups.extend(day.sign_ups)
    return together


def settle(stubs: Stubs, post_code: str, born: int) -> RegisterProfileResponse:
    """Somebody who lives somewhere and was born in some year."""
    request = people.register(people.new_person())
    request.registration.post_code = post_code
    request.registration.date_of_birth.year = born
    answer: RegisterProfileResponse = stubs.profiles.RegisterProfile(request, timeout=SECONDS)
    return answer


def living_in(stubs: Stubs, at_least: Position | None = None) -> dict[str, list[CellCount]]:
    request = GetLivingCountsRequest(reason=people.REASON, at_least_position=at_least)
    answer = stubs.statistics.GetLivingCounts(request, timeout=SECONDS)
    assert [(band.from_age, band.to_age) for band in answer.age_bands] == [
        (band.first, band.last or 0) for band in COUNTED_BANDS
    ]
    assert not answer.age_bands[-1].HasField("to_age")
    return {row.post_code: list(row.cells) for row in answer.post_codes}


def test_living_people_are_counted_and_few_are_hidden(living: Stubs):
    """Nobody else lives in these post codes. Of the two ages, the younger is beside cells with nobody."""
    town, hamlet = f"Z{people.new_id()[:8]}", f"Y{people.new_id()[:8]}"
    thirty = datetime.now(BRUSSELS).year - 31
    for _ in range(4):
        settle(living, hamlet, thirty)
    old = [settle(living, town, 1940).profile_id for _ in range(6)]
    last = [settle(living, town, thirty) for _ in range(7)][-1]
    counts = living_in(living, last.position)
    small = CellCount(state=CELL_STATE_SMALL, upper_bound=4)
    withheld = CellCount(state=CELL_STATE_WITHHELD)
    shown = CellCount(state=CELL_STATE_COUNTED, count=6)
    assert counts[town] == [small, small, withheld, small, small, small, small, shown]
    assert hamlet not in counts

    # Who is erased is not counted from then on, whoever asked before.
    living.rights.EraseProfile(people.erase(old[0]), timeout=SECONDS)
    assert living_in(living)[town][-1] == CellCount(state=CELL_STATE_COUNTED, count=5)
    living.rights.EraseProfile(people.erase(old[1]), timeout=SECONDS)
    assert living_in(living)[town][-1] == small
