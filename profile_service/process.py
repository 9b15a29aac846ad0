"""How the interpreter of a server or projector is tuned, and how it hears that it must stop."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys

# Seconds that a thread may hold the interpreter while another waits. The default, 5 ms, would
# make the writer wait so long for each of its steps while handlers run.
SWITCH_INTERVAL = 0.002
# New objects after which the collector looks for cycles, and how often it looks at older ones. The
# defaults (700, 10, 10) cost a seventh of all work, because ciphers and queued calls live for long.
COLLECTING = (20_000, 20, 20)


def tune() -> None:
    """Set what the whole process is run with."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.set_threshold(*COLLECTING)


def stop_signals() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    return stopping
