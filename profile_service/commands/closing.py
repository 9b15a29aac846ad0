"""Closing an epoch: the steps on the key database in order, then the fact in the log that says so.

Whatever stops it, the next run goes on from the state that the key database has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta

import structlog

from profile_service.commands.epoch_facts import EpochFacts
from profile_service.commands.unfinished import UnfinishedErasures
from profile_service.keys.closing import EpochClosing
from profile_service.keys.epochs import Epoch, EpochState

log = structlog.get_logger()


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
    facts: EpochFacts
    unfinished: UnfinishedErasures

    def due(self, every: timedelta | None) -> bool:
        """Whether a close is under way and was stopped, or is due; without `every` none becomes due."""
        epoch = self.steps.first_unclosed()
        if epoch.state is not EpochState.OPEN:
            return True
        return every is not None and self.steps.now() >= epoch.opened_at + every

    def run(self, destroy: Collection[str] = ()) -> Iterator[Step]:
        """Close one epoch; yield after every step. Whoever stops asking leaves it to the next run.

        `destroy`: root keys of no epoch here, which go first. Raises `CloseElsewhereError` as well.
        """
        with self.steps.leading():
            self.steps.destroy_unknown(destroy)
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
                # Whom the log erased must not come out of the switch under a new key.
                self.unfinished.finish()
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
                position = self.facts.record(epoch, self.steps.erasures(epoch))
                removed = self.steps.finish(epoch, position)
                log.info("key epoch closed", epoch=epoch.epoch, position=position)
                if not removed:
                    log.warning("older backups of the keys could not be removed", epoch=epoch.epoch)
