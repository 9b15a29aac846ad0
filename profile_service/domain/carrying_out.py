"""What is done at once when a right is exercised, with the request that it fulfils."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import TypeAlias

from profile_service.domain.rights import (
    Assurance,
    Rights,
    check_identity,
    evolve,
    identified,
    open_request,
    still_open,
)
from profile_service.domain.rights_errors import LegalHoldError, RightHasItsCallError
from profile_service.v1.events_pb2 import (
    ErasureRequester,
    RequesterIdentified,
    RightsRequestFulfilled,
    RightsRequestOpened,
)
from profile_service.v1.rights_pb2 import Identification, Right

RequestFact: TypeAlias = RightsRequestOpened | RequesterIdentified | RightsRequestFulfilled


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for what is done at once, by which request, and how they proved who they are.

    `request_id` is None if what is done is to open a request itself, as `new_id` (16 bytes each).
    """

    requested_by: ErasureRequester
    new_id: bytes
    request_id: bytes | None = None
    identification: Identification | None = None


def allow_erasure(rights: Rights, asked: Asked, assurance: Assurance, *, today: date) -> list[RequestFact]:
    """Return the facts that go before `ProfileErased`: of the request that it fulfils.

    There always is one, whoever asks: a hold that is placed meanwhile is a fact of the same stream, so
    that one of the two is decided anew. Raises `LegalHoldError` while a hold stands, and the refusals
    of `carry_out`.
    """
    if rights.held:
        raise LegalHoldError
    return carry_out(rights, asked, Right.RIGHT_ERASURE, assurance, today=today)


def carry_out(
    rights: Rights, asked: Asked, right: Right, assurance: Assurance, *, today: date
) -> list[RequestFact]:
    """Return the facts of the request that is fulfilled by doing what is asked.

    Raises `IdentityNotVerifiedError`, `RightsRequestNotFoundError`, `RightsRequestClosedError`, and
    `RightHasItsCallError` for a request of another right.
    """
    request_id, facts = asked.request_id, list[RequestFact]()
    if request_id is None:
        request_id = asked.new_id
        facts += open_request(rights, request_id, right, asked.requested_by, today, today=today)
    if asked.identification is not None:
        facts.append(identified(request_id, asked.identification))
    request = still_open(reduce(evolve, facts, rights), request_id)
    if request.right != right:
        raise RightHasItsCallError
    check_identity(request, assurance)
    return [*facts, RightsRequestFulfilled(rights_request_id=request_id)]
