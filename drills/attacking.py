"""What somebody learns who has every copy of the key database there ever was, and every live secret.

It follows no rule of the service: every root key that is left is tried on every epoch key of every copy,
every epoch key on every bucket, every bucket key on every row; rows are looked for in raw files as well.
"""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, fields
from itertools import chain, product
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from sqlalchemy import Engine, func, select

from drills.raw_rows import (
    VERSIONS,
    distinct_pages,
    patterns_of,
    raw_buckets,
    raw_epochs,
    raw_keys,
    raw_tags,
)
from profile_service.keys.buckets import TagBucket
from profile_service.keys.errors import RootError, UnwrapError
from profile_service.keys.material import unwrap
from profile_service.keys.places import address_place, bucket_place, epoch_place, key_place
from profile_service.keys.roots import RootProvider
from profile_service.keys.schema import epochs, key_buckets, profile_keys, tag_buckets, tags

TABLES = {table.name: table for table in (key_buckets, tag_buckets)}


@dataclass
class Loot:
    """Everything collected: rows of all copies, and what opened."""

    epoch_rows: set[tuple[int, str, bytes, bytes]] = field(default_factory=set)
    bucket_rows: set[tuple[str, int, int, int, bytes]] = field(default_factory=set)
    key_rows: set[tuple[UUID, int, int, bytes]] = field(default_factory=set)
    # what may be a wrapped key, of an unknown bucket and version
    raw_key_rows: set[tuple[UUID, bytes]] = field(default_factory=set)
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
        """Look for rows of these people, and of tags, buckets and epochs, in the bytes of any files."""
        patterns = patterns_of(profile_ids)
        for content in distinct_pages(files):
            self.raw_key_rows |= set(raw_keys(content, patterns))
            self.bucket_rows |= {(name, *row) for row in raw_buckets(content) for name in TABLES}
            self.epoch_rows |= set(raw_epochs(content))
            self.tag_rows |= set(raw_tags(content))

    def __or__(self, other: Loot) -> Loot:
        return Loot(*(getattr(self, one.name) | getattr(other, one.name) for one in fields(self)))

    def all_key_rows(self) -> Iterator[tuple[UUID, int, int, bytes]]:
        """Those of a database, and what may be one, in every bucket and version that it may be of."""
        raw = product(self.raw_key_rows, self.buckets, VERSIONS)
        guessed = (
            (profile_id, int.from_bytes(profile_id.bytes[:4], "big") % buckets, version, wrapped)
            for (profile_id, wrapped), buckets, version in raw
        )
        return chain(self.key_rows, guessed)


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
    for profile_id, bucket, version, wrapped in loot.all_key_rows():
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
