"""When a running service closes epochs: on schedule, on demand, and at once what was stopped midway."""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import timedelta

import structlog

from profile_service.commands.closing import EpochCloser, Step
from profile_service.commands.unfinished import Stopped
from profile_service.keys.errors import CloseElsewhereError, CloseError, RootError

log = structlog.get_logger()

# Seconds between looks whether a close is due, at most; and after one that could not go on.
LOOK = 30.0
AGAIN = 60.0


class RunningClose:
    """A close under way, as any number of watchers see it."""

    def __init__(self, closer: EpochCloser, stopping: threading.Event, destroy: Collection[str] = ()) -> None:
        self._closer = closer
        self._destroy = destroy
        self._stopping = stopping
        self._changed = threading.Condition()
        self._steps: list[Step] = []
        self._error: Exception | None = None
        self._over = False
        self._thread = threading.Thread(target=self._run, name="close-epoch", daemon=True)
        self._thread.start()

    @property
    def over(self) -> bool:
        return self._over

    def after(self, count: int, timeout: float) -> tuple[int, Step | None, bool]:
        """Wait for a step beyond the first `count`; return how many there were, the last, and if it is over.

        Raises whatever stopped the close, once it has.
        """
        with self._changed:
            self._changed.wait_for(lambda: len(self._steps) > count or self._over, timeout)
            if self._over and self._error is not None:
                raise self._error
            return len(self._steps), self._steps[-1] if self._steps else None, self._over

    def result(self) -> Step | None:
        """Wait for the end; return the last step. Raises whatever stopped the close."""
        self._thread.join()
        return self.after(len(self._steps), 0)[1]

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        try:
            for step in self._closer.run(self._destroy):
                with self._changed:
                    self._steps.append(step)
                    self._changed.notify_all()
                if self._stopping.is_set():
                    break
        except CloseElsewhereError as error:
            self._error = error
        except Exception as error:  # noqa: BLE001 - whoever asked hears of it, and it is taken up again
            # The text of a driver's error may quote what it met; ours name roots and states.
            reason = str(error) if isinstance(error, CloseError | RootError) else ""
            log.error("epoch not closed", error=type(error).__name__, reason=reason)
            self._error = error
        with self._changed:
            self._over = True
            self._changed.notify_all()


class ClosingSchedule:
    """The closes of one process. `every`: how often epochs are closed; None: when asked only."""

    def __init__(self, closer: EpochCloser, every: timedelta | None) -> None:
        self._closer = closer
        self._every = every
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._running: RunningClose | None = None
        self._thread = threading.Thread(target=self._work, name="epoch-schedule", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish the step at hand; the next start goes on from there."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._running is not None:
            self._running.join()

    def stopped_erasures(self) -> Stopped:
        """Those that this process will finish at its next look."""
        return self._closer.unfinished.stopped()

    def close(self, destroy: Collection[str] = ()) -> RunningClose:
        """Begin to close the epoch, or join the close under way.

        `destroy`: root keys of no epoch here, which go first; not if a close is under way.
        """
        with self._lock:
            if self._running is None or self._running.over:
                self._running = RunningClose(self._closer, self._stopping, destroy)
            return self._running

    def _work(self) -> None:
        every = LOOK if self._every is None else min(LOOK, self._every.total_seconds() / 4)
        pause = 0.0
        while not self._stopping.wait(pause):
            pause = every if self._look() else AGAIN

    def _look(self) -> bool:
        """Finish erasures that were stopped, and close what is due; False if that could not be."""
        try:
            self._closer.unfinished.finish()
            if self._closer.due(self._every):
                self.close().result()
        except Exception as error:  # noqa: BLE001 - logged where it happened; taken up again soon
            log.debug("erasures or epoch wait", error=type(error).__name__)
            return isinstance(error, CloseElsewhereError)
        return True
