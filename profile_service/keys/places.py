"""Associated data of everything wrapped in the key database: a wrapped key opens at its own place only."""

from __future__ import annotations

import struct
from uuid import UUID

from sqlalchemy import Table


def epoch_place(epoch: int) -> bytes:
    return b"epochs" + struct.pack(">cq", b"\0", epoch)


def address_place(epoch: int) -> bytes:
    return b"epochs.address_key" + struct.pack(">cq", b"\0", epoch)


def secret_place(name: str, epoch: int) -> bytes:
    return b"secrets\0" + name.encode() + struct.pack(">cq", b"\0", epoch)


def bucket_place(table: Table, bucket: int, version: int, epoch: int) -> bytes:
    return table.name.encode() + struct.pack(">ciiq", b"\0", bucket, version, epoch)


def key_place(profile_id: UUID, bucket: int, version: int) -> bytes:
    return b"profile_keys\0" + profile_id.bytes + struct.pack(">ii", bucket, version)


def tag_place(tag: bytes, bucket: int, version: int) -> bytes:
    return b"tags\0" + tag + struct.pack(">ii", bucket, version)
