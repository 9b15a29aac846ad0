"""Keeping a process's lease: renewing it, following destroyed keys, dropping everything when it is lost."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from uuid import UUID

from profile_service.keys.lease import LEASE_SECONDS, RENEW_SECONDS, Lease, now
from profile_service.keys.lease_table import LeaseTable, LeaseWatch, Tombstone

_WATCH_SECONDS = 0.2

log = logging.getLogger(__name__)


class LeaseKeeper:
    """Two threads: one talks to the database, the other needs only the clock.

    `opened` is called with no lease held, when the keys may be read again; `lost` drops every context;
    `destroyed` evicts the keys of people.
    """

    def __init__(
        self,
        table: LeaseTable,
        lease: Lease,
        watch: LeaseWatch,
        *,
        opened: Callable[[], None],
        lost: Callable[[], None],
        destroyed: Callable[[Collection[UUID]], None],
    ) -> None:
        self._table = table
        self._lease = lease
        self._watch = watch
        self._opened = opened
        self._lost = lost
        self._destroyed = destroyed
        self._holding = False
        self._turn = threading.Lock()
        self._stopping = threading.Event()
        self._seen = 0
        self._renewed = 0.0
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Take the lease, then keep it. Raises what `opened` or the driver raises."""
        began = now()
        self._seen = self._table.join()
        self._extend(began)
        for name, work in (("keys-lease", self._keep), ("keys-watch", self._watch_clock)):
            thread = threading.Thread(target=work, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Drop every context and give the lease back."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._lease.end()
        self._drop()
        try:
            self._table.leave()
        except Exception as error:  # noqa: BLE001 - the lease is over by itself soon
            log.warning("keys_lease_not_returned", extra={"reason": type(error).__name__})
        self._table.close()

    def _keep(self) -> None:
        heard: Sequence[Tombstone] = ()
        while not self._stopping.is_set():
            try:
                self._follow(heard)
                if now() - self._renewed >= RENEW_SECONDS:
                    self._renew()
                heard = self._table.wait()
            except Exception as error:  # noqa: BLE001 - whatever it is, the lease runs out unless it passes
                log.warning("keys_lease_not_renewed", extra={"reason": type(error).__name__})
                self._stopping.wait(_WATCH_SECONDS)

    def _renew(self) -> None:
        began = now()
        if not self._table.renew(self._seen):
            self._lose()
            self._seen = self._table.join()
        # Before anything opens again: who was destroyed while this process was not listening.
        self._follow()
        self._extend(began)
        self._table.remove_over(self._watch)

    def _follow(self, heard: Sequence[Tombstone] = ()) -> None:
        """Evict who was destroyed. What was `heard` is taken for all there is if it goes on where we are."""
        expected = range(self._seen + 1, self._seen + 1 + len(heard))
        goes_on = heard and [gone.sequence for gone in heard] == list(expected)
        destroyed = heard if goes_on else self._table.destroyed_after(self._seen)
        if destroyed:
            self._destroyed([gone.profile_id for gone in destroyed])
            self._table.acknowledge(destroyed[-1].sequence)
            self._seen = destroyed[-1].sequence

    def _extend(self, began: float) -> None:
        self._renewed = began
        with self._turn:
            if self._lease.is_over():
                self._drop()
            if now() - began >= LEASE_SECONDS:
                return  # the renewal took too long to be worth anything; the next one follows at once
            if not self._holding:
                self._opened()
                self._holding = True
            self._lease.extend(began)

    def _lose(self) -> None:
        with self._turn:
            self._lease.end()
            self._drop()

    def _drop(self) -> None:
        if self._holding:
            self._holding = False
            self._lost()

    def _watch_clock(self) -> None:
        while not self._stopping.wait(_WATCH_SECONDS):
            if self._lease.is_over():
                with self._turn:
                    if self._lease.is_over():
                        self._drop()
