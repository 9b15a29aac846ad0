"""Sealed columns: a message under the key of its subject, bound to view, person and column."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.errors import KeyDestroyedError
from profile_service.keys.store import KeyStore
from projections.storage.interface import StoredRow
from projections.view import RowTable, View

# By the numbers of people: a UUID is hashed and compared in Python.
Ciphers = Mapping[int, ProfileCipher]


def ciphers_of(keys: KeyStore, people: Collection[UUID]) -> Ciphers:
    """Return the ciphers of people, of those whose key is destroyed none. Raises `KeysUnavailableError`."""
    if not people:
        return {}
    return {profile_id.int: cipher for profile_id, cipher in keys.ciphers(people).items()}


def seal_rows(
    view: View, table: RowTable[Any], rows: Sequence[tuple[Any, ...]], ciphers: Ciphers
) -> Sequence[StoredRow]:
    """Return rows as they are stored. Without a key a sealed column is NULL.

    Raises `KeysUnavailableError`.
    """
    if not table.sealed:
        return rows
    stored = []
    for row in rows:
        values, cipher = list(row), ciphers.get(row[0].int)
        for place, column in table.sealed:
            values[place] = _seal(view, column.name, row[0], row[place], cipher)
        stored.append(tuple(values))
    return stored


def open_row(view: View, table: RowTable[Any], stored: StoredRow, ciphers: Ciphers) -> tuple[Any, ...]:
    """Return the row with its messages; None in place of one whose key is destroyed.

    Raises `SealBrokenError` for a row that was not written there, `KeysUnavailableError`.
    """
    if not table.sealed:
        return table.row._make(stored)  # type: ignore[no-any-return]  # a NamedTuple
    values, cipher = list(stored), ciphers.get(stored[0].int)
    for place, column in table.sealed:
        assert column.message is not None
        plaintext = open_column(view, column.name, stored[0], stored[place], cipher)
        values[place] = None if plaintext is None else column.message.FromString(plaintext)
    return table.row._make(values)  # type: ignore[no-any-return]  # a NamedTuple


def open_column(
    view: View, column: str, subject: UUID, sealed: bytes | None, cipher: ProfileCipher | None
) -> bytes | None:
    """Return the serialized message of a sealed column; None if the key is destroyed.

    Raises `SealBrokenError`, `KeysUnavailableError`.
    """
    if sealed is None or cipher is None:
        return None
    try:
        return cipher.open(sealed, _associated_data(view, subject, column))
    except KeyDestroyedError:
        return None


def _seal(
    view: View, column: str, subject: UUID, message: Message | None, cipher: ProfileCipher | None
) -> bytes | None:
    if message is None or cipher is None:
        return None
    try:
        plaintext = message.SerializeToString(deterministic=True)
        return cipher.seal(plaintext, _associated_data(view, subject, column))
    except KeyDestroyedError:
        return None


def _associated_data(view: View, subject: UUID, column: str) -> bytes:
    return f"{view.name}|{_written(subject.int)}|{column}".encode()


# As `str` writes a UUID. A batch meets the same people in several tables, and Python takes long to do it.
@lru_cache(maxsize=4096)
def _written(number: int) -> str:
    digits = f"{number:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
