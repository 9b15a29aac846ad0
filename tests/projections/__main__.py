"""`python -m tests.projections`: see `killing`. A child imports its parent's main module, so not that one."""

from __future__ import annotations

from tests.projections.killing import main

if __name__ == "__main__":
    main()
