"""Rows of the key database in the bytes of any file, as PostgreSQL and SQLite write them, live or not.

What looks like a row may be none: whoever uses it finds out by trying. Nothing is opened here.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from uuid import UUID

from profile_service.keys.material import WRAPPED_BYTES

# Versions that a raw key may be of.
VERSIONS = range(1, 8)
# Bytes read at a time, and more than a raw row has.
_PAGE, _ROW = 8192, 256

# All of them begin with the few bytes that tell them apart: whatever else begins a search is slow. They take
# in one byte, so that each place is looked at.
# A profile id, as PostgreSQL writes it (from its seventh byte on) and as SQLite does.
_ID_BYTES = re.compile(rb"(?s)[\x40-\x4f](?=.[\x80-\xbf])")
_ID_HEX = re.compile(rb"[0-9a-f](?=[0-9a-f]{31})")
# PostgreSQL: two integers, a long one, a value of 60 bytes.
_POSTGRES_BUCKET = re.compile(rb"(?s)[\1-\7](?=\0{7}\x7b(.{60}))(?<=(..\0\0)([\1-\7]\0\0\0)([\1-\7]))")
# SQLite: the size of the head, the kinds of six columns (an integer of up to two bytes; a value of 60), then
# the columns.
_SQLITE_BUCKET = re.compile(rb"(?s)\x08([\1\2\x08\t])([\1\t])([\1\t])\x81\x04[\1\x08\t]{2}(?=(.{64}))")
_INTEGER_BYTES = {1: 1, 2: 2, 8: 0, 9: 0}
# The name of a root key, and behind it two values of 60 bytes, with their lengths or without.
_EPOCH = re.compile(rb"(?s)(epoch-(\d{1,9})-[0-9a-f]{32})(?=(.{122}))")
# PostgreSQL: a value of 32 bytes. SQLite: the size of the head, and that the first column is such a value.
_POSTGRES_TAG = re.compile(rb"(?s)\x43(?=(.{32}))")
_SQLITE_TAG = re.compile(rb"(?s)([\3-\x10])\x4c(?=(.{46}))")


def distinct_pages(files: Iterable[Path]) -> Iterator[bytes]:
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


def patterns_of(profile_ids: Collection[UUID]) -> dict[bytes, UUID]:
    """These profile ids as PostgreSQL (bytes) and SQLite (hex) write them."""
    by_bytes = {profile_id.bytes: profile_id for profile_id in profile_ids}
    return by_bytes | {profile_id.hex.encode(): profile_id for profile_id in profile_ids}


def raw_keys(content: bytes, patterns: Mapping[bytes, UUID]) -> Iterator[tuple[UUID, bytes]]:
    """What may be a wrapped key behind one of `patterns_of` profile ids, of whichever version."""
    for pattern, before, length in ((_ID_BYTES, 6, 16), (_ID_HEX, 0, 32)):
        for found in pattern.finditer(content):
            begin = found.start() - before
            end = begin + length
            profile_id = patterns.get(content[begin:end]) if begin >= 0 else None
            if profile_id is None:
                continue
            for offset in range(12):
                wrapped = content[end + offset : end + offset + WRAPPED_BYTES]
                if len(wrapped) == WRAPPED_BYTES:
                    yield profile_id, wrapped


def raw_buckets(content: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Bucket, version, epoch and wrapped key of what may be a bucket row, of either table."""
    for found in _POSTGRES_BUCKET.finditer(content):
        bucket, version, epoch = struct.unpack("<iiB", found[2] + found[3] + found[4])
        yield bucket, version, epoch, found[1]
    for found in _SQLITE_BUCKET.finditer(content):
        numbers, at = [], 0
        for kind in (found[1][0], found[2][0], found[3][0]):
            size = _INTEGER_BYTES[kind]
            numbers.append(int.from_bytes(found[4][at : at + size], "big") if size else kind - 8)
            at += size
        bucket, version, epoch = numbers
        yield bucket, version, epoch, found[4][at : at + WRAPPED_BYTES]


def raw_epochs(content: bytes) -> Iterator[tuple[int, str, bytes, bytes]]:
    """Epoch, name of the root key, wrapped epoch key and address key of what may be an epoch row."""
    for found in _EPOCH.finditer(content):
        epoch, root_id, behind = int(found[2]), found[1].decode(), found[3]
        yield epoch, root_id, behind[1:61], behind[62:122]
        yield epoch, root_id, behind[:60], behind[60:120]


def raw_tags(content: bytes) -> Iterator[bytes]:
    """What may be a tag: in its row, or in an index."""
    for found in _POSTGRES_TAG.finditer(content):
        yield found[1]
    for found in _SQLITE_TAG.finditer(content):
        begin = found[1][0] - 2
        yield found[2][begin : begin + 32]
