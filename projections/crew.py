"""Giving tasks to an executor, and to another one when its workers are lost: what was finished stays so."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Self

import structlog

from projections.building import FindView
from projections.sources import OpenSources, Sources
from projections.tasks import TaskFailed

log = structlog.get_logger()

# How often workers may be lost before a rebuild gives up, and the pause before others are called.
LOSSES = 5
PAUSE = 0.5
# Seconds after which whoever waits for a task may look around.
POLL = 0.5
# Seconds without a single worker after which nobody waits for one any more.
WORKERLESS = 60.0


class WorkersLostError(Exception):
    """Workers were lost again and again: something kills them, or nobody can reach them."""


class NoWorkersError(Exception):
    """An executor that others give workers had none for long; the text says so, and holds no value."""

    def __init__(self) -> None:
        super().__init__(f"the executor had no worker for {WORKERLESS:.0f} seconds: start some, and resume")


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """Do a task, where nothing is to be opened or closed around it."""
    return function(*arguments)


@dataclass(frozen=True)
class Workforce:
    """Who does tasks: how to have an executor, how a worker does a task, and how it gets at what it needs.

    `has_workers` says of the executor whether anybody is there to do a task. For other processes `run`,
    `open_sources` and `find_view` must be functions of a module.
    """

    open_executor: Callable[[], AbstractContextManager[Executor]]
    open_sources: OpenSources
    find_view: FindView
    run: Callable[..., Any] = call
    has_workers: Callable[[Executor], bool] = lambda _executor: True


# The workforce for an executor by name and a number of workers; see `Order`.
# Raises `ExecutorNotAllowedError`.
Staffing = Callable[[str, int], Workforce]


def in_this_process(sources: Sources, find_view: FindView) -> Staffing:
    """Threads instead of workers, for tests and tools."""

    def staff(_executor: str, workers: int) -> Workforce:
        threads = partial(ThreadPoolExecutor, workers or 2, "rebuild-worker")
        return Workforce(threads, lambda: sources, find_view)

    return staff


class Crew:
    """The executor of one rebuild, from its first task to the end of the block."""

    def __init__(self, workforce: Workforce) -> None:
        self._workforce = workforce
        self._executor: Executor | None = None
        self._open = ExitStack()
        self._lost = 0
        self._staffed = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def each(self, task: Callable[..., Any], calls: Collection[tuple[Any, ...]]) -> Iterator[Any]:
        """Do a task once for each of `calls`; yield the answers as they come, and None now and then.

        Raises `WorkersLostError`, `NoWorkersError`, and whatever a task answered that it failed with.
        """
        left, running = dict.fromkeys(calls), dict[Future[Any], tuple[Any, ...]]()
        self._staffed = time.monotonic()
        try:
            while left:
                try:
                    running = running or {self._submit(task, one): one for one in left}
                    ended, _ = wait(running, POLL, FIRST_COMPLETED)
                    answers = {running.pop(future): future.result() for future in ended}
                    self._look_for_workers(answered=bool(answers))
                except NoWorkersError:
                    raise
                except Exception as error:  # noqa: BLE001 - tasks raise nothing, so it is of the executor
                    self._replace(error)
                    running = {}
                    continue
                for one in answers:
                    del left[one]
                yield from map(_answered, answers.values())
                if not answers:
                    yield None
        finally:
            wait([future for future in running if not future.cancel()])

    def one(self, task: Callable[..., Any], *arguments: Any) -> Iterator[Any]:
        """Do a task once; yield None until it is done, then its answer."""
        return self.each(task, [arguments])

    def _submit(self, task: Callable[..., Any], arguments: tuple[Any, ...]) -> Future[Any]:
        if self._executor is None:
            self._executor = self._open.enter_context(self._workforce.open_executor())
        return self._executor.submit(self._workforce.run, task, *arguments)

    def _look_for_workers(self, *, answered: bool) -> None:
        assert self._executor is not None, "it was given tasks"
        now = time.monotonic()
        if answered or self._workforce.has_workers(self._executor):
            self._staffed = now
        elif now >= self._staffed + WORKERLESS:
            raise NoWorkersError

    def _replace(self, error: Exception) -> None:
        self._lost += 1
        log.warning("workers were lost", error=type(error).__name__, count=self._lost)
        if self._lost > LOSSES:
            raise WorkersLostError
        self._executor = None
        self._open.close()
        time.sleep(PAUSE)


def _answered(answer: Any) -> Any:
    if isinstance(answer, TaskFailed):
        raise answer.exception()
    return answer
