"""The rows of leases and tombstones as one leased process reads and writes them.

Whether another lease is over is seen by its counter standing still, so no wall clock is trusted.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from profile_service.keys.lease import LEASE_SECONDS, MARGIN_SECONDS, now


@dataclass(frozen=True, slots=True)
class Tombstone:
    """As far as caches are concerned: the key of this person is gone."""

    sequence: int
    profile_id: UUID


class LeaseTable(Protocol):
    """The part that differs between databases, for the row of one process.

    A connection of its own, for one thread. Every method may raise what the driver raises.
    """

    def join(self) -> int:
        """Insert the row; return the last tombstone, from which on this process must follow."""

    def renew(self, acknowledged: int) -> bool:
        """Move the counter on, to where it never was; say again what is acknowledged.

        False: the row is gone, because the lease was over.
        """

    def acknowledge(self, sequence: int) -> None:
        """Say that everybody destroyed up to here is out of the caches."""

    def leave(self) -> None:
        """Delete the row."""

    def destroyed_after(self, sequence: int) -> Sequence[Tombstone]:
        """Return the later tombstones, in order."""

    def remove_over(self, watch: LeaseWatch) -> None:
        """Delete the rows of other processes whose lease is over: they must join anew."""

    def wait(self) -> Sequence[Tombstone]:
        """Return after a while, or as soon as somebody was destroyed: with what was heard, in order."""

    def close(self) -> None:
        """Close the connection."""


class LeaseWatch:
    """Tells which leases are over, by having seen their counters stand still for long enough."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[UUID, tuple[int, float]] = {}

    def over(self, rows: Sequence[Any]) -> list[Any]:
        """Those of `rows` (process, renewals) that hold no keys any more."""
        at = now()
        with self._lock:
            return [row for row in rows if self._stands_still(row, at)]

    def _stands_still(self, row: Any, at: float) -> bool:
        process, renewals = row
        seen = self._seen.get(process)
        if seen is None or seen[0] != renewals:
            self._seen[process] = (renewals, at)
            return False
        return at - seen[1] > LEASE_SECONDS + MARGIN_SECONDS
