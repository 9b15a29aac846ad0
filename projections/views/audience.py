"""Who may be contacted for what, and the sealed values that people are selected by.

A person is contactable for a purpose while the consent counts: not withdrawn, suppressed, objected to since.
Values are opened a page at a time and compared in memory; no index of them exists anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import structlog
from google.type.date_pb2 import Date

from profile_service.domain.guardianship import Validity, birth_of
from profile_service.domain.selection import SELECTED_BY
from profile_service.keys.errors import SealBrokenError
from profile_service.keys.store import KeyStore
from profile_service.log.facts import Fact
from profile_service.v1.events_pb2 import (
    ConsentGiven,
    ConsentWithdrawn,
    ContactSuppressed,
    MarketingObjected,
    ProfileErased,
    ProfileRegistered,
    ProfileSupplemented,
    ProfileUpdated,
)
from profile_service.v1.profile_pb2 import Profile
from projections.opening import is_erased
from projections.reading import Found, ViewReader
from projections.rows import Rows
from projections.sealing import open_column
from projections.values import with_values
from projections.view import RowTable, View

log = structlog.get_logger()


class ContactableRow(NamedTuple):
    """There while the person may be contacted for the purpose, if the consent to that version of the policy
    counts. `position`: where it was given; `by_guardian`: 1 if by a guardian, else 0."""

    profile_id: UUID
    purpose: str
    position: int
    policy_version: str
    by_guardian: int = 0


class TraitsRow(NamedTuple):
    """`traits` has the fields `SELECTED_BY` of the profile; None when the key is destroyed."""

    profile_id: UUID
    traits: Profile | None


CONTACTABLE = RowTable("contactable", ContactableRow, key=2, indexes=(("purpose", "profile_id"),))
TRAITS = RowTable("traits", TraitsRow)


def _registered(rows: Rows, fact: Fact) -> None:
    rows.put(TRAITS, TraitsRow(rows.subject, _traits_after(fact, Profile())))


def _updated(rows: Rows, fact: Fact) -> None:
    row = rows.get(TRAITS)
    if row is None:
        raise LookupError("a profile was updated before its registration")
    traits = _traits_after(fact, row.traits)
    if traits != row.traits:
        rows.put(TRAITS, TraitsRow(rows.subject, traits))


def _traits_after(fact: Fact, before: Profile | None) -> Profile | None:
    if before is None or is_erased(fact):
        return None
    traits = Profile()
    traits.CopyFrom(before)
    if isinstance(fact.message, ProfileUpdated):
        for name in SELECTED_BY & frozenset(fact.message.cleared):
            traits.ClearField(name)
    return with_values(traits, fact.message, SELECTED_BY)


def _given(rows: Rows, fact: Fact) -> None:
    assert isinstance(fact.message, ConsentGiven)
    given = fact.message
    values = (given.purpose, fact.position, given.policy_version, int(given.by_guardian))
    rows.put(CONTACTABLE, ContactableRow(rows.subject, *values))


def _withdrawn(rows: Rows, fact: Fact) -> None:
    assert isinstance(fact.message, ConsentWithdrawn)
    rows.remove(CONTACTABLE, fact.message.purpose)


def _suppressed(rows: Rows, _fact: Fact) -> None:
    for row in rows.all(CONTACTABLE):
        rows.remove(CONTACTABLE, row.purpose)


def _objected(rows: Rows, fact: Fact) -> None:
    assert isinstance(fact.message, MarketingObjected)
    if fact.message.HasField("purpose"):
        rows.remove(CONTACTABLE, fact.message.purpose)
    else:
        _suppressed(rows, fact)


def _erased(rows: Rows, _fact: Fact) -> None:
    rows.clear()


AUDIENCE_VIEW = View(
    name="audience",
    tables=(CONTACTABLE, TRAITS),
    apply={
        ProfileRegistered: _registered,
        ProfileUpdated: _updated,
        ProfileSupplemented: _updated,
        ConsentGiven: _given,
        ConsentWithdrawn: _withdrawn,
        ContactSuppressed: _suppressed,
        MarketingObjected: _objected,
        ProfileErased: _erased,
    },
    reads=frozenset({ProfileUpdated, ProfileSupplemented, ContactSuppressed, MarketingObjected}),
    source=Path(__file__),
)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Contactable people who fit, by id. `last` is where to go on after; None at the end."""

    profile_ids: list[UUID]
    last: UUID | None


