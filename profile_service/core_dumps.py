"""Keep the memory of this process out of files: it holds keys and personal values."""

from __future__ import annotations

import ctypes
import os
import resource
import sys

_PR_SET_DUMPABLE = 4  # linux/prctl.h


def forbid_core_dumps() -> None:
    """No core file at a crash, and no reading of the memory by others who run as the same user.

    The limit alone does not stop a kernel that pipes dumps into a program (core(5)), nor a debugger. With
    the attribute, only root can look into the process. A child that runs a program has the limit only.

    Raises `OSError`.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
