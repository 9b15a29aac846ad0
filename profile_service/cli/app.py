"""The application: which commands there are, and how a failure ends."""

from __future__ import annotations

import sys
from importlib.metadata import version as package_version

import typer

from profile_service.cli import (
    audience,
    backup,
    erasure,
    export,
    keys,
    personal_documents,
    policy,
    profile,
    projections,
    receipt,
    register,
    rights,
    server,
    statistics,
)
from profile_service.cli.demo import demo
from profile_service.cli.errors import EXIT_CODES, ExitCode, run
from profile_service.cli.health import health
from profile_service.cli.load import load
from profile_service.cli.replay import replay
from profile_service.cli.residue import residue_scan

app = typer.Typer(
    name="aprofile",
    help="The citizen profile service: serve it, load it, read and check its log and views.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    # Its tracebacks show the values of local variables.
    pretty_exceptions_enable=False,
)
server.register(app)
backup.register(app)
app.command()(demo)
app.command()(load)
app.command()(health)
app.command()(replay)
app.command()(residue_scan)
app.add_typer(projections.app, name="projections")
personal_documents.register(profile.app)
app.add_typer(profile.app, name="profile")
app.add_typer(policy.app, name="policy")
app.add_typer(audience.app, name="audience")
app.add_typer(statistics.app, name="statistics")
app.add_typer(keys.app, name="keys")
app.add_typer(rights.app, name="rights")
app.add_typer(erasure.app, name="erasure")
app.add_typer(receipt.app, name="receipt")
app.add_typer(export.app, name="export")
app.add_typer(register.app, name="register")


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(package_version("a-profile"))


# Made once, so that a process forked from one that imported this has it.
_command = typer.main.get_command(app)


def run_app() -> None:
    """Run the command that the arguments name, and leave with its exit code."""
    run(lambda: sys.exit(_command(standalone_mode=True) or ExitCode.OK))
