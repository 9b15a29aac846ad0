"""How quickly a run of a rebuild goes, and when it will be done. What an earlier run did does not count."""

from __future__ import annotations

import time

from profile_service.v1.operations_service_pb2 import RebuildPhase
from projections.status import RebuildStatus


class Pace:
    """What was done since it was made."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._slices = self._events = 0

    def add(self, *, slices: int = 0, events: int = 0) -> None:
        self._slices += slices
        self._events += events

    @property
    def events_per_second(self) -> float:
        return self._events / self._elapsed

    def seconds_left(self, current: RebuildStatus) -> float | None:
        """Return how long the phase of a rebuild will take yet; None where nobody can tell."""
        if current.phase == RebuildPhase.REBUILD_PHASE_SLICES and self._slices:
            return (current.slices - current.slices_done) * self._elapsed / self._slices
        if current.phase == RebuildPhase.REBUILD_PHASE_CATCH_UP and self._events:
            return current.lag / self.events_per_second
        return None

    @property
    def _elapsed(self) -> float:
        return max(time.monotonic() - self._began, 1e-6)
