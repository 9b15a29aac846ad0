"""Addresses of living people that the keys do not know them by, because the log is older than the keys.

A later change of address gave the old one back; then the log was restored to before that change, or lost its
last facts. By the log the person has the old address, so it is reserved again, before anybody else can.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from uuid import UUID

import structlog

from profile_service.commands.addresses import ADDRESS_TYPES, Addresses, address_of
from profile_service.domain.errors import Refusal
from profile_service.keys.inventory import KeyInventory
from profile_service.keys.reservations import Reservation
from profile_service.keys.store import KeyStore
from profile_service.log.append import EventLog
from profile_service.log.reader import LogReader
from profile_service.log.streams import PROFILE, stream_name

log = structlog.get_logger()

# For one person: somebody else's reservation in the way is waited out.
SECONDS = 60.0


def changed_later(reader: LogReader, inventory: KeyInventory, people: Collection[UUID]) -> set[UUID]:
    """Those of `people`, at most a page of the inventory, of whom the log does not know every request.

    Of others without their address it does, so that the keys are older than it.
    """
    reserved = inventory.reserved_by(people)
    known = reader.requests({key for keys in reserved.values() for key in keys}).keys()
    return {profile_id for profile_id, keys in reserved.items() if set(keys) - known}


@dataclass(frozen=True, slots=True)
class LostChanges:
    """Undoes in the keys the changes of address that the log lost. Blocks."""

    keys: KeyStore
    reader: LogReader
    log: EventLog

    def take_back(self, people: Collection[UUID]) -> frozenset[UUID]:
        """Return those of `people` who have the address again that they have by the log."""
        if not people:
            return frozenset()
        addresses = Addresses(self.keys, self.reader, self.log)
        # Whoever starts a service may have an event loop of its own in this thread.
        with closing(addresses), ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, self._take_all_back(addresses, people)).result()

    async def _take_all_back(self, addresses: Addresses, people: Collection[UUID]) -> frozenset[UUID]:
        done = set()
        for profile_id in people:
            (fact,) = self.reader.last_facts([stream_name(PROFILE, profile_id)], ADDRESS_TYPES)
            address = address_of(self.keys, self.reader, profile_id)
            request_key = self.reader.request_at(profile_id, fact.position)
            if address is None or request_key is None:
                continue
            try:
                await self._reserve(addresses, address, request_key, profile_id)
            except Refusal as error:
                log.error("address stays away", profile_id=str(profile_id), error=type(error).__name__)
                continue
            log.warning("address reserved again", profile_id=str(profile_id))
            done.add(profile_id)
        return frozenset(done)

    async def _reserve(
        self, addresses: Addresses, address: str, request_key: bytes, profile_id: UUID
    ) -> None:
        def make() -> Reservation:
            return Reservation(self.keys.address_tag(address), request_key, profile_id, None)

        await addresses.reserve(address, make, time.monotonic() + SECONDS)
