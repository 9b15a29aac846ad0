"""Calling the `RecipientCallback` of a recipient. When, and what follows from it, is not decided here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import grpc

from profile_service.commands.obligations import Owed
from profile_service.endpoints import parse_address
from profile_service.v1.recipient_callback_pb2 import NotifyRequest
from profile_service.v1.recipient_callback_pb2_grpc import RecipientCallbackStub

# Seconds that a recipient has to answer in.
DEADLINE = 5.0
_OPTIONS = (
    # Called again on a plan that outlives this process, so not by gRPC.
    ("grpc.enable_retries", 0),
    # Two recipients at one address share no broken connection.
    ("grpc.use_local_subchannel_pool", 1),
)


class NotReachedError(Exception):
    """The recipient did not acknowledge; the text is a gRPC status or a setting, nothing that it said."""


class Callback(Protocol):
    """One recipient, to be told one thing after another."""

    def notify(self, owed: Owed) -> None:
        """Return when the recipient acknowledged. Raises `NotReachedError`."""


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Opens channels to recipients. Without credentials only those on this machine are called.

    `credentials` gives them as they are by then: certificates are renewed in place.
    """

    credentials: Callable[[], grpc.ChannelCredentials | None]

    @contextmanager
    def to(self, address: str) -> Iterator[Callback]:
        """Raises `NotReachedError` if the address can't be called."""
        try:
            on_this_machine = parse_address(address).is_loopback
        except ValueError:
            raise NotReachedError("the callback is no host:port") from None
        credentials = self.credentials()
        if credentials is not None:
            channel = grpc.secure_channel(address, credentials, options=_OPTIONS)
        elif on_this_machine:
            channel = grpc.insecure_channel(address, options=_OPTIONS)
        else:
            raise NotReachedError(
                "the callback is not on this machine, and there are no TLS files to call it with"
            )
        with channel:
            yield _GrpcCallback(RecipientCallbackStub(channel))


@dataclass(frozen=True, slots=True)
class _GrpcCallback:
    stub: RecipientCallbackStub

    def notify(self, owed: Owed) -> None:
        request = NotifyRequest(
            obligation_id=str(owed.obligation_id),
            kind=owed.opened.kind,
            profile_id=str(UUID(bytes=owed.opened.profile_id)),
            fields=owed.opened.fields,
        )
        try:
            self.stub.Notify(request, timeout=DEADLINE)
        except grpc.RpcError as error:
            raise NotReachedError(error.code().name) from None
