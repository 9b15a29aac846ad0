"""The command line, `aprofile`. One module a group of commands; none opens a database of the service."""

from __future__ import annotations

from profile_service.cli.app import main

__all__ = ["main"]
