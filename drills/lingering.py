"""How many values of people are left in a server's memory after calls that have nothing to do with them.

A count, not a proof: Python frees a value and does not overwrite it. Keys, which do not linger, are not here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import grpc

from drills.claims import Claim
from drills.town import PASSING, SECONDS, Town
from profile_service.client import error_reason
from profile_service.v1.operations_service_pb2 import GetKeyStatusRequest
from tests.support import people
from tests.support.memory import regions
from tests.support.service import Service, Stubs

PEOPLE, OTHERS = 40, 20
# Which value of a person it is, by what stands before the mark in it.
LABELS = (b"ail.", b"iven", b"ily ", b"eet ", b"own ", b"est-")
VALUES = PEOPLE * len(LABELS)
# Of a hundred values as many may be left: half as many again as were ever counted.
LIMIT = 33


def values_in_memory(town: Town, size: int) -> Iterator[Claim]:
    """People live and are read; then `size` calls are about others, or about nobody."""
    just_after, later = count_lingering(town.service, size)
    yield Claim(
        "a value that was read is in memory, so it can be counted",
        f"{just_after} of {VALUES} values of {PEOPLE} people",
        just_after > 0,
    )
    yield Claim(
        f"after unrelated calls at most {LIMIT} in 100 values are left",
        f"{later} of {VALUES} after {size} calls",
        100 * later <= LIMIT * VALUES,
    )


def count_lingering(service: Service, calls: int) -> tuple[int, int]:
    """How many values of `PEOPLE` are in memory just after they lived, and after so many calls more."""
    assert service.process is not None
    with service.stubs() as stubs:
        story = people.new_person().mark
        for number in range(PEOPLE):
            live(stubs, people.Person(f"{story}{number:03}"))
        just_after = len(_values(service.process.pid, story))
        call_about_others(stubs, [live(stubs, people.new_person()) for _ in range(OTHERS)], calls)
        return just_after, len(_values(service.process.pid, story))


def live(stubs: Stubs, person: people.Person) -> UUID:
    """Somebody registers, moves, consents and is read."""
    answer = answered(stubs.profiles.RegisterProfile, people.register(person))
    completed = people.update(answer.profile_id, person.completion, *people.COMPLETED)
    answered(stubs.profiles.UpdateProfile, completed)
    position = answered(stubs.consents.SetConsent, people.consent(answer.profile_id)).position
    read = answered(stubs.profiles.GetProfile, people.get(answer.profile_id, position.value))
    assert person.mark in read.profile.family_name
    return UUID(answer.profile_id)


def call_about_others(stubs: Stubs, others: Sequence[UUID], calls: int) -> None:
    """Half of the calls read one of these people, the other half nobody."""
    for number in range(calls // 2):
        answered(stubs.profiles.GetProfile, people.get(str(others[number % len(others)])))
        answered(stubs.operations.GetKeyStatus, GetKeyStatusRequest())


def answered(call: Any, request: Any) -> Any:
    """Ask until there is an answer: a busy machine loses its lease on the keys for a moment."""
    end = time.monotonic() + SECONDS
    while True:
        try:
            return call(request, timeout=SECONDS)
        except grpc.RpcError as error:
            reason = error_reason(error) or error.code().name
            if reason not in PASSING or time.monotonic() > end:
                raise
            time.sleep(0.2)


def _values(pid: int, story: str) -> set[tuple[bytes, bytes]]:
    """The values in memory, each once: its label and the number of its person."""
    mark = story[1:].encode()
    wanted = re.compile(rb"(?s)(.{4})[Zz]%s(\d{3})" % mark)
    found = {value for content in regions(pid) for value in _around(content, mark, wanted)}
    return {(label, number) for label, number in found if label in LABELS}


def _around(content: bytes, mark: bytes, wanted: re.Pattern[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """What is wanted around each mark: to look for bytes as they are takes a tenth of the time."""
    at = content.find(mark)
    while at >= 0:
        if (match := wanted.match(content, max(at - 5, 0))) is not None:
            yield match[1], match[2]
        at = content.find(mark, at + 1)
