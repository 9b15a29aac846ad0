"""Appending to the log: what a writer asks for, and what becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from profile_service.batching import Batcher

# The digest of a request that was abandoned: no real one is empty.
ABANDONED = b""


class NewFact(NamedTuple):
    """A fact to be stored as `version` of `stream`."""

    stream: str
    version: int
    profile_id: UUID | None
    type: str
    record: bytes


class Append(NamedTuple):
    """All facts of one request, or none. It is recorded under `request_key` in any case.

    `digest` is a keyed digest of the request's body. `profile_id` is the person it is
    about, if any: it is refused if that person's profile is closed. `version` is what the
    answer tells of the stream. `closes` makes it the last request of that person.
    """

    request_key: bytes
    digest: bytes
    subject: UUID
    profile_id: UUID | None
    facts: tuple[NewFact, ...]
    version: int = 0
    closes: bool = False


class Appended(NamedTuple):
    """The request is durable. `position` is that of its last fact, or the head if it has none;
    `version` as in `Append`. `replayed`: it was so before."""

    subject: UUID
    position: int
    version: int
    replayed: bool = False


class AppendRefusedError(Exception):
    """Nothing was stored for this request."""


class VersionConflictError(AppendRefusedError):
    """A stream is not at the version the facts were decided on."""


class RequestReusedError(AppendRefusedError):
    """The request id is known, with another body."""


class RequestAbandonedError(AppendRefusedError):
    """The request was given up on behalf of another one that waited for it."""


class ProfileClosedError(AppendRefusedError):
    """The person was erased. `position` is that of `ProfileErased`."""

    def __init__(self, position: int) -> None:
        super().__init__("closed")
        self.position = position


class OutcomeUnknownError(Exception):
    """The database went away; whether the request was stored can't be told now."""


Outcome = Appended | AppendRefusedError


class AppendStore(Protocol):
    """The part that differs between databases. One transaction a call; durable when it returns.

    Appends are decided in order, each as if alone; positions are gapless and become
    visible in order, whatever the number of processes. Raises `OutcomeUnknownError`.
    """

    def append(self, batch: Sequence[Append]) -> list[Outcome]: ...


class EventLog:
    """A writer with group commit. A process has one, and on PostgreSQL a second one for erasures."""

    def __init__(
        self,
        store: AppendStore,
        *,
        appended: Callable[[], None] = lambda: None,
        limit: int = 512,
        linger: float = 0.002,
    ) -> None:
        """`appended` is called after every durable batch."""
        self._store = store
        self._appended = appended
        self._batcher: Batcher[Append, Appended] = Batcher(
            self._append, name="log-writer", limit=limit, linger=linger
        )

    @property
    def queue(self) -> Batcher[Append, Appended]:
        """The queue of the writer, for another queue to go on into."""
        return self._batcher

    def append(self, request: Append) -> asyncio.Future[Appended]:
        """Store the request; the future holds `Appended` or an `AppendRefusedError`.

        Raises `QueueFullError` or `StoppedError` at once.
        """
        return self._batcher.submit(request)

    def append_and_wait(self, request: Append) -> Appended:
        """The same from a thread."""
        return self._batcher.call(request)

    def close(self) -> None:
        """Store what is queued, then end the writer."""
        self._batcher.stop()

    def _append(self, batch: Sequence[Append]) -> list[Outcome]:
        outcomes = self._store.append(batch)
        self._appended()
        return outcomes
