"""`aprofile`, whose restores stop themselves when the keys are written and the log is not; a module to run.

With `--unguarded` as its first word it has a planted defect: nobody is kept away from a restore.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import nullcontext
from typing import Any

from profile_service.backup import restoring
from profile_service.cli import main
from profile_service.copies import copy_in

_written: list[object] = []


def _pausing(*arguments: Any, **options: Any) -> None:
    if len(_written) == 1:
        os.kill(os.getpid(), signal.SIGSTOP)
    _written.append(copy_in(*arguments, **options))


def _unguarded(_databases: Any) -> Any:
    return nullcontext()


if __name__ == "__main__":
    restoring.copy_in = _pausing  # type: ignore[assignment,attr-defined]  # what the module is for
    if sys.argv[1] == "--unguarded":
        del sys.argv[1]
        restoring.nobody_else = _unguarded  # type: ignore[assignment,attr-defined]  # planted
    main()
