"""A version that another process publishes overtakes consents at once: in checks, and in the next page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from uuid import UUID

from profile_service.api.freshness import Freshness
from profile_service.api.view_reads import ViewReads
from profile_service.commands.policies import STREAM, PublishedPolicies
from profile_service.domain.policies import Policies
from profile_service.v1.events_pb2 import PolicyPublished
from projections.waiting import ViewPositions
from tests.audience.model import WITHIN, desk, utc_now
from tests.projections.world import PEOPLE, PURPOSES, Step, World
from tests.support.policies import a_policy, a_purpose

CONSENTING = [
    *(Step("register", who) for who in range(PEOPLE)),
    *(Step("consent", who) for who in range(PEOPLE)),
]


class Remembering(PublishedPolicies):
    """As it would be if a process read what was published only once."""

    async def at_least(self, count: int) -> Policies:
        return self._known


@contextmanager
def checks(world: World, published: type[PublishedPolicies] = PublishedPolicies) -> Iterator[ViewReads]:
    policies = published(world.log)
    freshness = Freshness(world.log, ViewPositions(world.sources.views), policies)
    reads = ViewReads(reader=world.reader(), keys=world.keys, log=world.log, freshness=freshness, now=utc_now)
    try:
        yield reads
    finally:
        reads.close()
        freshness.close()


def given(world: World, reads: ViewReads) -> frozenset[UUID]:
    people = [person.profile_id for person in world.people.values()]
    checked = asyncio.run(reads.check_consents(PURPOSES[0], people, monotonic() + WITHIN))
    return checked.given


def publish(world: World, version: str, *, anew: bool, day: int) -> None:
    """As another process does; the views follow."""
    policy = a_policy(version, [a_purpose(PURPOSES[0], requires_reconsent=anew)], day=day)
    world.append(STREAM, None, PolicyPublished(policy=policy))
    world.follow()


def test_a_check_knows_what_was_published_before_it_arrived(world: World) -> None:
    world.happen(CONSENTING)
    world.follow()
    with checks(world) as reads:
        assert len(given(world, reads)) == PEOPLE
        publish(world, "2", anew=False, day=0)
        assert len(given(world, reads)) == PEOPLE
        publish(world, "3", anew=True, day=1)
        assert given(world, reads) == frozenset()


def test_a_process_that_remembers_what_was_published_is_noticed(small_world: World) -> None:
    small_world.happen(CONSENTING)
    small_world.follow()
    with checks(small_world, Remembering) as reads:
        publish(small_world, "2", anew=True, day=0)
        assert len(given(small_world, reads)) == PEOPLE


def test_no_page_after_a_publication_has_anybody_in_it_whom_it_overtakes(small_world: World) -> None:
    small_world.happen(CONSENTING)
    small_world.follow()

    async def members() -> list[int]:
        with desk(small_world, page=1, looked_at=100) as reading:
            pages = reading.pages()
            first = await anext(pages)
            await asyncio.to_thread(publish, small_world, "2", anew=True, day=0)
            return [len(first.members), len([page async for page in pages])]

    assert asyncio.run(members()) == [1, 0]
