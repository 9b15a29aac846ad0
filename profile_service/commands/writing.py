"""From decided facts to a durable answer: load, decide, append, and again if others were faster."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from google.protobuf.message import Message

from profile_service.commands.loading import Load, Loaded, Loader
from profile_service.commands.refusing import as_refusals
from profile_service.commands.requests import WriteRequest
from profile_service.domain import registry
from profile_service.domain.errors import ConcurrentChangeError, RequestIdReusedError
from profile_service.keys.cipher import ProfileCipher
from profile_service.log.append import (
    ABANDONED,
    Append,
    Appended,
    EventLog,
    NewFact,
    VersionConflictError,
)
from profile_service.log.facts import write_record
from profile_service.log.reader import RequestOutcome
from profile_service.v1.events_pb2 import EventHeader

# How often a command is decided anew before it gives way to the others.
ATTEMPTS = 8

Decide = Callable[[Loaded], Mapping[str, Sequence[Message]]]


@dataclass(frozen=True, slots=True)
class Writer:
    """What every command needs to write."""

    log: EventLog
    loader: Loader

    async def execute(
        self,
        request: WriteRequest,
        *,
        subject: UUID,
        profile_id: UUID | None,
        streams: tuple[str, ...],
        decide: Decide,
        while_restricted: bool = False,
    ) -> Appended:
        """Run one command. `decide` gets what was loaded and returns the facts by stream.

        `while_restricted`: see `Load`. The same request again gives the first answer. Raises the
        refusals of `decide`, `RequestIdReusedError`, `ConcurrentChangeError`, `ProfileNotFoundError`,
        `ProfileErasedError`, `ProcessingRestrictedError`, `ServerBusyError` and `ServiceUnavailableError`.
        """
        for _ in range(ATTEMPTS):
            loaded = await self.loader.load(Load(request.key, profile_id, streams, while_restricted))
            with as_refusals():
                if loaded.known is not None:
                    return replay(request, loaded.known, loaded.cipher)
                decided = decide(loaded)
                heads = {stream: loaded.version(stream) for stream in decided}
                append = prepare(
                    request, decided, heads, subject=subject, profile_id=profile_id, cipher=loaded.cipher
                )
            try:
                return await self.append(append)
            except VersionConflictError:
                continue
        raise ConcurrentChangeError

    async def append(self, append: Append) -> Appended:
        """Store one request; every refusal of the log but `VersionConflictError` as a domain refusal."""
        with as_refusals():
            return await self.log.append(append)


def replay(request: WriteRequest, known: RequestOutcome, cipher: ProfileCipher) -> Appended:
    """Return the first answer to a known request.

    Raises `RequestIdReusedError` for another body, and `ConcurrentChangeError` if it was abandoned.
    """
    if known.digest == ABANDONED:
        raise ConcurrentChangeError
    if known.digest != request.digest(cipher):
        raise RequestIdReusedError
    return Appended(known.subject, known.position, known.version, replayed=True)


def prepare(
    request: WriteRequest,
    decided: Mapping[str, Sequence[Message]],
    heads: Mapping[str, int],
    *,
    subject: UUID,
    profile_id: UUID | None,
    cipher: ProfileCipher,
) -> Append:
    """Seal what was decided. `heads` has the version each stream was at when deciding."""
    facts = tuple(
        new_fact(request, stream, heads[stream] + nth, message, profile_id, cipher)
        for stream, messages in decided.items()
        for nth, message in enumerate(messages, start=1)
    )
    # The subject's own stream comes first, and its version is the etag.
    first = next(iter(decided))
    version = heads[first] + len(decided[first])
    return Append(request.key, request.digest(cipher), subject, profile_id, facts, version)


def new_fact(
    request: WriteRequest,
    stream: str,
    version: int,
    message: Message,
    profile_id: UUID | None,
    cipher: ProfileCipher,
) -> NewFact:
    """Make one fact with its header. Actor, channel and request id come from the request."""
    name = message.DESCRIPTOR.full_name
    header = EventHeader(
        stream=stream,
        version=version,
        type=name,
        profile_id=profile_id.bytes if profile_id else b"",
        actor=request.caller,
        channel=request.channel,
        request_id=request.request_id.bytes,
        causation=request.causation,
        schema=registry.fact_type(name).schema,
    )
    return NewFact(stream, version, profile_id, name, write_record(header, message, cipher))
