"""What workers do: functions for any executor, with arguments and answers that hold no key, row or value.

No exception leaves them: its text could quote a value, and whoever runs the workers may write it down.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

from sqlalchemy import select

from profile_service.keys.errors import KeysUnavailableError
from projections import building, catching_up, verify
from projections.building import RebuildCancelledError, RunDone, SliceTask
from projections.catalogue import ViewNotReadyError
from projections.catching_up import CaughtUp, follow_from_now_on, take_its_place
from projections.comparing import Comparer, Comparison
from projections.opening import UnknownFactTypeInLogError
from projections.schema import slices
from projections.sources import DATABASE_ERRORS, Sources
from projections.verify import SpanVerified, SwappedMeanwhileError
from projections.view import View

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

# How often a task is tried while a database or the keys are away, and the pause in between.
TRIES = 5
PAUSE = 1.0
# Batches of one task that catches up: then it tells how far it is.
BATCHES = 10


class OtherWorkerError(Exception):
    """The worker works on another log, or has another version of the view, than whoever gave it the task."""


class WorkerFailedError(Exception):
    """A task failed; the text is the class of the error, and `places` where it passed."""

    def __init__(self, error: str, places: tuple[str, ...]) -> None:
        super().__init__(error)
        self.places = places


@dataclass(frozen=True, slots=True)
class TaskFailed:
    """What a worker answers instead of raising: the class of the error; of an unknown fact what it is."""

    error: str
    places: tuple[str, ...] = ()
    position: int = 0
    type_name: str = ""

    def exception(self) -> Exception:
        """Return what to raise where the task was given out."""
        if self.type_name:
            return UnknownFactTypeInLogError(self.position, self.type_name)
        for known in (RebuildCancelledError, ViewNotReadyError, SwappedMeanwhileError, KeysUnavailableError):
            if self.error == known.__name__:
                return known()
        return WorkerFailedError(self.error, self.places)


def _reported(task: Callable[Parameters, Result]) -> Callable[Parameters, Result | TaskFailed]:
    """Have a task answer with `TaskFailed` what it would raise, after trying again what may pass."""

    @wraps(task)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result | TaskFailed:
        for left in reversed(range(TRIES)):
            try:
                return task(*args, **kwargs)
            except UnknownFactTypeInLogError as error:
                return TaskFailed(type(error).__name__, position=error.position, type_name=error.type_name)
            except (*DATABASE_ERRORS, KeysUnavailableError) as error:
                if not left:
                    return _failed(error)
                time.sleep(PAUSE)
            except Exception as error:  # noqa: BLE001 - none may leave
                return _failed(error)
        raise AssertionError("the last try returns")

    return run


def _failed(error: Exception) -> TaskFailed:
    steps = traceback.extract_tb(error.__traceback__)
    return TaskFailed(type(error).__name__, tuple(f"{s.filename}:{s.lineno}:{s.name}" for s in steps))


def _open(task: SliceTask) -> tuple[Sources, View]:
    sources, view = task.open_sources(), task.find_view(task.view)
    if (sources.log.log_id, view.fingerprint) != (task.log_id, task.fingerprint):
        raise OtherWorkerError
    return sources, view


@_reported
def build(task: SliceTask, run: range) -> RunDone:
    """Build a run of slices, unless it is done."""
    sources, _ = _open(task)
    this = (
        slices.c.view == task.view,
        slices.c.generation == task.generation,
        slices.c.slice.between(run[0], run[-1]),
    )
    with sources.views.connect() as connection:
        done = connection.execute(select(slices.c.events, slices.c.rows).where(*this)).all()
    if len(done) == len(run):
        return RunDone(len(run), sum(one.events for one in done), sum(one.rows for one in done), again=True)
    return building.build_run(task, run)


@_reported
def join(task: SliceTask) -> CaughtUp:
    """Bring the shadow nearer to the live generation; once there, the follower moves both."""
    return catching_up.catch_up(*_open(task), task.generation, follow_from_now_on, BATCHES)


@_reported
def return_to(task: SliceTask) -> CaughtUp:
    """Bring an earlier generation nearer to the live one; once there, it takes its place."""
    return catching_up.catch_up(*_open(task), task.generation, take_its_place, BATCHES)


@_reported
def compare(task: SliceTask, live: int, span: range | None) -> Comparison:
    """Compare a span of the shadow with the live generation, or the counts."""
    sources, view = _open(task)
    comparer = Comparer(view, sources.keys)
    if span is None:
        verify.compare_counts(sources, view, comparer, live, task.generation)
    else:
        verify.compare_span(sources, view, comparer, live, task.generation, span)
    return comparer.result


@_reported
def verify_live(task: SliceTask, span: range) -> SpanVerified:
    """Fold a span anew and compare it with the live generation; counts up to the task's position."""
    return verify.verify_span(*_open(task), task.generation, task.upto, span)
