"""The queue before every writer: batches grow with load, everyone is answered, nobody waits alone."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Iterator, Sequence

import pytest

from profile_service.batching import BUSY_BATCH, Batcher, Onward, QueueFullError, StoppedError


class Doubler:
    """Doubles numbers and refuses -13; `gate` holds it up, `batches` is what it was given."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, batch: Sequence[int]) -> list[int | BaseException]:
        self.batches.append(list(batch))
        assert self.gate.wait(10)
        if -666 in batch:
            raise RuntimeError("the whole batch")
        return [ValueError("refused") if number == -13 else 2 * number for number in batch]


async def test_what_queues_during_a_batch_is_the_next_batch_in_order():
    run = Doubler()
    batcher: Batcher[int, int] = Batcher(run, name="test", limit=64)
    run.gate.clear()
    first = batcher.submit(0)
    while not run.batches:
        await asyncio.sleep(0.001)
    others = [batcher.submit(number) for number in range(1, 101)]
    run.gate.set()
    assert await asyncio.gather(first, *others) == [2 * number for number in range(101)]
    assert run.batches == [[0], list(range(1, 65)), list(range(65, 101))]
    batcher.stop()


async def test_one_refusal_is_its_callers_alone_and_an_exception_answers_the_batch():
    run = Doubler()
    batcher: Batcher[int, int] = Batcher(run, name="test")
    run.gate.clear()
    held_up = batcher.submit(0)
    while not run.batches:
        await asyncio.sleep(0.001)
    mixed = [batcher.submit(number) for number in (1, -13, 2)]
    run.gate.set()
    outcomes = await asyncio.gather(held_up, *mixed, return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["0", "2", "refused", "4"]
    run.gate.clear()
    held_up = batcher.submit(0)
    while len(run.batches) < 3:
        await asyncio.sleep(0.001)
    failing = [batcher.submit(number) for number in (1, -666)]
    run.gate.set()
    outcomes = await asyncio.gather(held_up, *failing, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [int, RuntimeError, RuntimeError]
    batcher.stop()


async def test_a_full_queue_refuses_at_once_and_takes_again_later():
    run = Doubler()
    batcher: Batcher[int, int] = Batcher(run, name="test", capacity=3)
    run.gate.clear()
    answers = [batcher.submit(0)]
    while not run.batches:
        await asyncio.sleep(0.001)
    answers += [batcher.submit(number) for number in (1, 2, 3)]
    assert len(batcher) == 3
    with pytest.raises(QueueFullError):
        batcher.submit(4)
    with pytest.raises(QueueFullError):
        batcher.call(4)
    run.gate.set()
    assert await asyncio.gather(*answers) == [0, 2, 4, 6]
    assert await batcher.submit(4) == 8
    batcher.stop()


async def test_stopping_answers_what_is_queued_and_refuses_what_comes_after():
    run = Doubler()
    batcher: Batcher[int, int] = Batcher(run, name="test", limit=2)
    run.gate.clear()
    answers = [batcher.submit(number) for number in range(7)]
    stopping = asyncio.create_task(asyncio.to_thread(batcher.stop))
    await asyncio.sleep(0.05)
    with pytest.raises(StoppedError):
        batcher.submit(8)
    assert not stopping.done()
    run.gate.set()
    assert await asyncio.gather(*answers) == [2 * number for number in range(7)]
    await stopping
    assert not batcher._thread.is_alive()
    batcher.stop()  # once more does no harm


def test_callers_of_many_threads_each_get_their_own_answer_also_while_it_stops():
    run = Doubler()
    batcher: Batcher[int, int] = Batcher(run, name="test")
    wrong: list[object] = []
    answered: list[int] = []

    def call(start: int) -> None:
        for number in range(start, start + 10_000):
            try:
                result = batcher.call(1000 + number)
            except StoppedError:
                return
            if result != 2 * (1000 + number):
                wrong.append((number, result))
            answered.append(number)

    threads = [threading.Thread(target=call, args=(10_000 * place,)) for place in range(16)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    batcher.stop()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive(), "a caller that was accepted is answered"
    assert not wrong
    assert len(answered) == sum(map(len, run.batches))


def test_call_all_gives_one_outcome_an_item():
    batcher: Batcher[int, int] = Batcher(Doubler(), name="test", limit=2)
    outcomes = batcher.call_all([1, -13, 3])
    assert (outcomes[0], type(outcomes[1]), outcomes[2]) == (2, ValueError, 6)
    batcher.stop()


def test_call_all_refuses_only_what_the_queue_does_not_take():
    run = Doubler()
    batcher: Batcher[int, int] = Batcher(run, name="test", capacity=2)
    run.gate.clear()
    opening = threading.Timer(0.1, run.gate.set)
    opening.start()
    outcomes = batcher.call_all(range(10))
    refused = [isinstance(outcome, QueueFullError) for outcome in outcomes]
    assert refused in ([False] * 2 + [True] * 8, [False] * 3 + [True] * 7)
    assert outcomes[:2] == [0, 2]
    batcher.stop()
    assert all(isinstance(outcome, StoppedError) for outcome in batcher.call_all([1, 2]))


async def test_a_caller_that_gave_up_disturbs_nobody():
    run = Doubler()
    batcher: Batcher[int, int] = Batcher(run, name="test")
    run.gate.clear()
    first, second = batcher.submit(1), batcher.submit(2)
    first.cancel()
    run.gate.set()
    assert await second == 4
    assert first.cancelled()
    batcher.stop()


def test_a_loop_that_was_closed_disturbs_nobody():
    run = Doubler()
    batcher: Batcher[int, int] = Batcher(run, name="test")
    run.gate.clear()

    async def leave() -> None:
        batcher.submit(1)

    asyncio.run(leave())
    run.gate.set()
    assert batcher.call(2) == 4
    batcher.stop()


@pytest.mark.parametrize(("linger", "waited"), [(5.0, 0.2), (0.1, 0.1)])
async def test_a_lone_caller_never_lingers_and_a_crowd_does(linger: float, waited: float):
    """After a large batch the next one waits as long as that took, and never longer than `linger`."""
    batches: list[int] = []

    def run(batch: Sequence[int]) -> list[int | BaseException]:
        batches.append(len(batch))
        if len(batch) >= BUSY_BATCH:
            time.sleep(0.2)
        return list(batch)

    batcher: Batcher[int, int] = Batcher(run, name="test", linger=linger)
    began = time.monotonic()
    for number in range(20):
        await batcher.submit(number)
    assert time.monotonic() - began < 0.2
    # The first may go alone; the others are one batch.
    await asyncio.gather(*(batcher.submit(number) for number in range(4 * BUSY_BATCH)))
    assert batches[-1] >= BUSY_BATCH
    began = time.monotonic()
    await batcher.submit(1)
    assert waited <= time.monotonic() - began < 5.0
    batcher.stop()


def test_a_collected_owner_may_stop_its_queue_in_the_queues_own_thread():
    class Owner:
        def __init__(self) -> None:
            self.batcher: Batcher[int, int] = Batcher(self.run, name="test")
            self.me = self

        def run(self, batch: Sequence[int]) -> list[int | BaseException]:
            self.batcher.stop()
            return list(batch)

    owner = Owner()
    thread = owner.batcher._thread
    assert owner.batcher.call(1) == 1
    del owner
    gc.collect()
    thread.join(5)
    assert not thread.is_alive()


class TestGoingOn:
    """Two queues, one after the other: the first adds one, the second doubles and answers."""

    @pytest.fixture
    def second(self) -> Doubler:
        return Doubler()

    @pytest.fixture
    def queues(self, second: Doubler) -> Iterator[tuple[Batcher[int, int], Batcher[int, int]]]:
        def add_one(batch: Sequence[int]) -> list[Onward[int] | BaseException]:
            return [ValueError("refused") if number < 0 else Onward(number + 1) for number in batch]

        last: Batcher[int, int] = Batcher(second, name="last", capacity=8)
        first: Batcher[int, int] = Batcher(add_one, name="first", onward=last)
        yield first, last
        second.gate.set()
        first.stop()
        last.stop()

    async def test_each_is_answered_by_the_queue_that_settles_it(
        self, queues: tuple[Batcher[int, int], Batcher[int, int]]
    ):
        first, _ = queues
        outcomes = await asyncio.gather(*map(first.submit, (1, -1, 2)), return_exceptions=True)
        assert [str(outcome) for outcome in outcomes] == ["4", "refused", "6"]
        threaded = await asyncio.to_thread(first.call_all, [1, -1, 2])
        assert [str(outcome) for outcome in threaded] == ["4", "refused", "6"]

    async def test_what_the_next_queue_does_not_take_is_answered_with_its_refusal(
        self, queues: tuple[Batcher[int, int], Batcher[int, int]], second: Doubler
    ):
        first, last = queues
        second.gate.clear()
        taken = [last.submit(0)]
        while not second.batches:
            await asyncio.sleep(0.001)
        taken += [last.submit(0) for _ in range(8)]
        with pytest.raises(QueueFullError):
            await first.submit(1)
        second.gate.set()
        assert await asyncio.gather(*taken) == [0] * 9
        last.stop()
        with pytest.raises(StoppedError):
            await first.submit(1)

    async def test_a_lone_item_is_run_where_it_comes_from_and_one_behind_another_waits_its_turn(
        self, queues: tuple[Batcher[int, int], Batcher[int, int]], second: Doubler
    ):
        first, last = queues
        threads: list[str] = []
        run = last._run

        def noting(batch: Sequence[int]) -> Sequence[int | BaseException | Onward[int]]:
            threads.append(threading.current_thread().name)
            return run(batch)

        last._run = noting
        assert await first.submit(1) == 4
        second.gate.clear()
        direct = last.submit(5)
        while len(second.batches) < 2:
            await asyncio.sleep(0.001)
        behind = first.submit(1)
        while not len(last):
            await asyncio.sleep(0.001)
        second.gate.set()
        assert [await direct, await behind] == [10, 4]
        assert threads == ["first", "last", "last"]
        assert second.batches == [[2], [5], [2]]
