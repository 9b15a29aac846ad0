"""Appending on SQLite: one IMMEDIATE transaction a batch, synchronous FULL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, exc

from profile_service.log.append import (
    ABANDONED,
    Append,
    Appended,
    Outcome,
    OutcomeUnknownError,
    ProfileClosedError,
    RequestAbandonedError,
    RequestReusedError,
    VersionConflictError,
)


class SQLiteAppendStore:
    """See `AppendStore`. `clock` gives microseconds since 1970 UTC."""

    def __init__(self, engine: Engine, clock: Callable[[], int]) -> None:
        self._engine = engine.execution_options(immediate=True)
        self._clock = clock

    def append(self, batch: Sequence[Append]) -> list[Outcome]:
        try:
            with self._engine.begin() as connection:
                cursor = connection.connection.cursor()
                transaction = _Transaction(cursor, self._clock())
                outcomes: list[Outcome] = [transaction.append(request) for request in batch]
                cursor.close()
        except (exc.OperationalError, sqlite3.OperationalError) as error:
            # The disk is full, or another writer held the file for longer than `busy_timeout`.
            raise OutcomeUnknownError from error
        return outcomes


class _Transaction:
    def __init__(self, cursor: Any, now: int) -> None:
        self._cursor: sqlite3.Cursor = cursor
        head: tuple[int, int] | None = self._one(
            "SELECT position, time FROM facts ORDER BY position DESC LIMIT 1"
        )
        self._head, last_time = head or (0, 0)
        self._time = max(now, last_time)

    def append(self, request: Append) -> Outcome:
        refusal_or_replay = self._known(request)
        if refusal_or_replay is not None:
            return refusal_or_replay
        if not self._versions_follow(request):
            return VersionConflictError()
        for fact in request.facts:
            self._head += 1
            self._cursor.execute(
                "INSERT INTO facts (position, time, stream, version, profile_id, type, record)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    self._head,
                    self._time,
                    fact.stream,
                    fact.version,
                    fact.profile_id.hex if fact.profile_id else None,
                    fact.type,
                    fact.record,
                ),
            )
        self._cursor.execute(
            "INSERT INTO requests (request_key, digest, subject, position, version) VALUES (?, ?, ?, ?, ?)",
            (request.request_key, request.digest, request.subject.hex, self._head, request.version),
        )
        if request.closes and request.profile_id:
            self._cursor.execute(
                "INSERT INTO closed_profiles (profile_id, position) VALUES (?, ?)",
                (request.profile_id.hex, self._head),
            )
        return Appended(request.subject, self._head, request.version)

    def _known(self, request: Append) -> Outcome | None:
        if request.profile_id:
            closed = self._one(
                "SELECT position FROM closed_profiles WHERE profile_id = ?", request.profile_id.hex
            )
            if closed:
                return ProfileClosedError(closed[0])
        row = self._one(
            "SELECT digest, subject, position, version FROM requests WHERE request_key = ?",
            request.request_key,
        )
        if row is None:
            return None
        digest, subject, position, version = row
        if digest == request.digest:
            return Appended(UUID(subject), position, version, replayed=True)
        return RequestAbandonedError() if digest == ABANDONED else RequestReusedError()

    def _versions_follow(self, request: Append) -> bool:
        heads: dict[str, int] = {}
        for fact in request.facts:
            if fact.stream not in heads:
                row = self._one(
                    "SELECT version FROM facts WHERE stream = ? ORDER BY version DESC LIMIT 1", fact.stream
                )
                heads[fact.stream] = row[0] if row else 0
            heads[fact.stream] += 1
            if fact.version != heads[fact.stream]:
                return False
        return True

    def _one(self, statement: str, *parameters: Any) -> Any:
        return self._cursor.execute(statement, parameters).fetchone()
