"""Comparing two sets of rows by what they say: sealed columns are opened, erased people count by id.

Digests are keyed with a random key that is only in memory: opened values are never kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from uuid import UUID

from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.errors import SealBrokenError
from profile_service.keys.store import KeyStore
from projections.rows import RowKey
from projections.sealing import open_column
from projections.storage.interface import StoredRow
from projections.view import CountTable, RowTable, View

DIGEST_BYTES = 16
# So many differences are named; the rest is only counted.
NAMED = 20

Digests = dict[RowKey, bytes]


@dataclass(slots=True)
class Comparison:
    """What was found: rows on either side, the sums of their digests, and which differ.

    Equal sums and equal numbers of rows mean equal rows, in whatever order they came.
    """

    actual_rows: int = 0
    expected_rows: int = 0
    actual_sum: int = 0
    expected_sum: int = 0
    differing: int = 0
    named: list[str] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        return not self.differing

    def add(self, actual: Digests, expected: Digests, differing: Iterable[RowKey], key_size: int) -> None:
        """Take in one part of the rows; `key_size` columns of a key name a difference."""
        self.actual_rows += len(actual)
        self.expected_rows += len(expected)
        self.actual_sum += sum(int.from_bytes(digest) for digest in actual.values())
        self.expected_sum += sum(int.from_bytes(digest) for digest in expected.values())
        for key in sorted(differing):
            self.differing += 1
            self._name(" ".join(str(part) for part in key[:key_size]))

    def take(self, other: Comparison) -> None:
        """Add what was found in another part. Each has a key of its own: only equality of sums is kept."""
        self.actual_rows += other.actual_rows
        self.expected_rows += other.expected_rows
        self.actual_sum += other.actual_sum
        self.expected_sum += other.expected_sum
        self.differing += other.differing
        for name in other.named:
            self._name(name)

    def _name(self, name: str) -> None:
        if len(self.named) < NAMED and name not in self.named:
            self.named.append(name)


class RebuildDiffersError(Exception):
    """The rebuilt view is not equal to the live one, though the same projector made both.

    Nothing was swapped; both are kept up to date, to be looked at. `differing` names some of the
    rows: people by profile id, counts by their key.
    """

    def __init__(self, view: str, comparison: Comparison) -> None:
        super().__init__(f"{comparison.differing} rows of {view} differ from the live ones")
        self.differing = comparison.named


class Comparer:
    """Compares rows of one view; one object a comparison, because of its key."""

    def __init__(self, view: View, keys: KeyStore) -> None:
        self._view = view
        self._keys = keys
        self._key = secrets.token_bytes(32)
        self.result = Comparison()

    def compare_rows(
        self,
        table: RowTable[Any],
        actual: Sequence[StoredRow],
        expected: Sequence[tuple[Any, ...]],
        *,
        expected_is_stored: bool,
        leave_out: frozenset[UUID] = frozenset(),
    ) -> None:
        """Compare stored rows with stored ones, or with opened ones. Raises `KeysUnavailableError`.

        Rows of subjects in `leave_out` may differ. A seal that is broken is a difference.
        """
        people = {row[0] for rows in (actual, expected) for row in rows} if table.sealed else set()
        ciphers = self._keys.ciphers(people) if people else {}
        ours = self._digests(table, actual, ciphers, stored=True)
        theirs = self._digests(table, expected, ciphers, stored=expected_is_stored)
        differing = {
            key
            for key in ours.keys() | theirs.keys()
            if key[0] not in leave_out and _differ(ours, theirs, key)
        }
        differing -= self._erased_meanwhile(table, differing, ours, theirs)
        self.result.add(ours, theirs, differing, key_size=1)

    def compare_counts(
        self, table: CountTable[Any], actual: Iterable[StoredRow], expected: Iterable[StoredRow]
    ) -> None:
        """Compare counts; one that is zero is as good as none."""
        ours, theirs = self._count_digests(table, actual), self._count_digests(table, expected)
        differing = [key for key in ours.keys() | theirs.keys() if _differ(ours, theirs, key)]
        self.result.add(ours, theirs, differing, key_size=table.key)

    def _digests(
        self,
        table: RowTable[Any],
        rows: Iterable[tuple[Any, ...]],
        ciphers: Mapping[UUID, ProfileCipher],
        *,
        stored: bool,
    ) -> Digests:
        return {tuple(row[: table.key]): self._digest(table, row, ciphers, stored=stored) for row in rows}

    def _digest(
        self,
        table: RowTable[Any],
        row: tuple[Any, ...],
        ciphers: Mapping[UUID, ProfileCipher],
        *,
        stored: bool,
    ) -> bytes:
        if table.sealed and row[0] not in ciphers:
            return self._hash(repr(tuple(row[: table.key])).encode())
        values = list(row)
        opened = b""
        for place, column in table.sealed:
            value, values[place] = values[place], None
            if stored:
                value = self._opened(column.name, row[0], value, ciphers[row[0]])
            elif value is not None:
                value = value.SerializeToString(deterministic=True)
            opened += b"-" if value is None else len(value).to_bytes(4, "big") + value
        return self._hash(repr(values).encode() + opened)

    def _opened(
        self, column: str, subject: UUID, sealed: bytes | None, cipher: ProfileCipher
    ) -> bytes | None:
        try:
            return open_column(self._view, column, subject, sealed, cipher)
        except SealBrokenError:
            return b"broken"

    def _count_digests(self, table: CountTable[Any], rows: Iterable[StoredRow]) -> Digests:
        return {
            tuple(row[: table.key]): self._hash(repr(tuple(row)).encode())
            for row in rows
            if any(row[table.key :])
        }

    def _hash(self, value: bytes) -> bytes:
        return blake2b(value, key=self._key, digest_size=DIGEST_BYTES).digest()

    def _erased_meanwhile(
        self, table: RowTable[Any], differing: set[RowKey], ours: Digests, theirs: Digests
    ) -> set[RowKey]:
        # A key that was destroyed between two looks makes values unreadable, not different.
        if not table.sealed or not differing:
            return set()
        living = self._keys.ciphers({key[0] for key in differing})
        return {key for key in differing if key[0] not in living and key in ours and key in theirs}


def _differ(ours: Digests, theirs: Digests, key: RowKey) -> bool:
    return ours.get(key) != theirs.get(key)
