"""Selecting an audience and counting the living: everybody's sealed values are opened for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from google.protobuf.field_mask_pb2 import FieldMask

from benchmarks import service
from benchmarks.bodies import REASON
from benchmarks.databases import temporary_directory, temporary_postgres
from benchmarks.generator import LoadError
from benchmarks.processes import settle
from benchmarks.runner import Measurement, Options, benchmark, median_of
from profile_service.v1.audience_service_pb2 import AudienceSelection, SelectAudienceRequest
from profile_service.v1.profile_pb2 import AgeBand
from profile_service.v1.statistics_service_pb2 import GetLivingCountsRequest
from tests.support.service import Stubs

PEOPLE = 100_000
TIMEOUT = 600.0

EVERYBODY = AudienceSelection(age_bands=[AgeBand(from_age=0)])
KINDS = {
    "ids": SelectAudienceRequest(purpose=REASON.purpose, reason=REASON),
    "by_age": SelectAudienceRequest(purpose=REASON.purpose, reason=REASON, selection=EVERYBODY),
    "by_age_with_email": SelectAudienceRequest(
        purpose=REASON.purpose, reason=REASON, selection=EVERYBODY, contact_mask=FieldMask(paths=["email"])
    ),
}
REMARKS = {
    "ids": "nothing is opened",
    "by_age": "one value opened of each",
    "by_age_with_email": "and the profile of each",
}


@benchmark
def audience(options: Options) -> Iterator[Measurement]:
    """A hundred thousand people on PostgreSQL, one stream at a time; and all of them counted once."""
    people = options.profiles or PEOPLE
    with (
        temporary_directory() as directory,
        temporary_postgres() as postgres,
        service.on_postgresql(directory, postgres) as ours,
    ):
        service.give_consents(ours, service.registered(ours, people))
        settle()
        with ours.stubs() as stubs:
            for kind, request in KINDS.items():
                seconds = [_seconds(_select, stubs, request, people) for _ in range(options.rounds)]
                rate = people / median_of(seconds)
                yield Measurement(f"audience.{kind}", rate, "ids/s", remark=REMARKS[kind])
            # Once: a result is kept.
            yield Measurement("living_counts", people / _seconds(_count, stubs), "people/s")


def _seconds(work: Callable[..., None], *arguments: object) -> float:
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began


def _select(stubs: Stubs, request: SelectAudienceRequest, people: int) -> None:
    answers = stubs.audience.SelectAudience(request, timeout=TIMEOUT)
    found = sum(len(answer.members) for answer in answers)
    if found != people:
        raise LoadError(f"{found} of {people} people were found")


def _count(stubs: Stubs) -> None:
    answer = stubs.statistics.GetLivingCounts(GetLivingCountsRequest(reason=REASON), timeout=TIMEOUT)
    if not answer.post_codes:
        raise LoadError("nobody was counted")
