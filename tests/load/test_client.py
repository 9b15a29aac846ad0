"""How the load client treats answers, refusals and broken connections."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from profile_service.load.citizens import POLICY_VERSION, PURPOSES, TEXT_HASH, Kind, Population
from profile_service.load.client import Load, Plan
from profile_service.load.result import LoadResult
from profile_service.v1 import (
    campaign_service_pb2,
    consent_service_pb2,
    objection_pb2,
    policy_service_pb2,
    profile_service_pb2,
    rights_service_pb2,
)

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

    def __init__(self) -> None:
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


async def test_the_policy_is_published_where_it_is_not() -> None:
    service = SmallService()
    await loaded(service, citizens=1)
    assert not service.requests("PublishPolicy")
    service.refusals["GetPolicy"] = [(grpc.StatusCode.NOT_FOUND, "POLICY_VERSION_UNKNOWN")]
    await loaded(service, citizens=1)
    (request,) = service.requests("PublishPolicy")
    assert request.policy.version == POLICY_VERSION
    asking = {one.purpose: one for one in request.policy.purposes if one.asks_consent}
    assert asking.keys() >= PURPOSES.keys()
    for purpose in asking.values():
        assert TEXT_HASH in [text.text_hash for text in purpose.consent_texts]


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
