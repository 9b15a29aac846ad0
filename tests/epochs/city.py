"""People with keys and sealed texts, and what must be true of them after an epoch was closed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Engine

from profile_service.commands.epoch_facts import STREAM, EpochFacts, identity
from profile_service.keys.closing import EpochClosing
from profile_service.keys.epochs import Epoch, EpochState
from profile_service.keys.errors import BucketMovedError, KeysUnavailableError
from profile_service.keys.inventory import KeyInventory
from profile_service.keys.reservations import Held, Reserved, Resumed
from profile_service.keys.roots import FileRootProvider
from profile_service.keys.store import KeyStore
from tests.keys.wishes import wish

PLACE = b"the place of the test"
PATIENCE = 60.0

Answer = TypeVar("Answer")


@dataclass
class Citizen:
    """One person: an address, and a text sealed under the key."""

    address: str
    profile_id: UUID
    sealed: bytes


@dataclass
class City:
    """A population on one key database."""

    store: KeyStore
    engine: Engine
    roots: Path
    backups: Path
    living: list[Citizen] = field(default_factory=list)
    erased: list[Citizen] = field(default_factory=list)

    def settle(self, count: int, batch: int = 200) -> list[Citizen]:
        """Let people register."""
        first = len(self.living) + len(self.erased)
        new = []
        for start in range(first, first + count, batch):
            numbers = range(start, min(start + batch, first + count))
            new += patiently(lambda: self._register(numbers))  # noqa: B023 - called here
        self.living += new
        return new

    def _register(self, numbers: range) -> list[Citizen]:
        """The same requests again continue where they were stopped."""
        addresses = [f"person{number}@example.org" for number in numbers]
        wishes = [wish(self.store, address, address) for address in addresses]
        outcomes = self.store.reserve(wishes)
        assert all(isinstance(outcome, Reserved | Resumed) for outcome in outcomes)
        ids = [
            outcome.profile_id if isinstance(outcome, Resumed) else item.profile_id
            for item, outcome in zip(wishes, outcomes, strict=True)
        ]
        ciphers = self.store.ciphers(ids)
        sealed = [ciphers[profile_id].seal(b"text", PLACE) for profile_id in ids]
        return [Citizen(*one) for one in zip(addresses, ids, sealed, strict=True)]

    def erase(self, count: int) -> list[Citizen]:
        """Erase those who came first."""
        gone, self.living = self.living[:count], self.living[count:]
        for citizen in gone:
            patiently(lambda: self.store.destroy(citizen.profile_id))  # noqa: B023 - called here
        self.erased += gone
        return gone

    def closing(self, store: KeyStore | None = None) -> EpochClosing:
        return (store or self.store).closing(self.backups)

    def expect_all_readable(self, store: KeyStore | None = None) -> None:
        """Everyone living opens their text and is found by their address; nobody erased is."""
        patiently(lambda: self._expect_all_readable(store or self.store))

    def _expect_all_readable(self, store: KeyStore) -> None:
        ciphers = store.ciphers([citizen.profile_id for citizen in self.living])
        unreadable = [citizen for citizen in self.living if citizen.profile_id not in ciphers]
        assert unreadable == []
        for citizen in self.living:
            assert ciphers[citizen.profile_id].open(citizen.sealed, PLACE)
        found = _holders(store, self.living)
        assert [held and held.profile_id for held in found] == [one.profile_id for one in self.living]
        assert store.ciphers([citizen.profile_id for citizen in self.erased]) == {}
        assert not any(_holders(store, self.erased))

    def fresh(self) -> KeyStore:
        """A store that knows nothing yet; to be started and stopped."""
        return KeyStore(self.engine, FileRootProvider(self.roots))


def patiently(work: Callable[[], Answer]) -> Answer:
    """Do it again after a lease was lost, which a busy machine is enough for."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return work()
        except KeysUnavailableError:
            assert time.monotonic() < until, "the keys never came back"
            time.sleep(0.1)


def _holders(store: KeyStore, citizens: list[Citizen]) -> list[Held | None]:
    while True:
        try:
            return store.holders([store.address_tag(citizen.address) for citizen in citizens])
        except BucketMovedError:
            continue


def without_log(_: Epoch) -> int:
    """A position for tests of the key database alone."""
    return 7


def close(
    closing: EpochClosing,
    upto: EpochState = EpochState.CLOSED,
    record: Callable[[Epoch], int] = without_log,
) -> int:
    """Go through the steps up to a state; return the epoch. `record` tells the log, if there is one."""
    epoch = closing.first_unclosed()
    while epoch.state is not upto:
        patiently(lambda: step(closing, closing.epoch(epoch.epoch).state, record))  # noqa: B023 - called here
        epoch = closing.epoch(epoch.epoch)
    return epoch.epoch


def step(closing: EpochClosing, state: EpochState, record: Callable[[Epoch], int] = without_log) -> None:
    """The step that leads on from a state; from PREPARED on one only if it is this process's."""
    epoch = closing.first_unclosed()
    match state:
        case EpochState.OPEN:
            closing.prepare(epoch)
        case EpochState.PREPARED:
            closing.prepare(epoch)
            for _ in closing.renew_buckets():
                pass
            closing.switch()
        case EpochState.SWITCHED:
            closing.back_up(epoch)
        case EpochState.BACKED_UP:
            closing.destroy(epoch)
        case EpochState.DESTROYED:
            closing.finish(epoch, record(epoch))


def expect_closes_in_the_log(keys: Engine, facts: EpochFacts) -> None:
    """Each close that the keys know is in the log once, where the keys say."""
    closed = KeyInventory(keys).closed_epochs()
    assert facts.positions() == {identity(epoch): epoch.closed_position for epoch in closed}
    assert len(facts.reader.stream(STREAM)) == len(closed) > 0
