"""Linking guardians to people who are not of age, and whether somebody may consent for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from google.protobuf.message import Message
from google.type.date_pb2 import Date

from profile_service.commands.loading import Load, Loaded
from profile_service.commands.requests import WriteRequest
from profile_service.commands.writing import Writer
from profile_service.domain import guardianship as domain
from profile_service.domain import profile
from profile_service.domain.errors import ProfileErasedError, ProfileNotFoundError
from profile_service.domain.guardianship import AgeLimits, Guardianship
from profile_service.domain.rights_errors import ProcessingRestrictedError
from profile_service.log.append import Appended
from profile_service.log.facts import Fact
from profile_service.log.reader import LogReader, Standing
from profile_service.log.streams import GUARDIANS, PROFILE, stream_name
from profile_service.v1.events_pb2 import GuardianLinked
from profile_service.v1.guardian_service_pb2 import LinkGuardianRequest
from profile_service.v1.rights_pb2 import Identification


@dataclass(frozen=True, slots=True)
class Linked:
    """A guardian who lives. `time` of the link is in microseconds since 1970 UTC."""

    guardian_id: UUID
    guardianship: Guardianship
    time: int


@dataclass(frozen=True, slots=True)
class GuardianDesk:
    """Links guardians, and asks the log about them. `today` is the date in the City."""

    writer: Writer
    reader: LogReader
    limits: AgeLimits
    today: Callable[[], date]

    async def link(self, request: WriteRequest, profile_id: UUID, wanted: LinkGuardianRequest) -> Appended:
        """Raises the refusals of `guardianship.link` and of `Writer.execute`."""
        own, stream = stream_name(PROFILE, profile_id), stream_name(GUARDIANS, profile_id)
        guardian_id = UUID(wanted.guardian_id)
        may_be_guardian = await self._may_be_guardian(request, guardian_id)
        identification = Identification(method=wanted.method, level=wanted.level)

        def decide(loaded: Loaded) -> dict[str, Sequence[Message]]:
            return {
                stream: domain.link(
                    domain.fold(_messages(loaded, stream)),
                    guardian_id.bytes,
                    Guardianship(wanted.relation, identification),
                    is_minor=self.limits.is_minor(_born(loaded, own), self.today()),
                    may_be_guardian=may_be_guardian,
                )
            }

        return await self.writer.execute(
            request, subject=profile_id, profile_id=profile_id, streams=(stream, own), decide=decide
        )

    async def end(self, request: WriteRequest, profile_id: UUID, guardian_id: UUID) -> Appended:
        """End a guardianship, also while processing is restricted: it only takes away.

        Raises the refusals of `guardianship.end` and of `Writer.execute`.
        """
        stream = stream_name(GUARDIANS, profile_id)

        def decide(loaded: Loaded) -> dict[str, Sequence[Message]]:
            return {stream: domain.end(domain.fold(_messages(loaded, stream)), guardian_id.bytes)}

        return await self.writer.execute(
            request,
            subject=profile_id,
            profile_id=profile_id,
            streams=(stream,),
            decide=decide,
            while_restricted=True,
        )

    async def linked(self, profile_id: UUID) -> list[Linked]:
        """Return who is guardian of a person, the oldest link first: never behind the log.

        Raises `ProfileNotFoundError`, `ProfileErasedError` and `KeysUnavailableError`.
        """
        stream = stream_name(GUARDIANS, profile_id)
        # It is nobody's request: whether a read is allowed is asked before it comes here.
        load = Load(b"", profile_id, (stream,), while_restricted=True)
        facts = (await self.writer.loader.load(load)).streams[stream]
        guardians = domain.fold(fact.message for fact in facts)
        times = _link_times(facts)
        ids = [UUID(bytes=one) for one in guardians.linked]
        standing = await asyncio.to_thread(self.reader.standing, ids) if ids else {}
        return [
            Linked(one, guardians.linked[one.bytes], times[one.bytes])
            for one in ids
            if standing[one] is Standing.REGISTERED
        ]

    async def giver_check(self, profile_id: UUID, guardian_id: UUID | None) -> GiverCheck:
        """Return what says, of what was loaded, whether a consent may be given."""
        lives = False
        if guardian_id is not None:
            standing = await asyncio.to_thread(self.reader.standing, [guardian_id])
            lives = standing[guardian_id] is Standing.REGISTERED
        return GiverCheck(self.limits, profile_id, guardian_id, self.today(), guardian_lives=lives)

    async def _may_be_guardian(self, request: WriteRequest, guardian_id: UUID) -> bool:
        """Say whether somebody lives and is of majority, as far as their data may be read for it."""
        own = stream_name(PROFILE, guardian_id)
        try:
            loaded = await self.writer.loader.load(Load(request.key, guardian_id, (own,)))
        except (ProfileNotFoundError, ProfileErasedError, ProcessingRestrictedError):
            return False
        return self.limits.is_of_majority(_born(loaded, own), self.today())


@dataclass(frozen=True, slots=True)
class GiverCheck:
    """Whether a person may give consent on a day, or a guardian for them."""

    limits: AgeLimits
    profile_id: UUID
    guardian_id: UUID | None
    day: date
    guardian_lives: bool

    @property
    def streams(self) -> tuple[str, ...]:
        """What must be loaded for it."""
        own = stream_name(PROFILE, self.profile_id)
        return (own,) if self.guardian_id is None else (own, stream_name(GUARDIANS, self.profile_id))

    def check(self, loaded: Loaded) -> None:
        """Raises the refusals of `guardianship.check_giver`."""
        guardians = stream_name(GUARDIANS, self.profile_id)
        domain.check_giver(
            self.limits,
            _born(loaded, stream_name(PROFILE, self.profile_id)),
            self.day,
            domain.fold(_messages(loaded, guardians) if guardians in loaded.streams else ()),
            None if self.guardian_id is None else self.guardian_id.bytes,
            guardian_lives=self.guardian_lives,
        )


def _messages(loaded: Loaded, stream: str) -> Iterable[Message]:
    return (fact.message for fact in loaded.streams[stream])


def _born(loaded: Loaded, stream: str) -> Date | None:
    return domain.born(profile.fold(_messages(loaded, stream)))


def _link_times(facts: Iterable[Fact]) -> dict[bytes, int]:
    return {fact.message.guardian_id: fact.time for fact in facts if isinstance(fact.message, GuardianLinked)}
