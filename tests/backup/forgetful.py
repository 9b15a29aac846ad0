"""`aprofile` with a planted defect: no process asks whether the log is still the one it started with."""

from __future__ import annotations

from profile_service import stores
from profile_service.cli import main

if __name__ == "__main__":
    stores._SameLog.check = lambda self: None  # type: ignore[method-assign]  # the defect
    main()
