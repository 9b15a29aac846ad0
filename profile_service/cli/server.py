"""`aprofile serve`, `project` and `migrate`: the commands that open the databases."""

from __future__ import annotations

import asyncio

import typer

from profile_service import logs
from profile_service.cli.options import with_settings
from profile_service.settings import Settings

ALL = ("Server", "Databases", "TLS")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(serve)
    app.command()(project)
    app.command()(migrate)


@with_settings(*ALL)
def serve(settings: Settings) -> None:
    """Serve the API until SIGTERM or Ctrl-C; calls that were accepted are answered first."""
    from profile_service import bootstrap

    logs.configure(settings.log_level, settings.log_format)
    asyncio.run(bootstrap.serve(settings))


@with_settings("Server", "Databases")
def project(settings: Settings) -> None:
    """Keep the views up to date in a process of its own, beside `aprofile serve --projector off`."""
    from profile_service import bootstrap

    logs.configure(settings.log_level, settings.log_format)
    bootstrap.project(settings)


@with_settings("Server", "Databases")
def migrate(settings: Settings) -> None:
    """Bring the schemas of the three databases to this version. On SQLite `serve` does it by itself."""
    from profile_service import bootstrap

    logs.configure(settings.log_level, settings.log_format)
    bootstrap.migrate(settings)
    typer.echo("The schemas of events, keys and views are up to date.")
