"""The keys of a service, taken out of its key database with its root file: what an attacker with both has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from sqlalchemy import Table, select

from profile_service.database import open_engine
from profile_service.keys.places import address_place, bucket_place, epoch_place, key_place
from profile_service.keys.roots.provider import root_place
from profile_service.keys.schema import epochs, key_buckets, profile_keys, tag_buckets


@dataclass(frozen=True)
class RecoveredKeys:
    """Raw keys of the current epoch."""

    root: bytes
    epoch: bytes
    address: bytes
    key_buckets: dict[tuple[int, int], bytes]
    tag_buckets: dict[tuple[int, int], bytes]
    profiles: dict[UUID, bytes]


def recover(keys_url: str, roots: Path) -> RecoveredKeys:
    """Open everything, by the places that the keys were wrapped for."""
    engine = open_engine(keys_url)
    with engine.connect() as connection:
        row = connection.execute(select(epochs).order_by(epochs.c.epoch.desc()).limit(1)).one()
        root = (roots / f"{row.root_id}.key").read_bytes()
        epoch = _open(root, row.wrapped, root_place(row.root_id, epoch_place(row.epoch)))

        def buckets(table: Table) -> dict[tuple[int, int], bytes]:
            return {
                (found.bucket, found.version): _open(
                    epoch, found.wrapped, bucket_place(table, found.bucket, found.version, found.epoch)
                )
                for found in connection.execute(select(table))
            }

        of_keys = buckets(key_buckets)
        profiles = {
            found.profile_id: _open(
                of_keys[found.bucket, found.bucket_version],
                found.wrapped,
                key_place(found.profile_id, found.bucket, found.bucket_version),
            )
            for found in connection.execute(select(profile_keys))
        }
        keys = RecoveredKeys(
            root=root,
            epoch=epoch,
            address=_open(epoch, row.address_key, address_place(row.epoch)),
            key_buckets=of_keys,
            tag_buckets=buckets(tag_buckets),
            profiles=profiles,
        )
    engine.dispose()
    return keys


def derived(profile_key: bytes) -> dict[str, bytes]:
    """What a profile key is used as."""
    output = HKDFExpand(hashes.SHA256(), 96, b"a-profile/profile-key/1").derive(profile_key)
    return {"sealing key": output[:32], "digest key": output[64:]}


def _open(key: bytes, wrapped: bytes, place: bytes) -> bytes:
    return AESGCMSIV(key).decrypt(wrapped[:12], wrapped[12:], place)
