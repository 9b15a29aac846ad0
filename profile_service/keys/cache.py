"""The ciphers of a process: a few kept for reuse, and a way to reach every living one.

A destroyed key must reach ciphers that callers still hold, and those being made from a row read
just before: hence a weak register of the living, and a record of the loads under way.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from uuid import UUID
from weakref import WeakValueDictionary

from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.errors import KeysUnavailableError
from profile_service.keys.lease import now


class Load:
    """One reading of key rows: what was destroyed or suspended while it ran is not admitted."""

    __slots__ = ("destroyed", "suspended")

    def __init__(self) -> None:
        self.destroyed: set[UUID] = set()
        self.suspended = False


class CipherCache:
    """At most one living cipher a person. Keeps the `limit` most recently used for `max_age` seconds."""

    def __init__(self, *, limit: int, max_age: float) -> None:
        self._limit = limit
        self._max_age = max_age
        self._lock = threading.Lock()
        self._kept: OrderedDict[UUID, tuple[ProfileCipher, float]] = OrderedDict()
        self._living: WeakValueDictionary[UUID, ProfileCipher] = WeakValueDictionary()
        self._loads: set[Load] = set()

    def get(self, profile_id: UUID) -> ProfileCipher | None:
        with self._lock:
            found = self._kept.get(profile_id)
            if found is None:
                return None
            if now() - found[1] > self._max_age:
                del self._kept[profile_id]
                return None
            self._kept.move_to_end(profile_id)
            return found[0]

    @contextmanager
    def loading(self) -> Iterator[Load]:
        """Around reading key rows and admitting what they gave."""
        load = Load()
        with self._lock:
            self._loads.add(load)
        try:
            yield load
        finally:
            with self._lock:
                self._loads.discard(load)

    def admit(
        self, load: Load, profile_id: UUID, cipher: ProfileCipher, *, keep: bool = True
    ) -> ProfileCipher | None:
        """Take in a cipher just loaded; return the living one of that person, or None if destroyed meanwhile.

        Without `keep` it lives as long as the caller holds it, and is as reachable until then.

        Raises `KeysUnavailableError` if the lease was lost meanwhile.
        """
        with self._lock:
            if load.suspended:
                cipher.suspend()
                raise KeysUnavailableError("the lease was lost while keys were read")
            if profile_id in load.destroyed:
                cipher.evict()
                return None
            living = self._living.get(profile_id)
            if living is None or not living.usable:
                living = self._living[profile_id] = cipher
            if keep:
                self._keep(profile_id, living)
            return living

    def register(self, profile_id: UUID, cipher: ProfileCipher) -> None:
        """Make a cipher of a new key reachable before the key is stored."""
        with self._lock:
            self._living[profile_id] = cipher

    def keep(self, profile_id: UUID, cipher: ProfileCipher) -> None:
        """Keep a registered cipher, unless it was evicted meanwhile."""
        with self._lock:
            if cipher.usable:
                self._keep(profile_id, cipher)

    def evict(self, profile_ids: Collection[UUID]) -> None:
        """Drop the contexts of these people, wherever they are in this process, for good."""
        with self._lock:
            for profile_id in profile_ids:
                self._kept.pop(profile_id, None)
                if (cipher := self._living.pop(profile_id, None)) is not None:
                    cipher.evict()
            for load in self._loads:
                load.destroyed.update(profile_ids)

    def suspend_all(self) -> None:
        """Drop every context of this process."""
        with self._lock:
            self._kept.clear()
            for cipher in list(self._living.values()):
                cipher.suspend()
            self._living.clear()
            for load in self._loads:
                load.suspended = True

    def drop_old(self) -> None:
        """Let go of ciphers kept longer than `max_age`."""
        oldest = now() - self._max_age
        with self._lock:
            for profile_id in [key for key, (_, since) in self._kept.items() if since < oldest]:
                del self._kept[profile_id]

    def __len__(self) -> int:
        return len(self._kept)

    def _keep(self, profile_id: UUID, cipher: ProfileCipher) -> None:
        self._kept[profile_id] = (cipher, now())
        self._kept.move_to_end(profile_id)
        if len(self._kept) > self._limit:
            self._kept.popitem(last=False)
