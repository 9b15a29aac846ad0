"""For whoever writes a view: given these facts, the view shows these rows. No database, no keys, no clock.

What a view must keep to is checked with every example. That it is the same live and rebuilt, for any
history and on real databases, is proved for every registered view by the tests of this repository.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from profile_service.domain import registry
from profile_service.log.facts import Fact
from profile_service.log.streams import (
    CAMPAIGN,
    CONSENTS,
    DISCLOSURES,
    GUARDIANS,
    OBLIGATIONS,
    PERSONAL_KINDS,
    POLICIES_SHOWN,
    PROFILE,
    RECIPIENT,
    RIGHTS,
    SIGN_UPS,
    stream_name,
    subject_of,
)
from profile_service.v1.audit_service_pb2 import PersonalHalf
from profile_service.v1.events_pb2 import (
    CampaignClosed,
    CampaignOpened,
    ConsentGiven,
    ConsentWithdrawn,
    ContactSuppressed,
    DisclosureMade,
    EventHeader,
    GuardianLinked,
    GuardianshipEnded,
    LegalHoldPlaced,
    LegalHoldReleased,
    MarketingObjected,
    ObligationAcknowledged,
    ObligationOpened,
    PolicyShown,
    ProfileErased,
    RecipientEnded,
    RecipientRegistered,
    RecipientUpdated,
    RequesterIdentified,
    RightsRequestExtended,
    RightsRequestFulfilled,
    RightsRequestOpened,
    RightsRequestRefused,
    SignedUp,
    SignUpWithdrawn,
)
from profile_service.v1.profile_pb2 import Channel
from projections.folding import Totals, add_counts
from projections.rows import UNREAD, Place, Rows, RowsUnreadError
from projections.storable import UnstorableRowError
from projections.view import View

# A subject (a person, or a campaign), and what happened to it.
Told = tuple[UUID, Message]
Stored = dict[Place, tuple[Any, ...]]

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVERY = timedelta(hours=1)

# The kind of stream of each fact; of whatever is not here, that of profiles.
KINDS: Mapping[type[Message], str] = {
    ConsentGiven: CONSENTS,
    ConsentWithdrawn: CONSENTS,
    ContactSuppressed: CONSENTS,
    MarketingObjected: CONSENTS,
    GuardianLinked: GUARDIANS,
    GuardianshipEnded: GUARDIANS,
    SignedUp: SIGN_UPS,
    SignUpWithdrawn: SIGN_UPS,
    RightsRequestOpened: RIGHTS,
    RequesterIdentified: RIGHTS,
    RightsRequestExtended: RIGHTS,
    RightsRequestRefused: RIGHTS,
    RightsRequestFulfilled: RIGHTS,
    LegalHoldPlaced: RIGHTS,
    LegalHoldReleased: RIGHTS,
    PolicyShown: POLICIES_SHOWN,
    CampaignOpened: CAMPAIGN,
    CampaignClosed: CAMPAIGN,
    DisclosureMade: DISCLOSURES,
    RecipientRegistered: RECIPIENT,
    RecipientUpdated: RECIPIENT,
    RecipientEnded: RECIPIENT,
    ObligationOpened: OBLIGATIONS,
    ObligationAcknowledged: OBLIGATIONS,
}


class ViewRuleError(AssertionError):
    """The view breaks a rule that every view keeps to; the text says which."""


def given(*told: Told, start: datetime = START, every: timedelta = EVERY) -> Given:
    """Begin with facts in the order of the log: pairs of a subject and a message, one `every` so often."""
    return Given(tuple(_facts(told, start, every)))


@dataclass(frozen=True)
class Given:
    """What happened, ready to be looked at through a view."""

    facts: tuple[Fact, ...]

    def view(self, view: View) -> Seen:
        """Apply the facts as they are followed and as they are rebuilt. Raises `ViewRuleError`."""
        seen = _rebuilt(view, self.facts)
        if _followed(view, self.facts) != seen:
            raise ViewRuleError("followed fact by fact it shows something else: see `reads`")
        if _rebuilt(view, map(_without_values, self.facts)).counts != seen.counts:
            raise ViewRuleError("its counts hang on personal values, which an erasure takes away")
        if _rebuilt(view, self._as_after_erasures()).rows != seen.rows:
            raise ViewRuleError("it shows something else when the keys of the erased are gone")
        for row in _everything(seen.rows):
            if any(subject == row[0] for subject in self._erased):
                raise ViewRuleError("it keeps a row of someone who was erased")
        return seen

    @property
    def _erased(self) -> set[UUID]:
        return {_subject(fact) for fact in self.facts if isinstance(fact.message, ProfileErased)}

    def _as_after_erasures(self) -> list[Fact]:
        return [_without_values(fact) if _subject(fact) in self._erased else fact for fact in self.facts]


@dataclass(frozen=True)
class Seen:
    """What a view shows: the rows of each subject, and the counts."""

    rows: Mapping[UUID, Stored]
    counts: Totals

    def shows(self, *rows: tuple[Any, ...]) -> None:
        """Exactly these rows are in the tables of the view, in whatever order; a count of 0 is none."""
        actual = [*_everything(self.rows), *_counted(self.counts)]
        missing = [row for row in rows if row not in actual]
        unexpected = [row for row in actual if row not in rows]
        assert not missing, f"missing: {missing}, unexpected: {unexpected}"
        assert not unexpected, f"unexpected: {unexpected}"
        assert len(actual) == len(rows)


def _facts(told: Sequence[Told], start: datetime, every: timedelta) -> Iterator[Fact]:
    versions: dict[str, int] = {}
    for nth, (subject, message) in enumerate(told):
        kind, name = KINDS.get(type(message), PROFILE), message.DESCRIPTOR.full_name
        stream = stream_name(kind, subject)
        versions[stream] = versions.get(stream, 0) + 1
        person = subject if kind in PERSONAL_KINDS else None
        header = EventHeader(
            stream=stream,
            version=versions[stream],
            type=name,
            profile_id=person.bytes if person else b"",
            actor="given",
            channel=Channel.CHANNEL_WEB,
            schema=registry.fact_type(name).schema,
        )
        sealed = bool(registry.split(message)[1])
        half = PersonalHalf.PERSONAL_HALF_INCLUDED if sealed else PersonalHalf.PERSONAL_HALF_NONE
        time = round((start + nth * every).timestamp() * 1_000_000)
        yield Fact(nth + 1, time, header, person, message, half)


def _subject(fact: Fact) -> UUID:
    return subject_of(fact.header.stream)


def _without_values(fact: Fact) -> Fact:
    """The fact as it is read when the person's key is destroyed."""
    if fact.personal_half == PersonalHalf.PERSONAL_HALF_NONE:
        return fact
    message = registry.merge(fact.header.type, registry.split(fact.message)[0], None)
    half = PersonalHalf.PERSONAL_HALF_ERASED
    return Fact(fact.position, fact.time, fact.header, fact.profile_id, message, half)


