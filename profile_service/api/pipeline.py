"""What happens to every call before and after its servicer: the only place that catches.

Handlers are wrapped once, when the server is made: a chain of interceptors would cost
each call more than all its checks together. The steps, in order: size, deadline, caller,
policy, unknown fields, validation, restrictions; then the servicer; then the lease on the keys, if the answer
is about people; then refusals become statuses.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar
from uuid import UUID

import grpc
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from profile_service.api.errors import DETAILS, status_of
from profile_service.api.faults import as_refusal
from profile_service.api.policy import DEVELOPMENT, Policy
from profile_service.api.request_reading import (
    LARGEST_IMPORT,
    LARGEST_MESSAGE,
    is_about_people,
    is_of_one_person,
    read_request,
)
from profile_service.api.restricted_reads import RestrictedReads
from profile_service.domain.errors import (
    CallerNotAllowedError,
    DeadlineRequiredError,
    DeadlineTooShortError,
    Refusal,
    ServiceUnavailableError,
)
from profile_service.keys.lease import Lease

Result = TypeVar("Result")

# Seconds. Without a deadline grpcio reports centuries.
SHORTEST_DEADLINE = 0.005
NO_DEADLINE = 366 * 24 * 3600.0

# Seconds between looks while calls are refused because the server stops; so many looks in a row without a new
# call, and nobody is on the way any more; and for how long at most those who keep calling are refused.
LOOK = 0.05
QUIET_LOOKS = 5
REFUSING = 3.0

# Streams that run until somebody ends them; they need no deadline and are resumed by position.
LONG_STREAMS = frozenset(
    {
        "AuditService/ReplayEvents",
        "OperationsService/CloseEpoch",
        "OperationsService/RebuildProjection",
        "ProfileService/ImportProfiles",
    }
)

# Writes that see to it themselves that they go on when the client goes away (`Call.to_the_end`): what is
# queued is done anyway, and a task of its own for each call would be a twentieth of its cost.
SHIELDED_WITHIN = frozenset({"ProfileService/RegisterProfile"})


@dataclass(frozen=True, slots=True)
class Call:
    """What a servicer knows of a call beside its request. `deadline` is of the monotonic clock."""

    caller: str
    method: str
    deadline: float
    # Whether the server is about to stop: a stream that waits for more ends then.
    stopping: Callable[[], bool]
    # Waits for some work, which goes on when the client goes away.
    to_the_end: Callable[[Awaitable[Any]], Awaitable[Any]]

    @property
    def remaining(self) -> float:
        """Seconds left."""
        return self.deadline - monotonic()


class Pipeline:
    """Wraps servicers. One for a server."""

    def __init__(self, policy: Policy, lease: Lease, restricted: RestrictedReads, *, secure: bool) -> None:
        self._policy = policy
        self._restricted = restricted
        self._lease = lease
        self._secure = secure
        self._running: set[asyncio.Task[Any]] = set()
        self._stopping = False
        self._unanswered = 0
        self._turned_away = 0

    def handlers(self, service: ServiceDescriptor, servicer: object) -> grpc.GenericRpcHandler:
        """Return the handlers of a service; `servicer` has a method for each of its calls."""
        handlers = {
            name: self._handler(f"{service.name}/{name}", method, getattr(servicer, name))
            for name, method in service.methods_by_name.items()
        }
        return grpc.method_handlers_generic_handler(service.full_name, handlers)

    def check_policy(self, methods: Collection[str]) -> None:
        """Raise `PolicyError` if the policy names a call that is none of `methods`."""
        self._policy.check(methods)

    async def drain(self, seconds: float) -> None:
        """Refuse every call from now on, and wait up to `seconds` for the answers of those before.

        Also for calls that gRPC has and this has not seen yet, as it shows by none coming for a while: gRPC
        would cancel them, and leave their clients in doubt.
        Long streams are not waited for: they go on elsewhere, after the last position they gave.
        Those that wait for more end by themselves, see `Call.stopping`.
        """
        self._stopping = True
        began = monotonic()
        seen = quiet = 0
        # By looks: an event would cost every call, and time alone may pass without this process on a busy
        # machine.
        while self._unanswered or quiet < QUIET_LOOKS:
            passed = monotonic() - began
            if passed > seconds or (passed > REFUSING and not self._unanswered):
                return
            await asyncio.sleep(LOOK)
            quiet = quiet + 1 if self._turned_away == seen else 0
            seen = self._turned_away

    async def finish(self) -> None:
        """Wait for the writes whose clients went away."""
        while self._running:
            await asyncio.wait(self._running)

    # `RpcMethodHandler` is generic only in its stubs. Bytes come and go: reading and writing are steps, too.
    def _handler(self, name: str, method: MethodDescriptor, function: Any) -> Any:
        request = GetMessageClass(method.input_type)
        if method.client_streaming:
            return grpc.stream_stream_rpc_method_handler(self._bidirectional(name, request, function))
        if method.server_streaming:
            return grpc.unary_stream_rpc_method_handler(self._streaming(name, request, function))
        return grpc.unary_unary_rpc_method_handler(self._unary(name, request, function))

    def _unary(
        self, name: str, request_class: type[Message], function: Callable[[Any, Call], Awaitable[Message]]
    ) -> Callable[[bytes, Any], Awaitable[bytes]]:
        # What changes something has a request id, and goes on when the client goes away. What has none, and
        # changes something all the same, sees to it itself.
        is_write = "request_id" in request_class.DESCRIPTOR.fields_by_name
        of_one = is_of_one_person(request_class)
        shielded = is_write and name not in SHIELDED_WITHIN

        async def handle(body: bytes, context: Any) -> bytes:
            self._unanswered += 1
            term = self._lease.term
            try:
                call = self._admit(name, context)
                request = read_request(request_class, body, LARGEST_MESSAGE)
                if of_one:
                    await self._check_restricted(request)
                work = function(request, call)
                response = await (self._to_the_end(work) if shielded else work)
                return self._answer(response, request, term)
            except Exception as error:  # noqa: BLE001 - the outermost place
                await _refuse(context, name, error)
                raise AssertionError("abort always raises") from None
            finally:
                self._unanswered -= 1

        return handle

    def _streaming(
        self, name: str, request_class: type[Message], function: Callable[[Any, Call], AsyncIterator[Message]]
    ) -> Callable[[bytes, Any], AsyncIterator[bytes]]:
        of_one = is_of_one_person(request_class)

        async def handle(body: bytes, context: Any) -> AsyncIterator[bytes]:
            term = self._lease.term
            try:
                call = self._admit(name, context)
                request = read_request(request_class, body, LARGEST_MESSAGE)
                if of_one:
                    await self._check_restricted(request)
                async for response in function(request, call):
                    yield self._answer(response, request, term)
            except Exception as error:  # noqa: BLE001 - the outermost place
                await _refuse(context, name, error)

        return handle

    def _bidirectional(
        self,
        name: str,
        request_class: type[Message],
        function: Callable[[AsyncIterator[Any], Call], AsyncIterator[Message]],
    ) -> Callable[[AsyncIterator[bytes], Any], AsyncIterator[bytes]]:
        async def handle(bodies: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
            async def requests() -> AsyncIterator[Message]:
                async for body in bodies:
                    yield read_request(request_class, body, LARGEST_IMPORT)

            try:
                async for response in function(requests(), self._admit(name, context)):
                    yield response.SerializeToString()
            except Exception as error:  # noqa: BLE001 - the outermost place
                await _refuse(context, name, error)

        return handle

    async def _check_restricted(self, request: Any) -> None:
        """Raises `ProcessingRestrictedError` for a read about one person that a restriction forbids."""
        if request.profile_id and is_about_people(request):
            await self._restricted.check(UUID(request.profile_id), request.reason.purpose)

    def _answer(self, response: Message, request: Message, term: int) -> bytes:
        """Return what is sent. Raises `KeysUnavailableError` if the lease was lost since the call came.

        The last step, after the serializing: a process that stood still while somebody was erased tells
        nothing of them when it wakes, not even if its next lease is quicker than the call.
        """
        body = response.SerializeToString()
        if is_about_people(request):
            self._lease.check_since(term)
        return body

    def _admit(self, name: str, context: Any) -> Call:
        if self._stopping:
            self._turned_away += 1
            raise ServiceUnavailableError
        remaining = context.time_remaining()
        if remaining is None or remaining > NO_DEADLINE:
            if name not in LONG_STREAMS:
                raise DeadlineRequiredError
            remaining = NO_DEADLINE
        if remaining < SHORTEST_DEADLINE:
            raise DeadlineTooShortError
        caller = self._caller(context)
        if not self._policy.allows(caller, name):
            raise CallerNotAllowedError
        return Call(caller, name, monotonic() + remaining, lambda: self._stopping, self._to_the_end)

    def _caller(self, context: Any) -> str:
        if not self._secure:
            return DEVELOPMENT
        # Only this property is authenticated as one identity; DNS names and URIs are mixed in the others.
        identities = context.auth_context().get("peer_spiffe_id", ())
        if len(identities) != 1:
            raise CallerNotAllowedError
        return str(identities[0].decode())

    async def _to_the_end(self, work: Awaitable[Result]) -> Result:
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)


async def _refuse(context: Any, method: str, error: Exception) -> None:
    """End the call with the status of `error`. Always raises."""
    if isinstance(error, grpc.aio.AbortError):
        raise error
    metadata = None
    if not isinstance(error, Refusal):
        error, metadata = as_refusal(method, error)
    code, message, details = status_of(error, metadata)
    await context.abort(code, message, ((DETAILS, details),))
