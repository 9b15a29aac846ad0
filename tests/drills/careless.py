"""`aprofile` with a planted defect: it serves without having compared keys and log."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from profile_service import cli
from profile_service.commands.reconciling import Reconciler
from tests.support.service import REPOSITORY, Service


class CarelessService(Service):
    """Every `serve` of it has the defect; other commands are as they are."""

    def spawn(self, *arguments: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, str(Path(__file__)), *arguments],
                cwd=REPOSITORY,
                env={**self.settings, "PYTHONPATH": str(REPOSITORY)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )


def _nothing(self: Any) -> None:
    """In place of `Reconciler.run`."""


if __name__ == "__main__":
    Reconciler.run = _nothing  # type: ignore[method-assign,assignment]
    cli.main()
