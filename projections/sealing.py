"""Sealed columns: a message under the key of its subject, bound to view, person and column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.errors import KeyDestroyedError
from projections.storage.interface import StoredRow
from projections.view import RowTable, View


def seal_rows(
    view: View, table: RowTable[Any], rows: Sequence[tuple[Any, ...]], ciphers: Mapping[UUID, ProfileCipher]
) -> Sequence[StoredRow]:
    """Return rows as they are stored. Without a key a sealed column is NULL.

    Raises `KeysUnavailableError`.
    """
    if not table.sealed:
        return rows
    stored = []
    for row in rows:
        values = list(row)
        for place, column in table.sealed:
            values[place] = _seal(view, column.name, row[0], row[place], ciphers.get(row[0]))
        stored.append(tuple(values))
    return stored


def open_row(
    view: View, table: RowTable[Any], stored: StoredRow, ciphers: Mapping[UUID, ProfileCipher]
) -> tuple[Any, ...]:
    """Return the row with its messages; None in place of one whose key is destroyed.

    Raises `SealBrokenError` for a row that was not written there, `KeysUnavailableError`.
    """
    if not table.sealed:
        return table.row._make(stored)  # type: ignore[no-any-return]  # a NamedTuple
    values = list(stored)
    for place, column in table.sealed:
        assert column.message is not None
        plaintext = open_column(view, column.name, stored[0], stored[place], ciphers.get(stored[0]))
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
    return f"{view.name}|{subject}|{column}".encode()
