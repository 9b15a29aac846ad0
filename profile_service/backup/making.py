"""Making a backup, also beside a running service: views first, then the log, the keys last.

So the view is never ahead of the log, and everybody whom the copied log knows has their key in the copy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from profile_service.backup.manifest import EVENTS, KEYS, VIEWS, Backup, write_backup
from profile_service.copies import copy_out, make_private
from profile_service.keys.epochs import current_epoch
from profile_service.log import incarnation
from profile_service.log.schema import facts


@dataclass(frozen=True, slots=True)
class Databases:
    """The three databases of one service."""

    events: Engine
    keys: Engine
    views: Engine


def back_up(databases: Databases, directory: Path, *, views: bool = True) -> Backup:
    """Copy the databases into a new directory that only its owner can read; no root key is ever in it.

    Without its manifest, which comes last, it is no backup. Raises `FileExistsError`, `CopyRefusedError`,
    `OSError`, and what a driver raises.
    """
    make_private(directory)
    copied = {}
    if views:
        copied[VIEWS] = copy_out(databases.views, directory / VIEWS)
    copied[EVENTS] = copy_out(databases.events, directory / EVENTS, _log_notes)
    with databases.events.connect() as connection:
        # Read before the keys are: what the log has by now has its keys already.
        position = _head(connection)
    copied[KEYS] = copy_out(databases.keys, directory / KEYS, _key_notes(position))
    return write_backup(directory, copied)


def _log_notes(connection: Connection) -> dict[str, Any]:
    return {"log_id": incarnation.log_id(connection), "position": _head(connection)}


def _key_notes(position: int) -> Callable[[Connection], Mapping[str, Any]]:
    def notes(connection: Connection) -> dict[str, Any]:
        epoch = current_epoch(connection)
        return {
            "log_position": position,
            "epoch": epoch.epoch,
            "root_provider": epoch.root_provider,
            "root_id": epoch.root_id,
        }

    return notes


def _head(connection: Connection) -> int:
    return connection.execute(select(func.max(facts.c.position))).scalar() or 0
