"""`aprofile serve`, `project`, `notify` and `migrate`: the commands that open the databases."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import typer

from profile_service import logs
from profile_service.cli.errors import CommandError, ExitCode
from profile_service.cli.options import with_settings
from profile_service.core_dumps import forbid_core_dumps
from profile_service.settings import Settings

log = structlog.get_logger()

ALL = ("Server", "Databases", "TLS")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(serve)
    app.command()(project)
    app.command()(notify)
    app.command()(migrate)


@with_settings(*ALL)
def serve(settings: Settings) -> None:
    """Serve the API until SIGTERM or Ctrl-C; calls that were accepted are answered first."""
    from profile_service import bootstrap

    with running(settings):
        asyncio.run(bootstrap.serve(settings))


@with_settings("Server", "Databases")
def project(settings: Settings) -> None:
    """Keep the views up to date in a process of its own, beside `aprofile serve --projector off`."""
    from profile_service import bootstrap

    with running(settings):
        bootstrap.project(settings)


@with_settings("Server", "Databases", "Client")
def notify(settings: Settings) -> None:
    """Tell recipients what became of data they had, beside `aprofile serve --notifier off`."""
    from profile_service import disclosing

    with running(settings):
        disclosing.notify(settings)


@with_settings("Server", "Databases")
def migrate(settings: Settings) -> None:
    """Bring the schemas of the three databases to this version. On SQLite `serve` does it by itself."""
    from profile_service import bootstrap

    with running(settings):
        bootstrap.migrate(settings)
    typer.echo("The schemas of events, keys and views are up to date.")


@contextmanager
def running(settings: Settings) -> Iterator[None]:
    """Set up logs and memory; turn what keeps a process from starting into `CommandError`, one line."""
    from sqlalchemy.exc import DBAPIError

    from profile_service.api.policy import PolicyError
    from profile_service.api.server import TlsError
    from profile_service.bootstrap import StartError
    from profile_service.certificates.signing_key import SigningKeyError
    from profile_service.client import FilesUnreadableError
    from profile_service.database import DatabaseSettingError, SchemaVersionError
    from profile_service.keys.errors import KeyDatabaseError, KeysUnavailableError, RootError
    from profile_service.presence import DatabaseTakenError

    logs.configure(settings.log_level, settings.log_format)
    try:
        forbid_core_dumps()
        os.umask(0o077)  # what it makes concerns people: nobody but its owner reads it
        yield
    except CommandError:
        raise
    except (PolicyError, TlsError, RootError, SigningKeyError, FilesUnreadableError) as error:
        raise CommandError(str(error), ExitCode.USAGE) from None
    except (StartError, KeyDatabaseError, SchemaVersionError, DatabaseSettingError) as error:
        raise CommandError(str(error)) from None
    except KeysUnavailableError as error:
        reason = "is the key database there, and does the provider of root keys answer within seconds?"
        raise CommandError(f"{error}: {reason}", ExitCode.UNAVAILABLE) from None
    except DBAPIError as error:
        if isinstance(error.orig, DatabaseTakenError):
            raise CommandError(str(error.orig), ExitCode.UNAVAILABLE) from None
        # The text of a driver's error can hold values; its class says what to look for.
        log.critical("database failed", exc_info=error)
        raise CommandError(
            f"a database refused ({type(error.orig).__name__})", ExitCode.UNAVAILABLE
        ) from None
    except OSError as error:
        # A directory or file that a setting names.
        raise CommandError(f"{error.filename or 'the system'}: {error.strerror or 'refused'}") from None
    except Exception as error:
        # grpcio has no class of its own for an address that is taken.
        if isinstance(error, RuntimeError) and str(error).startswith("Failed to bind"):
            raise CommandError(f"{settings.listen} is taken, or no address of this machine") from None
        log.critical("process failed", exc_info=error)
        raise
