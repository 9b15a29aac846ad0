"""People with keys and sealed texts, and what must be true of them after an epoch was closed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine

from profile_service.keys.closing import EpochClosing
from profile_service.keys.epochs import EpochState
from profile_service.keys.errors import BucketMovedError
from profile_service.keys.reservations import Held, Reserved
from profile_service.keys.roots import FileRootProvider
from profile_service.keys.store import KeyStore
from tests.keys.wishes import wish

PLACE = b"the place of the test"


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
            wishes = [wish(self.store, f"person{number}@example.org") for number in numbers]
            outcomes = self.store.reserve(wishes)
            assert all(isinstance(outcome, Reserved) for outcome in outcomes)
            for number, item in zip(numbers, wishes, strict=True):
                sealed = item.key.cipher.seal(b"%d" % number, PLACE)
                new.append(Citizen(f"person{number}@example.org", item.profile_id, sealed))
        self.living += new
        return new

    def erase(self, count: int) -> list[Citizen]:
        """Erase those who came first."""
        gone, self.living = self.living[:count], self.living[count:]
        for citizen in gone:
            self.store.destroy(citizen.profile_id)
        self.erased += gone
        return gone

    def closing(self, store: KeyStore | None = None) -> EpochClosing:
        return (store or self.store).closing(self.backups)

    def expect_all_readable(self, store: KeyStore | None = None) -> None:
        """Everyone living opens their text and is found by their address; nobody erased is."""
        store = store or self.store
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


def _holders(store: KeyStore, citizens: list[Citizen]) -> list[Held | None]:
    while True:
        try:
            return store.holders([store.address_tag(citizen.address) for citizen in citizens])
        except BucketMovedError:
            continue


def close(closing: EpochClosing, upto: EpochState = EpochState.CLOSED) -> int:
    """Go through the steps on the key database up to a state; return the epoch. The log is not asked."""
    epoch = closing.first_unclosed()
    while epoch.state is not upto:
        step(closing, epoch.state)
        epoch = closing.epoch(epoch.epoch)
    return epoch.epoch


def step(closing: EpochClosing, state: EpochState) -> None:
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
            closing.finish(epoch, 7)
