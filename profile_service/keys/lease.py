"""The permission of a process to use keys: short, and over by itself.

Only the clock is here; `lease_keeper.py` renews leases in the key database.
"""

from __future__ import annotations

import time

from profile_service.keys.errors import KeysUnavailableError

# With the margin less than three seconds: so long an erasure waits for a process that stands still. Renewed
# twice a second, for a renewal on a busy SQLite may take two.
LEASE_SECONDS = 2.5
RENEW_SECONDS = 0.5
# What another process waits beyond the end of a lease, for clocks that run unevenly.
MARGIN_SECONDS = 0.25

# CLOCK_MONOTONIC of Linux stands still while the machine sleeps; a lease must not.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_clock_gettime = time.clock_gettime


def now() -> float:
    """Seconds of a clock that never steps and also runs while the machine sleeps."""
    return _clock_gettime(_CLOCK)


class Lease:
    """Shared by every cipher of a process; over until `extend` is called."""

    __slots__ = ("_until", "term")

    def __init__(self) -> None:
        self._until = 0.0
        # Which of the times it was held this is: another one after it was over, however shortly.
        self.term = 0

    def check(self) -> None:
        """Raise `KeysUnavailableError` if the lease is over."""
        if _clock_gettime(_CLOCK) >= self._until:
            raise KeysUnavailableError("no lease on the keys")

    def check_since(self, term: int) -> None:
        """Raise `KeysUnavailableError` if the lease is over, or was since `term` was the present one."""
        # In this order: a process that stops in between finds a later term, or the lease over.
        self.check()
        if self.term != term:
            raise KeysUnavailableError("the lease on the keys was over meanwhile")

    def is_over(self) -> bool:
        return _clock_gettime(_CLOCK) >= self._until

    def extend(self, renewal_began: float) -> None:
        """Hold until `LEASE_SECONDS` after a renewal that began at `renewal_began` (of `now()`).

        Counting from before the renewal, this process gives up no later than the others think.
        """
        if self.is_over():
            self.term += 1
        self._until = renewal_began + LEASE_SECONDS

    def end(self) -> None:
        self._until = 0.0
