"""Recipients of data: their registrations, what is disclosed to them, and real servers of their callbacks."""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc

from profile_service.v1.disclosure_service_pb2 import DiscloseProfileRequest, RegisterRecipientRequest
from profile_service.v1.profile_pb2 import LEGAL_BASIS_CONSENT, LegalBasis, ReadReason
from profile_service.v1.recipient_callback_pb2 import NotifyRequest, NotifyResponse
from profile_service.v1.recipient_callback_pb2_grpc import add_RecipientCallbackServicer_to_server
from profile_service.v1.recipient_pb2 import (
    RECIPIENT_KIND_AUTHORITY,
    RECIPIENT_KIND_SUPPLIER,
    RECIPIENT_KIND_THIRD_PARTY,
    TRANSFER_GROUND_NO_TRANSFER,
    Recipient,
)
from tests.support import people

# Nobody listens there.
NOWHERE = "127.0.0.1:9"


def supplier(*fields: str, callback: str = NOWHERE, **values: Any) -> Recipient:
    """A supplier that prints a newsletter; `values` replace its own."""
    return _recipient(
        fields,
        kind=RECIPIENT_KIND_SUPPLIER,
        callback=callback,
        **{"name": "Printing works", "assignment": "print/2026-04", "agreement": "dpa/2026-11", **values},
    )


def authority(*fields: str, callback: str = NOWHERE, **values: Any) -> Recipient:
    return _recipient(
        fields, kind=RECIPIENT_KIND_AUTHORITY, name="Court of first instance", callback=callback, **values
    )


def third_party(*fields: str, callback: str = NOWHERE, **values: Any) -> Recipient:
    return _recipient(
        fields, kind=RECIPIENT_KIND_THIRD_PARTY, name="Neighbourhood museum", callback=callback, **values
    )


def _recipient(fields: Sequence[str], **values: Any) -> Recipient:
    known = {"transfer_ground": TRANSFER_GROUND_NO_TRANSFER, "purposes": ["newsletter"], **values}
    recipient = Recipient(**known)
    recipient.fields.extend(fields or ["given_name", "email"])
    if not recipient.HasField("start_time"):
        recipient.start_time.FromSeconds(1_700_000_000)
    return recipient


def registration(recipient: Recipient) -> RegisterRecipientRequest:
    return RegisterRecipientRequest(request_id=people.new_id(), recipient=recipient)


def disclosure(
    profile_id: str,
    recipient_id: str,
    *fields: str,
    legal_basis: LegalBasis = LEGAL_BASIS_CONSENT,
    legal_reference: str = "",
    purpose: str = "newsletter",
) -> DiscloseProfileRequest:
    request = DiscloseProfileRequest(
        request_id=people.new_id(),
        profile_id=profile_id,
        recipient_id=recipient_id,
        reason=ReadReason(purpose=purpose, legal_basis=legal_basis, on_behalf_of="job:checks"),
        legal_reference=legal_reference,
    )
    request.fields.paths.extend(fields)
    return request


@dataclass
class Callback:
    """The callback of one recipient: what it was told, and how often it fails."""

    address: str = ""
    failing: float = 0.0
    chance: random.Random = field(default_factory=random.Random)
    told: list[NotifyRequest] = field(default_factory=list)
    # Who called, by the names in their certificate; in the order of `told`.
    callers: list[list[bytes]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def Notify(self, request: NotifyRequest, context: grpc.ServicerContext) -> NotifyResponse:
        with self.lock:
            fails, after = self.chance.random() < self.failing, self.chance.random() < 1 / 2
            # Half of the failures come after the recipient took note: only its answer is lost.
            if not fails or after:
                self.told.append(request)
                self.callers.append(list(context.peer_identities() or ()))
        if fails:
            context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        return NotifyResponse()

    @property
    def by_obligation(self) -> dict[str, list[NotifyRequest]]:
        found: dict[str, list[NotifyRequest]] = defaultdict(list)
        for request in self.told:
            found[request.obligation_id].append(request)
        return found


@contextmanager
def callbacks(
    count: int, failing: float = 0.0, seed: int = 0, *, credentials: grpc.ServerCredentials | None = None
) -> Iterator[list[Callback]]:
    """So many recipients, each a server of its own in this process; with `credentials`, by TLS only."""
    made, servers = [], []
    with ThreadPoolExecutor(16) as threads:
        for number in range(count):
            callback = Callback(failing=failing, chance=random.Random(f"{seed}/{number}"))
            server = grpc.server(threads, options=[("grpc.so_reuseport", 0)])
            add_RecipientCallbackServicer_to_server(callback, server)
            callback.address = f"127.0.0.1:{_port(server, credentials)}"
            server.start()
            made.append(callback)
            servers.append(server)
        try:
            yield made
        finally:
            for server in servers:
                server.stop(None).wait()


def _port(server: grpc.Server, credentials: grpc.ServerCredentials | None) -> int:
    port: int
    if credentials is None:
        port = server.add_insecure_port("127.0.0.1:0")
    else:
        port = server.add_secure_port("127.0.0.1:0", credentials)
    return port
