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

    `by_guardian`: 1 if a guardian gave it, who alone can't say whether it counts; else 0.

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
    by_guardian: int = 0


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
    by_guardian: int = 0


CONSENTS = RowTable("consents", ConsentRow, key=2)
CONSENT_HISTORY = RowTable("consent_history", ConsentHistoryRow, key=2)


def _given(rows: Rows, fact: Fact) -> None:
    assert isinstance(fact.message, ConsentGiven)
    _decided(rows, fact, ConsentDecision.CONSENT_DECISION_GIVEN, by_guardian=int(fact.message.by_guardian))


def _withdrawn(rows: Rows, fact: Fact) -> None:
    _decided(rows, fact, ConsentDecision.CONSENT_DECISION_WITHDRAWN)


def _decided(rows: Rows, fact: Fact, decision: int, by_guardian: int = 0) -> None:
    message: Any = fact.message  # the two facts have these fields in common
    values = (decision, message.policy_version, message.text_hash, fact.header.channel, fact.time)
    rows.put(CONSENTS, ConsentRow(rows.subject, message.purpose, *values, fact.position, by_guardian))
    history = ConsentHistoryRow(rows.subject, fact.position, message.purpose, *values, by_guardian)
    rows.put(CONSENT_HISTORY, history)


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
    """Who has given the consent, and the position that this is true at.

    `guarded` has for whom a guardian gave it, and nobody of `given`: it counts for minors only.
    """

    position: int
    given: frozenset[UUID]
    guarded: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class GuardedPage:
    """What guardians gave for some people, the purposes in order. `last` as in `PeoplePage`."""

    position: int
    purposes: dict[UUID, list[str]]
    last: UUID | None


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
    standing = [
        row for row in found.rows if row[2] == given and counts(row[3]) and row[0] not in found.parked
    ]
    guarded = frozenset(row[0] for row in standing if row[-1])
    return ConsentsChecked(found.position, frozenset(row[0] for row in standing) - guarded, guarded)


def unconfirmed(row: ConsentRow) -> ConsentRow:
    """Return how a row stands when what a guardian gave counts no more."""
    return row._replace(decision=ConsentDecision.CONSENT_DECISION_UNCONFIRMED) if is_guarded(row) else row


def is_guarded(row: ConsentRow) -> bool:
    """Say whether a row is of a consent that counts only while the person is a minor."""
    return bool(row.by_guardian) and row.decision == ConsentDecision.CONSENT_DECISION_GIVEN


def given_by_guardians(reader: ViewReader, after: UUID, limit: int) -> GuardedPage:
    """Return what guardians gave for people after one, from at most `limit` rows. Blocks.

    `limit` is above the number of purposes that anybody has.
    """
    only = {"by_guardian": 1, "decision": int(ConsentDecision.CONSENT_DECISION_GIVEN)}
    found = reader.page_by_subject(CONSENTS_VIEW, CONSENTS, only, after, limit)
    purposes: dict[UUID, list[str]] = {}
    for row in found.rows:
        purposes.setdefault(row[0], []).append(row[1])
    if len(found.rows) < limit:
        last = None
    else:
        # There may be more of whoever was last: they are begun anew on the next page.
        purposes.pop(found.rows[-1][0])
        last = next(reversed(purposes))
    return GuardedPage(found.position, {who: sorted(which) for who, which in purposes.items()}, last)


def given_to_others(
    reader: ViewReader, purpose: str, suffices: Callable[[str], bool], after: UUID, limit: int
) -> PeoplePage:
    """Look at `limit` people after one who gave this consent, and return those who did so to a version of
    the policy that does not suffice. Blocks."""
    only = {"purpose": purpose, "decision": int(ConsentDecision.CONSENT_DECISION_GIVEN)}
    found = reader.page_by_subject(CONSENTS_VIEW, CONSENTS, only, after, limit)
    return page_of(found, limit, lambda row: not suffices(ConsentRow(*row).policy_version))
