"""What a root provider does: it wraps small keys under a root key that it never gives away, and destroys it.

Providers are asked a few times a start and an epoch, never per person. Root keys are never in a database.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Protocol
from uuid import uuid4

from profile_service.keys.errors import RootMissingError

_ROOT_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_OF_EPOCH = re.compile(r"epoch-[0-9]+-[0-9a-f]{32}")


class RootProvider(Protocol):
    """Root keys, each named by a root id of `[a-z0-9-]`. Every method raises `RootError`.

    `RootUnavailableError` leaves open whether it happened: ask `exists`, or the same again.
    """

    @property
    def name(self) -> str:
        """The kind of provider, as stored beside what it wrapped."""

    @property
    def place(self) -> str:
        """Where `create` makes root keys: one directory, one token, whatever its address is by now."""

    @property
    def places(self) -> frozenset[str]:
        """Every place that the other methods look in."""

    def create(self, root_id: str) -> None:
        """Make a random root key; durable when this returns. Raises `RootExistsError`."""

    def wrap(self, root_id: str, key: bytearray, associated_data: bytes) -> bytes:
        """Seal a 32-byte key. Raises `RootMissingError`."""

    def unwrap(self, root_id: str, wrapped: bytes, associated_data: bytes) -> bytearray:
        """Open what `wrap` made, to be zeroed by the caller.

        Raises `RootMissingError`, or `RootRefusedError` if this root did not wrap it for this place.
        """

    def exists(self, root_id: str) -> bool:
        """Whether the provider has this root key; False is a look at its store, never a failure to look."""

    def root_ids(self) -> frozenset[str]:
        """The names of all root keys of epochs that the provider has, as `is_of_epoch` knows them."""

    def destroy(self, root_id: str) -> None:
        """Destroy a root key; durable when this returns. Destroying a missing one does nothing."""

    def destroy_final_at(self, destroyed_at: datetime) -> datetime | None:
        """When a root key destroyed at that time is gone for good, copies that the provider keeps included.

        None: this provider can't promise a time.
        """


def new_root_id(epoch: int) -> str:
    """Random, so that a retried creation never meets a half-made root."""
    return f"epoch-{epoch}-{uuid4().hex}"


def is_of_epoch(name: str) -> bool:
    """Whether `new_root_id` makes such names; a token may hold keys of others."""
    return _OF_EPOCH.fullmatch(name) is not None


def checked_root_id(root_id: str) -> str:
    """Raises `RootMissingError`: no root key has a name that leads elsewhere."""
    if not _ROOT_ID.fullmatch(root_id):
        raise RootMissingError("not the name of a root key")
    return root_id


def root_place(root_id: str, associated_data: bytes) -> bytes:
    """Associated data of what a root wraps: also bound to the name of the root."""
    return b"root/" + root_id.encode() + b"\0" + associated_data
