"""Which point of the log a request means by `position` or `time`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from profile_service.api.translate import microseconds
from profile_service.domain.errors import InvalidRequestError, PositionOfAnotherLogError, Violation
from profile_service.log.reader import LogReader
from profile_service.log.reader import microseconds as in_microseconds
from profile_service.v1.profile_pb2 import Position


class LogPoints:
    """Finds points of one log. `now` is a point in time with UTC."""

    def __init__(self, log: LogReader, now: Callable[[], datetime]) -> None:
        self._log = log
        self._now = now

    def asked_for(self, request: Any) -> int:
        """Return the position that `request.at` means. Blocks.

        Raises `PositionOfAnotherLogError`, and `InvalidRequestError` for a time in the future.
        """
        if request.HasField("time"):
            return self._position_at(microseconds(request.time, "time"))
        return self._checked(request.position)

    def _checked(self, at: Position) -> int:
        if (at.log_id and at.log_id != self._log.log_id) or at.value > self._log.head():
            raise PositionOfAnotherLogError
        return at.value

    def _position_at(self, time: int) -> int:
        """Return the last position at or before a time that the log or the clock has passed."""
        head = self._log.head()
        position = self._log.position_before(time + 1)
        if position >= head and time > in_microseconds(self._now()):
            raise InvalidRequestError([Violation("time", "is in the future")])
        return position
