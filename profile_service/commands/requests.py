"""Who asks for a write, and under which id: what makes a write idempotent (AIP-155)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from uuid import UUID

from profile_service.keys.cipher import ProfileCipher
from profile_service.v1.profile_pb2 import Channel

DIGEST_LABEL = b"request"


@dataclass(frozen=True)
class WriteRequest:
    """One request to write. `caller` and `method` are filled by the server; `body` is the
    request message, serialized deterministically."""

    caller: str
    method: str
    request_id: UUID
    channel: Channel
    body: bytes

    @cached_property
    def key(self) -> bytes:
        """32 bytes under which the log knows this request; says nothing about a person."""
        name = f"{self.caller}\0{self.method}\0".encode()
        return sha256(name + self.request_id.bytes).digest()

    @cached_property
    def new_id(self) -> UUID:
        """The id of what this request makes: a retry after a lost answer means the same."""
        return UUID(bytes=self.key[:16], version=4)

    def digest(self, cipher: ProfileCipher) -> bytes:
        """32 bytes that tell this body from another, for whoever has the key."""
        return cipher.digest(DIGEST_LABEL, self.body)
