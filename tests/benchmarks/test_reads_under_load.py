"""A reader under load counts every bad answer, whatever is bad about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from benchmarks.under_load import Reader, Reads
from profile_service.v1.profile_pb2 import Position, Profile
from profile_service.v1.profile_service_pb2 import GetProfileResponse, UpdateProfileResponse


class Answers:
    """A service that gives these answers to reads; a status is a refusal. Every write is at position 10."""

    def __init__(self, *answers: Any) -> None:
        self._answers: Iterator[Any] = iter(answers)

    def GetProfile(self, request: Any, timeout: float) -> GetProfileResponse:
        answer = next(self._answers)
        if isinstance(answer, grpc.StatusCode):
            raise Refused(answer)
        name, position = answer
        return GetProfileResponse(profile=Profile(given_name=name), position=Position(value=position))

    def UpdateProfile(self, request: Any, timeout: float) -> UpdateProfileResponse:
        return UpdateProfileResponse(position=Position(value=10))


class Refused(grpc.RpcError):
    def __init__(self, status: grpc.StatusCode) -> None:
        self._status = status

    def code(self) -> grpc.StatusCode:
        return self._status


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (("Ann", 5), Reads(good=2)),
        (("Ann", 4), Reads(good=1, stale=1)),
        (("", 6), Reads(good=1, empty=1)),
        (grpc.StatusCode.NOT_FOUND, Reads(good=1, empty=1)),
        (grpc.StatusCode.UNAVAILABLE, Reads(good=1, failed=1)),
        (grpc.StatusCode.DEADLINE_EXCEEDED, Reads(good=1, failed=1)),
    ],
)
def test_a_plain_read(answer: Any, expected: Reads):
    reads = Reads()
    reader = Reader(Answers(("Ann", 5), answer), reads)
    for _ in range(2):
        reader.read("person", "Ann")
    assert reads == expected
    assert reads.bad == 2 - reads.good


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (("Ann", 10), Reads(good=2)),
        (("Ann", 9), Reads(good=1, stale=1)),
        (("Ann again", 10), Reads(good=1, empty=1)),
        (grpc.StatusCode.DEADLINE_EXCEEDED, Reads(good=1, late=1)),
    ],
)
def test_a_read_after_a_write(answer: Any, expected: Reads):
    reads = Reads()
    Reader(Answers(("Ann again", 10), answer), reads).change_and_read("person", "Ann")
    assert reads == expected
