"""The grounds on which the processing of a person's data is restricted (GDPR Art. 18).

What is not done meanwhile is decided where it would be done: `Loader` and `Restrictions` ask here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import reduce
from typing import Final

from google.protobuf.message import Message

from profile_service.domain.carrying_out import Asked, RequestFact, carry_out
from profile_service.domain.errors import InvalidRequestError, Violation
from profile_service.domain.rights import Assurance, Rights
from profile_service.domain.values import date_message
from profile_service.v1.events_pb2 import ProcessingRestricted, RestrictionLifted
from profile_service.v1.rights_pb2 import RestrictionGround, Right

# What a restricted person's data may still be read for, if the policy names nothing else: what the
# person asks for by right, and legal claims (GDPR Art. 18(2)).
DEFAULT_PURPOSES: Final = frozenset({"legal-claims", "rights"})


def evolve(grounds: frozenset[RestrictionGround], fact: Message) -> frozenset[RestrictionGround]:
    """Return the grounds that stand after one more fact of the stream of rights. Total."""
    match fact:
        case ProcessingRestricted():
            return grounds | {fact.ground}
        case RestrictionLifted():
            return grounds - {fact.ground}
    return grounds


def fold(facts: Iterable[Message]) -> frozenset[RestrictionGround]:
    """Return the grounds that stand; none: the processing is not restricted."""
    return reduce(evolve, facts, frozenset[RestrictionGround]())


def restrict(
    rights: Rights,
    grounds: frozenset[RestrictionGround],
    ground: RestrictionGround,
    asked: Asked,
    assurance: Assurance,
    *,
    today: date,
) -> list[RequestFact | ProcessingRestricted]:
    """Restrict on one more ground, and fulfil the request for it; on one that stands nothing is done.

    Raises the refusals of `carry_out`.
    """
    if ground in grounds:
        return []
    fulfilled = carry_out(rights, asked, Right.RIGHT_RESTRICTION, assurance, today=today)
    return [*fulfilled, ProcessingRestricted(ground=ground)]


def lift(
    grounds: frozenset[RestrictionGround], ground: RestrictionGround, informed: date, *, today: date
) -> list[RestrictionLifted]:
    """Lift one ground; if it does not stand, nothing is done.

    Raises `InvalidRequestError` if the person is not `informed` by today.
    """
    if informed > today:
        raise InvalidRequestError([Violation("inform_date", "is still to come: the person is told before")])
    if ground not in grounds:
        return []
    return [RestrictionLifted(ground=ground, inform_date=date_message(informed))]
