"""Many small requests, one trip to the database: the queue before every writer and reader.

A thread takes whatever queued while it was busy with the last batch, so batches grow
with load and a lone caller never waits (group commit; Gray and Reuter, 1992, ch. 9).
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_PASSED_ON: Any = object()

# Under load a batch is worth a short wait; these are the sizes from which it is.
BUSY_BATCH = 8


class QueueFullError(Exception):
    """More requests wait than the queue takes."""


class StoppedError(Exception):
    """The queue takes no more requests, because its owner is stopping."""


@dataclass(frozen=True, slots=True)
class Onward(Generic[Item]):
    """An outcome that is not the last: `item` goes into the next queue, which answers the caller."""

    item: Item


class Waiter(Generic[Result]):
    """What a thread blocks on until its request was answered; cheaper than a `concurrent` future."""

    __slots__ = ("_answered", "_error", "_result")

    def __init__(self) -> None:
        self._answered = threading.Lock()
        self._answered.acquire()
        self._result: Result | None = None
        self._error: BaseException | None = None

    def set_result(self, result: Result) -> None:
        self._result = result
        self._answered.release()

    def set_exception(self, error: BaseException) -> None:
        self._error = error
        self._answered.release()

    def outcome(self) -> Result | BaseException:
        self._answered.acquire()
        if self._error is not None:
            return self._error
        return self._result  # type: ignore[return-value]  # set before the lock was released

    def result(self) -> Result:
        outcome = self.outcome()
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


class Batcher(Generic[Item, Result]):
    """A thread that runs `run` on batches of queued items, in the order they came.

    `run` gets 1 to `limit` items and returns one outcome an item: a result, or an
    exception for that item alone, or `Onward` for an item of the queue `onward`.
    An exception that it raises answers the whole batch.
    Only while batches are large, a batch waits for others as long as the one before it took, at most
    `linger` (seconds): a slower machine, which pays more for each batch, waits for larger ones.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Sequence[Result | BaseException | Onward[Any]]],
        *,
        name: str,
        limit: int = 512,
        capacity: int = 20_000,
        linger: float = 0.0,
        onward: Batcher[Any, Any] | None = None,
    ) -> None:
        self._run = run
        self._onward = onward
        self._limit = limit
        self._capacity = capacity
        self._linger = linger
        self._queue: deque[tuple[Item, asyncio.Future[Result] | Waiter[Result]]] = deque()
        self._wake = threading.Event()
        # A request is either before the stop, and answered, or refused. Reentrant, because a
        # collected object may stop its queue in whatever thread runs the collector.
        self._gate = threading.RLock()
        # Held while a batch runs: batches run one after the other.
        self._turn = threading.Lock()
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def submit(self, item: Item) -> asyncio.Future[Result]:
        """Queue `item` from a coroutine. Raises `QueueFullError` or `StoppedError`."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._put(item, future)
        return future

    def call(self, item: Item) -> Result:
        """Queue `item` from a thread and block until it was answered."""
        waiter: Waiter[Result] = Waiter()
        # A lone caller is spared waking another thread.
        if not self._run_at_once(item, waiter):
            self._put(item, waiter)
        return waiter.result()

    def call_all(self, items: Sequence[Item]) -> list[Result | BaseException]:
        """Queue many items from a thread and block until all were answered, each with its own outcome.

        What the queue does not take has `QueueFullError` or `StoppedError` as its outcome.
        """
        waiters: list[Waiter[Result]] = [Waiter() for _ in items]
        for item, waiter in zip(items, waiters, strict=True):
            try:
                self._put(item, waiter)
            except (QueueFullError, StoppedError) as error:
                waiter.set_exception(error)
        return [waiter.outcome() for waiter in waiters]

    def stop(self) -> None:
        """Answer what is queued, then end the thread."""
        with self._gate:
            self._stopping = True
        self._wake.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def __len__(self) -> int:
        return len(self._queue)

    def _put(self, item: Item, answer: asyncio.Future[Result] | Waiter[Result]) -> None:
        with self._gate:
            if self._stopping:
                raise StoppedError
            if len(self._queue) >= self._capacity:
                raise QueueFullError
            self._queue.append((item, answer))
        if not self._wake.is_set():
            self._wake.set()

    def _work(self) -> None:
        last, took = 0, 0.0
        while True:
            self._wake.wait()
            self._wake.clear()
            while self._queue:
                if last >= BUSY_BATCH and len(self._queue) < last:
                    time.sleep(min(self._linger, took))
                batch = [self._queue.popleft() for _ in range(min(len(self._queue), self._limit))]
                last, began = len(batch), time.monotonic()
                with self._turn:
                    self._answer(batch)
                took = time.monotonic() - began
            if self._stopping and not self._queue:
                return

    def _run_at_once(self, item: Item, answer: asyncio.Future[Result] | Waiter[Result]) -> bool:
        """Run `item` in the thread that brings it, if nothing else waits or runs."""
        with self._gate:
            if self._stopping or self._queue or not self._capacity:
                return False
            if not self._turn.acquire(blocking=False):
                return False
        try:
            self._answer([(item, answer)])
        finally:
            self._turn.release()
        return True

    def _answer(self, batch: list[tuple[Item, asyncio.Future[Result] | Waiter[Result]]]) -> None:
        outcomes: Sequence[Result | BaseException | Onward[Any]]
        try:
            outcomes = self._run([item for item, _ in batch])
        except BaseException as error:  # noqa: BLE001 - every caller must get an answer
            outcomes = [error] * len(batch)
        by_loop = defaultdict(list)
        for (_, answer), given in zip(batch, outcomes, strict=True):
            alone = len(batch) == 1 and not self._queue
            outcome = self._pass_on(given.item, answer, alone) if isinstance(given, Onward) else given
            if outcome is _PASSED_ON:
                continue
            if isinstance(answer, Waiter):
                _settle(answer, outcome)
            else:
                by_loop[answer.get_loop()].append((answer, outcome))
        for loop, answers in by_loop.items():
            # One wake-up of the loop a batch, not one a call.
            try:
                loop.call_soon_threadsafe(_settle_all, answers)
            except RuntimeError:  # the loop was closed: nobody waits any more
                continue

    def _pass_on(self, item: Any, answer: asyncio.Future[Result] | Waiter[Result], alone: bool) -> Any:
        assert self._onward is not None, "there is a next queue"
        try:
            # A lone caller is spared waking another thread.
            if not (alone and self._onward._run_at_once(item, answer)):  # noqa: SLF001 - of the same class
                self._onward._put(item, answer)  # noqa: SLF001 - as above
        except (QueueFullError, StoppedError) as error:
            return error
        return _PASSED_ON


def _settle_all(answers: list[tuple[asyncio.Future[Result], Result | BaseException]]) -> None:
    for answer, outcome in answers:
        if not answer.done():
            _settle(answer, outcome)


def _settle(answer: asyncio.Future[Result] | Waiter[Result], outcome: Result | BaseException) -> None:
    if isinstance(outcome, BaseException):
        answer.set_exception(outcome)
    else:
        answer.set_result(outcome)
