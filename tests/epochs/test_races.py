"""Registering and erasing while epochs close, in several processes: nobody is lost, nobody comes back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from profile_service.batching import Batcher
from profile_service.keys import renewing, switching
from profile_service.keys.errors import KeyDatabaseError, KeysUnavailableError
from profile_service.keys.renewing import KeyRenewal
from profile_service.keys.reservations import Reservable, Reservation, Reserved
from profile_service.keys.schema import epochs
from profile_service.keys.store import KeyStore
from tests.epochs.city import PLACE, Citizen, City, close
from tests.epochs.process import Registering
from tests.keys.wishes import wish

WRITERS = 50
CLOSES = 3
WAIT = 60.0
ERASING_PAUSE = 0.1


class Writers:
    """Threads that register, and erase every third person they registered, until they are stopped.

    As in a server, registrations queue for one writer of each process, and few erase at a time: not so many
    that they dirty buckets faster than a close can renew them.
    """

    def __init__(self, stores: list[KeyStore]) -> None:
        self._stores = stores
        self._queues: list[Batcher[Reservation, Reservable]] = [
            Batcher(store.reserve, name="key-writer", linger=0.001) for store in stores
        ]
        self._erasing = threading.Semaphore(4)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self.living: list[Citizen] = []
        self.erased: list[Citizen] = []
        self.failures: list[BaseException] = []
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(WRITERS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        for queue in self._queues:
            queue.stop()

    def _run(self, number: int) -> None:
        place = number % len(self._stores)
        turn = 0
        try:
            while not self._stopping.is_set():
                # A machine so busy that the lease was lost: the next one has another address.
                with suppress(KeysUnavailableError):
                    self._register(place, f"writer{number}-{turn}@example.org", erase=turn % 3 == 2)
                turn += 1
                time.sleep(0.01)
        except BaseException as error:  # noqa: BLE001 - told to the test
            self.failures.append(error)

    def _register(self, place: int, address: str, *, erase: bool) -> None:
        store = self._stores[place]
        while True:
            item = wish(store, address, address)
            if isinstance(self._queues[place].call(item), Reserved):
                break
        citizen = Citizen(address, item.profile_id, item.key.cipher.seal(b"text", PLACE))
        if erase:
            with self._erasing:
                store.destroy(item.profile_id)
                time.sleep(ERASING_PAUSE)
        with self._lock:
            (self.erased if erase else self.living).append(citizen)


def wait_for(condition: Callable[[], object]) -> None:
    until = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.05)


@pytest.mark.timeout(300)
def test_nobody_is_lost_while_epochs_close(
    city: City, new_store: Callable[..., KeyStore], database_url: str, roots: Path
):
    city.settle(200)
    city.erase(50)
    process = Registering(database_url, roots, "other-process")
    writers = Writers([city.store, new_store()])
    writers.start()
    try:
        wait_for(lambda: len(process) > 10 and len(writers.erased) > 20)
        for _ in range(CLOSES):
            before = len(process), len(writers.living)
            close(city.closing())
            wait_for(lambda: len(process) > before[0] and len(writers.living) > before[1])  # noqa: B023 - waits here
    finally:
        writers.stop()
        told = process.stop()
    assert writers.failures == []
    city.living += [Citizen(address, UUID(profile_id), sealed) for profile_id, address, sealed in told]
    city.living += writers.living
    city.erased += writers.erased
    city.expect_all_readable()
    city.expect_all_readable(new_store())
    assert city.closing().first_unclosed().epoch == CLOSES + 1


def test_a_planted_switch_that_does_not_look_again_loses_someone(
    city: City, new_store: Callable[..., KeyStore], engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    """It renews buckets as they were when it prepared; who came meanwhile is under a key that is gone."""
    city.settle(60)
    city.erase(3)
    closing = city.closing()
    closing.prepare(closing.first_unclosed())
    made = switching.Switch.prepare

    known: set[UUID] = set()

    def then_someone_comes(self: switching.Switch) -> None:
        made(self)
        ahead = [one for one in self._renewals.values() if isinstance(one, KeyRenewal)]
        known.update(profile_id for renewal in ahead for profile_id in renewal._taken)
        dirty = {renewal.bucket for renewal in ahead}
        while not dirty & {self._tree.wrap(one.profile_id, bytearray(32)).bucket for one in city.living[57:]}:
            city.settle(50)

    rows_in = KeyRenewal.rows_in
    monkeypatch.setattr(switching.Switch, "prepare", then_someone_comes)
    store_renewals = renewing.store_renewals

    def of_those_known(*arguments: Any) -> None:
        with monkeypatch.context() as patch:
            only = staticmethod(lambda c, b: [row for row in rows_in(c, b) if row[0] in known])
            patch.setattr(KeyRenewal, "rows_in", only)
            store_renewals(*arguments)

    monkeypatch.setattr(switching, "store_renewals", of_those_known)
    closing.switch()
    with pytest.raises(KeyDatabaseError):
        city.expect_all_readable(new_store())


def test_the_last_epoch_is_the_one_in_use_at_all_times(city: City, engine: Engine):
    """Who is erased while an epoch is prepared is counted to the one whose close makes it final."""
    city.settle(5)
    closing = city.closing()
    closing.prepare(closing.first_unclosed())
    (gone,) = city.erase(1)
    erasure = city.store.erasure_of(gone.profile_id)
    assert erasure is not None
    assert erasure.epoch == 1
    with engine.connect() as connection:
        assert connection.execute(select(epochs.c.epoch)).scalars().all() == [1]
