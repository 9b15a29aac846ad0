"""Facts as they are stored: the header, the open half, and the sealed personal half.

The bytes of a record are made once; they are stored, read and hashed as they are.
"""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from google.protobuf.message import DecodeError, Message

from profile_service.domain import registry
from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.errors import SealBrokenError
from profile_service.v1.audit_service_pb2 import PersonalHalf
from profile_service.v1.events_pb2 import EventHeader, Record

# An enum of protobuf looks a name up at each use.
_NONE = PersonalHalf.PERSONAL_HALF_NONE
_INCLUDED = PersonalHalf.PERSONAL_HALF_INCLUDED
_WITHHELD = PersonalHalf.PERSONAL_HALF_WITHHELD
_ERASED = PersonalHalf.PERSONAL_HALF_ERASED

# Bytes before a part in a record, by the bits of its length: a tag, and the length in groups of seven bits.
# A part without a byte is left out.
_HEADS = (0, *(1 + (bits + 6) // 7 for bits in range(1, 64)))


class StoredFact(NamedTuple):
    """One row of the log. `time` is in microseconds since 1970 UTC."""

    position: int
    time: int
    stream: str
    version: int
    profile_id: UUID | None
    type: str
    record: bytes


class Fact(NamedTuple):
    """One fact, read. `message` has the personal fields only if `personal_half` is INCLUDED."""

    position: int
    time: int
    header: EventHeader
    profile_id: UUID | None
    message: Message
    personal_half: PersonalHalf


def write_record(header: EventHeader, message: Message, cipher: ProfileCipher | None) -> bytes:
    """Return the bytes to store. `cipher` may be None only if the fact has no personal fields."""
    open_half, personal_half = registry.split(message)
    header_bytes = header.SerializeToString(deterministic=True)
    sealed = b""
    if personal_half:
        if cipher is None:
            raise ValueError(f"{header.type} has personal fields and no key to seal them")
        sealed = cipher.seal(personal_half, _associated_data(header_bytes, open_half))
    return Record(header=header_bytes, open=open_half, sealed=sealed).SerializeToString(deterministic=True)


def open_fact(stored: StoredFact, cipher: ProfileCipher | None, *, withheld: bool = False) -> Fact:
    """Read a stored fact, its personal half too if `cipher` is given.

    Without a cipher the personal half counts as ERASED, or as WITHHELD if `withheld`.
    Raises `SealBrokenError` if the record is not what was written at its place, and
    `UnknownFactTypeError` (of the registry) for a type this version does not know.
    """
    try:
        header_bytes, open_half, sealed = _parts(stored.record)
        header = EventHeader.FromString(header_bytes)
        _check_place(header, stored)
        personal: bytes | None = None
        if not sealed:
            half = _NONE
        elif cipher is None:
            half = _WITHHELD if withheld else _ERASED
        else:
            half = _INCLUDED
            personal = cipher.open(sealed, _associated_data(header_bytes, open_half))
        message = registry.merge(stored.type, open_half, personal)
    except DecodeError:
        raise SealBrokenError from None
    return Fact(stored.position, stored.time, header, stored.profile_id, message, half)


def _parts(stored: bytes) -> tuple[bytes, bytes, bytes]:
    """Return header, open and sealed half of a record.

    Raises `SealBrokenError` if anything else is in it: a sealed half under another field number would
    be overlooked.
    """
    record = Record.FromString(stored)
    header, open_half, sealed = record.header, record.open, record.sealed
    one, two, three = len(header), len(open_half), len(sealed)
    heads = _HEADS[one.bit_length()] + _HEADS[two.bit_length()] + _HEADS[three.bit_length()]
    if heads + one + two + three != len(stored):
        raise SealBrokenError
    return header, open_half, sealed


def _check_place(header: EventHeader, stored: StoredFact) -> None:
    """Facts without a seal, and those of the erased, are bound to their place by this alone."""
    if (
        header.stream != stored.stream
        or header.version != stored.version
        or header.type != stored.type
        or (stored.profile_id is not None and stored.profile_id.bytes != header.profile_id)
    ):
        raise SealBrokenError


def _associated_data(header: bytes, open_half: bytes) -> bytes:
    # The header holds stream, version, type and schema: a seal opens only at its own place.
    return b"fact\0" + sha256(header).digest() + sha256(open_half).digest()
