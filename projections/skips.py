"""What the log says that views pass over. The log alone: so a view made anew passes over the same facts.

A view obeys when it gets to the decision, for earlier it may not have met the fact at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from google.protobuf.message import Message

from profile_service.domain.registry import UnknownFactTypeError
from profile_service.keys.errors import SealBrokenError
from profile_service.log.facts import StoredFact, open_fact
from profile_service.log.reader import LogReader
from profile_service.log.streams import SKIPS, stream_name
from profile_service.v1.events_pb2 import ProjectionFactSkipped as Skipped
from projections.opening import OpenedFact
from projections.view import View

SKIPPED = Skipped.DESCRIPTOR.full_name


def decided_on(view: View, facts: Iterable[OpenedFact], after: int) -> set[UUID]:
    """Return the subjects of decisions about this view among facts after a position."""
    return {
        one.subject
        for one in facts
        if one.type == SKIPPED
        and one.position > after
        and one.fact
        and isinstance(one.fact.message, Skipped)
        and one.fact.message.view == view.name
    }


def skipped_of(log: LogReader, view: View, subject: UUID, upto: int) -> frozenset[int]:
    """Return the positions that a view passes over of one subject, by decisions up to a position."""
    decisions = log.stream(stream_name(SKIPS, subject))
    return _skipped(view, (fact for fact in decisions if fact.position <= upto))


def skipped_in_span(log: LogReader, view: View, span: range, upto: int) -> frozenset[int]:
    """Return the same of all subjects in a span."""
    return _skipped(view, log.span_of_kind(SKIPS, span, upto))


def _skipped(view: View, decisions: Iterable[StoredFact]) -> frozenset[int]:
    messages = (_read(decision) for decision in decisions)
    return frozenset(one.position for one in messages if isinstance(one, Skipped) and one.view == view.name)


def _read(decision: StoredFact) -> Message | None:
    # A decision that was damaged passes over nothing: then the subject waits again.
    try:
        return open_fact(decision, None).message
    except (SealBrokenError, UnknownFactTypeError):
        return None
