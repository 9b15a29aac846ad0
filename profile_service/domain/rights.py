"""What one person asked for by right, and the holds that stop an erasure.

Who may call what is not decided here, nor how a right is carried out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import reduce
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from google.protobuf.message import Message

from profile_service.domain.deadlines import EXTENDED_MONTHS, FIRST_MONTHS, due_on, months_later
from profile_service.domain.errors import InvalidRequestError, Violation
from profile_service.domain.rights_errors import (
    ExtensionNotAllowedError,
    IdentityNotVerifiedError,
    LegalHoldError,
    RightHasItsCallError,
    RightsRequestClosedError,
    RightsRequestNotFoundError,
)
from profile_service.domain.values import date_message, full_date
from profile_service.v1.events_pb2 import (
    ErasureRequester,
    LegalHoldPlaced,
    LegalHoldReleased,
    RequesterIdentified,
    RightsRequestExtended,
    RightsRequestFulfilled,
    RightsRequestOpened,
    RightsRequestRefused,
)
from profile_service.v1.rights_pb2 import (
    AssuranceLevel,
    ComplaintRoute,
    ExtensionReason,
    Identification,
    RefusalGround,
    Right,
    RightsRequestState,
)

State: TypeAlias = RightsRequestState
OPEN: Final = RightsRequestState.RIGHTS_REQUEST_STATE_OPEN
FULFILLED: Final = RightsRequestState.RIGHTS_REQUEST_STATE_FULFILLED
REFUSED: Final = RightsRequestState.RIGHTS_REQUEST_STATE_REFUSED
LAPSED: Final = RightsRequestState.RIGHTS_REQUEST_STATE_LAPSED

# Whoever exercises a right proves who they are; the City and authorities act on a legal basis of their own.
ASKERS: Final = frozenset(
    {ErasureRequester.ERASURE_REQUESTER_PERSON, ErasureRequester.ERASURE_REQUESTER_GUARDIAN}
)
# What carries these out also fulfils the request.
OWN_CALLS: Final = frozenset({Right.RIGHT_ERASURE})

# The least `AssuranceLevel` of identity that each `Right` needs; what is left out needs none.
Assurance: TypeAlias = Mapping[int, int]
DEFAULT_ASSURANCE: Final[Assurance] = MappingProxyType(
    {
        Right.RIGHT_ACCESS: AssuranceLevel.ASSURANCE_LEVEL_SUBSTANTIAL,
        Right.RIGHT_PORTABILITY: AssuranceLevel.ASSURANCE_LEVEL_SUBSTANTIAL,
        Right.RIGHT_ERASURE: AssuranceLevel.ASSURANCE_LEVEL_SUBSTANTIAL,
        Right.RIGHT_RECTIFICATION: AssuranceLevel.ASSURANCE_LEVEL_LOW,
        Right.RIGHT_RESTRICTION: AssuranceLevel.ASSURANCE_LEVEL_LOW,
    }
)


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `refused` has the ground and the routes of complaint, if it was."""

    right: Right
    requested_by: ErasureRequester
    received: date
    due: date
    state: State = OPEN
    extended: bool = False
    identified: Identification | None = None
    refused: tuple[RefusalGround, tuple[ComplaintRoute, ...]] | None = None

    @property
    def level(self) -> int:
        return self.identified.level if self.identified else 0


@dataclass(frozen=True, slots=True)
class Rights:
    """The requests of one person and the holds on them, by id (16 bytes). `version` is that of the stream.

    `held` has the holds that stand, `released` the others.
    """

    version: int = 0
    requests: Mapping[bytes, Request] = field(default_factory=lambda: MappingProxyType({}))
    held: frozenset[bytes] = frozenset()
    released: frozenset[bytes] = frozenset()


def evolve(rights: Rights, fact: Message) -> Rights:
    """Return what stands after one more fact of the stream. Total."""
    requests, held, released = dict(rights.requests), rights.held, rights.released
    match fact:
        case RightsRequestOpened():
            requests[fact.rights_request_id] = _opened(fact)
        case RequesterIdentified():
            _change(requests, fact, identified=_surer(requests.get(fact.rights_request_id), fact))
        case RightsRequestExtended():
            _change(requests, fact, due=_day(fact.due_date), extended=True)
        case RightsRequestRefused():
            refused = fact.ground, tuple(fact.complaint_routes)
            _change(requests, fact, state=REFUSED, refused=refused)
        case RightsRequestFulfilled():
            _change(requests, fact, state=FULFILLED)
        case LegalHoldPlaced():
            held |= {fact.hold_id}
        case LegalHoldReleased():
            held, released = held - {fact.hold_id}, released | {fact.hold_id}
    return Rights(rights.version + 1, MappingProxyType(requests), held, released)


def fold(facts: Iterable[Message]) -> Rights:
    """Return what stands after the facts of a stream, from its first one on."""
    return reduce(evolve, facts, Rights())


def lapse(rights: Rights) -> Rights:
    """Return what stands when the person is erased: nobody is left to answer."""
    requests = {
        request_id: replace(request, state=LAPSED) if request.state == OPEN else request
        for request_id, request in rights.requests.items()
    }
    return replace(rights, requests=MappingProxyType(requests))


def _opened(fact: RightsRequestOpened) -> Request:
    return Request(fact.right, fact.requested_by, _day(fact.receive_date), _day(fact.due_date))


def _day(value: Any) -> date:
    day = full_date(value)
    return date.min if day is None else day


