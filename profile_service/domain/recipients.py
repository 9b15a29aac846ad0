"""Who may have data of people: registered, changed, and ended once. What leaves for them is in `disclosures`.

The rules of the proto file are checked before; here is what they can't say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Final, TypeAlias

from google.protobuf.message import Message

from profile_service.domain.campaigns import moment
from profile_service.domain.disclosure_errors import RecipientNotFoundError
from profile_service.domain.errors import ConcurrentChangeError, InvalidRequestError, Violation
from profile_service.domain.update import CHANGEABLE
from profile_service.domain.values import normal_text, text_fault
from profile_service.v1.events_pb2 import RecipientEnded, RecipientRegistered, RecipientUpdated
from profile_service.v1.recipient_pb2 import Recipient, RecipientKind

# What can be disclosed: the values of a person, which facts hold.
DISCLOSABLE: Final = frozenset(CHANGEABLE)

_OUTPUT_ONLY: Final = ("recipient_id", "ended")
_FIXED: Final = frozenset((*_OUTPUT_ONLY, "kind"))
_GUARANTEES: Final = ("assignment", "agreement")


@dataclass(frozen=True, slots=True)
class Unregistered:
    """There is no such recipient."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A recipient, without its id; treat it as read-only. `version` is that of the stream."""

    version: int
    recipient: Recipient


RecipientState: TypeAlias = Unregistered | Registered
RecipientFact: TypeAlias = RecipientRegistered | RecipientUpdated | RecipientEnded


def evolve(state: RecipientState, fact: Message) -> RecipientState:
    """Return the situation after one more fact of the stream. Total."""
    known, version = Recipient(), 1
    if isinstance(state, Registered):
        known.CopyFrom(state.recipient)
        version = state.version + 1
    match fact:
        case RecipientRegistered() | RecipientUpdated():
            ended = known.ended
            known.CopyFrom(fact.recipient)
            known.ended = ended
        case RecipientEnded():
            known.ended = True
    return Registered(version, known)


def fold(facts: Iterable[Message]) -> RecipientState:
    """Return the situation after the facts of a stream, from its first one on."""
    start: RecipientState = Unregistered()
    return reduce(evolve, facts, start)


def require(state: RecipientState) -> Recipient:
    """Return the recipient. Raises `RecipientNotFoundError`."""
    if isinstance(state, Unregistered):
        raise RecipientNotFoundError
    return state.recipient


def register(state: RecipientState, recipient: Recipient) -> list[RecipientRegistered]:
    """Make a recipient known; the same one again changes nothing.

    Raises `InvalidRequestError` with paths below "recipient".
    """
    wanted = _checked(recipient)
    if isinstance(state, Unregistered):
        return [RecipientRegistered(recipient=wanted)]
    if state.recipient == wanted:
        return []
    raise ConcurrentChangeError


def merged(state: RecipientState, changes: Recipient, mask: Iterable[str]) -> Recipient:
    """Return the recipient with the fields in `mask` as in `changes`, not checked yet.

    Raises `RecipientNotFoundError`, `InvalidRequestError`.
    """
    result = Recipient()
    result.CopyFrom(require(state))
    result.ClearField("ended")
    names = Recipient.DESCRIPTOR.fields_by_name
    for path in mask:
        if path not in names or path in _FIXED:
            raise InvalidRequestError([Violation("update_mask", "names a field that can't be changed")])
        result.ClearField(path)
        only = Recipient()
        only.CopyFrom(changes)
        for other in names:
            if other != path:
                only.ClearField(other)
        result.MergeFrom(only)
    return result


def update(state: RecipientState, wanted: Recipient) -> list[RecipientUpdated]:
    """Change a recipient; the same values again change nothing. Who was ended stays so.

    Raises `RecipientNotFoundError`, and `InvalidRequestError` with paths below "recipient".
    """
    known = Recipient()
    known.CopyFrom(require(state))
    known.ClearField("ended")
    changed = _checked(wanted)
    return [] if changed == known else [RecipientUpdated(recipient=changed)]


def end(state: RecipientState) -> list[RecipientEnded]:
    """Let nothing leave for it any more; ending twice is ending once. Raises `RecipientNotFoundError`."""
    return [] if require(state).ended else [RecipientEnded()]


def _checked(recipient: Recipient) -> Recipient:
    violations = [Violation(f"recipient.{field}", fault) for field, fault in _faults(recipient)]
    if violations:
        raise InvalidRequestError(violations)
    checked = Recipient()
    checked.CopyFrom(recipient)
    for name in _OUTPUT_ONLY:
        checked.ClearField(name)
    checked.name = normal_text(recipient.name)
    checked.fields[:] = sorted(recipient.fields)
    return checked


def _faults(recipient: Recipient) -> Iterator[tuple[str, str]]:
    fault = text_fault(recipient.name)
    if fault:
        yield "name", fault
    is_supplier = recipient.kind == RecipientKind.RECIPIENT_KIND_SUPPLIER
    for name in _GUARANTEES:
        if is_supplier and not getattr(recipient, name):
            yield name, "is needed for a supplier"
    if recipient.assignment and not is_supplier:
        yield "assignment", "is for suppliers only"
    if not DISCLOSABLE.issuperset(recipient.fields):
        yield "fields", "names a field that can't be disclosed"
    yield from _period_faults(recipient)


def _period_faults(recipient: Recipient) -> Iterator[tuple[str, str]]:
    start = moment(recipient.start_time)
    if start is None:
        yield "start_time", "is not a point in time"
    if not recipient.HasField("end_time"):
        return
    end_ = moment(recipient.end_time)
    if end_ is None:
        yield "end_time", "is not a point in time"
    elif start and end_ <= start:
        yield "end_time", "is not after start_time"
