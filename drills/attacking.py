"""What somebody learns who has every copy of the key database there ever was, and every live secret.

It follows no rule of the service: every root key that is left is tried on every epoch key of every copy,
every epoch key on every bucket, every bucket key on every row; rows are looked for in raw files as well.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import struct
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from sqlalchemy import Engine, func, select

from profile_service.keys.buckets import TagBucket
from profile_service.keys.errors import RootError, UnwrapError
from profile_service.keys.material import WRAPPED_BYTES, unwrap
from profile_service.keys.places import address_place, bucket_place, epoch_place, key_place
from profile_service.keys.roots import RootProvider
from profile_service.keys.schema import epochs, key_buckets, profile_keys, tag_buckets, tags

TABLES = {table.name: table for table in (key_buckets, tag_buckets)}
# Versions and epochs that a raw row may be of.
_FEW = range(1, 8)
# Bytes read at a time, and more than a raw row has.
_PAGE, _ROW = 8192, 256


@dataclass
class Loot:
    """Everything collected: rows of all copies, and what opened."""

    epoch_rows: set[tuple[int, str, bytes, bytes]] = field(default_factory=set)
    bucket_rows: set[tuple[str, int, int, int, bytes]] = field(default_factory=set)
    key_rows: set[tuple[UUID, int, int, bytes]] = field(default_factory=set)
    tag_rows: set[bytes] = field(default_factory=set)
    # how many key buckets there were
    buckets: set[int] = field(default_factory=set)

    def take(self, engine: Engine) -> None:
        """Take all rows of a key database."""
        with engine.connect() as connection:
            for row in connection.execute(select(epochs)):
                self.epoch_rows.add((row.epoch, row.root_id, row.wrapped, row.address_key))
            for table in TABLES.values():
                for row in connection.execute(select(table)):
                    self.bucket_rows.add((table.name, row.bucket, row.version, row.epoch, row.wrapped))
            count = select(func.count()).select_from(key_buckets)
            self.buckets.add(connection.execute(count).scalar_one())
            for row in connection.execute(select(profile_keys)):
                self.key_rows.add((row.profile_id, row.bucket, row.bucket_version, row.wrapped))
            self.tag_rows |= set(connection.execute(select(tags.c.tag)).scalars())

    def search(self, files: Iterable[Path], profile_ids: Collection[UUID]) -> None:
        """Look for rows of these people, and of buckets, in the bytes of any files."""
        for content in _distinct_pages(files):
            for buckets in self.buckets:
                self.key_rows |= set(_raw_keys(content, profile_ids, buckets))
            self.bucket_rows |= set(_raw_buckets(content))


@dataclass
class Attack:
    """`opened`: people whose keys were opened. `confirmed`: addresses that were in a copy for certain."""

    opened: set[UUID]
    confirmed: set[str]


def attack(loot: Loot, root: RootProvider, profile_ids: Collection[UUID], addresses: Iterable[str]) -> Attack:
    """Try to open the keys of people, and to confirm addresses of a dictionary, with what is left."""
    epoch_keys, address_keys = _open_epochs(loot, root)
    opened = _open_buckets(loot, epoch_keys)
    keys: dict[int, list[AESGCMSIV]] = defaultdict(list)
    taggers: list[TagBucket] = []
    for (table, bucket), found in opened.items():
        if table == key_buckets.name:
            keys[bucket] += [AESGCMSIV(key) for key in found]
        else:
            taggers += [TagBucket(bytearray(key)) for key in found]
    return Attack(_open_keys(loot, keys, set(profile_ids)), _confirm(loot, address_keys, taggers, addresses))


def _open_epochs(loot: Loot, root: RootProvider) -> tuple[dict[int, list[AESGCMSIV]], list[bytes]]:
    names = {root_id for _, root_id, _, _ in loot.epoch_rows}
    found: dict[int, list[AESGCMSIV]] = defaultdict(list)
    address_keys: set[bytes] = set()
    for epoch, _, wrapped, address_key in loot.epoch_rows:
        for root_id in names:
            try:
                context = AESGCMSIV(root.unwrap(root_id, wrapped, epoch_place(epoch)))
            except RootError:
                continue
            found[epoch].append(context)
            address_keys |= set(_tried([context], address_key, address_place(epoch)))
    return found, list(address_keys)


def _open_buckets(loot: Loot, epoch_keys: dict[int, list[AESGCMSIV]]) -> dict[tuple[str, int], set[bytes]]:
    """All keys that a bucket ever had and that open: one row may be under the key of any epoch."""
    contexts = [context for found in epoch_keys.values() for context in found]
    opened: dict[tuple[str, int], set[bytes]] = defaultdict(set)
    for name, bucket, version, epoch, wrapped in loot.bucket_rows:
        place = bucket_place(TABLES[name], bucket, version, epoch)
        opened[name, bucket] |= set(_tried(contexts, wrapped, place))
    return opened


def _open_keys(loot: Loot, keys: dict[int, list[AESGCMSIV]], wanted: set[UUID]) -> set[UUID]:
    opened = set()
    for profile_id, bucket, version, wrapped in loot.key_rows:
        if profile_id in wanted and profile_id not in opened:
            place = key_place(profile_id, bucket, version)
            if next(_tried(keys.get(bucket, []), wrapped, place), None) is not None:
                opened.add(profile_id)
    return opened


def _confirm(
    loot: Loot, address_keys: list[bytes], taggers: list[TagBucket], addresses: Iterable[str]
) -> set[str]:
    confirmed = set()
    for address in addresses:
        for key in address_keys:
            inner = hmac.digest(key, b"\1" + address.encode(), "sha256")
            if any(tagger.tag(inner) in loot.tag_rows for tagger in taggers):
                confirmed.add(address)
    return confirmed


def _tried(contexts: Iterable[AESGCMSIV], wrapped: bytes, place: bytes) -> Iterator[bytes]:
    for context in contexts:
        try:
            yield bytes(unwrap(context, wrapped, place))
        except UnwrapError:
            continue


def _distinct_pages(files: Iterable[Path]) -> Iterator[bytes]:
    """Yield the pages of all files, each with the beginning of the next; copies of one page count once."""
    seen: set[bytes] = set()
    for path in files:
        content = path.read_bytes()
        for start in range(0, len(content), _PAGE):
            page = content[start : start + _PAGE + _ROW]
            digest = hashlib.blake2b(page).digest()
            if digest not in seen:
                seen.add(digest)
                yield page


def _raw_keys(
    content: bytes, profile_ids: Collection[UUID], buckets: int
) -> Iterator[tuple[UUID, int, int, bytes]]:
    """What may be a wrapped key behind a profile id, as PostgreSQL (bytes) and SQLite (hex) write rows."""
    by_bytes = {profile_id.bytes: profile_id for profile_id in profile_ids}
    by_hex = {profile_id.hex.encode(): profile_id for profile_id in profile_ids}
    for known, pattern in (
        (by_bytes, rb"(?s)(?=(.{6}[\x40-\x4f].[\x80-\xbf].{7}))"),
        (by_hex, rb"(?=([0-9a-f]{32}))"),
    ):
        for found in re.finditer(pattern, content):
            profile_id = known.get(found[1])
            if profile_id is None:
                continue
            bucket = int.from_bytes(profile_id.bytes[:4], "big")
            end = found.end(1)
            for offset in range(12):
                wrapped = content[end + offset : end + offset + WRAPPED_BYTES]
                if len(wrapped) == WRAPPED_BYTES:
                    for version in _FEW:
                        yield profile_id, bucket % buckets, version, wrapped


def _raw_buckets(content: bytes) -> Iterator[tuple[str, int, int, int, bytes]]:
    """What may be a bucket row of PostgreSQL: two integers, a long one, a value of 60 bytes, both short."""
    pattern = rb"(?s)(?=(..\0\0)([\1-\7]\0\0\0)([\1-\7]\0{7})\x7b(.{60}))"
    for found in re.finditer(pattern, content):
        bucket, version = struct.unpack("<ii", found[1] + found[2])
        epoch, wrapped = int.from_bytes(found[3], "little"), found[4]
        for name in TABLES:
            yield name, bucket, version, epoch, wrapped
