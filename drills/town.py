"""A running service with people in it, its backups, and what a client can still read."""

from __future__ import annotations

import subprocess
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
from grpc_health.v1 import health_pb2

from benchmarks.bodies import registration
from profile_service.client import error_reason
from profile_service.v1.audit_service_pb2 import ReplayEventsRequest
from profile_service.v1.events_pb2 import KeyEpochClosed
from profile_service.v1.operations_service_pb2 import (
    CloseEpochRequest,
    GetKeyStatusRequest,
    ListProjectionsRequest,
)
from profile_service.v1.profile_pb2 import Position, Profile
from profile_service.v1.profile_service_pb2 import (
    ImportItem,
    ImportProfilesRequest,
    ImportProfilesResponse,
)
from tests.support import people
from tests.support.service import Service, Stubs

SECONDS = 60.0
BATCH = 250
# Calls under way at once.
AT_ONCE = 64
# Seconds between looks at a service that does not serve yet: a moment in which it answers too early is met.
PAUSE = 0.01

# Answers of a busy machine: the same again.
PASSING = ("KEYS_UNAVAILABLE", "UNAVAILABLE", "DEADLINE_EXCEEDED", "QUEUE_FULL")

IMPORT = "/profile_service.v1.ProfileService/ImportProfiles"
READABLE = "READABLE"


@dataclass
class Town:
    """`living` and `erased` hold profile ids, by the number that their address is made of.

    `moved`: the addresses of those who changed theirs, by number; `left`: addresses that nobody has any more.
    """

    service: Service
    backups: Path
    name: str = field(default_factory=lambda: uuid4().hex)
    living: dict[int, str] = field(default_factory=dict)
    erased: dict[int, str] = field(default_factory=dict)
    moved: dict[int, str] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)

    def settle(self, count: int) -> list[int]:
        """Register people; return their numbers. An import that breaks off is sent again, as clients do."""
        first = len(self.living) + len(self.erased)
        numbers = range(first, first + count)
        import_id, end = str(uuid4()), time.monotonic() + 10 * SECONDS
        while reason := self._import(import_id, numbers):
            if reason not in PASSING or time.monotonic() > end:
                raise AssertionError(f"an import was refused: {reason}")
        if missing := [number for number in numbers if not self.living.get(number)]:
            raise AssertionError(f"{len(missing)} people were not registered")
        return list(numbers)

    def erase(self, numbers: Sequence[int]) -> None:
        """Erase these people, each answered."""
        with self.service.stubs() as stubs:
            _insist(stubs.rights.EraseProfile, [people.erase(self.living[number]) for number in numbers])
        for number in numbers:
            self.erased[number] = self.living.pop(number)

    def address(self, number: int) -> str:
        """The address of a person by the log."""
        return self.moved.get(number) or registration(number, self.name).email

    def move(self, numbers: Sequence[int]) -> None:
        """Have these people change address."""
        new = {number: f"moved.{uuid4().hex}@example.org" for number in numbers}
        requests = [
            people.update(self.living[number], Profile(email=email), "email") for number, email in new.items()
        ]
        with self.service.stubs() as stubs:
            _insist(stubs.profiles.UpdateProfile, requests)
        self.left |= {self.address(number) for number in numbers}
        self.moved.update(new)

    def forget_moves(self, numbers: Sequence[int]) -> None:
        """The log was put back to before these people changed address."""
        for number in numbers:
            self.left.add(self.moved.pop(number))
            self.left.discard(self.address(number))

    def close_epoch(self) -> None:
        """Close the epoch of the keys."""
        with self.service.stubs() as stubs:
            list(stubs.operations.CloseEpoch(CloseEpochRequest(), timeout=SECONDS * 10))

    def closed_epochs(self) -> list[int]:
        """The epochs that are closed by the log."""
        request = ReplayEventsRequest(types=["KeyEpochClosed"])
        with self.service.stubs() as stubs:
            batches = stubs.audit.ReplayEvents(request, timeout=SECONDS)
            return [
                KeyEpochClosed.FromString(event.fact).epoch for batch in batches for event in batch.events
            ]

    def back_up(self, name: str, *arguments: str) -> Path:
        """Make a backup beside the running service."""
        self.service.run("backup", str(self.backups / name), *arguments, timeout=600)
        return self.backups / name

    def restore(self, backup: Path, *arguments: str) -> str:
        """Stop the service and restore; return what was said if it was refused, else nothing."""
        self.service.stop()
        try:
            self.service.run("restore", str(backup), "--replace", *arguments, timeout=600)
        except subprocess.CalledProcessError as error:
            return str(error.stderr)
        return ""

    def start_reading(self, profile_ids: Iterable[str]) -> Counter[str]:
        """Start; from before it serves until it does, and once more, read these people.

        Counts the answers by reason, `READABLE` for an opened profile.
        """
        wanted = list(profile_ids)
        asked = deque(wanted[:AT_ONCE])
        self.service.process = self.service.spawn("serve")
        seen: Counter[str] = Counter()
        with self.service.stubs() as stubs:
            while not _serving(stubs):
                if self.service.process.poll() is not None:
                    self.service.wait_until(health_pb2.HealthCheckResponse.SERVING)
                seen.update(_answers(stubs, asked))
                time.sleep(PAUSE)
        return seen + self.read(wanted)

    def read(self, profile_ids: Iterable[str]) -> Counter[str]:
        """Read these people once each; count the answers by reason."""
        with self.service.stubs() as stubs:
            outcomes = _all(stubs.profiles.GetProfile, [people.get(one) for one in profile_ids])
            return Counter(outcome or READABLE for outcome in outcomes)

    def find(self, emails: Sequence[str]) -> list[str]:
        """Look for somebody by each address: the profile id, or the reason why there is none."""
        with self.service.stubs() as stubs:
            found = _ended(stubs.profiles.FindProfile, [people.find(email) for email in emails])
            return [reason or call.result().profile_id for call, reason in found]

    def count_keys(self) -> int:
        """How many people have a key."""
        with self.service.stubs() as stubs:
            status = stubs.operations.GetKeyStatus(GetKeyStatusRequest(), timeout=SECONDS)
        return int(status.profile_keys)

    def head(self) -> Position:
        """The log's id and its last position."""
        with self.service.stubs() as stubs:
            answer = stubs.operations.ListProjections(ListProjectionsRequest(), timeout=SECONDS)
        return Position(value=answer.head_position, log_id=answer.log_id)

    def read_at(self, profile_id: str, position: Position) -> str:
        """Read with a position from another time; return the reason, or `READABLE`."""
        request = people.get(profile_id)
        request.at_least_position.CopyFrom(position)
        with self.service.stubs() as stubs:
            return next(_all(stubs.profiles.GetProfile, [request])) or READABLE

    def _import(self, import_id: str, numbers: Sequence[int]) -> str | None:
        """Import people; None, or the reason why it was broken off."""
        with self.service.stubs() as stubs:
            call: grpc.StreamStreamMultiCallable[ImportProfilesRequest, ImportProfilesResponse]
            call = stubs.channel.stream_stream(
                IMPORT,
                request_serializer=ImportProfilesRequest.SerializeToString,
                response_deserializer=ImportProfilesResponse.FromString,
            )
            try:
                for answer in call(self._imports(import_id, numbers), timeout=SECONDS * 10):
                    self.living.update({status.index: status.profile_id for status in answer.statuses})
            except grpc.RpcError as error:
                return error_reason(error) or error.code().name
        return None

    def _imports(self, import_id: str, numbers: Sequence[int]) -> Iterator[ImportProfilesRequest]:
        for start in range(0, len(numbers), BATCH):
            part = numbers[start : start + BATCH]
            items = [
                ImportItem(index=number, registration=registration(number, self.name)) for number in part
            ]
            yield ImportProfilesRequest(import_id=import_id, items=items)


