"""`python -m tests.guardians.moved serve`: a service whose clock says what a file says, at any moment."""

from __future__ import annotations

import os
import runpy
from datetime import datetime
from pathlib import Path

from profile_service import clock

CLOCK = "TESTS_CLOCK"


def now() -> datetime:
    return datetime.fromisoformat(Path(os.environ[CLOCK]).read_text())


if __name__ == "__main__":
    # Before anything takes the function from there.
    clock.now = now
    runpy.run_module("profile_service", run_name="__main__")
