"""What is checked of the keys of a backup before a byte is written: they open, and none is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine

from profile_service.backup.making import Databases
from profile_service.backup.manifest import EVENTS, KEYS, Backup
from profile_service.commands.reconciling import KeysBehindLogError, find_missing
from profile_service.copies import CopyError, copy_in, scratch
from profile_service.database import migrate
from profile_service.keys import schema as keys_schema
from profile_service.keys.errors import KeyDatabaseError, RootMissingError
from profile_service.keys.inventory import KeyInventory
from profile_service.keys.root_keys import root_keys
from profile_service.keys.roots import RootProvider
from profile_service.keys.verifying import open_everything
from profile_service.log import schema as log_schema
from profile_service.log.reader import LogReader


class KeysUselessError(CopyError):
    """No root key opens the copy of the keys, by design or by mistake."""


def check_keys(
    of_log: Backup, of_keys: Backup, databases: Databases, root: RootProvider, erased: Collection[UUID]
) -> Sequence[str]:
    """Try the keys of a backup in a scratch database: every one must open, and be late enough for the log.

    Returns the root keys that are of no epoch of the copy. What the next start settles stops no restore: who
    is `erased`, and who changed address later.

    Raises `KeysUselessError`, `KeysBehindLogError`, `RootError` and what `copy_in` raises. Nothing changes.
    """
    with _tried(of_keys.directory / KEYS, databases.keys, keys_schema.MIGRATIONS) as keys:
        _check_root(keys, of_keys, root)
        if not _late_enough(of_log, of_keys):
            _compare(of_log.directory / EVENTS, databases.events, keys, erased)
        return root_keys(keys, root).unknown


def _check_root(keys: Engine, backup: Backup, root: RootProvider) -> None:
    if backup.root_provider == root.name and not root.exists(backup.root_id):
        raise KeysUselessError(
            f"the keys are of epoch {backup.epoch}, whose root key was destroyed when the epoch was closed:"
            " this copy opens nothing any more, which is its purpose; restore keys copied after the close"
        )
    try:
        open_everything(keys, root, backup.epoch)
    except RootMissingError:
        raise KeysUselessError(f"the root key of epoch {backup.epoch} is not there") from None
    except KeyDatabaseError as error:
        raise KeysUselessError(f"the copy of the keys does not open: {error}") from None


def _late_enough(of_log: Backup, of_keys: Backup) -> bool:
    """Whether the order in which both were copied proves that nobody's key is missing."""
    return of_log.log_id == of_keys.log_id and of_keys.keys_position >= of_log.position


def _compare(log_copy: Path, events: Engine, keys: Engine, erased: Collection[UUID]) -> None:
    """Raise `KeysBehindLogError` if the next start would, for somebody of the copied log."""
    with _tried(log_copy, events, log_schema.MIGRATIONS) as log:
        reader = LogReader(log)
        missing, _ = find_missing(reader, KeyInventory(keys), 0, reader.head(), erased)
        if missing:
            raise KeysBehindLogError(missing)


@contextmanager
def _tried(copy: Path, engine: Engine, scripts: Path) -> Iterator[Engine]:
    with scratch(engine) as tried:
        copy_in(copy, tried)
        migrate(tried, scripts)
        yield tried