@contextmanager
def town_of(service: Service) -> Iterator[Town]:
    """A town on a service that is started now, and stopped at the end."""
    service.start()
    try:
        yield Town(service, service.directory / "backups")
    finally:
        service.stop()


def _insist(call: object, requests: Sequence[object]) -> None:
    """Make calls until each is answered, again with the same request id, as clients do."""
    left, end = list(requests), time.monotonic() + 10 * SECONDS
    while left:
        outcomes = list(_all(call, left))
        left = [request for request, outcome in zip(left, outcomes, strict=True) if outcome]
        refused = {outcome for outcome in outcomes if outcome}
        if refused - set(PASSING) or (refused and time.monotonic() > end):
            raise AssertionError(f"calls were refused: {refused}")


def _all(call: object, requests: Sequence[object]) -> Iterator[str | None]:
    """Make calls; yield None or the reason of the refusal, in order."""
    return (reason for _, reason in _ended(call, requests))


def _ended(call: object, requests: Sequence[object]) -> Iterator[tuple[Any, str | None]]:
    """Make calls, `AT_ONCE` at a time; yield each with None or the reason of the refusal, in order."""
    for start in range(0, len(requests), AT_ONCE):
        futures = [call.future(request, timeout=SECONDS) for request in requests[start : start + AT_ONCE]]  # type: ignore[attr-defined]  # stubs carry no types
        for future in futures:
            error = future.exception()
            yield future, None if error is None else error_reason(error) or error.code().name


def _answers(stubs: Stubs, asked: deque[str]) -> Iterator[str]:
    """Read these people up to the first who is not answered: then nobody is yet, and the next is first."""
    for profile_id in tuple(asked):
        asked.rotate(-1)
        if (reason := _read(stubs, profile_id)) == "UNAVAILABLE":
            return
        yield reason


def _read(stubs: Stubs, profile_id: str) -> str:
    return next(_all(stubs.profiles.GetProfile, [people.get(profile_id)])) or READABLE


def _serving(stubs: Stubs) -> bool:
    try:
        answer = stubs.health.Check(health_pb2.HealthCheckRequest(), timeout=1)
    except grpc.RpcError:
        return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)
