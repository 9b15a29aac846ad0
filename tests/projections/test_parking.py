"""A fact that can't be applied stops one person in one view, and nobody else."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from profile_service.log.append import Append, NewFact
from profile_service.log.streams import CONSENTS, stream_name
from profile_service.v1 import events_pb2 as events
from projections import parking
from projections.catalogue import find_view, write_transaction
from projections.opening import UnknownFactTypeInLogError
from projections.operations import Operations
from projections.parking import GenerationNotFoundError, NothingParkedError, list_parked, queue_of, retry
from projections.rebuild import rebuild
from projections.rows import Rows
from projections.schema import generation_table
from projections.verify import verify
from projections.view import View
from projections.views import VIEWS, consents
from projections.views.consents import CONSENTS_VIEW, check_consents, consents_of
from projections.views.consents_per_day import CONSENTS_PER_DAY_VIEW, consents_per_day
from projections.views.disclosures import DISCLOSURES_VIEW
from projections.views.profiles import PROFILES, PROFILES_VIEW, get_profiles
from tests.projections.proof import differing, erased_rows
from tests.projections.test_rebuilding import rebuilt
from tests.projections.world import RECIPIENTS, Step, World, every_version


class PoisonError(Exception):
    """What a view of these tests fails with."""


def poisoned(view: View, message: Any, person: Any) -> View:
    """The view, but facts of this type of one person fail after a row was changed."""
    real = view.apply[message]

    def fail(rows: Rows, fact: Any) -> None:
        real(rows, fact)
        if rows.subject == person.profile_id:
            raise PoisonError("secret value of the fact")

    return replace(view, apply={**view.apply, message: fail})


def with_poisoned(view: View) -> list[View]:
    return [view if view.name == other.name else other for other in VIEWS]


def from_the_future(subject: UUID) -> Append:
    """A fact of a type that this version does not know."""
    stream = stream_name(CONSENTS, subject)
    fact = NewFact(stream, 1, subject, "profile_service.v1.FromTheFuture", b"")
    return Append(uuid4().bytes * 2, b"digest", subject, subject, (fact,))


def test_one_parked_person_does_not_stop_the_others(world: World) -> None:
    world.happen([Step("register", 0), Step("register", 1), Step("update", 0)])
    world.follow()
    sick, well = world.people[0], world.people[1]
    bad = with_poisoned(poisoned(PROFILES_VIEW, events.EmailChanged, sick))
    world.happen(
        [Step("update", 0, 3), Step("email", 0), Step("email", 1), Step("update", 0), Step("consent", 0)]
    )
    world.follow(bad)
    world.happen([Step("update", 0), Step("update", 1)])
    world.follow(bad)

    found = get_profiles(world.reader(), world.keys, [sick.profile_id, well.profile_id])
    assert found.parked == {sick.profile_id}
    assert found.profiles.keys() == {well.profile_id}
    assert found.position == world.log.head()
    # Another view of the same person goes on.
    assert check_consents(world.reader(), "newsletter", every_version, [sick.profile_id]).given
    (waiting,) = list_parked(world.sources, PROFILES_VIEW)
    assert (waiting.subject, waiting.error) == (sick.profile_id, "PoisonError")
    assert world.log.fact_at(waiting.position).type.endswith("EmailChanged")  # type: ignore[union-attr]
    listed = Operations(world.sources, VIEWS).list()
    assert {one.name: one.parked for one in listed}["profiles"] == 1
    assert {one.position for one in listed} == {world.log.head()}


def test_a_row_that_no_database_would_take_parks_its_person_alone(world: World, executor: Executor) -> None:
    world.happen([Step("register", 0), Step("register", 1), Step("consent", 0), Step("consent", 1)])
    sick, well = world.people[0].profile_id, world.people[1].profile_id

    def give(rows: Rows, fact: Any) -> None:
        CONSENTS_VIEW.apply[events.ConsentGiven](rows, fact)
        if rows.subject == sick:
            (row,) = rows.all(consents.CONSENTS)
            rows.put(consents.CONSENTS, row._replace(policy_version="1\0"))

    bad = replace(
        CONSENTS_VIEW,
        apply={**CONSENTS_VIEW.apply, events.ConsentGiven: give},
        reads=CONSENTS_VIEW.reads | {events.ConsentGiven},
    )
    world.follow(with_poisoned(bad))
    (waiting,) = list_parked(world.sources, bad)
    assert (waiting.subject, waiting.error) == (sick, "UnstorableRowError")
    assert check_consents(world.reader(), "newsletter", every_version, [well]).given
    ended = list(rebuild(world.sources, bad, executor, lambda _: bad))[-1]
    assert (ended.parked, ended.differing_rows) == (1, 0)
    assert retry(world.sources, CONSENTS_VIEW, sick)


def test_retrying_applies_everything_that_queued(world: World) -> None:
    world.happen([Step("register"), Step("email"), Step("update", what=3), Step("update")])
    person = world.people[0]
    bad = poisoned(PROFILES_VIEW, events.EmailChanged, person)
    world.follow(with_poisoned(bad))
    assert not retry(world.sources, bad, person.profile_id)
    assert retry(world.sources, PROFILES_VIEW, person.profile_id)
    profile = get_profiles(world.reader(), world.keys, [person.profile_id]).profiles[person.profile_id]
    assert (profile.given_name, profile.phone) == (f"Other {person.mark}", "+3231234567")
    assert verify(world.sources, PROFILES_VIEW).equal
    with pytest.raises(NothingParkedError):
        retry(world.sources, PROFILES_VIEW, person.profile_id)


def test_what_is_no_person_is_made_anew_from_its_own_facts(world: World) -> None:
    """A recipient whose second fact is damaged keeps the row of the first, and waits whenever it is tried."""
    world.happen([Step("recipient", what=4), Step("recipient", what=4 + RECIPIENTS)])
    world.damage(2, wholly=True)
    world.follow()
    (waiting,) = list_parked(world.sources, DISCLOSURES_VIEW)
    for _ in range(2):
        assert not retry(world.sources, DISCLOSURES_VIEW, waiting.subject)
        assert list_parked(world.sources, DISCLOSURES_VIEW)[0].position == 2
    assert verify(world.sources, DISCLOSURES_VIEW).equal


def test_a_queue_shows_positions_and_types(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.happen([Step("register"), Step("email"), Step("consent"), Step("update"), Step("register", 1)])
    world.happen([Step("update"), Step("email", 1)])
    person, other = world.people[0].profile_id, world.people[1].profile_id
    bad = poisoned(PROFILES_VIEW, events.EmailChanged, world.people[0])
    world.follow(with_poisoned(bad))
    queue = queue_of(world.sources, PROFILES_VIEW, person)
    assert queue.parked == list_parked(world.sources, PROFILES_VIEW)[0]
    names = [(position, name.rpartition(".")[2]) for position, name in queue.waiting]
    assert names == [(2, "EmailChanged"), (4, "ProfileUpdated"), (6, "ProfileUpdated")]
    assert queue.count == 3
    monkeypatch.setattr(parking, "NAMED", 1)
    shortened = queue_of(world.sources, PROFILES_VIEW, person)
    assert (len(shortened.waiting), shortened.count) == (1, 3)
    with pytest.raises(NothingParkedError):
        queue_of(world.sources, PROFILES_VIEW, other)
    with pytest.raises(GenerationNotFoundError):
        list_parked(world.sources, PROFILES_VIEW, generation=9)


def test_those_who_wait_are_listed_by_position_in_pages(world: World) -> None:
    world.happen([Step("register", who) for who in (3, 1, 4, 2)])
    for position in range(1, 5):
        world.damage(position, wholly=True)
    world.follow()
    page = list_parked(world.sources, PROFILES_VIEW, limit=3)
    assert [one.position for one in page] == [1, 2, 3]
    rest = list_parked(world.sources, PROFILES_VIEW, after=3)
    assert [one.subject for one in rest] == [world.people[2].profile_id]


def test_retrying_makes_a_damaged_row_anew(world: World) -> None:
    """What waits because the stored row is damaged needs no repaired view, only its row."""
    world.happen([Step("register"), Step("update", what=3)])
    world.follow()
    person = world.people[0]
    table = generation_table(PROFILES, 1)
    with write_transaction(world.sources.views).begin() as connection:
        connection.execute(table.update().values(profile=b"damaged"))
    world.happen([Step("email")])
    world.follow()
    assert [one.error for one in list_parked(world.sources, PROFILES_VIEW)] == ["SealBrokenError"]
    assert retry(world.sources, PROFILES_VIEW, person.profile_id)
    assert verify(world.sources, PROFILES_VIEW).equal
    assert get_profiles(world.reader(), world.keys, [person.profile_id]).profiles


def test_a_parked_withdrawal_is_never_taken_for_consent(world: World) -> None:
    world.happen([Step("register"), Step("consent")])
    world.follow()
    person = world.people[0]
    assert check_consents(world.reader(), "newsletter", every_version, [person.profile_id]).given
    world.happen([Step("withdraw")])
    world.follow(with_poisoned(poisoned(CONSENTS_VIEW, events.ConsentWithdrawn, person)))
    checked = check_consents(world.reader(), "newsletter", every_version, [person.profile_id])
    assert checked.position == world.log.head()
    assert not checked.given
    assert consents_of(world.reader(), person.profile_id).parked


@pytest.mark.parametrize("together", [True, False])
def test_an_erasure_reaches_who_is_parked(world: World, together: bool) -> None:
    world.happen([Step("register"), Step("consent"), Step("register", 1)])
    person = world.people[0]
    bad = with_poisoned(poisoned(CONSENTS_VIEW, events.ConsentGiven, person))
    if not together:
        world.follow(bad)
        assert list_parked(world.sources, CONSENTS_VIEW)
    world.happen([Step("consent", what=1), Step("erase")])
    world.follow(bad)
    assert not list_parked(world.sources, CONSENTS_VIEW)
    assert not consents_of(world.reader(), person.profile_id).rows
    assert differing(world, CONSENTS_VIEW) == []


@pytest.mark.parametrize("together", [True, False])
def test_an_erasure_arrives_although_its_record_is_damaged(
    world: World, executor: Any, together: bool
) -> None:
    """That it is one, the log says beside the record."""
    world.happen([Step("register"), Step("consent")])
    if not together:
        world.follow()
    world.happen([Step("erase"), Step("register", 1)])
    world.damage(3, wholly=True)
    world.follow()
    assert erased_rows(world, VIEWS) == []
    assert not list_parked(world.sources, CONSENTS_VIEW)
    rebuilt(world, CONSENTS_VIEW, executor)
    assert erased_rows(world, VIEWS) == []


def test_a_rebuild_parks_whom_the_live_view_parked(world: World, executor: Any) -> None:
    world.happen([Step("register", who) for who in range(3)])
    world.happen([Step("consent", 0), Step("consent", 1), Step("consent", 0, 1), Step("consent", 2)])
    person = world.people[0]
    bad = poisoned(CONSENTS_PER_DAY_VIEW, events.ConsentGiven, person)
    views = with_poisoned(bad)
    world.follow(views)
    before = consents_per_day(world.reader())
    rebuilt(world, bad, executor, views)
    assert consents_per_day(world.reader()) == before
    assert [one.subject for one in list_parked(world.sources, bad)] == [person.profile_id]
    # The repaired projector has nobody to park.
    list(rebuild(world.sources, CONSENTS_PER_DAY_VIEW, executor, lambda name: find_view(VIEWS, name)))
    assert not list_parked(world.sources, CONSENTS_PER_DAY_VIEW)
    assert sum(row.given for row in consents_per_day(world.reader())) == 4


def test_a_fact_that_was_damaged_parks_its_person_where_it_matters(world: World) -> None:
    """A broken seal parks the person in the views that need what is sealed, not in statistics."""
    world.happen([Step("register"), Step("register", 1)])
    person = world.people[0]
    world.damage(1, wholly=False)
    world.follow()
    assert [one.error for one in list_parked(world.sources, PROFILES_VIEW)] == ["SealBrokenError"]
    assert get_profiles(world.reader(), world.keys, [person.profile_id]).parked
    parked = {one.name for one in Operations(world.sources, VIEWS).list() if one.parked}
    assert parked == {"profiles", "audience"}


def test_an_unknown_type_of_fact_stops_everything_at_its_position(world: World) -> None:
    world.happen([Step("register"), Step("register", 1)])
    subject = world.people[0].profile_id
    world.append_many([from_the_future(subject)])
    world.happen([Step("register", 2)])
    for _ in range(2):
        with pytest.raises(UnknownFactTypeInLogError) as refusal:
            world.follow()
        assert (refusal.value.position, refusal.value.type_name) == (3, "profile_service.v1.FromTheFuture")
        found = get_profiles(world.reader(), world.keys, [p.profile_id for p in world.people.values()])
        assert found.position == 2
        assert len(found.profiles) == 2
    follower = world.follower()
    follower.run()
    assert isinstance(follower.failure, UnknownFactTypeInLogError)
    assert follower.failure.position == 3
