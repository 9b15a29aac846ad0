"""Stores over a key database, and commands over both databases, as in their own tests."""

from __future__ import annotations

from tests.commands.conftest import commands, more_commands, places
from tests.keys.conftest import engine, new_store, roots, store

__all__ = ["commands", "engine", "more_commands", "new_store", "places", "roots", "store"]
