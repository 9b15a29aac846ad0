"""The current profile of every living person. What describes the person is sealed as one message."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from google.protobuf.message import Message

from profile_service.domain.stated import note_supplemented
from profile_service.domain.verified import PROFILE_FIELDS, note_verified
from profile_service.keys.store import KeyStore
from profile_service.log.facts import Fact
from profile_service.v1.events_pb2 import (
    EmailChanged,
    EmailVerificationStarted,
    EmailVerified,
    ProfileErased,
    ProfileRectified,
    ProfileRegistered,
    ProfileSupplemented,
    ProfileUpdated,
    SourceNoticeGiven,
)
from profile_service.v1.profile_pb2 import Profile
from projections.as_of import fold_as_of
from projections.opening import is_erased
from projections.reading import ViewReader
from projections.rows import Rows
from projections.sealing import open_column
from projections.sources import Sources
from projections.values import with_values
from projections.view import RowTable, View


class ProfileRow(NamedTuple):
    """`version` is that of the person's profile stream; times in microseconds since 1970 UTC.

    `profile` is None when the key is destroyed and `ProfileErased` has not arrived yet.
    """

    profile_id: UUID
    version: int
    position: int
    update_time: int
    profile: Profile | None


PROFILES = RowTable("profiles", ProfileRow)


def _registered(rows: Rows, fact: Fact) -> None:
    profile = None if is_erased(fact) else with_values(Profile(), fact.message, PROFILE_FIELDS)
    if profile is not None:
        profile.create_time.FromMicroseconds(fact.time)
    rows.put(PROFILES, ProfileRow(rows.subject, fact.header.version, fact.position, fact.time, profile))


def _updated(rows: Rows, fact: Fact) -> None:
    profile = _copy_to_change(rows, fact)
    if profile is not None and isinstance(fact.message, ProfileUpdated):
        for name in fact.message.cleared:
            profile.ClearField(name)
        _note(with_values(profile, fact.message, PROFILE_FIELDS), fact.message)
    _put_changed(rows, fact, profile)


def _supplemented(rows: Rows, fact: Fact) -> None:
    profile = _copy_to_change(rows, fact)
    if profile is not None:
        _note(with_values(profile, fact.message, PROFILE_FIELDS), fact.message)
    _put_changed(rows, fact, profile)


def _rectified(rows: Rows, fact: Fact) -> None:
    profile = _copy_to_change(rows, fact)
    if profile is not None:
        _note(profile, fact.message)
    _put_changed(rows, fact, profile)


def _email_changed(rows: Rows, fact: Fact) -> None:
    profile = _copy_to_change(rows, fact)
    if profile is not None:
        with_values(profile, fact.message, PROFILE_FIELDS).email_verified = False
        _note(profile, fact.message)
    _put_changed(rows, fact, profile)


def _email_verified(rows: Rows, fact: Fact) -> None:
    profile = _copy_to_change(rows, fact)
    if profile is not None:
        profile.email_verified = True
    _put_changed(rows, fact, profile)


def _without_a_value(rows: Rows, fact: Fact) -> None:
    # No value changes; but the version is the etag, and must stay that of the stream.
    row = _existing(rows)
    rows.put(PROFILES, row._replace(version=fact.header.version, position=fact.position))


def _erased(rows: Rows, _fact: Fact) -> None:
    rows.clear()


def _existing(rows: Rows) -> ProfileRow:
    row = rows.get(PROFILES)
    if row is None:
        raise LookupError("a fact of a profile before its registration")
    return row


def _copy_to_change(rows: Rows, fact: Fact) -> Profile | None:
    before = _existing(rows).profile
    if before is None or is_erased(fact):
        return None
    profile = Profile()
    profile.CopyFrom(before)
    return profile


def _put_changed(rows: Rows, fact: Fact, profile: Profile | None) -> None:
    rows.put(PROFILES, ProfileRow(rows.subject, fact.header.version, fact.position, fact.time, profile))


def _note(profile: Profile, message: Message) -> None:
    """Note, in place, what a fact says of how values of a profile came about."""
    note_verified(profile, message)
    note_supplemented(profile, message)


PROFILES_VIEW = View(
    name="profiles",
    tables=(PROFILES,),
    apply={
        ProfileRegistered: _registered,
        ProfileUpdated: _updated,
        ProfileRectified: _rectified,
        ProfileSupplemented: _supplemented,
        SourceNoticeGiven: _without_a_value,
        EmailChanged: _email_changed,
        EmailVerificationStarted: _without_a_value,
        EmailVerified: _email_verified,
        ProfileErased: _erased,
    },
    reads=frozenset(
        {
            ProfileUpdated,
            ProfileRectified,
            ProfileSupplemented,
            SourceNoticeGiven,
            EmailChanged,
            EmailVerificationStarted,
            EmailVerified,
        }
    ),
    source=Path(__file__),
)


@dataclass(frozen=True, slots=True)
class ProfilesFound:
    """Whoever is in none of the three was never registered, or is erased.

    `unreadable`: the key is destroyed, the erasure is on its way. `parked`: a fact of
    the person could not be applied, so nothing true can be said.
    """

    position: int
    profiles: dict[UUID, Profile]
    unreadable: frozenset[UUID]
    parked: frozenset[UUID]


def get_profiles(reader: ViewReader, keys: KeyStore, profile_ids: Collection[UUID]) -> ProfilesFound:
    """Return the profiles of many people from one query, whole: id, etag and times are set.

    Blocks. Raises `KeysUnavailableError`.
    """
    found = reader.rows_of_subjects(PROFILES_VIEW, PROFILES, profile_ids)
    ciphers = keys.ciphers([row[0] for row in found.rows])
    profiles: dict[UUID, Profile] = {}
    unreadable: set[UUID] = set()
    for profile_id, version, _, update_time, sealed in found.rows:
        if profile_id in found.parked:
            continue
        plaintext = open_column(PROFILES_VIEW, "profile", profile_id, sealed, ciphers.get(profile_id))
        if plaintext is None:
            unreadable.add(profile_id)
            continue
        profiles[profile_id] = _whole(Profile.FromString(plaintext), profile_id, version, update_time)
    return ProfilesFound(found.position, profiles, frozenset(unreadable), found.parked)


def profile_as_of(sources: Sources, profile_id: UUID, position: int) -> ProfilesFound:
    """Return what `get_profiles` said of one person when the view stood at `position`.

    Blocks. Raises `UnknownFactTypeInLogError`, `KeysUnavailableError`.
    """
    rows, failed = fold_as_of(sources, PROFILES_VIEW, profile_id, position)
    if failed:
        return ProfilesFound(position, {}, frozenset(), frozenset((profile_id,)))
    row = rows.get(PROFILES)
    if row is None:
        return ProfilesFound(position, {}, frozenset(), frozenset())
    if row.profile is None:
        return ProfilesFound(position, {}, frozenset((profile_id,)), frozenset())
    profile = _whole(row.profile, profile_id, row.version, row.update_time)
    return ProfilesFound(position, {profile_id: profile}, frozenset(), frozenset())


def _whole(profile: Profile, profile_id: UUID, version: int, update_time: int) -> Profile:
    profile.profile_id = str(profile_id)
    profile.etag = str(version)
    profile.update_time.FromMicroseconds(update_time)
    return profile
