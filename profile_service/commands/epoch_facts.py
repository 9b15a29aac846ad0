"""That an epoch was closed, as a fact of the log: once for each root key, whoever finds it missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from profile_service.commands.requests import WriteRequest
from profile_service.commands.writing import prepare
from profile_service.domain import key_epochs
from profile_service.keys.epochs import Epoch
from profile_service.keys.store import KeyStore
from profile_service.log.append import EventLog, VersionConflictError
from profile_service.log.facts import Fact, open_fact
from profile_service.log.reader import LogReader
from profile_service.log.streams import KEY_EPOCHS, stream_name
from profile_service.v1.events_pb2 import KeyEpochClosed
from profile_service.v1.profile_pb2 import Channel

# Epochs are those of the key database, whatever became of the log's incarnation.
SUBJECT = UUID(int=0)
STREAM = stream_name(KEY_EPOCHS, SUBJECT)
# Who closes, as the header of the fact has it.
ACTOR = "aprofile"

# The number of an epoch, and SHA-256 of the name of its root key.
Identity = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class EpochFacts:
    """The closes of epochs in the log. Every method blocks."""

    keys: KeyStore
    reader: LogReader
    log: EventLog

    def record(self, epoch: Epoch, erasures: int) -> int:
        """Append that an epoch was closed, unless the log says so; return the position of the fact."""
        fact = closed_fact(epoch, erasures)
        while True:
            facts = self._facts()
            state = key_epochs.fold(one.message for one in facts)
            decided = key_epochs.close(state, fact)
            if not decided:
                return _positions(facts)[identity(epoch)]
            cipher = self.keys.service_cipher
            heads = {STREAM: state.version}
            append = prepare(
                _request(fact), {STREAM: decided}, heads, subject=SUBJECT, profile_id=None, cipher=cipher
            )
            try:
                return self.log.append_and_wait(append).position
            except VersionConflictError:
                continue  # of another process that did the same

    def positions(self) -> dict[Identity, int]:
        """Where the log says of which epoch that it was closed."""
        return _positions(self._facts())

    def _facts(self) -> list[Fact]:
        return [open_fact(stored, None) for stored in self.reader.stream(STREAM)]


def closed_fact(epoch: Epoch, erasures: int) -> KeyEpochClosed:
    """What the log says of a closed epoch. The same for the same row, however often it is asked for."""
    return KeyEpochClosed(
        epoch=epoch.epoch,
        root_digest=identity(epoch)[1],
        root_provider=epoch.root_provider,
        open_time=_timestamp(epoch.opened_at),
        switch_time=_timestamp(epoch.switched_at),
        root_destroy_time=_timestamp(epoch.root_destroyed_at),
        erasures=erasures,
        backup_digest=epoch.backup_digest,
    )


def identity(epoch: Epoch) -> Identity:
    """What names an epoch in the log."""
    return epoch.epoch, sha256(epoch.root_id.encode()).digest()


def _positions(facts: list[Fact]) -> dict[Identity, int]:
    closes = [(one.message, one.position) for one in facts if isinstance(one.message, KeyEpochClosed)]
    return {(message.epoch, message.root_digest): position for message, position in closes}


def _request(fact: KeyEpochClosed) -> WriteRequest:
    request_id = UUID(bytes=sha256(b"%d/%b" % (fact.epoch, fact.root_digest)).digest()[:16], version=4)
    body = fact.SerializeToString(deterministic=True)
    return WriteRequest(ACTOR, "CloseEpoch", request_id, Channel.CHANNEL_SERVICE, body)


def _timestamp(at: datetime | None) -> Timestamp | None:
    if at is None:
        return None
    result = Timestamp()
    result.FromDatetime(at)
    return result
