"""The command line, `aprofile`. One module a group of commands; none opens a database of the service."""

from __future__ import annotations

from profile_service.settings import silence_grpc_core


def main() -> None:
    """The console script `aprofile`."""
    silence_grpc_core()
    from profile_service.cli.app import run_app

    run_app()
