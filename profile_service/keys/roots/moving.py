"""Root keys on their way to another provider: made in the new one, used and destroyed wherever each is.

Nothing is copied, for a root key never leaves its provider: the next close of the epoch makes its root key
in the new one, and destroys the last one in the old.
"""

from __future__ import annotations

from datetime import datetime

from profile_service.keys.roots.provider import RootProvider


class MovingRootProvider:
    """A `RootProvider` over the `current` one and the one before it."""

    def __init__(self, current: RootProvider, previous: RootProvider) -> None:
        self._current = current
        self._previous = previous

    @property
    def name(self) -> str:
        return self._current.name

    @property
    def place(self) -> str:
        return self._current.place

    @property
    def places(self) -> frozenset[str]:
        return self._current.places | self._previous.places

    def create(self, root_id: str) -> None:
        self._current.create(root_id)

    def wrap(self, root_id: str, key: bytearray, associated_data: bytes) -> bytes:
        return self._keeper(root_id).wrap(root_id, key, associated_data)

    def unwrap(self, root_id: str, wrapped: bytes, associated_data: bytes) -> bytearray:
        return self._keeper(root_id).unwrap(root_id, wrapped, associated_data)

    def exists(self, root_id: str) -> bool:
        return self._current.exists(root_id) or self._previous.exists(root_id)

    def root_ids(self) -> frozenset[str]:
        return self._current.root_ids() | self._previous.root_ids()

    def destroy(self, root_id: str) -> None:
        """In both: a token may be the clone of another."""
        self._current.destroy(root_id)
        self._previous.destroy(root_id)

    def destroy_final_at(self, destroyed_at: datetime) -> datetime | None:
        """A time only if both promise one, whichever had the key."""
        times = [provider.destroy_final_at(destroyed_at) for provider in (self._current, self._previous)]
        promised = [time for time in times if time is not None]
        return max(promised) if len(promised) == len(times) else None

    def _keeper(self, root_id: str) -> RootProvider:
        return self._current if self._current.exists(root_id) else self._previous
