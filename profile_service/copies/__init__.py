"""Copying whole databases to files and back: consistent, checked, and knowing nothing of their tables."""

from __future__ import annotations

from profile_service.copies.copying import copy_in, copy_out
from profile_service.copies.files import make_private, sha256_of, write_last
from profile_service.copies.manifest import (
    CopyDamagedError,
    CopyError,
    CopyRefusedError,
    CopySummary,
    DatabaseNotEmptyError,
    verify_copy,
)
from profile_service.copies.scratch import remove_leftovers, scratch

__all__ = [
    "CopyDamagedError",
    "CopyError",
    "CopyRefusedError",
    "CopySummary",
    "DatabaseNotEmptyError",
    "copy_in",
    "copy_out",
    "make_private",
    "remove_leftovers",
    "scratch",
    "sha256_of",
    "verify_copy",
    "write_last",
]
