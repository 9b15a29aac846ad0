"""`python -m profile_service …` as processes forked from one that has imported it: that is most of a start.

Environment, output, working directory, signals and end are those of a program. What is about the start of an
interpreter, or about what is in its memory, is not forked.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from io import FileIO, TextIOWrapper
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.support.processes import FORKS
from tests.support.repository import ROOT

PROGRAM = "profile_service"


class Forked:
    """A running program, with the interface of `subprocess.Popen`."""

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        output: Path,
        errors: Path,
        module: str = PROGRAM,
    ) -> None:
        self._process: BaseProcess = FORKS.Process(
            target=_become, args=(module, arguments, dict(environment), output, errors), daemon=True
        )
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(PROGRAM, timeout or 0)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self._process.exitcode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def run(
    arguments: Sequence[str], environment: Mapping[str, str], timeout: float, *, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run to the end, with what was written. Raises `TimeoutExpired`, with `check` `CalledProcessError`."""
    with tempfile.TemporaryDirectory(prefix="aprofile-run-") as directory:
        output, errors = Path(directory, "output"), Path(directory, "errors")
        program = Forked(arguments, environment, output, errors)
        try:
            program.wait(timeout)
        finally:
            program.kill()
        done = subprocess.CompletedProcess(
            [PROGRAM, *arguments], program.wait(), output.read_text(), errors.read_text()
        )
    if check:
        done.check_returncode()
    return done


def _become(
    module: str, arguments: Sequence[str], environment: dict[str, str], output: Path, errors: Path
) -> None:
    multiprocessing.current_process().daemon = False  # it may have workers of its own
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    for number, path in ((0, Path(os.devnull)), (1, output), (2, errors)):
        _open_as(number, path)
    # As an interpreter does whose output is not buffered.
    sys.stdout = TextIOWrapper(FileIO(1, "w", closefd=False), write_through=True)
    sys.stderr = TextIOWrapper(FileIO(2, "w", closefd=False), errors="backslashreplace", write_through=True)
    sys.argv = [PROGRAM, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _open_as(number: int, path: Path) -> None:
    opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
    os.dup2(opened, number)
    os.close(opened)
