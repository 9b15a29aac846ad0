"""Calling the service: refusals as values, requests that a stub would not send, and where the log stands."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from profile_service.v1.audit_service_pb2 import ReplayedEvent, ReplayEventsRequest
from profile_service.v1.campaign_pb2 import Campaign
from profile_service.v1.campaign_service_pb2 import OpenCampaignRequest
from profile_service.v1.operations_service_pb2 import GetKeyStatusRequest
from profile_service.v1.profile_pb2 import CHANNEL_WEB, Profile
from profile_service.v1.profile_service_pb2 import (
    RegisterProfileResponse,
    StartEmailVerificationRequest,
    VerifyEmailRequest,
)
from tests.support import people
from tests.support.service import Service, Stubs

SECONDS = 30.0
DETAILS = "grpc-status-details-bin"
DOMAIN = "profile-service"


@dataclass(frozen=True)
class Refused:
    """A call that ended with an error, as its client sees it. `said`: every byte of it."""

    status: grpc.StatusCode
    reason: str
    fields: list[str]
    said: bytes
    metadata: dict[str, str] = field(default_factory=dict)


def refusal_of(error: grpc.RpcError) -> Refused:
    """Read an error; its details must agree with its status, and be of our domain."""
    metadata: Any = error.trailing_metadata() or ()
    trailing: dict[str, Any] = dict(metadata)
    parts = [value if isinstance(value, bytes) else value.encode() for value in trailing.values()]
    said = b"\n".join([str(error.details()).encode(), str(error).encode(), *parts])
    if DETAILS not in trailing:
        return Refused(error.code(), "", [], said)
    status = status_pb2.Status.FromString(trailing[DETAILS])
    assert (status.code, status.message) == (error.code().value[0], error.details())
    info, request = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    assert status.details[0].Unpack(info)
    assert info.domain == DOMAIN
    if len(status.details) > 1:
        assert status.details[1].Unpack(request)
    fields = [violation.field for violation in request.field_violations]
    return Refused(error.code(), info.reason, fields, said, dict(info.metadata))


def refused(call: Callable[..., Any], request: Any, timeout: float | None = SECONDS) -> Refused:
    """Make a call that must be refused; a stream is read to its end."""
    with pytest.raises(grpc.RpcError) as caught:
        _to_the_end(call(request, timeout=timeout))
    return refusal_of(caught.value)


def _to_the_end(answer: Any) -> None:
    if not isinstance(answer, Message | bytes):
        list(answer)


def raw(stubs: Stubs, method: str) -> Callable[..., bytes]:
    """A unary call of bytes as they are; `method` such as "ProfileService/GetProfile"."""
    call: Callable[..., bytes] = stubs.channel.unary_unary(f"/profile_service.v1.{method}")
    return call


def events(stubs: Stubs, **wanted: Any) -> list[ReplayedEvent]:
    """Replayed facts; `wanted` are fields of `ReplayEventsRequest`."""
    pages = stubs.audit.ReplayEvents(ReplayEventsRequest(**wanted), timeout=SECONDS)
    return [event for page in pages for event in page.events]


def standing(stubs: Stubs) -> tuple[int, int]:
    """The last position of the log, and how many profile keys there are: no refused write changes one."""
    nothing = ReplayEventsRequest(types=["CampaignClosed"])
    nothing.end_time.FromSeconds(1)
    pages = list(stubs.audit.ReplayEvents(nothing, timeout=SECONDS))
    keys = stubs.operations.GetKeyStatus(GetKeyStatusRequest(), timeout=SECONDS)
    return (pages[-1].position if pages else 0, keys.profile_keys)


def register(stubs: Stubs, person: people.Person | None = None) -> RegisterProfileResponse:
    answer = stubs.profiles.RegisterProfile(people.register(person or people.new_person()), timeout=SECONDS)
    assert isinstance(answer, RegisterProfileResponse)
    return answer


def profile_of(stubs: Stubs, profile_id: str, at_least: int = 0) -> Profile:
    answer = stubs.profiles.GetProfile(people.get(profile_id, at_least), timeout=SECONDS)
    profile: Profile = answer.profile
    return profile


def start_verification(profile_id: str, request_id: str | None = None) -> StartEmailVerificationRequest:
    return StartEmailVerificationRequest(
        request_id=request_id or people.new_id(), profile_id=profile_id, channel=CHANNEL_WEB
    )


def verify(token: str, request_id: str | None = None) -> VerifyEmailRequest:
    return VerifyEmailRequest(request_id=request_id or people.new_id(), token=token, channel=CHANNEL_WEB)


def campaign(begins: int = -60, ends: int = 3600, **values: Any) -> OpenCampaignRequest:
    """The campaign of `people`, from and until so many seconds from now; `values` replace its own."""
    now = int(time.time())
    request = people.campaign(opens=now + begins, closes=now + ends)
    for name in values:
        request.campaign.ClearField(name)
    request.campaign.MergeFrom(Campaign(**values))
    return request


def open_campaign(stubs: Stubs, begins: int = -60, ends: int = 3600) -> str:
    campaign_id: str = stubs.campaigns.OpenCampaign(campaign(begins, ends), timeout=SECONDS).campaign_id
    return campaign_id


def refuses_to_start(service: Service, *arguments: str, command: str = "serve") -> tuple[int, str]:
    """Exit status, and the one line that `aprofile COMMAND` wrote."""
    with pytest.raises(subprocess.CalledProcessError) as caught:
        service.run(command, *arguments)
    lines = (caught.value.stderr + caught.value.stdout).splitlines(keepends=True)
    said = "".join(line for line in lines if not line.startswith("{"))  # what was logged before is no refusal
    assert said.count("\n") == 1, said
    return caught.value.returncode, said.rstrip("\n")
