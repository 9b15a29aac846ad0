"""A root provider that goes wrong in the ways real ones do, over one that works."""

from __future__ import annotations

import os
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import TypeVar

from profile_service.keys.errors import RootUnavailableError
from profile_service.keys.material import random_key
from profile_service.keys.roots import RootProvider

Answer = TypeVar("Answer")


class Fault(Enum):
    """How one call goes wrong."""

    ERROR = auto()
    """Nothing is done; the call fails."""
    SLOW = auto()
    """It is done after `FaultyRootProvider.delay`."""
    DONE_BUT_ERROR = auto()
    """It is done; the call fails all the same."""
    SAID_DONE = auto()
    """Nothing is done; the call succeeds. `wrap` and `unwrap` give random bytes, `exists` the opposite."""


@dataclass
class FaultyRootProvider:
    """Passes calls on to `inner`, except those for which a fault was planned."""

    inner: RootProvider
    delay: Callable[[], None] = lambda: time.sleep(0.2)
    calls: list[tuple[str, str]] = field(default_factory=list)
    """Method and root id of every call so far."""
    _planned: dict[str, deque[Fault | None]] = field(default_factory=lambda: defaultdict(deque))

    def plan(self, method: str, *faults: Fault | None) -> None:
        """The next calls of `method` go so, one fault each; None: well. Later ones go well."""
        self._planned[method].extend(faults)

    def forget(self) -> None:
        """Whatever was planned: every call goes well."""
        self._planned.clear()

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def place(self) -> str:
        return self.inner.place

    @property
    def places(self) -> frozenset[str]:
        return self.inner.places

    def create(self, root_id: str) -> None:
        self._run("create", root_id, lambda: self.inner.create(root_id), lambda: None)

    def wrap(self, root_id: str, key: bytearray, associated_data: bytes) -> bytes:
        return self._run(
            "wrap", root_id, lambda: self.inner.wrap(root_id, key, associated_data), lambda: os.urandom(60)
        )

    def unwrap(self, root_id: str, wrapped: bytes, associated_data: bytes) -> bytearray:
        return self._run(
            "unwrap", root_id, lambda: self.inner.unwrap(root_id, wrapped, associated_data), random_key
        )

    def exists(self, root_id: str) -> bool:
        return self._run(
            "exists", root_id, lambda: self.inner.exists(root_id), lambda: not self.inner.exists(root_id)
        )

    def root_ids(self) -> frozenset[str]:
        return self.inner.root_ids()

    def destroy(self, root_id: str) -> None:
        self._run("destroy", root_id, lambda: self.inner.destroy(root_id), lambda: None)

    def destroy_final_at(self, destroyed_at: datetime) -> datetime | None:
        return self.inner.destroy_final_at(destroyed_at)

    def _run(
        self, method: str, root_id: str, work: Callable[[], Answer], lie: Callable[[], Answer]
    ) -> Answer:
        self.calls.append((method, root_id))
        planned = self._planned[method]
        fault = planned.popleft() if planned else None
        if fault is Fault.ERROR:
            raise RootUnavailableError(f"{method} failed")
        if fault is Fault.SAID_DONE:
            return lie()
        if fault is Fault.SLOW:
            self.delay()
        answer = work()
        if fault is Fault.DONE_BUT_ERROR:
            raise RootUnavailableError(f"{method} failed")
        return answer
