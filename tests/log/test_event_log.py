"""Many coroutines share commits; a full queue refuses; stopping stores what was taken."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from profile_service.batching import QueueFullError, StoppedError
from profile_service.log.append import (
    Append,
    Appended,
    EventLog,
    Outcome,
    ProfileClosedError,
    RequestReusedError,
    VersionConflictError,
)
from tests.log.logs import Store, an_append, expect_gapless, open_store, stored_requests


class Watched:
    """A real store that tells how large its batches are, and can be held up."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.sizes: list[int] = []
        self.gate = threading.Event()
        self.gate.set()

    def append(self, batch: Sequence[Append]) -> list[Outcome]:
        self.sizes.append(len(batch))
        assert self.gate.wait(20)
        return self._store.append(batch)


@pytest.fixture
def store(engine: Engine) -> Watched:
    return Watched(open_store(engine))


async def test_coroutines_that_wait_together_share_a_commit(engine: Engine, store: Watched):
    hints: list[int] = []
    log = EventLog(store, appended=lambda: hints.append(1))

    async def live() -> None:
        person = uuid4()
        for version in range(1, 6):
            appended = await log.append(an_append(profile_id=person, version=version))
            assert appended.subject == person
            assert appended.version == version

    await asyncio.gather(*(live() for _ in range(200)))
    log.close()
    assert sum(store.sizes) == expect_gapless(engine) == 1000
    assert len(store.sizes) < 200
    assert len(hints) == len(store.sizes)


async def test_each_caller_gets_its_own_outcome(engine: Engine, store: Watched):
    log = EventLog(store)
    person = uuid4()
    key = b"k" * 32
    requests = [
        an_append(profile_id=person),
        an_append(profile_id=person),
        an_append("consents/a", profile_id=person, key=key),
        an_append("consents/a", profile_id=person, key=key, digest=b"other"),
        an_append("consents/a", version=2, profile_id=person, closes=True),
        an_append("consents/a", version=3, profile_id=person),
    ]
    outcomes = await asyncio.gather(*map(log.append, requests), return_exceptions=True)
    expected = [Appended, VersionConflictError, Appended, RequestReusedError, Appended, ProfileClosedError]
    assert [type(outcome) for outcome in outcomes] == expected
    log.close()


async def test_a_full_queue_refuses_and_loses_nothing_it_took(engine: Engine, store: Watched):
    log = EventLog(store)
    store.gate.clear()
    taken = []
    with pytest.raises(QueueFullError):
        while True:
            taken.append(log.append(an_append()))
    assert len(taken) >= 20_000
    for future in taken[600:]:
        future.cancel()  # that is enough of them
    log._batcher._queue.clear()
    store.gate.set()
    log.close()
    assert expect_gapless(engine) == sum(store.sizes)


async def test_closing_stores_what_is_queued_and_answers_it(engine: Engine, store: Watched):
    log = EventLog(store, limit=100)
    store.gate.clear()
    requests = [an_append() for _ in range(250)]
    futures = [log.append(request) for request in requests]
    closing = asyncio.create_task(asyncio.to_thread(log.close))
    await asyncio.sleep(0.05)
    with pytest.raises(StoppedError):
        log.append(an_append())
    store.gate.set()
    outcomes = await asyncio.gather(*futures)
    await closing
    assert sorted(outcome.position for outcome in outcomes) == list(range(1, 251))
    assert set(stored_requests(engine)) == {request.request_key for request in requests}


def test_threads_may_append_too(engine: Engine, store: Watched):
    log = EventLog(store)
    assert log.append_and_wait(an_append()).position == 1
    with pytest.raises(VersionConflictError):
        log.append_and_wait(an_append(version=2))
    log.close()
