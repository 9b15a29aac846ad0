"""Closing an epoch: the steps on the key database in order, then the fact in the log that says so.

Whatever stops it, the next run goes on from the state that the key database has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import structlog
from google.protobuf.timestamp_pb2 import Timestamp

from profile_service.commands.requests import WriteRequest
from profile_service.commands.writing import prepare
from profile_service.domain import key_epochs
from profile_service.keys.closing import EpochClosing
from profile_service.keys.epochs import Epoch, EpochState
from profile_service.keys.store import KeyStore
from profile_service.log.append import EventLog, VersionConflictError
from profile_service.log.facts import Fact, open_fact
from profile_service.log.reader import LogReader
from profile_service.log.streams import KEY_EPOCHS, stream_name
from profile_service.v1.events_pb2 import KeyEpochClosed
from profile_service.v1.profile_pb2 import Channel

log = structlog.get_logger()

# Epochs are those of the key database, whatever became of the log's incarnation.
SUBJECT = UUID(int=0)
STREAM = stream_name(KEY_EPOCHS, SUBJECT)
# Who closes, as the header of the fact has it.
ACTOR = "aprofile"


@dataclass(frozen=True, slots=True)
class Step:
    """How far a close is. Buckets count while they get new keys; `position` is set when it is closed."""

    epoch: int
    state: EpochState
    buckets_done: int = 0
    buckets: int = 0
    position: int = 0


@dataclass(frozen=True, slots=True)
class EpochCloser:
    """Closes epochs. Every method blocks, and raises what the steps of `EpochClosing` raise."""

    steps: EpochClosing
    keys: KeyStore
    reader: LogReader
    log: EventLog

    def due(self, every: timedelta | None) -> bool:
        """Whether a close is under way and was stopped, or is due; without `every` none becomes due."""
        epoch = self.steps.first_unclosed()
        if epoch.state is not EpochState.OPEN:
            return True
        return every is not None and self.steps.now() >= epoch.opened_at + every

    def run(self) -> Iterator[Step]:
        """Close one epoch; yield after every step. Whoever stops asking leaves it to the next run.

        Raises `CloseElsewhereError` as well.
        """
        with self.steps.leading():
            epoch = self.steps.first_unclosed()
            number = epoch.epoch
            while epoch.state is not EpochState.CLOSED:
                yield from self._step(epoch)
                epoch = self.steps.epoch(number)
            yield Step(number, epoch.state, position=epoch.closed_position or 0)

    def _step(self, epoch: Epoch) -> Iterator[Step]:
        match epoch.state:
            case EpochState.OPEN | EpochState.PREPARED:
                yield Step(epoch.epoch, EpochState.OPEN)
                self.steps.prepare(epoch)
                yield Step(epoch.epoch, EpochState.PREPARED)
                for done, buckets in self.steps.renew_buckets():
                    yield Step(epoch.epoch, EpochState.PREPARED, done, buckets)
                seconds = self.steps.switch()
                log.info("key epoch switched", epoch=epoch.epoch, seconds=round(seconds, 3))
            case EpochState.SWITCHED:
                yield Step(epoch.epoch, EpochState.SWITCHED)
                self.steps.back_up(epoch)
            case EpochState.BACKED_UP:
                yield Step(epoch.epoch, EpochState.BACKED_UP)
                self.steps.destroy(epoch)
            case EpochState.DESTROYED:
                yield Step(epoch.epoch, EpochState.DESTROYED)
                position = self._record(epoch)
                self.steps.finish(epoch, position)
                log.info("key epoch closed", epoch=epoch.epoch, position=position)

    def _record(self, epoch: Epoch) -> int:
        """Append `KeyEpochClosed`, once; return its position."""
        fact = closed_fact(epoch, self.steps.erasures(epoch))
        while True:
            facts = [open_fact(stored, None) for stored in self.reader.stream(STREAM)]
            state = key_epochs.fold(one.message for one in facts)
            decided = key_epochs.close(state, fact)
            if not decided:
                return _position(facts, fact)
            cipher = self.keys.service_cipher
            heads = {STREAM: state.version}
            append = prepare(
                _request(fact), {STREAM: decided}, heads, subject=SUBJECT, profile_id=None, cipher=cipher
            )
            try:
                return self.log.append_and_wait(append).position
            except VersionConflictError:
                continue  # of another process that did the same


def closed_fact(epoch: Epoch, erasures: int) -> KeyEpochClosed:
    """What the log says of a closed epoch. The same for the same row, however often it is asked for."""
    return KeyEpochClosed(
        epoch=epoch.epoch,
        root_digest=sha256(epoch.root_id.encode()).digest(),
        root_provider=epoch.root_provider,
        open_time=_timestamp(epoch.opened_at),
        switch_time=_timestamp(epoch.switched_at),
        root_destroy_time=_timestamp(epoch.root_destroyed_at),
        erasures=erasures,
        backup_digest=epoch.backup_digest,
    )


def _request(fact: KeyEpochClosed) -> WriteRequest:
    request_id = UUID(bytes=sha256(b"%d/%b" % (fact.epoch, fact.root_digest)).digest()[:16], version=4)
    body = fact.SerializeToString(deterministic=True)
    return WriteRequest(ACTOR, "CloseEpoch", request_id, Channel.CHANNEL_SERVICE, body)


def _position(facts: list[Fact], wanted: KeyEpochClosed) -> int:
    return next(
        fact.position
        for fact in facts
        if isinstance(fact.message, KeyEpochClosed)
        and (fact.message.epoch, fact.message.root_digest) == (wanted.epoch, wanted.root_digest)
    )


def _timestamp(at: datetime | None) -> Timestamp | None:
    if at is None:
        return None
    result = Timestamp()
    result.FromDatetime(at)
    return result
