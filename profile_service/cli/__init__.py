"""The command line, `aprofile`. One module a group of commands; none opens a database of the service."""

from __future__ import annotations


def main() -> None:
    """The console script `aprofile`. Workers of a rebuild import this module, and need nothing of it."""
    from profile_service.settings import silence_grpc_core

    silence_grpc_core()
    from profile_service.cli.app import run_app

    run_app()
