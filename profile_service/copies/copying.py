"""One database to a directory of files, and back, of either kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from profile_service.copies import postgres, sqlite
from profile_service.copies.files import make_private
from profile_service.copies.manifest import CopyRefusedError, CopySummary, verify_copy, write_manifest

Notes = Callable[[Connection], Mapping[str, Any]]
Prepare = Callable[[Connection], None]


def copy_out(engine: Engine, directory: Path, notes: Notes = lambda connection: {}) -> CopySummary:
    """Copy one consistent snapshot of a whole database into a new directory, durably.

    Others may read and write meanwhile. `notes` reads in the same snapshot what the manifest shall say of
    it (values of JSON). Raises `FileExistsError`, and `CopyRefusedError` for a database with more than
    tables, indexes, constraints and functions.
    """
    make_private(directory)
    copy = postgres.copy_out if engine.dialect.name == "postgresql" else sqlite.copy_out
    summary = copy(engine, directory, notes)
    write_manifest(directory, summary)
    return summary


def copy_in(
    directory: Path,
    engine: Engine,
    *,
    replace: bool = False,
    prepare: Prepare = lambda connection: None,
) -> CopySummary:
    """Fill an empty database from a copy, after verifying it: all of it, or nothing.

    `replace`: whatever is in the database goes. `prepare` changes what was copied, before anyone sees it.
    Raises `CopyDamagedError`, `CopyRefusedError` and `DatabaseNotEmptyError`.
    """
    summary = verify_copy(directory)
    if summary.kind != engine.dialect.name:
        raise CopyRefusedError(
            f"{directory}: a copy of a {summary.kind} database; this one is {engine.dialect.name}"
        )
    fill = postgres.copy_in if engine.dialect.name == "postgresql" else sqlite.copy_in
    fill(directory, summary, engine, prepare, replace=replace)
    return summary
