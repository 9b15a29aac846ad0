"""`aprofile` with what its environment alters: a module to run, for what no healthy service shows."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from profile_service import batching, bootstrap, clock
from profile_service.cli import main
from profile_service.commands import addresses
from profile_service.keys.reservations import Reservable, Reservation
from profile_service.keys.store import KeyStore

# While this file exists, the process is killed as soon as an address and a key are stored: before the fact.
DIE_AT = "TEST_DIE_AT"
# Seconds that an address is kept for a request that the log does not know.
PATIENCE = "TEST_PATIENCE"
# Days that the clock is ahead.
DAYS_AHEAD = "TEST_DAYS_AHEAD"
# Requests that wait before each database at most.
CAPACITY = "TEST_CAPACITY"

_reserve = KeyStore.reserve


def reserve_and_die(store: KeyStore, wanted: Sequence[Reservation]) -> list[Reservable]:
    outcomes = _reserve(store, wanted)
    if wanted and Path(os.environ[DIE_AT]).exists():
        os.kill(os.getpid(), signal.SIGKILL)
    return outcomes


def days_ahead() -> datetime:
    return clock.now() + timedelta(days=int(os.environ[DAYS_AHEAD]))


if __name__ == "__main__":
    if DIE_AT in os.environ:
        KeyStore.reserve = reserve_and_die  # type: ignore[method-assign, assignment]  # what this module is for
    if DAYS_AHEAD in os.environ:
        bootstrap.now = days_ahead  # type: ignore[attr-defined]  # as above
    if PATIENCE in os.environ:
        addresses.PATIENCE = float(os.environ[PATIENCE])
    if CAPACITY in os.environ:
        defaults = batching.Batcher.__init__.__kwdefaults__
        assert defaults is not None
        defaults["capacity"] = int(os.environ[CAPACITY])
    main()
