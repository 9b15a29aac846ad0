"""Erasures that the log has and the keys do not, because whoever began them stopped in between.

A start finishes those from before it. While a service runs, its caller may have given up and another server
died: then the key would be there until the next start, and a close would take it for a survivor's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import structlog

from profile_service.commands.erasure import Eraser
from profile_service.domain.errors import ServiceUnavailableError
from profile_service.keys.reservations import as_time
from profile_service.keys.store import KeyStore
from profile_service.log.reader import LogReader

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Stopped:
    """Erasures behind whose fence nothing happened; `since`: when the oldest of them was appended."""

    count: int
    since: datetime | None


@dataclass(slots=True)
class UnfinishedErasures:
    """Of one process, which begins where the log ends: everything before was compared when it started."""

    keys: KeyStore
    reader: LogReader
    eraser: Eraser
    _after: int = field(init=False)

    def __post_init__(self) -> None:
        self._after = self.reader.head()

    def stopped(self) -> Stopped:
        """Look at those whose key is there still, one that is being erased at this moment included."""
        after, positions = self._after, list[int]()
        while page := self.reader.closed_after(after):
            positions += [at for profile_id, at in page if self.keys.erasure_of(profile_id) is None]
            after = page[-1][1]
        oldest = self.reader.fact_at(positions[0]) if positions else None
        return Stopped(len(positions), None if oldest is None else as_time(oldest.time))

    def finish(self) -> int:
        """Destroy the keys of everybody whom the log erased meanwhile; return how many were left. Blocks.

        Raises `ServiceUnavailableError`, `KeysUnavailableError` and what the databases raise; then the next
        call begins with the same person.
        """
        finished = 0
        while page := self.reader.closed_after(self._after):
            for profile_id, position in page:
                if self.keys.erasure_of(profile_id) is None:
                    if not self.eraser.finish(profile_id).everywhere:
                        raise ServiceUnavailableError
                    finished += 1
                self._after = position
        if finished:
            log.warning("erasures finished that were stopped", keys=finished)
        return finished
