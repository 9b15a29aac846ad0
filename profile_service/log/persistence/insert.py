"""What a call of `insert_events` asks for, and group commit of many such calls.

A call is stored whole or refused alone; its neighbours in the transaction never notice.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol
from uuid import UUID

from eventsourcing.persistence import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    PersistenceError,
    Tracking,
)

from profile_service.batching import Batcher, QueueFullError, StoppedError

# Seconds to wait for a larger batch, under load only.
LINGER = 0.001

# (originator id, version, topic, state), as the columns take them.
EventRow = tuple[UUID | str, int, str, bytes]


@dataclass(frozen=True, slots=True)
class Insert:
    """The events of one call, and what was processed to get them.

    `keys` is what must be unique: two calls that share one can't both be stored
    without looking at the table in between.
    """

    rows: Sequence[EventRow]
    tracking: Tracking | None = None
    keys: frozenset[Hashable] = field(init=False)

    def __post_init__(self) -> None:
        keys: set[Hashable] = {row[:2] for row in self.rows}
        if len(keys) < len(self.rows):
            raise IntegrityError("an event is there twice")
        if self.tracking is not None:
            keys.add(self.tracking.application_name)
        object.__setattr__(self, "keys", frozenset(keys))


# What became of a call: the notification ids of its events, or None if it was refused.
NotificationIDs = Sequence[int] | None


class InsertStore(Protocol):
    """The part that differs between databases.

    `insert` takes calls that share no key, and answers each in their order. It is one
    transaction: durable when it returns, and visible after every earlier one, whatever
    the number of processes. Raises the library's errors; then nothing was stored.
    """

    def insert(self, inserts: Sequence[Insert]) -> list[NotificationIDs]: ...

    def close(self) -> None: ...


class InsertQueue:
    """The one writer of a recorder: all calls that wait are stored in one transaction.

    Its thread starts with the first call, so that a recorder that only reads has none.
    """

    def __init__(self, store: InsertStore, name: str) -> None:
        self._store = store
        self._name = name
        self._starting = threading.Lock()
        self._batcher: Batcher[Insert, Sequence[int]] | None = None

    def insert(self, insert: Insert) -> Sequence[int]:
        """Store one call and return its notification ids.

        Raises the library's `IntegrityError` if one of its events is there already, or a
        tracking record at or after its own; `OperationalError` if too many calls wait.
        """
        batcher = self._batcher or self._start()
        try:
            return batcher.call(insert)
        except QueueFullError:
            raise OperationalError("too many events wait to be stored") from None
        except StoppedError:
            raise InterfaceError("the datastore is closed") from None

    def close(self) -> None:
        """Store what is queued, then end the thread."""
        with self._starting:
            if self._batcher is not None:
                self._batcher.stop()
            self._store.close()

    def _start(self) -> Batcher[Insert, Sequence[int]]:
        with self._starting:
            if self._batcher is None:
                self._batcher = Batcher(partial(_store_all, self._store), name=self._name, linger=LINGER)
            return self._batcher


def _store_all(store: InsertStore, inserts: Sequence[Insert]) -> list[Sequence[int] | BaseException]:
    outcomes: list[Sequence[int] | BaseException] = [()] * len(inserts)
    waiting = list(enumerate(inserts))
    while waiting:
        now, waiting = _apart(waiting)
        for (index, _), outcome in zip(now, _store(store, [insert for _, insert in now]), strict=True):
            outcomes[index] = outcome
    return outcomes


def _store(store: InsertStore, inserts: Sequence[Insert]) -> list[Sequence[int] | BaseException]:
    try:
        answers = store.insert(inserts)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever a database can't take is that call's alone
        if len(inserts) == 1:
            known = isinstance(error, PersistenceError)
            return [error if known else DataError(f"an event can't be stored: {type(error).__name__}")]
        return [outcome for insert in inserts for outcome in _store(store, [insert])]
    refusal = "an event or tracking record is there already"
    return [IntegrityError(refusal) if ids is None else ids for ids in answers]


def _apart(
    inserts: Sequence[tuple[int, Insert]],
) -> tuple[list[tuple[int, Insert]], list[tuple[int, Insert]]]:
    """Return the calls that share no key with an earlier one, and the others."""
    seen: set[Hashable] = set()
    now: list[tuple[int, Insert]] = []
    later: list[tuple[int, Insert]] = []
    for numbered in inserts:
        keys = numbered[1].keys
        (now if seen.isdisjoint(keys) else later).append(numbered)
        seen |= keys
    return now, later
