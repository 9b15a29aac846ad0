"""Restoring: everything is checked first, the keys are written before the log, and the log gets a new id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, Engine, delete, inspect, update

from profile_service.backup.checking import check_keys
from profile_service.backup.making import Databases
from profile_service.backup.manifest import EVENTS, KEYS, VIEWS, Backup, read_backup, verify_part
from profile_service.backup.running import nobody_else
from profile_service.copies import CopyRefusedError, DatabaseNotEmptyError, copy_in
from profile_service.keys.erasure_list import ErasureList
from profile_service.keys.roots import RootProvider
from profile_service.keys.schema import leases
from profile_service.log import incarnation
from profile_service.log import schema as log_schema
from projections.schema import generations


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: the log under its new id, up to `position`; whether views came with it.

    `unknown_roots`: root keys that the provider has and no epoch of the restored keys.
    """

    log_id: str
    position: int
    epoch: int
    views: bool
    unknown_roots: Sequence[str]


def restore(
    directory: Path,
    databases: Databases,
    root: RootProvider,
    erasures: ErasureList,
    *,
    keys_from: Path | None = None,
    replace: bool = False,
) -> Restored:
    """Restore the backup in `directory`, with the keys of another one if `keys_from` is given.

    `replace`: whatever the databases hold goes. `erasures` is only read.

    Raises `CopyDamagedError`, `CopyRefusedError`, `DatabaseNotEmptyError`, `ServiceRunningError`,
    `KeysUselessError`, `KeysBehindLogError`, `RootError`, and `OSError` without the list, before anything
    is written. Each database is restored whole or not at all; after a crash in between the same call, with
    `replace`, restores again.
    """
    of_log, of_keys = read_backup(directory), read_backup(keys_from or directory)
    parts = [(of_log, EVENTS, databases.events), (of_keys, KEYS, databases.keys)]
    if of_log.has_views:
        parts.append((of_log, VIEWS, databases.views))
    for backup, name, engine in parts:
        _check_part(backup, name, engine)
    with nobody_else(databases):
        if not replace:
            _refuse_filled(databases)
        unknown = check_keys(of_log, of_keys, databases, root, erasures.since(0))
        return _write(of_log, of_keys, databases, unknown)


def renew_log(databases: Databases) -> str:
    """Give a log that was restored by other means a new id, and return it; nothing else is changed.

    Raises `ServiceRunningError`.
    """
    with (
        nobody_else(databases),
        databases.events.execution_options(immediate=True).begin() as connection,
    ):
        return incarnation.renew(connection, incarnation.log_id(connection))


def _check_part(backup: Backup, name: str, engine: Engine) -> None:
    kind = verify_part(backup, name).kind
    if kind != engine.dialect.name:
        place = backup.directory / name
        raise CopyRefusedError(f"{place}: a copy of a {kind} database; this one is {engine.dialect.name}")


def _refuse_filled(databases: Databases) -> None:
    named = ((EVENTS, databases.events), (KEYS, databases.keys), (VIEWS, databases.views))
    for name, engine in named:
        with engine.connect() as connection:
            if inspect(connection).get_table_names():
                raise DatabaseNotEmptyError(f"the database of the {name} is not empty; --replace empties it")


def _write(of_log: Backup, of_keys: Backup, databases: Databases, unknown_roots: Sequence[str]) -> Restored:
    log_id = str(uuid4())

    def end_leases(connection: Connection) -> None:
        # Of processes that were there when the copy was made.
        connection.execute(delete(leases))

    def rename_log(connection: Connection) -> None:
        connection.execute(update(log_schema.incarnation).values(log_id=log_id))

    def adopt_views(connection: Connection) -> None:
        # They were copied before the log: what they show is the beginning of the restored one.
        same = (generations.c.log_id == of_log.log_id) & (generations.c.position <= of_log.position)
        connection.execute(update(generations).where(same).values(log_id=log_id))

    # Keys that are newer than the log are reconciled with it; older ones would be refused.
    copy_in(of_keys.directory / KEYS, databases.keys, replace=True, prepare=end_leases)
    copy_in(of_log.directory / EVENTS, databases.events, replace=True, prepare=rename_log)
    if of_log.has_views:
        copy_in(of_log.directory / VIEWS, databases.views, replace=True, prepare=adopt_views)
    return Restored(log_id, of_log.position, of_keys.epoch, of_log.has_views, unknown_roots)
