"""kill -9 of the notifier amid fifty recipients that fail, while people are rectified and erased: everyone
is told, each obligation is acknowledged once, none stays open. `python -m tests.disclosures`."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from profile_service.v1.disclosure_service_pb2 import (
    OBLIGATION_STATE_OPEN,
    OBLIGATION_STATE_UNSPECIFIED,
    ListObligationsRequest,
    Obligation,
    ObligationState,
)
from profile_service.v1.events_pb2 import (
    OBLIGATION_KIND_ERASURE,
    OBLIGATION_KIND_RECTIFICATION,
    ObligationKind,
)
from profile_service.v1.profile_pb2 import Profile
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import people, recipients
from tests.support.recipients import Callback, callbacks
from tests.support.service import Databases, Process, Service, Stubs, running_service

RECIPIENTS = 50
FAILING = 0.3
PEOPLE = 4
# Seconds: until a worker leads, also after one that was killed and had the lease; and until all is told.
LEADING = 60.0
TOLD = 240.0
LEADS = b"tells recipients"


class Owing(NamedTuple):
    """What a recipient must hear."""

    recipient_id: str
    profile_id: str
    kind: ObligationKind
    fields: tuple[str, ...]


@dataclass
class City:
    """People whose data recipients had, and who is owed what: said by this test, not by the service."""

    service: Service
    stubs: Stubs
    callbacks: Sequence[Callback]
    choose: random.Random
    # By recipient: its callback, and the fields it had.
    known: dict[str, tuple[Callback, tuple[str, ...]]] = field(default_factory=dict)
    living: list[str] = field(default_factory=list)
    owed: Counter[Owing] = field(default_factory=Counter)
    busy: int = 0
    _worker: Process | None = None

    def settle(self) -> None:
        """Register everyone, and disclose everybody to every recipient."""
        for number, callback in enumerate(self.callbacks):
            fields: tuple[str, ...] = ("email", "family_name") if number % 2 else ("email",)
            recipient = recipients.supplier(*fields, callback=callback.address)
            answer = self.stubs.disclosures.RegisterRecipient(
                recipients.registration(recipient), timeout=SECONDS
            )
            self.known[answer.recipient_id] = (callback, fields)
        for _ in range(PEOPLE):
            profile_id = calls.register(self.stubs).profile_id
            self.stubs.consents.SetConsent(people.consent(profile_id), timeout=SECONDS)
            self.living.append(profile_id)
            for recipient_id, (_, fields) in self.known.items():
                asked = recipients.disclosure(profile_id, recipient_id, *fields)
                self.stubs.disclosures.DiscloseProfile(asked, timeout=SECONDS)

    def rectify(self) -> None:
        """Someone has another name, which half of the recipients had."""
        profile_id = self.choose.choice(self.living)
        name = f"Name {people.new_id()}"
        change = people.update(
            profile_id, Profile(family_name=name, post_code="2018"), "family_name", "post_code"
        )
        self.stubs.profiles.UpdateProfile(change, timeout=SECONDS)
        self._owe(profile_id, OBLIGATION_KIND_RECTIFICATION, ("family_name",))

    def erase(self) -> None:
        profile_id = self.living.pop()
        self.stubs.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS)
        self._owe(profile_id, OBLIGATION_KIND_ERASURE, ("email", "family_name"))

    def start(self, module: str = "profile_service") -> None:
        """Start a worker, and wait until it leads."""
        before = self.service.log.read_bytes().count(LEADS)
        self.service.module = module
        self._worker = self.service.spawn("notify")
        self.service.module = "profile_service"
        wait_until(lambda: self.service.log.read_bytes().count(LEADS) > before, LEADING)

    def kill(self) -> None:
        if self._worker is not None:
            self._worker.kill()
            self._worker.wait()
            self._worker = None

    def kill_at_random(self, kills: int) -> None:
        """Rectify and erase while workers die; none is alive afterwards."""
        for number in range(kills):
            self.start()
            before = self._told()
            # A rectification that the worker meets after its person's erasure is told as that erasure, so an
            # erasure waits until what came before it is open.
            self.rectify()
            time.sleep(self.choose.uniform(0, 1.0))
            if number % max(1, kills // (PEOPLE - 1)) == 1 and len(self.living) > 1:
                self._wait_until_open()
                self.erase()
                time.sleep(self.choose.uniform(0, 0.3))
            self.kill()
            self.busy += self._told() != before

    def finish(self) -> None:
        """Let a worker do the rest; whatever is open then stays so."""
        self.start()
        wait_until(lambda: not self.faults(), TOLD, or_else=None)
        self.kill()

    def faults(self) -> list[str]:
        """What does not hold, one line each."""
        told = {
            Owing(recipient_id, request.profile_id, request.kind, tuple(request.fields))
            for recipient_id, (callback, _) in self.known.items()
            for request in list(callback.told)
        }
        opened = Counter(owing(one) for one in self.obligations())
        acknowledged = Counter(
            event.header.stream for event in calls.events(self.stubs, types=["ObligationAcknowledged"])
        )
        return [
            *(f"never told: {one}" for one in self.owed.keys() - told),
            *(f"told, not owed: {one}" for one in told - self.owed.keys()),
            *(
                f"{opened[one]} obligations, owed {count}: {one}"
                for one, count in self.owed.items()
                if opened[one] != count
            ),
            *(
                f"acknowledged {count} times: {stream}"
                for stream, count in acknowledged.items()
                if count != 1
            ),
            *(f"still open: {one.obligation_id}" for one in self.obligations(OBLIGATION_STATE_OPEN)),
            *(["an obligation without an acknowledgement"] if len(acknowledged) != self.owed.total() else []),
        ]

    def obligations(self, state: ObligationState = OBLIGATION_STATE_UNSPECIFIED) -> list[Obligation]:
        wanted = ListObligationsRequest(reason=people.REASON, state=state, page_size=500)
        found: list[Obligation] = []
        while True:
            page = self.stubs.disclosures.ListObligations(wanted, timeout=SECONDS)
            found += page.obligations
            if not page.next_page_token:
                return found
            wanted.page_token = page.next_page_token

    def _owe(self, profile_id: str, kind: ObligationKind, touched: tuple[str, ...]) -> None:
        for recipient_id, (_, had) in self.known.items():
            fields = tuple(name for name in touched if name in had)
            if fields:
                self.owed[Owing(recipient_id, profile_id, kind, fields)] += 1

    def _told(self) -> int:
        return sum(len(callback.told) for callback in self.callbacks)

    def _wait_until_open(self) -> None:
        wait_until(lambda: len(self.obligations()) >= self.owed.total(), LEADING)


def owing(one: Obligation) -> Owing:
    return Owing(one.recipient_id, one.profile_id, one.kind, tuple(one.fields))


def wait_until(look: Callable[[], Any], seconds: float, or_else: str | None = "not in time") -> None:
    """Look again until it is so."""
    end = time.monotonic() + seconds
    while not look():
        if time.monotonic() > end:
            assert or_else is None, or_else
            return
        time.sleep(0.1)


@contextmanager
def city(
    directory: Path,
    databases: Databases,
    *,
    seed: int,
    failing: float = FAILING,
    count: int = RECIPIENTS,
) -> Iterator[City]:
    """A service without a notifier of its own, and so many recipients."""
    environment = {"APROFILE_NOTIFIER": "false"}
    with (
        running_service(directory, databases, environment=environment) as service,
        service.stubs() as stubs,
        callbacks(count, failing, seed) as made,
    ):
        city = City(service, stubs, made, random.Random(seed))
        city.settle()
        try:
            yield city
        finally:
            city.kill()


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m tests.disclosures")
    arguments.add_argument("--kills", type=int, default=20)
    arguments.add_argument("--seed", type=int, default=random.randrange(10**6))
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        with city(directory, Databases.sqlite(directory), seed=chosen.seed) as one:
            one.kill_at_random(chosen.kills)
            one.finish()
            faults = one.faults()
            told = sum(len(callback.told) for callback in one.callbacks)
            sys.stdout.write(
                f"seed {chosen.seed}: {chosen.kills} kills, {one.busy} amid calls;"
                f" {one.owed.total()} obligations, {told} times told; {len(faults)} faults\n"
            )
            sys.stdout.writelines(f"{fault}\n" for fault in faults)
    sys.exit(bool(faults))
