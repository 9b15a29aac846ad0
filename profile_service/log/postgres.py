"""Appending on PostgreSQL: one call of the server-side function `append_facts` a batch.

The function (in `migrations`) locks, reads, decides and inserts; a second round trip
inside the transaction would halve the throughput.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Engine

from profile_service import arrays
from profile_service.log.append import (
    Append,
    Appended,
    Outcome,
    OutcomeUnknownError,
    ProfileClosedError,
    RequestAbandonedError,
    RequestReusedError,
    VersionConflictError,
)
from profile_service.postgres import PostgresSession

STATEMENT = (
    "SELECT outcome, subject, position, version FROM append_facts("
    "%b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b::int8)"
)

# How long a lost connection is tried again before the outcome is given up as unknown.
PATIENCE = 10.0
PAUSE = 0.1

# Outcomes of `append_facts`.
APPENDED, REPLAYED, REUSED, ABANDONED, CLOSED, CONFLICT = range(6)


class PostgresAppendStore:
    """See `AppendStore`. `clock` gives microseconds since 1970 UTC."""

    def __init__(self, engine: Engine, clock: Callable[[], int]) -> None:
        self._session = PostgresSession(engine)
        self._clock = clock

    def append(self, batch: Sequence[Append]) -> list[Outcome]:
        """Store a batch. If the connection is lost, the same batch is sent again: it waits for
        the lost transaction at the order lock, then meets its own requests as replays."""
        give_up = time.monotonic() + PATIENCE
        parameters = _parameters(batch, self._clock())
        while True:
            try:
                rows = self._session.fetch(STATEMENT, parameters)
            except psycopg.OperationalError as error:
                if time.monotonic() > give_up:
                    raise OutcomeUnknownError from error
                time.sleep(PAUSE)
            else:
                return [_outcome(row) for row in rows]


def _parameters(batch: Sequence[Append], now: int) -> tuple[Any, ...]:
    facts = [fact for request in batch for fact in request.facts]
    return (
        arrays.bytea_array([request.request_key for request in batch]),
        arrays.bytea_array([request.digest for request in batch]),
        arrays.uuid_array([request.subject.bytes for request in batch]),
        arrays.uuid_array([_bytes(request.profile_id) for request in batch]),
        arrays.boolean_array([request.closes for request in batch]),
        arrays.int4_array([len(request.facts) for request in batch]),
        arrays.int8_array([request.version for request in batch]),
        arrays.text_array([fact.stream for fact in facts]),
        arrays.int8_array([fact.version for fact in facts]),
        arrays.uuid_array([_bytes(fact.profile_id) for fact in facts]),
        arrays.text_array([fact.type for fact in facts]),
        arrays.bytea_array([fact.record for fact in facts]),
        now,
    )


def _bytes(profile_id: UUID | None) -> bytes | None:
    return profile_id.bytes if profile_id else None


def _outcome(row: tuple[Any, ...]) -> Outcome:
    outcome, subject, position, version = row
    if outcome in (APPENDED, REPLAYED):
        return Appended(subject, position, version, replayed=outcome == REPLAYED)
    if outcome == CLOSED:
        return ProfileClosedError(position)
    if outcome == ABANDONED:
        return RequestAbandonedError()
    return RequestReusedError() if outcome == REUSED else VersionConflictError()
