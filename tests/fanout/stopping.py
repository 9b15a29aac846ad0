"""`aprofile` that stands still between opening a person's values and answering, when a file tells it to."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from google.protobuf.message import Message

from profile_service.api.pipeline import Pipeline, is_about_people
from profile_service.cli import main
from profile_service.keys.lease import Lease

# Exists when the next answer about a person is to wait for its process to be stopped and to go on.
STOP_NEXT = "TEST_STOP_NEXT"
# Written into the file, a defect as well: only the clock is asked, not whether the lease is still the same.
ONLY_THE_CLOCK = "only the clock"

_answer = Pipeline._answer


def answer_after_a_stop(pipeline: Pipeline, response: Message, request: Message, term: int) -> bytes:
    """Stop, and be slower on waking than the thread that takes the next lease."""
    order = Path(os.environ[STOP_NEXT])
    if is_about_people(request) and order.exists():
        planted = order.read_text() == ONLY_THE_CLOCK
        order.unlink()
        os.kill(os.getpid(), signal.SIGSTOP)
        while pipeline._lease.is_over() or pipeline._lease.term == term:
            time.sleep(0.01)
        if planted:
            Lease.check_since = lambda lease, term: lease.check()  # type: ignore[method-assign, assignment]  # the defect
    return _answer(pipeline, response, request, term)


if __name__ == "__main__":
    Pipeline._answer = answer_after_a_stop  # type: ignore[method-assign, assignment]
    main()
