"""A world on SQLite: what is asked here does the same on both databases."""

from __future__ import annotations

from tests.objections.conftest import world

__all__ = ["world"]
