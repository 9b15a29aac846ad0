"""`python -m profile_service` is `aprofile`."""

from __future__ import annotations

from profile_service.cli import main

if __name__ == "__main__":
    main()
