"""What the views show after following the log."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

from profile_service.v1.campaign_pb2 import CAMPAIGN_STATE_CLOSED, CAMPAIGN_STATE_OPEN
from profile_service.v1.consent_service_pb2 import (
    CONSENT_DECISION_GIVEN,
    CONSENT_DECISION_SUPPRESSED,
    CONSENT_DECISION_WITHDRAWN,
)
from projections.calendar import Days
from projections.views.consents import check_consents, consent_history, consents_of
from projections.views.consents_per_day import consents_per_day
from projections.views.erasures_per_day import erasures_per_day
from projections.views.profiles import get_profiles
from projections.views.registrations_per_day import registrations_per_day
from projections.views.sign_ups import campaign, campaigns, sign_ups
from projections.views.sign_ups_per_day import sign_ups_per_day
from tests.projections.world import Step, World, every_version


def test_a_profile_shows_its_last_values(world: World) -> None:
    """Registered, completed, verified, and then with another address: the view shows the sum."""
    world.happen([Step("register"), Step("update", what=1), Step("update", what=2)])
    world.happen([Step("verify"), Step("update", what=4), Step("register", who=1)])
    world.follow()
    person, other = world.people[0], world.people[1]
    found = get_profiles(world.reader(), world.keys, [person.profile_id, other.profile_id, uuid4()])

    assert found.position == world.log.head()
    assert set(found.profiles) == {person.profile_id, other.profile_id}
    profile = found.profiles[person.profile_id]
    assert profile.email == f"{person.mark}@example.be"
    assert profile.email_verified
    assert profile.address.street == person.mark
    assert not profile.HasField("interests")
    assert profile.etag == "6"
    assert profile.profile_id == str(person.profile_id)
    assert profile.update_time.ToMicroseconds() >= profile.create_time.ToMicroseconds() > 0

    world.happen([Step("email", what=3)])
    world.follow()
    changed = get_profiles(world.reader(), world.keys, [person.profile_id]).profiles[person.profile_id]
    assert changed.email == f"3.{person.mark}@example.be"
    assert not changed.email_verified


def test_no_consent_from_before_a_suppression_counts_and_one_after_it_does(world: World) -> None:
    world.happen([Step("register"), Step("consent"), Step("consent", 0, 1), Step("withdraw", 0, 1)])
    world.follow()
    world.happen([Step("register", 1), Step("suppress"), Step("suppress")])
    world.follow()
    reader, person = world.reader(), world.people[0].profile_id
    decisions = {row.purpose: row.decision for row in consents_of(reader, person).rows}
    assert decisions == {
        "newsletter": CONSENT_DECISION_SUPPRESSED,
        "events": CONSENT_DECISION_WITHDRAWN,
    }
    assert check_consents(reader, "newsletter", every_version, [person]).given == set()
    assert [row.purpose for row in consent_history(reader, person, 0, 9).rows][-2:] == ["", ""]

    world.happen([Step("consent", 0, 1)])
    world.follow()
    assert check_consents(reader, "events", every_version, [person]).given == {person}
    assert check_consents(reader, "newsletter", every_version, [person]).given == set()


def test_consents_show_the_last_decision_and_all_before(world: World) -> None:
    world.happen([Step("register"), Step("register", 1), Step("consent"), Step("consent", 0, 1)])
    world.happen([Step("consent", 1), Step("withdraw", 0, 1)])
    world.follow()
    reader, first, second = world.reader(), world.people[0].profile_id, world.people[1].profile_id

    assert [(row.purpose, row.decision) for row in consents_of(reader, first).rows] == [
        ("events", CONSENT_DECISION_WITHDRAWN),
        ("newsletter", CONSENT_DECISION_GIVEN),
    ]
    history = consent_history(reader, first, 0, 2)
    assert [row.purpose for row in history.rows] == ["newsletter", "events"]
    rest = consent_history(reader, first, history.rows[-1].position, 2)
    assert [row.decision for row in rest.rows] == [CONSENT_DECISION_WITHDRAWN]
    checked = check_consents(reader, "newsletter", every_version, [first, second, uuid4()])
    assert checked.given == {first, second}
    assert checked.position == world.log.head()
    assert check_consents(reader, "events", every_version, [first, second]).given == set()
    assert [row[1:] for row in consents_per_day(reader)] == [("events", 1, 1, 0), ("newsletter", 2, 0, 0)]


def test_sign_ups_are_counted_while_the_people_live(world: World) -> None:
    world.happen([Step("open"), Step("open", what=1)])
    world.happen([Step("register", who) for who in range(3)])
    world.happen([Step("sign_up", who) for who in range(3)])
    world.happen([Step("sign_off", 1), Step("erase", 2), Step("close", what=1)])
    world.follow()
    reader, first = world.reader(), world.campaigns[0]

    position, found = campaign(reader, first)
    assert position == world.log.head()
    assert found
    assert (found.state, found.sign_up_count) == (CAMPAIGN_STATE_OPEN, 1)
    assert campaign(reader, uuid4())[1] is None
    page = campaigns(reader, 0, 10)
    assert [one.state for _, one in page.campaigns] == [CAMPAIGN_STATE_OPEN, CAMPAIGN_STATE_CLOSED]
    assert len(campaigns(reader, page.campaigns[0][0], 10).campaigns) == 1
    assert len(campaigns(reader, 0, 10, CAMPAIGN_STATE_OPEN).campaigns) == 1
    assert [row[1:] for row in sign_ups_per_day(reader)] == [(first, 3, 1)]
    listed = sign_ups(reader, world.keys, first, 0, 10)
    assert [one.profile_id for one in listed.sign_ups] == [world.people[0].profile_id]
    assert world.people[0].mark in listed.sign_ups[0].answers.answers[0].text
    assert listed.last is None


def test_an_erased_person_is_in_no_view_but_still_counted_in_statistics(world: World) -> None:
    world.happen([Step("open"), Step("register"), Step("consent"), Step("sign_up"), Step("update")])
    world.follow()
    person = world.people[0]
    world.happen([Step("erase")])
    gone = get_profiles(world.reader(), world.keys, [person.profile_id])
    assert gone.unreadable == {person.profile_id}

    world.follow()
    reader = world.reader()
    found = get_profiles(reader, world.keys, [person.profile_id])
    assert not found.profiles
    assert not found.unreadable
    assert not consents_of(reader, person.profile_id).rows
    assert not consent_history(reader, person.profile_id, 0, 10).rows
    assert not sign_ups(reader, world.keys, world.campaigns[0], 0, 10).sign_ups
    (registered,) = registrations_per_day(reader)
    assert registered.registrations == 1
    assert consents_per_day(reader)[0].given == 1
    today = registered.day
    assert sign_ups_per_day(reader) == [(today, world.campaigns[0], 1, 0)]
    assert erasures_per_day(reader) == [(today, 1)]
    assert erasures_per_day(reader, Days(today, today)) == [(today, 1)]
    tomorrow = Days(today + timedelta(days=1), date.max)
    for per_day in (registrations_per_day, consents_per_day, sign_ups_per_day, erasures_per_day):
        assert per_day(reader, tomorrow) == []


def test_facts_of_a_person_whose_key_is_gone_before_they_are_read_are_no_error(world: World) -> None:
    world.happen([Step("register"), Step("update"), Step("open"), Step("sign_up"), Step("erase")])
    world.happen([Step("register", 1)])
    world.follow()
    found = get_profiles(world.reader(), world.keys, [p.profile_id for p in world.people.values()])
    assert len(found.profiles) == 1
    assert found.position == world.log.head()
