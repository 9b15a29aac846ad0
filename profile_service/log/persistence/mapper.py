"""The service's facts as domain events of the library:
`MAPPER_TOPIC=profile_service.log.persistence.mapper:FactMapper`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    Mapper,
    MapperDeserialisationError,
    Notification,
    NotSupportedError,
    StoredEvent,
)
from google.protobuf.message import DecodeError, Message

from profile_service.domain.registry import UnknownFactTypeError
from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.errors import SealBrokenError
from profile_service.log.facts import Fact, StoredFact, open_fact
from profile_service.v1.audit_service_pb2 import PersonalHalf
from profile_service.v1.events_pb2 import EventHeader

# Gives the ciphers of people; of unknown and erased ones there is none.
Ciphers = Callable[[Collection[UUID]], Mapping[UUID, ProfileCipher]]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class StoredFactEvent(StoredEvent):
    """A fact as the library stores events: `state` is the record. Of the header's columns
    the library has no place for the person and the time (microseconds since 1970 UTC)."""

    profile_id: UUID | None
    time: int


@dataclass(frozen=True)
class FactNotification(Notification):
    """The same with its position as `id`."""

    profile_id: UUID | None
    time: int


@dataclass(frozen=True)
class FactEvent:
    """A fact, read. `message` has its personal fields only if `personal_half` is INCLUDED.

    `originator_id` is the name of the stream; `timestamp` is None for a stored event
    that did not come from a recorder of the service's facts.
    """

    originator_id: str
    originator_version: int
    timestamp: datetime | None
    header: EventHeader
    message: Message
    personal_half: PersonalHalf


class FactMapper(Mapper[str]):
    """Reads facts, open halves only until `use_keys`. Writes none."""

    _ciphers: Ciphers | None = None

    def use_keys(self, ciphers: Ciphers) -> None:
        """Read personal halves too, of people who have a key."""
        self._ciphers = ciphers

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        """Raises the library's `NotSupportedError`."""
        raise NotSupportedError("facts are written by the service alone, through its API")

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """Return a `FactEvent`.

        Raises the library's `MapperDeserialisationError` if the record is damaged, not
        what was written in its place, or of a type that this version does not know;
        `KeysUnavailableError` if keys are used and can't be had now.
        """
        stored = StoredFact(
            position=getattr(stored_event, "id", 0),
            time=getattr(stored_event, "time", 0),
            stream=str(stored_event.originator_id),
            version=stored_event.originator_version,
            profile_id=getattr(stored_event, "profile_id", None),
            type=stored_event.topic,
            record=stored_event.state,
        )
        try:
            fact = open_fact(stored, self._cipher(stored.profile_id), withheld=self._ciphers is None)
        except (DecodeError, SealBrokenError, UnknownFactTypeError) as error:
            raise _unreadable(stored, type(error).__name__) from None
        header = fact.header
        if (header.stream, header.version, header.type) != (stored.stream, stored.version, stored.type):
            raise _unreadable(stored, "written for another place")
        return _event(fact, stored)

    def _cipher(self, profile_id: UUID | None) -> ProfileCipher | None:
        if self._ciphers is None or profile_id is None:
            return None
        return self._ciphers([profile_id]).get(profile_id)


def _event(fact: Fact, stored: StoredFact) -> FactEvent:
    return FactEvent(
        originator_id=stored.stream,
        originator_version=stored.version,
        timestamp=EPOCH + timedelta(microseconds=stored.time) if stored.time else None,
        header=fact.header,
        message=fact.message,
        personal_half=fact.personal_half,
    )


def _unreadable(stored: StoredFact, reason: str) -> MapperDeserialisationError:
    return MapperDeserialisationError(f"version {stored.version} of {stored.stream} is unreadable: {reason}")
