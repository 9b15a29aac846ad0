"""Epochs of the keys that were closed: one fact each, in a stream of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from google.protobuf.message import Message

from profile_service.v1.events_pb2 import KeyEpochClosed


@dataclass(frozen=True, slots=True)
class KeyEpochs:
    """What was closed: epoch and digest of the root key. `version` is that of the stream."""

    version: int = 0
    closed: frozenset[tuple[int, bytes]] = frozenset()


def evolve(state: KeyEpochs, fact: Message) -> KeyEpochs:
    """Return what was closed after one more fact of the stream. Total."""
    closed = state.closed
    if isinstance(fact, KeyEpochClosed):
        closed |= {(fact.epoch, fact.root_digest)}
    return KeyEpochs(state.version + 1, closed)


def fold(facts: Iterable[Message]) -> KeyEpochs:
    """Return what was closed after the facts of the stream, from its first one on."""
    return reduce(evolve, facts, KeyEpochs())


def close(state: KeyEpochs, fact: KeyEpochClosed) -> list[KeyEpochClosed]:
    """Decide that an epoch is closed: once for each root key."""
    return [] if (fact.epoch, fact.root_digest) in state.closed else [fact]
