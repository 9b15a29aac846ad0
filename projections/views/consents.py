"""What each person consented to: one current row a purpose, and how it came to be."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from profile_service.log.facts import Fact
from profile_service.v1.consent_service_pb2 import ConsentDecision
from profile_service.v1.events_pb2 import (
    ConsentGiven,
    ConsentWithdrawn,
    ContactSuppressed,
    MarketingObjected,
    ProfileErased,
)
from projections.people import PeoplePage, page_of
from projections.reading import ViewReader
from projections.rows import Rows
from projections.view import RowTable, View

# The purpose of what concerns all of them.
EVERY_PURPOSE = ""


class ConsentRow(NamedTuple):
    """`decision` and `channel` are numbers of their enums; `time` in microseconds since 1970 UTC.

    Of `EVERY_PURPOSE` there is a row since the person objected to all of them; a purpose that has a row of
    its own is as that says.
    """

    profile_id: UUID
    purpose: str
    decision: int
    policy_version: str
    text_hash: bytes
    channel: int
    time: int
    position: int


class ConsentHistoryRow(NamedTuple):
    """The same values as in `ConsentRow`, one row a decision; of a suppression with `EVERY_PURPOSE`."""

    profile_id: UUID
    position: int
    purpose: str
    decision: int
    policy_version: str
    text_hash: bytes
    channel: int
    time: int


CONSENTS = RowTable("consents", ConsentRow, key=2)
CONSENT_HISTORY = RowTable("consent_history", ConsentHistoryRow, key=2)


def _given(rows: Rows, fact: Fact) -> None:
    _decided(rows, fact, ConsentDecision.CONSENT_DECISION_GIVEN)


def _withdrawn(rows: Rows, fact: Fact) -> None:
    _decided(rows, fact, ConsentDecision.CONSENT_DECISION_WITHDRAWN)


def _decided(rows: Rows, fact: Fact, decision: int) -> None:
    message: Any = fact.message  # the two facts have the same fields
    values = (decision, message.policy_version, message.text_hash, fact.header.channel, fact.time)
    rows.put(CONSENTS, ConsentRow(rows.subject, message.purpose, *values, fact.position))
    rows.put(CONSENT_HISTORY, ConsentHistoryRow(rows.subject, fact.position, message.purpose, *values))


def _suppressed(rows: Rows, fact: Fact) -> None:
    """What was given counts no more, whatever the purpose; what is given later does."""
    decision = ConsentDecision.CONSENT_DECISION_SUPPRESSED
    when = (fact.header.channel, fact.time, fact.position)
    for row in rows.all(CONSENTS):
        if row.decision == ConsentDecision.CONSENT_DECISION_GIVEN:
            values = (row.purpose, decision, row.policy_version, row.text_hash)
            rows.put(CONSENTS, ConsentRow(rows.subject, *values, *when))
    channel, time, position = when
    history = (EVERY_PURPOSE, decision, "", b"", channel, time)
    rows.put(CONSENT_HISTORY, ConsentHistoryRow(rows.subject, position, *history))


def _objected(rows: Rows, fact: Fact) -> None:
    """Nothing decided before counts any more; each keeps the text that was shown for it."""
    assert isinstance(fact.message, MarketingObjected)
    purpose = fact.message.purpose if fact.message.HasField("purpose") else EVERY_PURPOSE
    decision = ConsentDecision.CONSENT_DECISION_OBJECTED
    when = (fact.header.channel, fact.time)
    rows.put(
        CONSENT_HISTORY, ConsentHistoryRow(rows.subject, fact.position, purpose, decision, "", b"", *when)
    )
    texts = {row.purpose: (row.policy_version, row.text_hash) for row in rows.all(CONSENTS)}
    concerned = {purpose, *texts} if purpose == EVERY_PURPOSE else {purpose}
    for one in sorted(concerned):
        shown = texts.get(one, ("", b""))
        rows.put(CONSENTS, ConsentRow(rows.subject, one, decision, *shown, *when, fact.position))


def _erased(rows: Rows, _fact: Fact) -> None:
    rows.clear()


CONSENTS_VIEW = View(
    name="consents",
    tables=(CONSENTS, CONSENT_HISTORY),
    apply={
        ConsentGiven: _given,
        ConsentWithdrawn: _withdrawn,
        ContactSuppressed: _suppressed,
        MarketingObjected: _objected,
        ProfileErased: _erased,
    },
    source=Path(__file__),
    reads=frozenset({ContactSuppressed, MarketingObjected}),
)


@dataclass(frozen=True, slots=True)
class ConsentsFound:
    """`parked`: a fact of the person could not be applied, so nothing true can be said."""

    position: int
    rows: list[ConsentRow]
    parked: bool


@dataclass(frozen=True, slots=True)
class ConsentHistoryFound:
    """A page, oldest first. `parked` as in `ConsentsFound`."""

    position: int
    rows: list[ConsentHistoryRow]
    parked: bool


@dataclass(frozen=True, slots=True)
class ConsentsChecked:
    """Who has given the consent, and the position that this is true at."""

    position: int
    given: frozenset[UUID]


def consents_of(reader: ViewReader, profile_id: UUID) -> ConsentsFound:
    """Return the current consents of a person, by purpose. Blocks."""
    found = reader.rows_of_subjects(CONSENTS_VIEW, CONSENTS, [profile_id])
    rows = sorted((ConsentRow(*row) for row in found.rows), key=lambda row: row.purpose)
    return ConsentsFound(found.position, rows, profile_id in found.parked)


def consent_history(reader: ViewReader, profile_id: UUID, after: int, limit: int) -> ConsentHistoryFound:
    """Return at most `limit` decisions of a person after a position, oldest first. Blocks."""
    found = reader.page_of_subject(CONSENTS_VIEW, CONSENT_HISTORY, profile_id, after, limit)
    rows = [ConsentHistoryRow(*row) for row in found.rows]
    return ConsentHistoryFound(found.position, rows, profile_id in found.parked)


def check_consents(
    reader: ViewReader, purpose: str, counts: Callable[[str], bool], profile_ids: Collection[UUID]
) -> ConsentsChecked:
    """Return who of many people has given this consent, from one query. Blocks.

    `counts` says whether a consent to a version of the policy does. Someone unknown, erased or parked has
    not given it. To be never behind the log, wait until the view has reached the log's head before.
    """
    found = reader.rows_of_subjects(CONSENTS_VIEW, CONSENTS, profile_ids, {"purpose": purpose})
    given = ConsentDecision.CONSENT_DECISION_GIVEN
    return ConsentsChecked(
        found.position,
        frozenset(
            row[0] for row in found.rows if row[2] == given and counts(row[3]) and row[0] not in found.parked
        ),
    )


def given_to_others(
    reader: ViewReader, purpose: str, suffices: Callable[[str], bool], after: UUID, limit: int
) -> PeoplePage:
    """Look at `limit` people after one who gave this consent, and return those who did so to a version of
    the policy that does not suffice. Blocks."""
    only = {"purpose": purpose, "decision": int(ConsentDecision.CONSENT_DECISION_GIVEN)}
    found = reader.page_by_subject(CONSENTS_VIEW, CONSENTS, only, after, limit)
    return page_of(found, limit, lambda row: not suffices(ConsentRow(*row).policy_version))
