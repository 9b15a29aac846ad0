"""Processes of tests: forked from a server that has imported what they need, so that they start fast."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        "tests.support.silence",
        "alembic.command",
        "profile_service.bootstrap",
        "profile_service.cli.app",
        "sqlalchemy.dialects.sqlite",
        "tests.commands.dying",
        "tests.epochs.process",
        "tests.log.writing",
        "tests.persistence.writers",
        "tests.projections.victims",
        "tests.support.frozen",
    ]
)

START_SECONDS = 60.0


def start(function: Callable[..., None], *arguments: Any) -> BaseProcess:
    """Run a function of a module in a process of its own."""
    process = FORKS.Process(target=function, args=arguments, daemon=True)
    process.start()
    return process


def expect_end(process: BaseProcess, code: int = 0) -> None:
    """The process ends, with this exit code (-9: killed)."""
    process.join(START_SECONDS)
    if process.exitcode is None:
        process.kill()
    assert process.exitcode == code