def _rebuilt(view: View, facts: Iterable[Fact]) -> Seen:
    """Fold each subject's facts in one go, from nothing."""
    rows: dict[UUID, Rows] = {}
    for fact in facts:
        if fact.header.type in view.functions:
            of_subject = rows.setdefault(_subject(fact), Rows(_subject(fact)))
            _apply(view, of_subject, fact)
    counts: Totals = {}
    for one in rows.values():
        add_counts(counts, one.counts)
    return _seen({subject: _stored({}, one) for subject, one in rows.items()}, counts)


def _followed(view: View, facts: Iterable[Fact]) -> Seen:
    """Apply one fact at a time to what is stored; that is loaded only for the types that read."""
    stored: dict[UUID, Stored] = {}
    counts: Totals = {}
    for fact in facts:
        if fact.header.type in view.functions:
            before = stored.get(_subject(fact), {})
            rows = Rows(_subject(fact), before if fact.header.type in view.reading_types else UNREAD)
            _apply(view, rows, fact)
            stored[rows.subject] = _stored(before, rows)
            add_counts(counts, rows.counts)
    return _seen(stored, counts)


def _apply(view: View, rows: Rows, fact: Fact) -> None:
    try:
        view.functions[fact.header.type](rows, fact)
    except (UnstorableRowError, RowsUnreadError) as error:
        raise ViewRuleError(str(error)) from None


def _stored(before: Stored, rows: Rows) -> Stored:
    """What is stored of a subject after its rows changed."""
    merged = {**({} if rows.cleared else before), **rows.changed}
    return {place: row for place, row in merged.items() if row is not None}


def _seen(rows: dict[UUID, Stored], counts: Totals) -> Seen:
    changed = {table: {key: by for key, by in totals.items() if any(by)} for table, totals in counts.items()}
    return Seen(
        {subject: stored for subject, stored in rows.items() if stored},
        {table: totals for table, totals in changed.items() if totals},
    )


def _everything(rows: Mapping[UUID, Stored]) -> Iterator[tuple[Any, ...]]:
    for stored in rows.values():
        yield from stored.values()


def _counted(counts: Totals) -> Iterator[tuple[Any, ...]]:
    for table, totals in counts.items():
        yield from (table.row._make((*key, *by)) for key, by in totals.items())


__all__ = ["Given", "Seen", "ViewRuleError", "given"]
