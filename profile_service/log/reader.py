"""Reading the log: by position, by stream, by slice."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Engine,
    func,
    select,
)

from profile_service.database import for_single_reads
from profile_service.frequent_reads import FrequentReads
from profile_service.log import bulk
from profile_service.log.facts import StoredFact
from profile_service.log.schema import closed_profiles, facts, incarnation, requests
from profile_service.log.statements import COLUMNS, OWN_STREAM, last_facts_of
from profile_service.log.streams import PROFILE, span_range, span_ranges, stream_name, streams_of

# Erasures read at once.
PAGE = 2_000
# No position is beyond.
HIGHEST = (1 << 63) - 1
# Facts of a span read at once: bounded memory (about 10 MB), and no long read transaction.
SPAN_PAGE = 10_000


class Standing(Enum):
    """What the log knows of a profile id."""

    UNKNOWN = 0
    REGISTERED = 1
    ERASED = 2


@dataclass(frozen=True, slots=True)
class OwnStream:
    """The stream of a person's profile: the version of its last fact, or 0; the position that closed it."""

    version: int
    closed_at: int | None


@dataclass(frozen=True, slots=True)
class RequestOutcome:
    """What the log recorded under a request key."""

    digest: bytes
    subject: UUID
    position: int
    version: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which facts are wanted; what is left out does not narrow. Times in microseconds since 1970 UTC."""

    profile_ids: Sequence[UUID] = ()
    types: Sequence[str] = ()
    start_time: int | None = None
    end_time: int | None = None


class LogReader:
    """Reads on an engine of the event database. Every method blocks."""

    def __init__(self, engine: Engine) -> None:
        self._engine = for_single_reads(engine)
        self._frequent = FrequentReads(engine)
        with engine.connect() as connection:
            self.log_id: str = connection.execute(select(incarnation.c.log_id)).scalar_one()

    def head(self) -> int:
        """Return the last position; 0 for an empty log."""
        with self._engine.connect() as connection:
            return connection.execute(select(func.max(facts.c.position))).scalar() or 0

    def head_and_version(self, stream: str) -> tuple[int, int]:
        """Return the last position and the version of the last fact of a stream, both as of one moment."""
        version = select(func.max(facts.c.version)).where(facts.c.stream == stream).scalar_subquery()
        with self._engine.connect() as connection:
            row = connection.execute(select(func.max(facts.c.position), version)).one()
        return row[0] or 0, row[1] or 0

    def facts_after(
        self, position: int, limit: int, *, upto: int | None = None, only: Filter | None = None
    ) -> list[StoredFact]:
        """Return at most `limit` facts with `position < fact.position <= upto`, in order."""
        last = HIGHEST if upto is None else upto
        with self._engine.connect() as connection:
            if only is None:
                return bulk.fetch(connection, bulk.RANGE, (position, last, limit))
            conditions = [facts.c.position > position, facts.c.position <= last, *self._conditions(only)]
            statement = select(*COLUMNS).where(*conditions).order_by(facts.c.position).limit(limit)
            return [_stored(row) for row in connection.execute(statement)]

    def stream(self, name: str, after_version: int = 0) -> list[StoredFact]:
        """Return the facts of a stream, oldest first."""
        statement = (
            select(*COLUMNS)
            .where(facts.c.stream == name, facts.c.version > after_version)
            .order_by(facts.c.version)
        )
        with self._engine.connect() as connection:
            return [_stored(row) for row in connection.execute(statement)]

    def stream_version(self, name: str) -> int:
        """Return the version of the last fact of a stream; 0 if it has none."""
        last = select(func.max(facts.c.version)).where(facts.c.stream == name)
        with self._engine.connect() as connection:
            return connection.execute(last).scalar() or 0

    def streams(self, names: Collection[str]) -> dict[str, list[StoredFact]]:
        """Return the facts of several streams in one query; streams without facts have an empty list."""
        found: dict[str, list[StoredFact]] = {name: [] for name in names}
        statement = (
            select(*COLUMNS).where(facts.c.stream.in_(list(names))).order_by(facts.c.stream, facts.c.version)
        )
        with self._engine.connect() as connection:
            for row in connection.execute(statement):
                found[row.stream].append(_stored(row))
        return found

    def last_facts(self, streams: Sequence[str], types: Sequence[str]) -> list[StoredFact]:
        """Return of each stream the last fact that is of one of these types."""
        statement = last_facts_of(len(streams), len(types))
        parameters = {f"stream{number}": stream for number, stream in enumerate(streams)}
        parameters |= {f"type{number}": name for number, name in enumerate(types)}
        return [_stored(row) for row in self._frequent.rows(statement, parameters)]

    def fact_at(self, position: int) -> StoredFact | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(*COLUMNS).where(facts.c.position == position)).one_or_none()
        return _stored(row) if row else None

    def types_at(self, positions: Collection[int]) -> dict[int, str]:
        """Return the types of facts by their positions."""
        statement = select(facts.c.position, facts.c.type).where(facts.c.position.in_(list(positions)))
        with self._engine.connect() as connection:
            return {row.position: row.type for row in connection.execute(statement)}

    def span_of_kind(self, kind: str, span: range, upto: int) -> list[StoredFact]:
        """Return the facts of a span up to a position, of a kind of stream that has few."""
        first, last = span_range(kind, span)
        statement = select(*COLUMNS).where(
            facts.c.stream >= first, facts.c.stream < last, facts.c.position <= upto
        )
        with self._engine.connect() as connection:
            return [_stored(row) for row in connection.execute(statement)]

    def span_facts(self, span: range, upto: int) -> Iterator[list[StoredFact]]:
        """Yield the facts of a span up to a position, in order, in pages."""
        bounds = list(chain.from_iterable(span_ranges(span)))
        position = 0
        while True:
            with self._engine.connect() as connection:
                page = bulk.fetch(connection, bulk.SPAN, (*bounds, position, upto, SPAN_PAGE))
            if page:
                yield page
                position = page[-1].position
            if len(page) < SPAN_PAGE:
                return

    def standing(self, profile_ids: Collection[UUID]) -> dict[UUID, Standing]:
        """Return whether each id is unknown, registered or erased (closed)."""
        names = {stream_name(PROFILE, profile_id): profile_id for profile_id in profile_ids}
        result = dict.fromkeys(profile_ids, Standing.UNKNOWN)
        with self._engine.connect() as connection:
            first = select(facts.c.stream).where(facts.c.stream.in_(list(names)), facts.c.version == 1)
            for (name,) in connection.execute(first):
                result[names[name]] = Standing.REGISTERED
            closed = select(closed_profiles.c.profile_id).where(
                closed_profiles.c.profile_id.in_(list(profile_ids))
            )
            for (profile_id,) in connection.execute(closed):
                result[profile_id] = Standing.ERASED
        return result

    def own_stream(self, profile_id: UUID) -> OwnStream:
        """Return how the stream of a person's profile stands."""
        parameters = {"stream": stream_name(PROFILE, profile_id), "profile_id": profile_id}
        (row,) = self._frequent.rows(OWN_STREAM, parameters)
        return OwnStream(row.version or 0, row.closed_at)

    def closed_at(self, profile_id: UUID) -> int | None:
        """Return the position of `ProfileErased`, if the person was erased."""
        statement = select(closed_profiles.c.position).where(closed_profiles.c.profile_id == profile_id)
        with self._engine.connect() as connection:
            return connection.execute(statement).scalar()

    def closed_after(self, position: int, limit: int = PAGE) -> list[tuple[UUID, int]]:
        """Return erased people and the position of each erasure, in order."""
        statement = (
            select(closed_profiles.c.profile_id, closed_profiles.c.position)
            .where(closed_profiles.c.position > position)
            .order_by(closed_profiles.c.position)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [(row.profile_id, row.position) for row in connection.execute(statement)]

    def facts_of_types(
        self, types: Collection[str], after: int, upto: int, limit: int
    ) -> list[tuple[int, UUID]]:
        """Return position and person of at most `limit` facts of these types, in order, without records."""
        statement = (
            select(facts.c.position, facts.c.profile_id)
            .where(facts.c.position > after, facts.c.position <= upto, facts.c.type.in_(list(types)))
            .order_by(facts.c.position)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [(row.position, row.profile_id) for row in connection.execute(statement)]

    def requests(self, keys: Collection[bytes]) -> dict[bytes, RequestOutcome]:
        """Return what became of requests; a key that is missing was never stored."""
        statement = select(requests).where(requests.c.request_key.in_(list(keys)))
        with self._engine.connect() as connection:
            return {
                row.request_key: RequestOutcome(row.digest, row.subject, row.position, row.version)
                for row in connection.execute(statement)
            }

    def request_at(self, subject: UUID, position: int) -> bytes | None:
        """Return the key of the request that appended the fact of a subject at a position."""
        statement = (
            select(requests.c.request_key)
            .where(requests.c.subject == subject, requests.c.position >= position)
            .order_by(requests.c.position)
            .limit(1)
        )
        with self._engine.connect() as connection:
            return connection.execute(statement).scalar()

    def position_before(self, time: int) -> int:
        """Return the last position whose time is earlier than `time`, or 0: times never decrease."""
        low, high = 0, self.head()
        with self._engine.connect() as connection:
            while low < high:
                middle = (low + high + 1) // 2
                at = connection.execute(select(facts.c.time).where(facts.c.position == middle)).scalar_one()
                low, high = (middle, high) if at < time else (low, middle - 1)
        return low

    def _conditions(self, only: Filter) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if only.profile_ids:
            names = [name for profile_id in only.profile_ids for name in streams_of(profile_id)]
            conditions.append(facts.c.stream.in_(names))
        if only.types:
            conditions.append(facts.c.type.in_(list(only.types)))
        if only.start_time is not None:
            conditions.append(facts.c.position > self.position_before(only.start_time))
        if only.end_time is not None:
            conditions.append(facts.c.position <= self.position_before(only.end_time))
        return conditions


def microseconds(at: datetime) -> int:
    """Return an aware point in time as the log counts it: microseconds since 1970 UTC."""
    return round(at.timestamp() * 1_000_000)


def _stored(row: Sequence[Any]) -> StoredFact:
    return StoredFact._make(row)
