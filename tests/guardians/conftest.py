"""A world on SQLite: what is asked here does the same on both databases."""

from __future__ import annotations

from tests.audience.conftest import small_world
from tests.objections.conftest import world

__all__ = ["small_world", "world"]
