"""How the interpreter of a serving process is set."""

from __future__ import annotations

import gc
import sys

# Seconds that a thread may hold the interpreter while another waits. The default, 5 ms, would
# make the writer wait so long for each of its steps while handlers run.
SWITCH_INTERVAL = 0.002
# New objects after which the collector looks for cycles, and how often it looks at older ones. The
# defaults (700, 10, 10) cost a seventh of all work, because ciphers and queued calls live for long.
COLLECTING = (20_000, 20, 20)


def tune() -> None:
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.set_threshold(*COLLECTING)
