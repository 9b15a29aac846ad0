"""Where the time of a call goes: which function of ours was at work, looked up a thousand times a second."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

INTERVAL = 0.001
REPOSITORY = Path(__file__).parents[1]
OURS = tuple(str(REPOSITORY / name) for name in ("profile_service", "projections"))


@contextmanager
def sampled() -> Iterator[Counter[str]]:
    """Count samples by function while the block runs in the main thread, waiting included."""
    found: Counter[str] = Counter()

    def look(_number: int, frame: FrameType | None) -> None:
        found[_function_of_ours(frame)] += 1

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, INTERVAL, INTERVAL)
    try:
        yield found
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def show(found: Counter[str], lines: int = 20) -> None:
    """Print the functions that took most, each with its share of all."""
    total = found.total() or 1
    for name, count in found.most_common(lines):
        print(f"  {count / total:6.1%}  {name}")


def _function_of_ours(frame: FrameType | None) -> str:
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(OURS):
            return f"{Path(code.co_filename).relative_to(REPOSITORY)} {code.co_qualname}"
        frame = frame.f_back
    return "elsewhere"
