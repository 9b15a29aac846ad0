"""What workers of tests do; apart from the tests, so that a worker imports little more than a real one."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from profile_service.workers import own_sources, work

# Seconds of each task: those of `short_runs` are enough to strike half-way.
TASK = 0.04


def slowly(task: Callable[..., Any], *arguments: Any) -> Any:
    """Do a task as a worker does, after a while."""
    time.sleep(TASK)
    return work(task, *arguments)


def open_and_tell() -> int:
    """What a task does that only opens everything."""
    own_sources()
    return os.getpid()
