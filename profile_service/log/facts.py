"""Facts as they are stored: the header, the open half, and the sealed personal half.

The bytes of a record are made once; they are stored, read and hashed as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from google.protobuf.message import DecodeError, Message

from profile_service.domain import registry
from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.errors import SealBrokenError
from profile_service.v1.audit_service_pb2 import PersonalHalf
from profile_service.v1.events_pb2 import EventHeader, Record


@dataclass(frozen=True, slots=True)
class StoredFact:
    """One row of the log. `time` is in microseconds since 1970 UTC."""

    position: int
    time: int
    stream: str
    version: int
    profile_id: UUID | None
    type: str
    record: bytes


@dataclass(frozen=True, slots=True)
class Fact:
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
        record = _whole(stored.record)
        header = EventHeader.FromString(record.header)
        _check_place(header, stored)
        personal: bytes | None = None
        if not record.sealed:
            half = PersonalHalf.PERSONAL_HALF_NONE
        elif cipher is None:
            half = PersonalHalf.PERSONAL_HALF_WITHHELD if withheld else PersonalHalf.PERSONAL_HALF_ERASED
        else:
            half = PersonalHalf.PERSONAL_HALF_INCLUDED
            personal = cipher.open(record.sealed, _associated_data(record.header, record.open))
        message = registry.merge(header.type, record.open, personal)
    except DecodeError:
        raise SealBrokenError from None
    return Fact(stored.position, stored.time, header, stored.profile_id, message, half)


def _whole(stored: bytes) -> Record:
    """Parse a record. Raises `SealBrokenError` if anything is in it but its three parts, each once:
    a sealed half under another field number would be overlooked."""
    record = Record.FromString(stored)
    sizes = (len(record.header), len(record.open), len(record.sealed))
    if sum(1 + (size.bit_length() + 6) // 7 + size for size in sizes if size) != len(stored):
        raise SealBrokenError
    return record


def _check_place(header: EventHeader, stored: StoredFact) -> None:
    """Facts without a seal, and those of the erased, are bound to their place by this alone."""
    place = (stored.stream, stored.version, stored.type)
    person = stored.profile_id is None or stored.profile_id.bytes == header.profile_id
    if (header.stream, header.version, header.type) != place or not person:
        raise SealBrokenError


def _associated_data(header: bytes, open_half: bytes) -> bytes:
    # The header holds stream, version, type and schema: a seal opens only at its own place.
    return b"fact\0" + sha256(header).digest() + sha256(open_half).digest()
