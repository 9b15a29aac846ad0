"""People who register, consent and leave, from many threads at once, and a journal of what was answered."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc

from tests.support import people
from tests.support.service import Service, Stubs

SECONDS = 20.0


@dataclass
class Life:
    """What one person asked for, in order, and each answer; None: the call was never answered."""

    person: people.Person
    registered: Any
    registration: Any = None
    consented: Any = None
    consent: Any = None
    erased: Any = None
    erasure: Any = None

    @property
    def profile_id(self) -> str:
        assert self.registration is not None
        profile_id: str = self.registration.profile_id
        return profile_id

    def go_on(self, stubs: Stubs, *, leaves: bool) -> None:
        """Ask for whatever was not answered yet. Raises `grpc.RpcError`."""
        if self.registration is None:
            self.registration = stubs.profiles.RegisterProfile(self.registered, timeout=SECONDS)
        if self.consent is None and self.erased is None:
            self.consented = self.consented or people.consent(self.profile_id)
            self.consent = stubs.consents.SetConsent(self.consented, timeout=SECONDS)
        if leaves and self.erasure is None:
            self.erased = self.erased or people.erase(self.profile_id)
            self.erasure = stubs.rights.EraseProfile(self.erased, timeout=SECONDS)


@dataclass
class Workload:
    """Threads that live lives one after the other, until a call fails."""

    lives: list[Life] = field(default_factory=list)
    failures: list[grpc.RpcError] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def _live(self, service: Service) -> None:
        with service.stubs() as stubs:
            try:
                while not self.stopping.is_set():
                    person = people.new_person()
                    life = Life(person, people.register(person))
                    self.lives.append(life)
                    life.go_on(stubs, leaves=len(self.lives) % 4 == 0)
            except grpc.RpcError as error:
                self.failures.append(error)

    @contextmanager
    def running(self, service: Service, threads: int = 8) -> Iterator[None]:
        """Load for as long as the block lasts; at its end every call has ended, one way or the other."""
        running = [threading.Thread(target=self._live, args=(service,)) for _ in range(threads)]
        for thread in running:
            thread.start()
        try:
            yield
        finally:
            self.stopping.set()
            for thread in running:
                thread.join()

    @property
    def answers(self) -> int:
        """How many calls were answered."""
        return sum(
            answer is not None
            for life in self.lives
            for answer in (life.registration, life.consent, life.erasure)
        )


def replay(stubs: Stubs, *, after: int = 0) -> list[Any]:
    """Every fact of the log after a position, in the order it is given out."""
    from profile_service.v1.audit_service_pb2 import ReplayEventsRequest

    answers = stubs.audit.ReplayEvents(ReplayEventsRequest(after_position=after), timeout=SECONDS)
    return [event for answer in answers for event in answer.events]