def candidates(
    reader: ViewReader,
    keys: KeyStore,
    purpose: str,
    validity: Validity,
    fits: Callable[[Profile], bool] | None,
    after: UUID,
    limit: int,
) -> Candidates:
    """Look at `limit` contactable people after one, and return those who fit. Without `fits`, all; opened are
    only those for whom a guardian consented.

    Blocks. Of a person who is parked, or whose row is damaged, nothing true can be said: they are left
    out. Raises `KeysUnavailableError`.
    """
    found = reader.page_by_subject(AUDIENCE_VIEW, CONTACTABLE, {"purpose": purpose}, after, limit)
    last = found.rows[-1][0] if len(found.rows) == limit else None
    rows = [row for row in found.rows if validity.takes(row[3])]
    guarded = _counted(reader, keys, [row[0] for row in rows if row[4]], validity)
    ids = [row[0] for row in rows if not row[4] or row[0] in guarded]
    if fits is None or not ids:
        return Candidates(ids, last)
    traits = reader.rows_of_subjects(AUDIENCE_VIEW, TRAITS, ids)
    fitting = {profile_id for profile_id, opened in _opened(keys, traits) if fits(opened)}
    return Candidates([profile_id for profile_id in ids if profile_id in fitting], last)


def still_contactable(
    reader: ViewReader, keys: KeyStore, purpose: str, validity: Validity, profile_ids: Collection[UUID]
) -> tuple[int, frozenset[UUID]]:
    """Return the view's position, and who of these people may be contacted there. Blocks.

    To be never behind the log, wait until the view has reached the log's head before. Raises
    `KeysUnavailableError`.
    """
    found = reader.rows_of_subjects(AUDIENCE_VIEW, CONTACTABLE, profile_ids, {"purpose": purpose})
    rows = [row for row in found.rows if validity.takes(row[3]) and row[0] not in found.parked]
    guarded = _counted(reader, keys, [row[0] for row in rows if row[4]], validity)
    return found.position, frozenset(row[0] for row in rows if not row[4] or row[0] in guarded)


def _counted(
    reader: ViewReader, keys: KeyStore, profile_ids: Collection[UUID], validity: Validity
) -> frozenset[UUID]:
    """Return for whom it counts what a guardian gave."""
    if not profile_ids:
        return frozenset()
    known = births(reader, keys, profile_ids).born
    return frozenset(one for one, birth in known.items() if validity.guarded(birth))


@dataclass(frozen=True, slots=True)
class Births:
    """When people were born, as far as they said, at `position`; without whom nothing true can be said of."""

    position: int
    born: dict[UUID, Date | None]


def births(reader: ViewReader, keys: KeyStore, profile_ids: Collection[UUID]) -> Births:
    """Open dates of birth. Blocks. Raises `KeysUnavailableError`."""
    found = reader.rows_of_subjects(AUDIENCE_VIEW, TRAITS, profile_ids)
    return Births(found.position, {who: birth_of(traits) for who, traits in _opened(keys, found)})


@dataclass(frozen=True, slots=True)
class LivingPage:
    """The values of some living people, at `position` or later. `last` as in `Candidates`."""

    position: int
    traits: list[Profile]
    last: UUID | None


def living(reader: ViewReader, keys: KeyStore, after: UUID, limit: int) -> LivingPage:
    """Open the values of `limit` people after one. Blocks. Leaves out whom `candidates` leaves out.

    Raises `KeysUnavailableError`.
    """
    found = reader.page_by_subject(AUDIENCE_VIEW, TRAITS, {}, after, limit)
    last = found.rows[-1][0] if len(found.rows) == limit else None
    return LivingPage(found.position, [traits for _, traits in _opened(keys, found)], last)


def _opened(keys: KeyStore, found: Found) -> Iterator[tuple[UUID, Profile]]:
    # Of so many people few are asked for again soon: their ciphers must push out nobody else's.
    ciphers = keys.ciphers([row[0] for row in found.rows], keep=False)
    for profile_id, sealed in found.rows:
        try:
            plaintext = open_column(AUDIENCE_VIEW, "traits", profile_id, sealed, ciphers.get(profile_id))
        except SealBrokenError:
            log.error("a row is damaged and passed over", projection=AUDIENCE_VIEW.name)
            continue
        if plaintext is not None and profile_id not in found.parked:
            yield profile_id, Profile.FromString(plaintext)
