"""`aprofile` with a planted defect: it says that it dropped the key of an erased person, and keeps it."""

from __future__ import annotations

from profile_service.cli import main
from profile_service.keys.cache import CipherCache

if __name__ == "__main__":
    CipherCache.evict = lambda self, profile_ids: None  # type: ignore[method-assign]  # the defect
    main()
