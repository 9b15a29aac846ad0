"""A proof is what replaying the log to that point says: for random histories, purposes and points."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profile_service.commands import consent_proofs
from profile_service.commands.consent_proofs import ConsentProver
from profile_service.domain.consent_proof import Decisive, decisive
from profile_service.domain.errors import ProfileNotFoundError
from profile_service.keys.errors import SealBrokenError
from profile_service.log.reader import LogReader
from profile_service.log.streams import CONSENTS, stream_name
from profile_service.v1.consent_service_pb2 import ConsentDecision
from profile_service.v1.events_pb2 import ContactSuppressed, MarketingObjected
from projections.views.consents import EVERY_PURPOSE, consents_of
from tests.objections.replaying import Answer, replayed
from tests.projections.world import PEOPLE, PURPOSES, Step, World, histories

ASKED = (*PURPOSES, "sms")
# Two give and take, one objects to one purpose and one to all, one is suppressed; and one of them is erased.
HISTORY = [
    *(Step("register", who) for who in range(PEOPLE)),
    *(Step("consent", who, what) for who in range(4) for what in range(2)),
    *(Step("withdraw", 0), Step("object", 1, 0), Step("object", 2, 2), Step("suppress", 3)),
    *(Step("consent", 2, 1), Step("object", 4, 2), Step("erase", 0)),
]


def answered(world: World, profile_id: UUID, purpose: str, upto: int) -> Answer:
    """What the service proves, in the form of the replay."""
    proved = ConsentProver(world.log, world.keys).prove(profile_id, purpose, upto)
    if proved.proof is None:
        return Answer("nothing", None, None, None, None, None, None, proved.erased_at)
    made, fact = proved.proof.made, proved.proof.fact
    version, text = (made.shown.policy_version, made.shown.text_hash) if made.shown else (None, None)
    decision = ConsentDecision.Name(made.decision).removeprefix("CONSENT_DECISION_").lower()
    head = fact.header
    return Answer(
        decision, fact.position, fact.time, version, text, head.channel, head.actor, proved.erased_at
    )


def everybody(world: World) -> list[UUID]:
    return [person.profile_id for person in [*world.people.values(), *world.erased]]


def differences(world: World, after: int = 0) -> Iterator[tuple[UUID, str, int]]:
    """For whom, which purpose and which point the service and the replay do not agree."""
    for profile_id in everybody(world):
        for purpose in ASKED:
            for upto in range(after, world.log.head() + 1, 2):
                found = answered(world, profile_id, purpose, upto)
                if found != replayed(world.log, world.keys, profile_id, purpose, upto):
                    yield profile_id, purpose, upto


def anew(world: World) -> int:
    """Forget everybody; return where the log stands."""
    world.people.clear()
    world.campaigns.clear()
    world.erased.clear()
    return world.log.head()


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories(30), points=st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_a_proof_is_what_the_replay_says(world: World, history: list[Step], points: list[float]):
    """At a few points of each history, for everybody, the erased included."""
    start = anew(world)
    world.happen(history)
    for upto in (start + round(point * (world.log.head() - start)) for point in points):
        for profile_id in everybody(world):
            for purpose in ASKED:
                found = answered(world, profile_id, purpose, upto)
                assert found == replayed(world.log, world.keys, profile_id, purpose, upto)


def test_what_is_listed_now_is_what_is_proved_at_the_head(world: World):
    anew(world)
    world.happen(HISTORY)
    world.follow()
    head = world.log.head()
    for person in world.people.values():
        rows = {row.purpose: row for row in consents_of(world.reader(), person.profile_id).rows}
        for purpose in ASKED:
            row = rows.get(purpose, rows.get(EVERY_PURPOSE))
            proof = ConsentProver(world.log, world.keys).prove(person.profile_id, purpose, head).proof
            if row is None:
                assert proof is None
            else:
                assert proof is not None
                assert (row.decision, row.position) == (proof.made.decision, proof.fact.position)
                assert (row.channel, row.time) == (proof.fact.header.channel, proof.fact.time)


def test_every_other_point_of_one_history(world: World):
    start = anew(world)
    world.happen(HISTORY)
    assert list(differences(world, start)) == []
    (erased,) = world.erased
    # Nothing of it went with the key.
    assert answered(world, erased.profile_id, PURPOSES[0], world.log.head()).decision == "withdrawn"
    assert answered(world, erased.profile_id, PURPOSES[0], world.log.head()).erased_at


def without(kind: type[Message]) -> Callable[..., Decisive | None]:
    """What decides, to whoever overlooks one kind of fact."""

    def overlooking(facts: Any, purpose: str) -> Decisive | None:
        return decisive((Message() if isinstance(fact, kind) else fact for fact in facts), purpose)

    return overlooking


def first_only(facts: Any, purpose: str) -> Decisive | None:
    return decisive(list(facts)[:1], purpose)


@pytest.mark.parametrize(
    "defect",
    [without(ContactSuppressed), without(MarketingObjected), first_only, lambda facts, purpose: None],
)
def test_a_prover_that_overlooks_something_is_noticed(
    world: World, monkeypatch: pytest.MonkeyPatch, defect: Callable[..., Decisive | None]
):
    start = anew(world)
    world.happen(HISTORY)
    monkeypatch.setattr(consent_proofs, "decisive", defect)
    assert next(differences(world, start), None)


def test_of_nobody_nothing_is_proved(world: World):
    with pytest.raises(ProfileNotFoundError):
        ConsentProver(world.log, world.keys).prove(uuid4(), PURPOSES[0], world.log.head())


def test_a_damaged_fact_proves_nothing(world: World):
    anew(world)
    world.happen([Step("register"), Step("consent"), Step("withdraw")])
    person = world.people[0].profile_id
    stored = world.log.stream(stream_name(CONSENTS, person))
    damaged = [stored[0], stored[1]._replace(record=stored[0].record)]

    class Damaged(LogReader):
        def __init__(self) -> None:
            self.__dict__ |= world.log.__dict__

        def stream(self, name: str, after_version: int = 0) -> Any:
            return damaged

    assert ConsentProver(Damaged(), world.keys).prove(person, PURPOSES[0], stored[0].position).proof
    with pytest.raises(SealBrokenError):
        ConsentProver(Damaged(), world.keys).prove(person, PURPOSES[0], world.log.head())
