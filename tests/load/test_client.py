"""How the load client treats answers, refusals and broken connections."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio
import pytest
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from profile_service.load.citizens import PURPOSES, Kind, Population
from profile_service.load.client import Load, Plan
from profile_service.load.result import LoadResult
from profile_service.load.terms import POLICY
from profile_service.policy_file import read_policy
from profile_service.v1 import (
    campaign_service_pb2,
    consent_service_pb2,
    objection_pb2,
    policy_service_pb2,
    profile_service_pb2,
    rights_service_pb2,
)
from profile_service.v1.policy_pb2 import Policy
from tests.support.policies import a_policy, a_purpose

MODULES = (
    campaign_service_pb2,
    consent_service_pb2,
    objection_pb2,
    policy_service_pb2,
    profile_service_pb2,
    rights_service_pb2,
)


class SmallService(grpc.GenericRpcHandler):
    """Answers every call of a life, keeps the requests, and refuses what it is told to."""

    def __init__(self, *policies: Policy) -> None:
        """`policies`: what is answered to who asks for one, one after the other; the last one ever after."""
        self._policies = list(policies or [read_policy(POLICY)])
        self.received: list[tuple[str, Any]] = []
        # Method name: how often to refuse, and with which status and reason.
        self.refusals: dict[str, list[tuple[grpc.StatusCode, str]]] = {}

    def service(self, call: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        name = call.method.rpartition("/")[2]
        request_type, answer_type = (
            next(getattr(module, f"{name}{half}") for module in MODULES if hasattr(module, f"{name}{half}"))
            for half in ("Request", "Response")
        )

        async def answer(request: Message, context: grpc.aio.ServicerContext) -> Message:
            self.received.append((name, request))
            if pending := self.refusals.get(name):
                await self._refuse(context, *pending.pop(0))
            return self._answer(answer_type)

        return grpc.unary_unary_rpc_method_handler(
            answer,
            request_deserializer=request_type.FromString,
            response_serializer=answer_type.SerializeToString,
        )

    async def _refuse(self, context: grpc.aio.ServicerContext, code: grpc.StatusCode, reason: str) -> None:
        status = Status(code=code.value[0])
        if reason:
            status.details.add().Pack(ErrorInfo(reason=reason))
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        await context.abort(code, "refused")

    def _answer(self, answer_type: type[Message]) -> Message:
        if answer_type is policy_service_pb2.GetPolicyResponse:
            policy = self._policies.pop(0) if len(self._policies) > 1 else self._policies[0]
            return answer_type(policy=policy)
        values = {"profile_id": "p", "campaign_id": "c", "etag": "e", "token": "t"}
        known = answer_type.DESCRIPTOR.fields_by_name
        return answer_type(**{name: value for name, value in values.items() if name in known})

    def requests(self, name: str) -> list[Any]:
        return [request for method, request in self.received if method == name]


@asynccontextmanager
async def running(service: SmallService) -> AsyncIterator[grpc.aio.Channel]:
    server = grpc.aio.server(handlers=[service])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(
        f"127.0.0.1:{port}", options=[("grpc.enable_retries", 0)]
    ) as channel:
        yield channel
    await server.stop(None)


async def loaded(service: SmallService, *, citizens: int = 40, patience: float = 5.0) -> LoadResult:
    async with running(service) as channel:
        return await Load(channel, Plan(citizens, 1, 8, patience=patience)).run()


async def test_every_step_of_every_life_is_called_once() -> None:
    result = await loaded(SmallService())
    expected = Counter(step.kind for number in range(40) for step in Population(1).life(number))
    assert {kind: result.count(kind) for kind in Kind if result.count(kind)} == expected
    assert result.lived == 40
    assert not result.failures
    assert len(result.erased) == expected[Kind.ERASE]


async def test_a_call_gets_what_the_service_told_before() -> None:
    service = SmallService()
    await loaded(service)
    assert {request.token for request in service.requests("VerifyEmail")} == {"t"}
    assert {request.campaign_id for request in service.requests("SignUp")} == {"c"}
    assert {request.profile_id for request in service.requests("SetConsent")} == {"p"}
    corrections = [request for request in service.requests("UpdateProfile") if request.etag]
    assert {request.etag for request in corrections} == {"e"}


def shown(service: SmallService) -> set[tuple[str, str, bytes]]:
    """Policy version, purpose and text of every registration and consent; a registration has no text."""
    registrations = {
        (request.registration.policy_version, "", b"") for request in service.requests("RegisterProfile")
    }
    consents = service.requests("SetConsent")
    return registrations | {(one.policy_version, one.purpose, one.text_hash) for one in consents}


async def test_a_policy_is_published_where_there_is_none() -> None:
    service = SmallService()
    unknown, none = "POLICY_VERSION_UNKNOWN", "NO_POLICY_IN_EFFECT"
    service.refusals["GetPolicy"] = [(grpc.StatusCode.NOT_FOUND, reason) for reason in (unknown, none)]
    await loaded(service)
    (request,) = service.requests("PublishPolicy")
    policy = request.policy
    assert policy == read_policy(POLICY)
    texts = {one.purpose: one.consent_texts[0].text_hash for one in policy.purposes if one.asks_consent}
    consents = {(policy.version, purpose, texts[purpose]) for purpose in PURPOSES}
    assert shown(service) == {(policy.version, "", b""), *consents}


async def test_their_own_policy_is_not_published_again() -> None:
    service = SmallService(read_policy(POLICY), a_policy("city-9"))
    await loaded(service)
    assert not service.requests("PublishPolicy")
    assert {version for version, _, _ in shown(service)} == {read_policy(POLICY).version}


@pytest.mark.parametrize("named_alike", [False, True])
async def test_where_the_city_has_a_policy_they_live_under_it(*, named_alike: bool) -> None:
    """And consent to what it asks consent for, and to nothing else."""
    city = a_policy("city-9", [a_purpose("newsletter", b"t" * 32), a_purpose("profile", asks_consent=False)])
    service = SmallService(a_policy(read_policy(POLICY).version), city) if named_alike else SmallService(city)
    if not named_alike:
        service.refusals["GetPolicy"] = [(grpc.StatusCode.NOT_FOUND, "POLICY_VERSION_UNKNOWN")]
    result = await loaded(service)
    assert not service.requests("PublishPolicy")
    assert shown(service) == {("city-9", "", b""), ("city-9", "newsletter", b"t" * 32)}
    assert result.lived == 40


async def test_a_policy_that_can_not_be_read_ends_the_run() -> None:
    service = SmallService()
    service.refusals["GetPolicy"] = [(grpc.StatusCode.PERMISSION_DENIED, "CALLER_NOT_ALLOWED")]
    with pytest.raises(grpc.aio.AioRpcError):
        await loaded(service)
    assert not service.requests("RegisterProfile")


async def test_unavailable_is_tried_again_with_the_same_request() -> None:
    service = SmallService()
    service.refusals["RegisterProfile"] = [
        (grpc.StatusCode.UNAVAILABLE, ""),
        (grpc.StatusCode.UNAVAILABLE, "EMAIL_RESERVED"),
    ]
    result = await loaded(service, citizens=1)
    first, *again = service.requests("RegisterProfile")
    assert again == [first, first]
    assert result.tries_again == 2
    assert result.lived == 1


async def test_a_parked_profile_is_not_tried_again() -> None:
    """It is UNAVAILABLE too, but an operator must look first."""
    service = SmallService()
    service.refusals["RegisterProfile"] = [(grpc.StatusCode.UNAVAILABLE, "PROFILE_PARKED")]
    result = await loaded(service, citizens=1)
    assert result.failures == {(Kind.REGISTER, "PROFILE_PARKED"): 1}
    assert result.tries_again == 0


async def test_other_refusals_are_failures_and_end_the_life() -> None:
    service = SmallService()
    service.refusals["RegisterProfile"] = [(grpc.StatusCode.ALREADY_EXISTS, "EMAIL_TAKEN")]
    result = await loaded(service, citizens=1)
    assert result.failures == {(Kind.REGISTER, "EMAIL_TAKEN"): 1}
    assert result.calls == 0


async def test_people_erased_by_an_earlier_run_are_counted_and_are_no_failure() -> None:
    service = SmallService()
    service.refusals["RegisterProfile"] = [(grpc.StatusCode.FAILED_PRECONDITION, "PROFILE_ERASED")] * 3
    result = await loaded(service, citizens=5)
    assert result.erased_before == 3
    assert result.lived == 2
    assert not result.failures


async def test_patience_ends() -> None:
    service = SmallService()
    service.refusals["RegisterProfile"] = [(grpc.StatusCode.UNAVAILABLE, "")] * 1_000
    result = await loaded(service, citizens=1, patience=0.2)
    assert result.failures == {(Kind.REGISTER, "UNAVAILABLE"): 1}


async def test_two_runs_send_the_same_requests() -> None:
    first, second = SmallService(), SmallService()
    await loaded(first)
    await loaded(second)

    def sent(service: SmallService) -> list[bytes]:
        return sorted(request.SerializeToString(deterministic=True) for _, request in service.received)

    assert sent(first) == sent(second)


def test_latencies_are_of_the_calls_of_a_kind() -> None:
    result = LoadResult()
    for hundredths in range(1, 101):
        result.done(Kind.REGISTER, hundredths / 100)
    latency = result.latency(Kind.REGISTER)
    assert latency is not None
    assert [round(seconds, 2) for seconds in latency] == [0.5, 0.99, 1.0]
    assert result.latency(Kind.ERASE) is None
