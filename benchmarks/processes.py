"""Starting the programs that are measured, and waiting until the machine is quiet between two."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import psutil  # type: ignore[import-untyped]  # carries no types

from tests.support.service import Process, free_port

REPOSITORY = Path(__file__).parents[1]
START_SECONDS = 30.0
STOP_SECONDS = 10.0
# Below this share of one core, over this long, nothing is at work any more.
QUIET_SHARE = 0.15
QUIET_SECONDS = 0.5
SETTLE_SECONDS = 60.0


class StartError(Exception):
    """A program ended or did not listen in time; the message ends with what it wrote."""


@contextmanager
def listening(command: Sequence[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A program that listens on `port` of the loopback address. Raises `StartError`."""
    with TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=REPOSITORY, stdout=output, stderr=subprocess.STDOUT)
        try:
            if not _listens(process, port):
                output.seek(0)
                raise StartError(f"{command[0]} …: {output.read().decode(errors='replace')[-2000:]}")
            yield process
        finally:
            stop(process)


@contextmanager
def peer(name: str, *arguments: str) -> Iterator[str]:
    """A program of `benchmarks.peers`; gives its address."""
    port = free_port()
    address = f"127.0.0.1:{port}"
    with listening([sys.executable, "-m", f"benchmarks.peers.{name}", address, *arguments], port):
        yield address


def program(name: str) -> str:
    """The path of a command that is installed beside the interpreter."""
    return str(Path(sys.executable).parent / name)


def stop(process: Process) -> None:
    """Ask a program to end, then make it."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def settle() -> None:
    """Wait until what is left of the last load is done, so that the next is not measured beside it."""
    end = time.monotonic() + SETTLE_SECONDS
    while _busy_share() > QUIET_SHARE and time.monotonic() < end:
        continue


def cpu_seconds() -> float:
    """What this process and those it started have used of a processor so far."""
    return time.process_time() + sum(_cpu_times().values())


def _busy_share() -> float:
    """How much of one core our processes use, together."""
    before = _cpu_times()
    time.sleep(QUIET_SECONDS)
    after = _cpu_times()
    return sum(spent - before.get(pid, spent) for pid, spent in after.items()) / QUIET_SECONDS


def _cpu_times() -> dict[int, float]:
    times = {}
    for process in psutil.Process().children(recursive=True):
        try:
            spent = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        times[process.pid] = spent.user + spent.system
    return times


def _listens(process: subprocess.Popen[bytes], port: int) -> bool:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                return True
        time.sleep(0.05)
    return False