def _surer(request: Request | None, fact: RequesterIdentified) -> Identification:
    new = Identification(method=fact.method, level=fact.level)
    known = request.identified if request else None
    return new if known is None or new.level > known.level else known


def _change(requests: dict[bytes, Request], fact: Any, **values: Any) -> None:
    request = requests.get(fact.rights_request_id)
    if request is not None:
        requests[fact.rights_request_id] = replace(request, **values)


def open_request(
    rights: Rights,
    request_id: bytes,
    right: Right,
    requested_by: ErasureRequester,
    received: date,
    *,
    today: date,
) -> list[RightsRequestOpened]:
    """Open a request that came on the day `received`. Raises `InvalidRequestError` for an impossible day."""
    if not months_later(today, -12) <= received <= today:
        raise InvalidRequestError([Violation("receive_date", "is no day of the year before today")])
    return [
        RightsRequestOpened(
            rights_request_id=request_id,
            right=right,
            requested_by=requested_by,
            receive_date=date_message(received),
            due_date=date_message(due_on(received, FIRST_MONTHS)),
        )
    ]


def identify(rights: Rights, request_id: bytes, identification: Identification) -> list[RequesterIdentified]:
    """Record how who asks proved who they are. Raises `RightsRequestNotFoundError` and `…ClosedError`."""
    _open(rights, request_id)
    return [_identified(request_id, identification)]


def _identified(request_id: bytes, identification: Identification) -> RequesterIdentified:
    return RequesterIdentified(
        rights_request_id=request_id, method=identification.method, level=identification.level
    )


def extend(
    rights: Rights, request_id: bytes, reason: ExtensionReason, *, today: date
) -> list[RightsRequestExtended]:
    """Give two further months, counted from the receipt.

    Raises `ExtensionNotAllowedError` the second time and after the first month,
    `RightsRequestNotFoundError` and `RightsRequestClosedError`.
    """
    request = _open(rights, request_id)
    if request.extended or today > request.due:
        raise ExtensionNotAllowedError
    due = due_on(request.received, EXTENDED_MONTHS)
    return [RightsRequestExtended(rights_request_id=request_id, reason=reason, due_date=date_message(due))]


def refuse(
    rights: Rights, request_id: bytes, ground: RefusalGround, routes: Iterable[ComplaintRoute]
) -> list[RightsRequestRefused]:
    """Refuse a request; with the same words again nothing changes.

    Raises `RightsRequestNotFoundError` and `RightsRequestClosedError`.
    """
    told = tuple(routes)
    known = rights.requests.get(request_id)
    if known is not None and known.refused == (ground, told):
        return []
    _open(rights, request_id)
    return [RightsRequestRefused(rights_request_id=request_id, ground=ground, complaint_routes=told)]


def fulfil(rights: Rights, request_id: bytes, assurance: Assurance) -> list[RightsRequestFulfilled]:
    """Say that a request is carried out; twice is once.

    Raises `IdentityNotVerifiedError`, `RightHasItsCallError`, `RightsRequestNotFoundError` and
    `RightsRequestClosedError`.
    """
    known = rights.requests.get(request_id)
    if known is not None and known.state == FULFILLED:
        return []
    request = _open(rights, request_id)
    if request.right in OWN_CALLS:
        raise RightHasItsCallError
    _check_identity(request, assurance)
    return [RightsRequestFulfilled(rights_request_id=request_id)]


RequestFact: TypeAlias = RightsRequestOpened | RequesterIdentified | RightsRequestFulfilled


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for an erasure, by which request, and how they proved who they are.

    `request_id` is None if the erasure is to open a request itself, as `new_id` (16 bytes each).
    """

    requested_by: ErasureRequester
    new_id: bytes
    request_id: bytes | None = None
    identification: Identification | None = None


def allow_erasure(rights: Rights, asked: Asked, assurance: Assurance, *, today: date) -> list[RequestFact]:
    """Return the facts that go before `ProfileErased`: of the request that it fulfils.

    There always is one, whoever asks: a hold that is placed meanwhile is a fact of the same stream, so
    that one of the two is decided anew. Raises `LegalHoldError` while a hold stands,
    `IdentityNotVerifiedError`, `RightsRequestNotFoundError`, `RightsRequestClosedError`, and
    `RightHasItsCallError` for a request of another right.
    """
    if rights.held:
        raise LegalHoldError
    request_id, facts = asked.request_id, list[RequestFact]()
    if request_id is None:
        request_id, right = asked.new_id, Right.RIGHT_ERASURE
        facts += open_request(rights, request_id, right, asked.requested_by, today, today=today)
    if asked.identification is not None:
        facts.append(_identified(request_id, asked.identification))
    request = _open(reduce(evolve, facts, rights), request_id)
    if request.right != Right.RIGHT_ERASURE:
        raise RightHasItsCallError
    _check_identity(request, assurance)
    return [*facts, RightsRequestFulfilled(rights_request_id=request_id)]


def _open(rights: Rights, request_id: bytes) -> Request:
    request = rights.requests.get(request_id)
    if request is None:
        raise RightsRequestNotFoundError
    if request.state != OPEN:
        raise RightsRequestClosedError
    return request


def _check_identity(request: Request, assurance: Assurance) -> None:
    needed = assurance.get(request.right, AssuranceLevel.ASSURANCE_LEVEL_UNSPECIFIED)
    if request.requested_by in ASKERS and request.level < needed:
        raise IdentityNotVerifiedError
