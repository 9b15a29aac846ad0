"""What `aprofile demo` proves through the API; each check says what it saw, or raises `CommandError`."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import grpc
from google.protobuf.message import Message

from profile_service.cli.errors import CommandError
from profile_service.client import error_reason
from profile_service.load.result import ErasedPerson, LoadResult
from profile_service.v1 import audit_service_pb2 as audit
from profile_service.v1 import operations_service_pb2 as operations
from profile_service.v1 import profile_pb2 as profile
from profile_service.v1 import profile_service_pb2 as profiles
from profile_service.v1.audit_service_pb2_grpc import AuditServiceStub
from profile_service.v1.operations_service_pb2_grpc import OperationsServiceStub
from profile_service.v1.profile_service_pb2_grpc import ProfileServiceStub

TIMEOUT = 10.0
REPLAY_SECONDS = 300.0
CATCH_UP_SECONDS = 120.0
SAMPLES = 20

# The people are generated, so the reason may be too.
REASON = profile.ReadReason(
    purpose="demonstration", legal_basis=profile.LEGAL_BASIS_PUBLIC_TASK, on_behalf_of="aprofile-demo"
)


def wait_for_views(channel: grpc.Channel) -> str:
    """Wait until no view is behind, and none has parked a person."""
    end = time.monotonic() + CATCH_UP_SECONDS
    while True:
        answer = _projections(channel)
        lag = max((one.lag for one in answer.projections), default=0)
        if lag == 0:
            break
        if time.monotonic() > end:
            raise CommandError(f"a view is still {lag:,} facts behind")
        time.sleep(0.1)
    if parked := sum(one.parked for one in answer.projections):
        raise CommandError(f"{parked} people are parked")
    return f"{len(answer.projections)} views at position {answer.head_position:,}"


def check_log(channel: grpc.Channel) -> str:
    """Every position from 1 to the head is there once, in order."""
    started = time.perf_counter()
    expected = 0
    types: Counter[str] = Counter()
    for event in _replay(channel, audit.ReplayEventsRequest()):
        expected += 1
        if event.position != expected:
            raise CommandError(f"position {expected} is missing: {event.position} came")
        types[event.header.type.rpartition(".")[2]] += 1
    head = _projections(channel).head_position
    if head != expected:
        raise CommandError(f"{expected} facts were replayed, but the head is {head}")
    rate = expected / (time.perf_counter() - started)
    return f"{expected:,} facts of {len(types)} types, without a gap, {rate:,.0f} a second"


def check_living(channel: grpc.Channel, profile_ids: Sequence[str]) -> str:
    """Facts of people who were not erased open, and their profile can be read."""
    stub = ProfileServiceStub(channel)
    for profile_id in profile_ids:
        stub.GetProfile(profiles.GetProfileRequest(profile_id=profile_id, reason=REASON), timeout=TIMEOUT)
        halves = _personal_halves(channel, profile_id)
        if audit.PERSONAL_HALF_ERASED in halves or audit.PERSONAL_HALF_INCLUDED not in halves:
            raise CommandError(f"the facts of {profile_id} do not open")
    return f"{len(profile_ids)} read, and their facts opened"


def check_erased(channel: grpc.Channel, people: Sequence[ErasedPerson]) -> str:
    """Of the erased neither profile nor address is found, and no fact opens: the key is gone."""
    stub = ProfileServiceStub(channel)
    sample = people[:SAMPLES]
    for person in sample:
        get = profiles.GetProfileRequest(profile_id=person.profile_id, reason=REASON)
        find = profiles.FindProfileRequest(email=person.email, reason=REASON)
        _refused(stub.GetProfile, get, "PROFILE_ERASED")
        _refused(stub.FindProfile, find, "PROFILE_NOT_FOUND")
        halves = _personal_halves(channel, person.profile_id)
        if audit.PERSONAL_HALF_INCLUDED in halves or audit.PERSONAL_HALF_ERASED not in halves:
            raise CommandError(f"facts of {person.profile_id} still open")
    return f"{len(sample)} looked for: no profile, no address, no fact that opens"


def check_keys(channel: grpc.Channel, result: LoadResult) -> str:
    """At least as many keys were destroyed as people erased."""
    stub = OperationsServiceStub(channel)
    status = stub.GetKeyStatus(operations.GetKeyStatusRequest(), timeout=TIMEOUT)
    if status.tombstones < len(result.erased):
        raise CommandError(f"{len(result.erased)} people were erased, but {status.tombstones} keys destroyed")
    return f"{status.profile_keys:,} keys, {status.tombstones:,} destroyed"


def _projections(channel: grpc.Channel) -> operations.ListProjectionsResponse:
    request = operations.ListProjectionsRequest()
    answer: operations.ListProjectionsResponse = OperationsServiceStub(channel).ListProjections(
        request, timeout=TIMEOUT
    )
    return answer


def _replay(channel: grpc.Channel, request: audit.ReplayEventsRequest) -> Iterator[audit.ReplayedEvent]:
    for answer in AuditServiceStub(channel).ReplayEvents(request, timeout=REPLAY_SECONDS):
        yield from answer.events


def _personal_halves(channel: grpc.Channel, profile_id: str) -> set[int]:
    request = audit.ReplayEventsRequest(profile_ids=[profile_id], include_personal=True, reason=REASON)
    return {event.personal_half for event in _replay(channel, request)}


def _refused(call: Callable[..., object], request: Message, reason: str) -> None:
    try:
        call(request, timeout=TIMEOUT)
    except grpc.RpcError as error:
        if error_reason(error) == reason:
            return
        raise
    raise CommandError(f"a call was answered that should be refused with {reason}")
