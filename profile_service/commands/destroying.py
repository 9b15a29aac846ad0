"""Destroying the key of somebody whose streams are closed, wherever that is found out.

Whether the addresses are never to be contacted again is said by the log, so that no crash and no
restore loses it, and it is kept in the step that destroys the key.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from profile_service.domain.consents import DECIDING_CONTACT, suppressed_by
from profile_service.keys.erasure import Destroyed
from profile_service.keys.reservations import Held
from profile_service.keys.store import KeyStore
from profile_service.log.append import ABANDONED
from profile_service.log.facts import open_fact
from profile_service.log.reader import LogReader
from profile_service.log.streams import CONSENTS, PROFILE, stream_name
from profile_service.v1.events_pb2 import ProfileErased

_TELLING = [fact.DESCRIPTOR.full_name for fact in (ProfileErased, *DECIDING_CONTACT)]


@dataclass(frozen=True, slots=True)
class Gone:
    """A person without a key. `never_contact_again`: neither is the holder of the addresses they had."""

    destroyed: Destroyed
    never_contact_again: bool


@dataclass(frozen=True, slots=True)
class Destroyer:
    """Destroys keys. Every method blocks."""

    keys: KeyStore
    reader: LogReader

    def destroy(self, profile_id: UUID) -> Gone:
        """Destroy the key and the tags of a person; keep the addresses that are suppressed."""
        suppressing: list[bytes] = []
        wanted = self.never_contact_again(profile_id)
        if wanted:
            reserved = decided(self.keys, self.reader, profile_id)
            suppressing = [row.request_key for _, row in reserved]
        return Gone(self.keys.destroy(profile_id, suppressing), wanted)

    def never_contact_again(self, profile_id: UUID) -> bool:
        """Whether the erasure asked for it, or the person was suppressed before it."""
        profile, consents = stream_name(PROFILE, profile_id), stream_name(CONSENTS, profile_id)
        stored = self.reader.last_facts([profile, consents], _TELLING)
        last = {fact.stream: open_fact(fact, None).message for fact in stored}
        erased = last.get(profile)
        asked = isinstance(erased, ProfileErased) and erased.never_contact_again
        return asked or suppressed_by(last.get(consents))


def decided(keys: KeyStore, reader: LogReader, profile_id: UUID) -> list[tuple[int, Held]]:
    """Return the reservations of a person that led to facts, with the position of each. Blocks."""
    rows = keys.reservations_of(profile_id)
    known = reader.requests([row.request_key for row in rows])
    return [
        (known[row.request_key].position, row)
        for row in rows
        if row.request_key in known and known[row.request_key].digest != ABANDONED
    ]
