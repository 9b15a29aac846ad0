"""Arrays as PostgreSQL takes them in binary.

psycopg's own dumper asks every element for its type and writes it in Python; a whole
array packed at once takes a tenth of that time, and its type never varies.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from struct import pack
from typing import Any

from psycopg import Connection
from psycopg.adapt import Dumper
from psycopg.pq import Format

# A length of -1, and nothing.
_NULL = (b"\xff\xff\xff\xff", b"")


class Array(bytes):
    """The bytes of an array; every subclass is one type."""

    element = 0
    array = 0


class Int4Array(Array):
    element, array = 23, 1007


class Int8Array(Array):
    element, array = 20, 1016


class BooleanArray(Array):
    element, array = 16, 1000


class TextArray(Array):
    element, array = 25, 1009


class ByteaArray(Array):
    element, array = 17, 1001


class UuidArray(Array):
    element, array = 2950, 2951


def int4_array(values: Sequence[int | None]) -> Int4Array:
    if None in values:
        return Int4Array(_sized([None if v is None else v.to_bytes(4) for v in values], Int4Array.element))
    return Int4Array(_integers(values, Int4Array.element, "ii", 4))


def boolean_array(values: Sequence[bool]) -> BooleanArray:
    return BooleanArray(_sized([b"\1" if value else b"\0" for value in values], BooleanArray.element))


def int8_array(values: Sequence[int]) -> Int8Array:
    """Raises `struct.error` for a value that does not fit."""
    return Int8Array(_integers(values, Int8Array.element, "iq", 8))


def text_array(values: Sequence[str]) -> TextArray:
    return TextArray(_sized([value.encode() for value in values], TextArray.element))


def bytea_array(values: Sequence[bytes | None]) -> ByteaArray:
    return ByteaArray(_sized(values, ByteaArray.element))


def uuid_array(values: Sequence[bytes | None]) -> UuidArray:
    """`values` are the 16 bytes of each UUID."""
    return UuidArray(_sized(values, UuidArray.element))


def register(connection: Connection[Any]) -> None:
    """Let `connection` take arrays as parameters."""
    for kind in Array.__subclasses__():
        connection.adapters.register_dumper(kind, type("ArrayDumper", (_ArrayDumper,), {"oid": kind.array}))


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Any) -> Any:
        return obj


def _head(count: int, element: int, nulls: int = 0) -> bytes:
    # Dimensions, whether nulls occur, type of the elements; then length and first index of the dimension.
    return pack("!iiIii", 1, nulls, element, count, 1) if count else pack("!iiI", 0, 0, element)


def _integers(values: Sequence[int | None], element: int, layout: str, size: int) -> bytes:
    flat = chain.from_iterable((size, value) for value in values)
    return _head(len(values), element) + pack("!" + layout * len(values), *flat)


def _sized(values: Sequence[bytes | None], element: int) -> bytes:
    sized = (_NULL if value is None else (len(value).to_bytes(4), value) for value in values)
    return _head(len(values), element, int(None in values)) + b"".join(chain.from_iterable(sized))
