"""`aprofile backup` and `aprofile restore`: the three databases as files, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from profile_service.cli.errors import CommandError, ExitCode
from profile_service.cli.options import with_settings
from profile_service.cli.server import running
from profile_service.settings import Settings

if TYPE_CHECKING:
    from profile_service.backup.making import Databases

Target = Annotated[Path, typer.Argument(metavar="DIRECTORY", help="A new directory for the backup.")]
Source = Annotated[
    Path | None, typer.Argument(metavar="DIRECTORY", help="A backup that `aprofile backup` made.")
]
KeysFrom = Annotated[
    Path | None, typer.Option("--keys", metavar="DIRECTORY", help="Take the keys from this backup instead.")
]
Replace = Annotated[bool, typer.Option("--replace", help="Empty databases that are not empty.")]
InPlace = Annotated[
    bool,
    typer.Option(
        "--in-place", help="The databases were restored by other means: only give the log a new id."
    ),
]
WithViews = Annotated[bool, typer.Option("--views/--no-views", help="Views can be rebuilt from the log.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(backup)
    app.command()(restore)


@with_settings("Server", "Databases")
def backup(settings: Settings, directory: Target, views: WithViews = True) -> None:
    """Copy the databases into a new directory, also beside a running service. The root key is not in it.

    The log is copied before the keys, so that everybody in it has their key. Keep the keys of it for a
    short time only: they open, with the root key, people who are erased later, until the epoch is closed.
    """
    from profile_service.backup.making import back_up

    with _databases(settings, beside_others=True) as databases:
        made = back_up(databases, directory, views=views)
    typer.echo(
        f"Backed up to {directory}: log {made.log_id} up to {made.position:,}, keys of epoch {made.epoch}."
    )


@with_settings("Server", "Databases")
def restore(
    settings: Settings,
    directory: Source = None,
    keys: KeysFrom = None,
    replace: Replace = False,
    in_place: InPlace = False,
) -> None:
    """Restore a backup into empty databases while the service is stopped; the log gets a new id.

    Everything is checked before anything is written: every byte, every key, and that no key is missing.
    The next start reconciles keys and log before it serves: whoever was erased stays erased.
    """
    from profile_service.backup.restoring import renew_log
    from profile_service.backup.restoring import restore as restore_backup
    from profile_service.keys.erasure_list import ErasureList
    from profile_service.stores import root_provider

    if (directory is None) != in_place or (in_place and (keys or replace)):
        raise CommandError("either DIRECTORY or --in-place", ExitCode.USAGE)
    with _databases(settings) as databases:
        if directory is None:
            typer.echo(f"The log goes on as {renew_log(databases)}; the next start compares keys and log.")
            return
        root, erasures = root_provider(settings), ErasureList(settings.erasures)
        done = restore_backup(directory, databases, root, erasures, keys_from=keys, replace=replace)
    views = "with its views" if done.views else "without views: they are rebuilt before it serves"
    typer.echo(
        f"Restored: log {done.log_id} up to {done.position:,}, keys of epoch {done.epoch}, {views}."
        " The next start compares keys and log before it serves."
    )
    for root_id in done.unknown_roots:
        typer.echo(
            f"The root key {root_id} is of no epoch of these keys: it opens later copies of them, and no"
            " epoch is closed until it is destroyed (aprofile keys close-epoch --destroy-root)."
        )


@contextmanager
def _databases(settings: Settings, *, beside_others: bool = False) -> Iterator[Databases]:
    """Open the databases as they are. `beside_others`: as one of those who use them."""
    from profile_service.backup.making import Databases
    from profile_service.commands.reconciling import KeysBehindLogError
    from profile_service.copies import CopyError
    from profile_service.database import open_engine
    from profile_service.presence import share

    with running(settings), ExitStack() as stack:
        engines = [open_engine(url) for url in (settings.events_url, settings.keys_url, settings.views_url)]
        for engine in engines:
            stack.callback(engine.dispose)
            if beside_others:
                share(engine)
        try:
            yield Databases(*engines)
        except KeysBehindLogError as error:
            for profile_id in sorted(error.missing.keys | error.missing.addresses):
                typer.echo(profile_id, err=True)
            raise CommandError(str(error)) from None
        except FileExistsError as error:
            raise CommandError(f"{error.filename}: exists", ExitCode.USAGE) from None
        except CopyError as error:
            raise CommandError(str(error)) from None
