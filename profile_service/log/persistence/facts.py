"""A recorder of the library over the service's facts, for reading only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    Notification,
    NotSupportedError,
    ProgrammingError,
    StoredEvent,
    Subscription,
)
from sqlalchemy import func, inspect, select

from profile_service.log.persistence.datastore import SQLDatastore
from profile_service.log.persistence.hints import hint_for
from profile_service.log.persistence.mapper import Ciphers, FactNotification, StoredFactEvent
from profile_service.log.persistence.subscription import PulledSubscription
from profile_service.log.schema import facts
from profile_service.log.wakeup import CHANNEL

_STORED = (facts.c.stream, facts.c.version, facts.c.type, facts.c.record)
_BESIDE = (facts.c.profile_id, facts.c.time)


class FactRecorder(ApplicationRecorder):
    """Facts as stored events: originator id = stream, topic = type, state = record, id = position.

    Raises the library's `ProgrammingError` if the database is not the service's. With
    `ciphers` the keys of a whole page of notifications are looked up at once.
    """

    def __init__(self, datastore: SQLDatastore, ciphers: Ciphers | None = None) -> None:
        if not holds_service_log(datastore):
            raise ProgrammingError("the database does not hold the service's facts")
        self._datastore = datastore
        self._ciphers = ciphers

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Raises the library's `NotSupportedError`."""
        raise NotSupportedError("facts are written by the service alone, through its API")

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return facts of one stream, with `gt < version <= lte`, in order of version."""
        version = facts.c.version
        statement = select(*_STORED, *_BESIDE).where(facts.c.stream == str(originator_id))
        if gt is not None:
            statement = statement.where(version > gt)
        if lte is not None:
            statement = statement.where(version <= lte)
        statement = statement.order_by(version.desc() if desc else version).limit(limit)
        with self._datastore.reading() as connection:
            return [StoredFactEvent(*row) for row in connection.execute(statement)]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return facts from position `start` to `stop`, in order."""
        position = facts.c.position
        statement = select(*_STORED, position, *_BESIDE).order_by(position).limit(limit)
        if start is not None:
            statement = statement.where(position >= start if inclusive_of_start else position > start)
        if stop is not None:
            statement = statement.where(position <= stop)
        if topics:
            statement = statement.where(facts.c.type.in_(list(topics)))
        with self._datastore.reading() as connection:
            page = [FactNotification(*row) for row in connection.execute(statement)]
        if self._ciphers is not None:
            self._ciphers({fact.profile_id for fact in page if fact.profile_id is not None})
        return page

    def max_notification_id(self) -> int | None:
        """Return the last position, or None if there is none."""
        with self._datastore.reading() as connection:
            return connection.execute(select(func.max(facts.c.position))).scalar()

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Return an iterator of facts after position `gt` that blocks when there are no more."""
        return PulledSubscription(self, hint_for(self._datastore.engine, CHANNEL), gt, topics)


def holds_service_log(datastore: SQLDatastore) -> bool:
    """Whether the database has the service's facts."""
    with datastore.reading() as connection:
        return inspect(connection).has_table(facts.name)
