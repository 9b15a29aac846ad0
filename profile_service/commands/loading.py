"""What a decision needs to know: the facts of streams, opened, and whether the request is known.

Loads that arrive together share one trip to each database. Of whoever's processing is restricted nothing
is loaded, but for what goes on then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from profile_service.batching import Batcher
from profile_service.commands.refusing import as_refusals
from profile_service.domain import restrictions
from profile_service.domain.errors import ProfileErasedError, ProfileNotFoundError
from profile_service.domain.rights_errors import ProcessingRestrictedError
from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.store import KeyStore
from profile_service.log.facts import Fact, StoredFact, open_fact
from profile_service.log.reader import LogReader, RequestOutcome, Standing
from profile_service.log.streams import RIGHTS, stream_name


class KeyMissingError(Exception):
    """A living profile has no key: a fault, never an answer."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is wanted: the facts of `streams`, and what became of the request.

    `while_restricted`: it is done even if the processing of the person's data is restricted.
    """

    request_key: bytes
    profile_id: UUID | None
    streams: tuple[str, ...]
    while_restricted: bool = False

    @property
    def restricting(self) -> str | None:
        """The stream whose facts may forbid it."""
        if self.profile_id is None or self.while_restricted:
            return None
        return stream_name(RIGHTS, self.profile_id)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was found. `cipher` is the person's, or the service's if there is no person."""

    known: RequestOutcome | None
    cipher: ProfileCipher
    streams: dict[str, list[Fact]]

    def version(self, stream: str) -> int:
        facts = self.streams[stream]
        return facts[-1].header.version if facts else 0


class Loader:
    """Reads for decisions, many at a time."""

    def __init__(self, reader: LogReader, keys: KeyStore) -> None:
        self._reader = reader
        self._keys = keys
        self._batcher: Batcher[Load, Loaded] = Batcher(self._load, name="loader", limit=128)

    async def load(self, load: Load) -> Loaded:
        """Raises `ProfileNotFoundError` or `ProfileErasedError` if there is a person and no living profile,
        `ProcessingRestrictedError` for a new request, `ServerBusyError` and `ServiceUnavailableError`."""
        with as_refusals():
            return await self._batcher.submit(load)

    def close(self) -> None:
        self._batcher.stop()

    def _load(self, batch: Sequence[Load]) -> list[Loaded | BaseException]:
        people = {load.profile_id for load in batch if load.profile_id}
        # The keys before the facts: a person erased in between is met at the log's fence.
        ciphers = self._keys.ciphers(people) if people else {}
        standing = self._reader.standing(people) if people else {}
        names = {name for load in batch for name in (*load.streams, load.restricting) if name}
        stored = self._reader.streams(names)
        # The requests last: a twin that commits meanwhile is met as a replay, and is never decided
        # on anew over its own facts, which would refuse it.
        known = self._reader.requests({load.request_key for load in batch})
        return [self._one(load, known, ciphers, standing, stored) for load in batch]

    def _one(
        self,
        load: Load,
        known: dict[bytes, RequestOutcome],
        ciphers: dict[UUID, ProfileCipher],
        standing: dict[UUID, Standing],
        stored: dict[str, list[StoredFact]],
    ) -> Loaded | BaseException:
        try:
            cipher = self._cipher(load.profile_id, ciphers, standing)
            if load.restricting and load.request_key not in known:
                _refuse_restricted(stored[load.restricting])
            streams = {name: [open_fact(fact, cipher) for fact in stored[name]] for name in load.streams}
        except Exception as error:  # noqa: BLE001 - answers this load alone
            return error
        return Loaded(known.get(load.request_key), cipher, streams)

    def _cipher(
        self,
        profile_id: UUID | None,
        ciphers: dict[UUID, ProfileCipher],
        standing: dict[UUID, Standing],
    ) -> ProfileCipher:
        if profile_id is None:
            return self._keys.service_cipher
        match standing[profile_id]:
            case Standing.UNKNOWN:
                raise ProfileNotFoundError
            case Standing.ERASED:
                raise ProfileErasedError
        if profile_id not in ciphers:
            raise KeyMissingError
        return ciphers[profile_id]


def _refuse_restricted(stored: Sequence[StoredFact]) -> None:
    if restrictions.fold(open_fact(fact, None).message for fact in stored):
        raise ProcessingRestrictedError
