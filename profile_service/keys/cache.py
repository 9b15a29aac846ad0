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
        self.destroyed: set[int] = set()
        self.suspended = False


class CipherCache:
    """At most one living cipher a person. Keeps the `limit` most recently used for `max_age` seconds.

    Inside, people are known by number: a UUID is hashed and compared in Python.
    """

    def __init__(self, *, limit: int, max_age: float) -> None:
        self._limit = limit
        self._max_age = max_age
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, tuple[ProfileCipher, float]] = OrderedDict()
        self._living: WeakValueDictionary[int, ProfileCipher] = WeakValueDictionary()
        self._loads: set[Load] = set()

    def get(self, profile_id: UUID) -> ProfileCipher | None:
        number = profile_id.int
        with self._lock:
            found = self._kept.get(number)
            if found is None:
                return None
            if now() - found[1] > self._max_age:
                del self._kept[number]
                return None
            self._kept.move_to_end(number)
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
        number = profile_id.int
        with self._lock:
            if load.suspended:
                cipher.suspend()
                raise KeysUnavailableError("the lease was lost while keys were read")
            if number in load.destroyed:
                cipher.evict()
                return None
            living = self._living.get(number)
            if living is None or not living.usable:
                living = self._living[number] = cipher
            if keep:
                self._keep(number, living)
            return living

    def register(self, profile_id: UUID, cipher: ProfileCipher) -> None:
        """Make a cipher of a new key reachable before the key is stored."""
        with self._lock:
            self._living[profile_id.int] = cipher

    def keep(self, profile_id: UUID, cipher: ProfileCipher) -> None:
        """Keep a registered cipher, unless it was evicted meanwhile."""
        with self._lock:
            if cipher.usable:
                self._keep(profile_id.int, cipher)

    def evict(self, profile_ids: Collection[UUID]) -> None:
        """Drop the contexts of these people, wherever they are in this process, for good."""
        numbers = [profile_id.int for profile_id in profile_ids]
        with self._lock:
            for number in numbers:
                self._kept.pop(number, None)
                if (cipher := self._living.pop(number, None)) is not None:
                    cipher.evict()
            for load in self._loads:
                load.destroyed.update(numbers)

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
            for number in [number for number, (_, since) in self._kept.items() if since < oldest]:
                del self._kept[number]

    def __len__(self) -> int:
        return len(self._kept)

    def _keep(self, number: int, cipher: ProfileCipher) -> None:
        self._kept[number] = (cipher, now())
        self._kept.move_to_end(number)
        if len(self._kept) > self._limit:
            self._kept.popitem(last=False)
