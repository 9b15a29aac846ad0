"""The backup that a close makes: restored, and everything in it opened, before a root is destroyed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Column, Engine, Table, select

from profile_service import copies
from profile_service.keys.errors import BackupUnusableError, KeyDatabaseError, UnwrapError
from profile_service.keys.material import zeroed
from profile_service.keys.opening import open_tree
from profile_service.keys.places import tag_place
from profile_service.keys.roots import RootProvider
from profile_service.keys.schema import profile_keys, tags
from profile_service.keys.transactions import reading
from profile_service.keys.tree import KeyTree, WrappedKey

_MANIFEST = "manifest.json"
_NAME = "keys-epoch-"
_PAGE = 5_000


def back_up(engine: Engine, root: RootProvider, epoch: int, directory: Path) -> bytes:
    """Copy the key database into a new directory within `directory`, and open every key of the copy.

    Returns the SHA-256 of its manifest. Raises `BackupUnusableError`, `RootError`, `KeysUnavailableError`.
    """
    place = directory / f"{_NAME}{epoch}-{uuid4().hex[:12]}"
    try:
        return _copy_verified(engine, root, epoch, place)
    except (copies.CopyError, KeyDatabaseError, OSError) as error:
        raise BackupUnusableError(f"the backup of the key database: {error}") from error


def _copy_verified(engine: Engine, root: RootProvider, epoch: int, place: Path) -> bytes:
    """Leave a copy in `place` only if all of it was opened, whatever else there is to say of it."""
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, place, ignore_errors=True)
        summary = copies.copy_out(engine, place)
        with copies.scratch(engine) as restored:
            copies.copy_in(place, restored)
            opened = open_everything(restored, root, epoch)
        expected = (summary.rows[profile_keys.name], summary.rows[tags.name])
        if opened != expected:
            raise KeyDatabaseError(f"of {expected} keys and tags in it, {opened} were opened")
        digest = sha256((place / _MANIFEST).read_bytes()).digest()
        stack.pop_all()
        return digest


def remove_older(directory: Path, digest: bytes) -> None:
    """Remove the backups of earlier closes, which nothing opens any more, and what was left unfinished.

    Raises `OSError`.
    """
    for place in directory.glob(f"{_NAME}*/"):
        manifest = place / _MANIFEST
        if not manifest.exists() or sha256(manifest.read_bytes()).digest() != digest:
            shutil.rmtree(place)


def open_everything(engine: Engine, root: RootProvider, epoch: int) -> tuple[int, int]:
    """Open every bucket, every profile key and every tag; return how many keys and tags.

    Raises `KeyDatabaseError` if one does not open, or if another epoch is in use; `RootError`.
    """
    tree = open_tree(engine, root)
    if tree.epoch != epoch:
        raise KeyDatabaseError(f"epoch {tree.epoch} is in use, not {epoch}")
    tree.open_buckets()
    return _open_keys(engine, tree), _open_tags(engine, tree)


def _open_keys(engine: Engine, tree: KeyTree) -> int:
    count = 0
    for row in _rows(engine, profile_keys, profile_keys.c.profile_id):
        with zeroed(tree.unwrap(row.profile_id, WrappedKey(row.bucket, row.bucket_version, row.wrapped))):
            count += 1
    return count


def _open_tags(engine: Engine, tree: KeyTree) -> int:
    count = 0
    for row in _rows(engine, tags, tags.c.tag):
        context = tree.tags.context(row.bucket, row.version)
        try:
            inner = context.open(row.inner_value, tag_place(row.tag, row.bucket, row.version))
        except UnwrapError:
            raise KeyDatabaseError(f"an inner value of tag bucket {row.bucket} does not open") from None
        if context.tag(inner) != row.tag:
            raise KeyDatabaseError(f"a tag of bucket {row.bucket} is not that of its inner value")
        count += 1
    return count


def _rows(engine: Engine, table: Table, key: Column[Any]) -> Iterator[Any]:
    """Every row, in pages: no long read transaction, and bounded memory."""
    last = None
    while True:
        page = select(table).order_by(key).limit(_PAGE)
        with reading(engine) as connection:
            rows = connection.execute(page if last is None else page.where(key > last)).all()
        yield from rows
        if len(rows) < _PAGE:
            return
        last = getattr(rows[-1], key.name)
