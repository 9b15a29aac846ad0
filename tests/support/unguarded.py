"""`aprofile` without the guard of its memory, for tests that look into it; a module to run."""

from __future__ import annotations

from profile_service import core_dumps

if __name__ == "__main__":
    core_dumps.forbid_core_dumps = lambda: None
    from profile_service.cli import main

    main()
